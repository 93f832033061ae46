"""The `requests` transport, beyond its contract: proxies, certificates, cookies, forks."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.transports import RequestsOptions
from ftrack_backends.transports._requests import RequestsTransport
from ftrack_core.errors import (
    ConnectionClosedError,
    ConnectionLostError,
    ConnectTimeoutError,
    NotSentError,
    Phase,
    ReadTimeoutError,
)
from ftrack_core.testing import LoopbackServer
from ftrack_core.values import Request


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    """The server that misbehaves on demand."""
    with LoopbackServer() as server:
        yield server


def transport(url: str, **options: Any) -> RequestsTransport:
    """A transport with options, and without the environment unless they say so."""
    return RequestsTransport(url, RequestsOptions(**{"use_environment": False, "read_seconds": 5.0, **options}))


def told(made: RequestsTransport, url: str = "/echo", method: str = "GET") -> dict[str, Any]:
    """What the server saw of a request."""
    answer: dict[str, Any] = json.loads(made.exchange(Request(method, url)).body)
    return answer


def test_it_introduces_itself(server: LoopbackServer) -> None:
    """An administrator could not tell our requests in the server's log."""
    made = transport(server.url, user_agent="acme-publisher/3")
    assert told(made)["headers"]["user-agent"] == "acme-publisher/3"
    assert told(made)["headers"]["accept-encoding"] == "gzip, deflate"
    made.close()


def test_a_header_that_latin_1_does_not_have_goes_out_as_utf_8(server: LoopbackServer) -> None:
    """A user whose name is not western could not log in."""
    made = transport(server.url)
    made.exchange(Request("POST", "/echo", {"ftrack-user": "田中"}))
    assert server.received[0].headers["ftrack-user"].encode("latin-1").decode() == "田中"
    made.close()


def test_a_url_with_a_path_and_a_slash_is_what_addresses_are_relative_to(server: LoopbackServer) -> None:
    """A server behind a gateway's path would not be reached."""
    made = transport(f"{server.url}/gateway/")
    assert told(made, "/api")["target"] == "/gateway/api"
    made.close()


def test_a_redirect_of_a_get_is_followed_with_its_headers_on_the_same_server(server: LoopbackServer) -> None:
    """A component's file address would give a page that says `moved`."""
    made = transport(server.url)
    answer = json.loads(made.exchange(Request("GET", "/redirect?status=302&to=/echo", {"ftrack-user": "ann"})).body)
    assert answer["headers"]["ftrack-user"] == "ann"
    made.close()


def test_redirects_without_end_come_to_an_end(server: LoopbackServer) -> None:
    """A server that sends us in circles would hang the host."""
    made = transport(server.url)
    assert made.exchange(Request("GET", "/loop")).status == 302
    assert server.count("/loop") == 11
    made.close()


@pytest.mark.parametrize("target", ["http://[::1/x", "file:///etc/passwd", "http://a:99999/"])
def test_a_redirect_to_nowhere_is_the_response(server: LoopbackServer, target: str) -> None:
    """A broken or malicious server would raise something foreign, or have a local file read."""
    made = transport(server.url)
    assert made.exchange(Request("GET", f"/redirect?status=302&to={target}")).status == 302
    made.close()


def test_given_cookies_go_to_the_server_and_to_nobody_else(server: LoopbackServer) -> None:
    """A single sign-on cookie would be sent to a file store."""
    made = transport(server.url, cookies={"sso": "crumb", "more": "1"})
    assert told(made)["headers"]["cookie"] == "sso=crumb; more=1"
    with LoopbackServer() as other:
        assert "cookie" not in told(made, f"{other.url}/echo")["headers"]
    assert "crumb" not in repr(made)
    made.close()


def test_a_cookie_that_the_server_sets_is_sent_back(server: LoopbackServer) -> None:
    """Behind a load balancer each request would land on another machine."""
    made = transport(server.url)
    made.exchange(Request("GET", "/cookie"))
    assert told(made)["headers"]["cookie"] == "token=crumb"
    made.close()


def test_a_proxy_is_asked_for_the_whole_address(server: LoopbackServer) -> None:
    """Behind a studio's proxy nothing would be reached."""
    made = transport("http://ftrack.invalid", proxies={"http": server.url})
    assert told(made, "/echo?a=1")["target"] == "http://ftrack.invalid/echo?a=1"
    made.close()


def test_a_proxy_of_the_environment_is_used_when_nothing_is_said(
    server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A studio that sets HTTP_PROXY everywhere would have to set it once more."""
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, server.url)
    for name in ("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    made = transport("http://ftrack.invalid", use_environment=True)
    assert told(made)["target"] == "http://ftrack.invalid/echo"
    made.close()


@pytest.mark.parametrize("path", ["/close", "/status/403"])
def test_a_proxy_that_makes_no_tunnel_means_that_nothing_was_sent(path: str) -> None:
    """A write that the studio's own proxy refused would have to be settled."""
    with _Listener(b"" if path == "/close" else b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n") as listener:
        made = transport("https://ftrack.invalid", proxies={"https": listener.url})
        with pytest.raises(NotSentError) as caught:
            made.exchange(Request("POST", "/api", {}, b"[]"))
        assert caught.value.phase is Phase.BEFORE_SENDING
        assert listener.heard.startswith(b"CONNECT ftrack.invalid:443 ")
        made.close()


def test_a_refusing_proxy_means_that_nothing_was_sent(server: LoopbackServer) -> None:
    """A write that never left the studio would have to be settled."""
    made = transport("http://ftrack.invalid", proxies={"http": server.refusing_url()})
    with pytest.raises(NotSentError):
        made.exchange(Request("POST", "/api"))
    made.close()


def test_the_password_of_a_proxy_shows_nowhere(server: LoopbackServer) -> None:
    """The studio's proxy password would stand in every log."""
    proxy = server.refusing_url().replace("http://", "http://ann:s3cr3t@")
    made = transport("http://ftrack.invalid", proxies={"http": proxy})
    with pytest.raises(NotSentError) as caught:
        made.exchange(Request("POST", "/api"))
    assert "s3cr3t" not in f"{made!r} {caught.value} {caught.value.__cause__!r}"
    made.close()


def test_a_server_that_speaks_no_tls_was_surely_not_sent_to(server: LoopbackServer) -> None:
    """`https` where there is only `http` would look like a lost reply."""
    made = transport(server.url.replace("http://", "https://"), connect_seconds=2.0)
    with _Listener(b"this is not TLS at all\r\n\r\n") as listener, pytest.raises(NotSentError) as caught:
        made.exchange(Request("POST", listener.url.replace("http://", "https://")))
    assert caught.value.phase is Phase.BEFORE_SENDING
    made.close()


def test_a_handshake_that_never_ends_is_a_connect_timeout() -> None:
    """A half-dead gateway would hang the host, or look like a lost reply."""
    with _Listener(None) as listener:
        made = transport(listener.url.replace("http://", "https://"), connect_seconds=0.15)
        with pytest.raises(ConnectTimeoutError, match="connect_seconds"):
            made.exchange(Request("POST", "/api"))
        made.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is known to leave connections beyond the queue alone")
def test_a_connection_that_never_comes_is_a_connect_timeout() -> None:
    """A server behind a silent firewall would hang the host."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        queue = [socket.socket() for _ in range(4)]
        for waiting in queue:
            waiting.settimeout(0)
            waiting.connect_ex(full.getsockname())
        made = transport(f"http://127.0.0.1:{full.getsockname()[1]}", connect_seconds=0.2)
        with pytest.raises(ConnectTimeoutError) as caught:
            made.exchange(Request("POST", "/api", {}, b"[]"))
        assert caught.value.phase is Phase.BEFORE_SENDING
        made.close()
        for waiting in queue:
            waiting.close()


def test_a_body_that_nobody_takes_is_a_timeout_of_the_reading_kind() -> None:
    """An upload to a stuck server would hang, or be sent twice."""
    with _Listener(None) as listener:
        made = transport(listener.url, connect_seconds=0.05, read_seconds=0.3)
        with pytest.raises(ReadTimeoutError, match=r"0\.3 s") as caught:
            made.exchange(Request("PUT", "/x", {}, b"x" * 30_000_000))
        assert caught.value.phase is Phase.AFTER_SENDING
        made.close()


def test_the_transport_s_own_read_timeout_holds_where_a_request_has_none(server: LoopbackServer) -> None:
    """A request without a time-out would wait for ever."""
    made = transport(server.url, read_seconds=0.15)
    with pytest.raises(ReadTimeoutError, match=r"0\.15 s"):
        made.exchange(Request("POST", "/silence"))
    made.close()


def test_closing_while_an_exchange_runs_lets_it_end(server: LoopbackServer) -> None:
    """A session that is closed by another thread would lose a reply that is on its way."""
    made, failed = transport(server.url, read_seconds=0.5), []

    def exchange() -> None:
        try:
            made.exchange(Request("POST", "/silence"))
        except Exception as error:  # noqa: BLE001 - handed to the thread that tests
            failed.append(error)

    running = threading.Thread(target=exchange)
    running.start()
    while not server.received:
        pass
    made.close()
    running.join()
    assert [type(error) for error in failed] == [ReadTimeoutError]
    with pytest.raises(ConnectionClosedError):
        made.exchange(Request("POST", "/echo"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")  # the server's threads
def test_a_forked_child_has_connections_of_its_own_and_leaves_the_parent_s_alone(server: LoopbackServer) -> None:
    """A farm tool that forks would mix up the replies of parent and child."""
    made = transport(server.url)
    told(made)
    assert server.connections == 1
    child = os.fork()
    if child == 0:
        try:
            answer = told(made, "/echo?child")["target"]
            os._exit(0 if answer == "/echo?child" else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert server.connections == 2
    assert told(made, "/echo?parent")["target"] == "/echo?parent"
    assert server.connections == 2
    made.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a certificate for localhost that no authority signed, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed, so there is no certificate to serve")
    folder = tmp_path_factory.mktemp("tls")
    made = ["-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2"]
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([openssl, "req", "-x509", *made, *named], cwd=folder, check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_bytes((folder / "cert.pem").read_bytes() + (folder / "key.pem").read_bytes())
    return both


def test_a_certificate_that_nobody_trusts_means_that_nothing_was_sent(certificate: Path) -> None:
    """A key would be sent to whoever stands in the middle."""
    with _Listener(b"", certificate) as listener:
        made = transport(listener.url)
        with pytest.raises(NotSentError, match="CERTIFICATE_VERIFY_FAILED") as caught:
            made.exchange(Request("POST", "/api", {"ftrack-api-key": "s3cr3t"}))
        assert caught.value.phase is Phase.BEFORE_SENDING
        made.close()
    assert listener.heard == b""


def test_a_certificate_of_the_given_bundle_is_trusted(certificate: Path) -> None:
    """A studio with an authority of its own could not connect."""
    with _Listener(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", certificate) as listener:
        made = transport(listener.url, ca_bundle=str(certificate))
        assert made.exchange(Request("POST", "/api")).body == b"ok"
        made.close()


def test_a_lost_connection_under_tls_counts_as_sent(certificate: Path) -> None:
    """A commit that landed would be sent again over https."""
    with _Listener(b"", certificate) as listener:
        made = transport(listener.url, ca_bundle=str(certificate))
        with pytest.raises(ConnectionLostError) as caught:
            made.exchange(Request("POST", "/api", {}, b"[]"))
        assert caught.value.phase is Phase.AFTER_SENDING
        made.close()


class _Listener:
    """Takes one connection, reads once, answers with given bytes and closes; with None it is silent to the end."""

    def __init__(self, answer: bytes | None, certificate: Path | None = None) -> None:
        self._answer = answer
        self._certificate = certificate
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.heard = b""
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> _Listener:  # noqa: PYI034 - Python 3.10 has no Self
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        try:
            with self._wrapped(connection) as wrapped:
                if self._answer is None:
                    self._ended.wait(5)
                    return
                self.heard = wrapped.recv(65_536)
                wrapped.sendall(self._answer)
        except OSError:
            connection.close()

    def _wrapped(self, connection: socket.socket) -> socket.socket:
        if self._certificate is None:
            return connection
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate)
        return context.wrap_socket(connection, server_side=True)

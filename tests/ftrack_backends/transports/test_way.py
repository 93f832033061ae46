"""What the `requests` transport says of its way to the server: each step, over real sockets."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.transports import RequestsOptions, requests
from ftrack_core.testing import FakeBackendContext
from ftrack_core.testing.servers import LoopbackServer
from ftrack_core.values import Finding


def steps(url: str, **options: Any) -> dict[str, Finding]:
    """What a transport with these options finds on the way, by step."""
    given = {"use_environment": False, **options}
    transport = requests.create(RequestsOptions(**given), FakeBackendContext(server_url=url))
    with contextlib.closing(transport):
        return {finding.check: finding for finding in transport.diagnose(timeout_seconds=5.0)}


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Makes a file with a certificate for localhost, for some days, that no authority signed, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed, so there is no certificate to serve")

    def made(days: int) -> Path:
        folder = tmp_path_factory.mktemp("tls")
        new = ["-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", str(days)]
        named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        subprocess.run([openssl, "req", "-x509", *new, *named], cwd=folder, check=True, capture_output=True)
        both = folder / "both.pem"
        both.write_bytes((folder / "cert.pem").read_bytes() + (folder / "key.pem").read_bytes())
        return both

    return made


@contextlib.contextmanager
def encrypted(certificate: Path) -> Iterator[str]:
    """A server that takes one connection and shakes hands."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listening.accept()
                with connection, context.wrap_socket(connection, server_side=True) as wrapped:
                    wrapped.recv(1)

        threading.Thread(target=serve, daemon=True).start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"


def test_a_server_that_is_there_is_reached_in_three_steps() -> None:
    """Nobody could tell a wrong name from a closed port."""
    with LoopbackServer() as server:
        found = steps(server.url)
        assert server.received == []
    assert list(found) == ["proxy", "name", "connection"]
    assert {finding.state for finding in found.values()} == {"ok"}
    assert found["name"].facts["addresses"] == ["127.0.0.1"]
    assert found["connection"].seconds is not None


def test_the_first_step_that_fails_is_the_last() -> None:
    """Three errors for one fault hide which it is."""
    found = steps("https://nowhere.invalid")
    assert list(found) == ["proxy", "name"]
    assert found["name"].state == "failed"
    with LoopbackServer() as server:
        found = steps(server.refusing_url())
    assert list(found) == ["proxy", "name", "connection"]
    assert "refused" in found["connection"].text.lower()


def test_a_certificate_that_nobody_trusts_says_what_to_set(certified: Callable[[int], Path]) -> None:
    """A studio with an authority of its own meets this first."""
    with encrypted(certified(40)) as url:
        found = steps(url)["encryption"]
    assert found.state == "failed"
    assert "not trusted: self" in found.text
    assert "ca_bundle" in found.advice


def test_a_trusted_certificate_is_told_with_its_end(certified: Callable[[int], Path]) -> None:
    """It ends on a Sunday, and nobody knew."""
    certificate = certified(40)
    with encrypted(certificate) as url:
        found = steps(url, ca_bundle=str(certificate))["encryption"]
    assert found.state == "ok"
    assert str(found.facts["version"]).startswith("TLS")
    certificate = certified(3)
    with encrypted(certificate) as url:
        found = steps(url, ca_bundle=str(certificate))["encryption"]
    assert found.state == "warning"
    assert "ends on" in found.text


def test_a_certificate_that_is_not_looked_at_is_a_warning(certified: Callable[[int], Path]) -> None:
    """`verify = false` was set to find a fault, and stays for years."""
    with encrypted(certified(40)) as url:
        found = steps(url, verify=False)["encryption"]
    assert found.state == "warning"
    assert "verify = true" in found.advice


def test_what_speaks_no_tls_is_told_as_that() -> None:
    """`https` for a server that speaks HTTP ends in an error that names no cause."""
    with LoopbackServer() as server:
        found = steps(server.url.replace("http://", "https://"))["encryption"]
    assert found.state == "failed"
    assert "handshake" in found.text


def test_a_bundle_that_is_not_there_is_a_finding() -> None:
    """The way ends in a traceback, and the path in it is wrong by one letter."""
    with LoopbackServer() as server:
        found = steps(server.url.replace("http://", "https://"), ca_bundle="/nowhere/acme.pem")["encryption"]
    assert found.state == "failed"


def test_behind_a_proxy_the_way_to_the_proxy_is_what_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own name need not be known to this machine at all."""
    with LoopbackServer() as proxy:
        port = proxy.url.rpartition(":")[2]
        found = steps("https://acme.invalid", proxies={"https": f"http://ann:s3cr3t@127.0.0.1:{port}"})
        assert list(found) == ["proxy", "name", "connection"]
        assert f"through http://127.0.0.1:{port}, by option proxies" in found["proxy"].text
        assert "s3cr3t" not in str(found)
        monkeypatch.setenv("https_proxy", f"http://ann:s3cr3t@127.0.0.1:{port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        found = steps("https://acme.invalid", use_environment=True)
        assert "by the environment" in found["proxy"].text

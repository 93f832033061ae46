"""The contract of transports."""

from __future__ import annotations

import base64
import gc
import json
import logging
import threading
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from ftrack_core.errors import (
    ConnectionClosedError,
    ConnectionLostError,
    ConnectTimeoutError,
    NotSentError,
    Phase,
    ReadTimeoutError,
    TransportError,
)
from ftrack_core.interfaces import IStreamingTransport, ITransport
from ftrack_core.testing.servers import BIG_BODY_BYTES, LoopbackServer
from ftrack_core.testing.suites._suite import ContractSuite, needs
from ftrack_core.values import Request, Response

__all__ = ["SPEAKS_HTTP", "TransportContract"]

SPEAKS_HTTP = "speaks HTTP"
"""Power of a transport that reaches any HTTP server, so that the suite may put a misbehaving one before it."""

_SHORT_SECONDS = 0.15
_SECRET = "s3cr3t-k3y"  # noqa: S105 - it is made up, and it is what must not show

LOST_AFTER_SENDING = ["/close", "/reset", "/garbage", "/half-status"]
LOST_WHILE_READING = ["/half-head", "/half-body", "/half-chunk", "/bad-gzip"]


class TransportContract(ContractSuite):
    """Subclass it and override `make`; without `SPEAKS_HTTP` override `exchangeable_request` too."""

    interface = ITransport
    powers = frozenset({IStreamingTransport, SPEAKS_HTTP})

    def make(self, server_url: str) -> Any:
        """A transport to a server; one that does not speak HTTP may go somewhere else."""
        raise AssertionError(f"override make() so that it gives a transport to {server_url}")

    def exchangeable_request(self) -> Request:
        """A request that the transport's server answers with a body, whatever it is."""
        return Request("POST", "/echo", {"X-Given": "yes"}, b"[]")

    @pytest.fixture
    def server(self) -> Iterator[LoopbackServer]:
        """The server that misbehaves on demand."""
        with LoopbackServer() as server:
            yield server

    @pytest.fixture
    def transport(self, server: LoopbackServer) -> Iterator[Any]:
        """The transport under test; it goes before the server."""
        transport = self.make(server.url)
        yield transport
        transport.close()
        gc.collect()  # a socket that was left open warns, and warnings are errors

    def test_it_has_the_shape_and_the_powers_it_says(self, transport: Any) -> None:
        """A caller that passes arguments by name would meet a TypeError."""
        self.check_shape(transport)

    def test_c1_a_request_is_exchanged_for_a_response(self, transport: Any) -> None:
        """Nothing would work."""
        response = transport.exchange(request=self.exchangeable_request())
        assert isinstance(response, Response)
        assert 100 <= response.status < 600
        assert isinstance(response.body, bytes)

    def test_c3_header_names_of_a_response_are_lower_case(self, transport: Any) -> None:
        """A look-up by name would find nothing on some servers."""
        headers = transport.exchange(request=self.exchangeable_request()).headers
        assert headers
        assert all(name == name.lower() for name in headers)

    def test_c4_a_closed_transport_says_so(self, transport: Any) -> None:
        """A closed session would go on talking to the server."""
        transport.exchange(request=self.exchangeable_request())
        transport.close()
        transport.close()
        with pytest.raises(ConnectionClosedError):
            transport.exchange(request=self.exchangeable_request())

    def test_c5_credentials_in_headers_show_in_no_representation_or_log_line(
        self, transport: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A key in a log file is a key on a wiki page."""
        request = self.exchangeable_request().with_headers({"ftrack-api-key": _SECRET})
        with caplog.at_level(logging.DEBUG):
            transport.exchange(request=request)
        assert _SECRET not in f"{transport!r} {caplog.text}"

    def test_many_threads_may_exchange_at_once(self, transport: Any) -> None:
        """A threaded host would get one thread's reply in another."""
        statuses: list[int] = []

        def work() -> None:
            statuses.extend(transport.exchange(request=self.exchangeable_request()).status for _ in range(5))

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(statuses) == 30
        assert len(set(statuses)) == 1

    @needs(IStreamingTransport)
    def test_c7_a_body_comes_in_pieces_of_the_size_asked_for(self, transport: Any) -> None:
        """A file of many gigabytes would lie in memory."""
        streamed = transport.open(request=self.exchangeable_request())
        pieces = list(streamed.chunks(chunk_bytes=7))
        streamed.close()
        assert pieces
        assert all(0 < len(piece) <= 7 for piece in pieces)
        assert all(name == name.lower() for name in streamed.headers)

    @needs(IStreamingTransport)
    def test_c7_a_response_may_be_closed_before_it_is_read(self, transport: Any) -> None:
        """A cancelled download would keep its connection, or raise."""
        streamed = transport.open(request=self.exchangeable_request())
        streamed.close()
        streamed.close()
        assert transport.exchange(request=self.exchangeable_request()).status == streamed.status

    @needs(IStreamingTransport)
    def test_c4_a_closed_transport_opens_nothing(self, transport: Any) -> None:
        """A closed session would go on talking to the server."""
        transport.close()
        with pytest.raises(ConnectionClosedError):
            transport.open(request=self.exchangeable_request())

    @needs(IStreamingTransport, SPEAKS_HTTP)
    def test_c7_the_head_is_there_before_the_body(self, transport: Any) -> None:
        """The progress of a download would be told when it is over."""
        streamed = transport.open(request=Request("GET", "/silence-in-body", {}, b"", _SHORT_SECONDS))
        assert (streamed.status, streamed.headers["content-length"]) == (200, "10")
        with pytest.raises(ReadTimeoutError) as caught:
            list(streamed.chunks(chunk_bytes=100))
        assert caught.value.phase is Phase.WHILE_READING
        streamed.close()

    @needs(IStreamingTransport, SPEAKS_HTTP)
    def test_c7_a_body_that_breaks_off_is_told_after_its_pieces(self, transport: Any) -> None:
        """Half a file would be taken for the file."""
        streamed, pieces = transport.open(request=Request("GET", "/half-chunk")), []
        with pytest.raises(ConnectionLostError) as caught:
            pieces.extend(streamed.chunks(chunk_bytes=2))
        assert caught.value.phase is Phase.WHILE_READING
        streamed.close()

    @needs(IStreamingTransport, SPEAKS_HTTP)
    def test_c7_a_large_body_comes_whole(self, transport: Any) -> None:
        """A downloaded file would have holes."""
        streamed = transport.open(request=Request("GET", "/big"))
        assert sum(map(len, streamed.chunks(chunk_bytes=65_536))) == BIG_BODY_BYTES
        streamed.close()

    @needs(SPEAKS_HTTP)
    @pytest.mark.parametrize("status", [201, 204, 304, 400, 401, 404, 500, 503])
    def test_c1_any_status_is_a_response(self, transport: Any, status: int) -> None:
        """A server's refusal, with its reasons, would be lost in an exception."""
        response = transport.exchange(request=Request("POST", f"/status/{status}"))
        assert response.status == status
        assert response.body == (b"" if status in {204, 304} else f"status {status}".encode())

    @needs(SPEAKS_HTTP)
    def test_c1_bodies_come_back_whole_and_decompressed(self, transport: Any) -> None:
        """Half a reply would be taken for a reply."""
        assert transport.exchange(request=Request("GET", "/empty")).body == b""
        assert transport.exchange(request=Request("GET", "/gzip")).body == b"plain " * 100
        assert transport.exchange(request=Request("GET", "/big")).body == b"x" * BIG_BODY_BYTES

    @needs(SPEAKS_HTTP)
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
    def test_c3_method_target_headers_and_body_are_sent_as_they_are(self, transport: Any, method: str) -> None:
        """The server would see another request than the session made."""
        body = b"" if method == "GET" else b"\x00\xff" * 100_000
        request = Request(method, "/echo?a=1&b=%20x", {"X-Odd": "ü; a=b", "accept": "x/y"}, body)
        told = json.loads(transport.exchange(request=request).body)
        assert (told["method"], told["target"]) == (method, "/echo?a=1&b=%20x")
        assert (told["headers"]["x-odd"], told["headers"]["accept"]) == ("ü; a=b", "x/y")
        assert base64.b64decode(told["body"]) == body

    @needs(SPEAKS_HTTP)
    def test_an_absolute_address_is_taken_as_it_is(self, transport: Any, server: LoopbackServer) -> None:
        """An upload to a file store would go to the ftrack server."""
        with LoopbackServer() as other:
            transport.exchange(request=Request("PUT", f"{other.url}/echo", {}, b"file"))
            assert other.received[0].body == b"file"
        assert server.received == []

    @needs(SPEAKS_HTTP)
    def test_c2_a_refused_connection_was_surely_not_sent(self, transport: Any, server: LoopbackServer) -> None:
        """A write that never left would have to be settled, or could not be repeated."""
        failure = _failure(transport, Request("POST", f"{server.refusing_url()}/echo"))
        assert isinstance(failure, NotSentError)
        assert failure.phase is Phase.BEFORE_SENDING

    @needs(SPEAKS_HTTP)
    def test_c2_a_name_that_leads_nowhere_was_surely_not_sent(self, transport: Any) -> None:
        """A typing error in the server's URL would look like a lost reply."""
        failure = _failure(transport, Request("POST", "http://nowhere.invalid/echo"))
        assert isinstance(failure, NotSentError)
        assert failure.phase is Phase.BEFORE_SENDING

    @needs(SPEAKS_HTTP)
    @pytest.mark.parametrize("url", ["http://", "nonsense", "ftp://127.0.0.1/x", "http://[::1/x"])
    def test_c2_an_address_that_is_none_was_surely_not_sent(self, transport: Any, url: str) -> None:
        """Something foreign would be raised for a wrong setting."""
        assert isinstance(_failure(transport, Request("POST", url)), NotSentError)

    @needs(SPEAKS_HTTP)
    @pytest.mark.parametrize("path", LOST_AFTER_SENDING)
    def test_c2_a_connection_lost_before_the_reply_may_have_been_acted_on(
        self, transport: Any, server: LoopbackServer, path: str
    ) -> None:
        """A commit that landed would be sent again."""
        failure = _failure(transport, Request("POST", path, {}, b"[1]"))
        assert isinstance(failure, ConnectionLostError)
        assert failure.phase is Phase.AFTER_SENDING
        assert server.count(path) == 1

    @needs(SPEAKS_HTTP)
    @pytest.mark.parametrize("path", LOST_WHILE_READING)
    def test_c2_a_reply_that_breaks_off_is_told_as_such(
        self, transport: Any, server: LoopbackServer, path: str
    ) -> None:
        """Half a reply would be taken for a reply, or a commit that landed would be sent again."""
        failure = _failure(transport, Request("POST", path, {}, b"[1]"))
        assert isinstance(failure, ConnectionLostError)
        assert failure.phase is Phase.WHILE_READING
        assert server.count(path) == 1

    @needs(SPEAKS_HTTP)
    @pytest.mark.parametrize(
        ("path", "phase"),
        [
            ("/silence", Phase.AFTER_SENDING),
            ("/silence-in-head", Phase.WHILE_READING),
            ("/silence-in-body", Phase.WHILE_READING),
        ],
    )
    def test_c2_silence_is_a_read_timeout(
        self, transport: Any, server: LoopbackServer, path: str, phase: Phase
    ) -> None:
        """A dead server would hang the host for ever."""
        failure = _failure(transport, Request("POST", path, {}, b"[1]", _SHORT_SECONDS))
        assert isinstance(failure, ReadTimeoutError)
        assert not isinstance(failure, ConnectTimeoutError)
        assert failure.phase is phase
        assert server.count(path) == 1

    @needs(SPEAKS_HTTP)
    def test_a_transport_goes_on_after_each_failure(self, transport: Any) -> None:
        """One lost connection would end the session."""
        for path in [*LOST_AFTER_SENDING, *LOST_WHILE_READING]:
            _failure(transport, Request("POST", path))
            assert transport.exchange(request=Request("POST", "/echo")).status == 200

    @needs(SPEAKS_HTTP)
    def test_a_connection_is_used_again_and_replaced_once_the_server_closed_it(
        self, transport: Any, server: LoopbackServer
    ) -> None:
        """Each request would pay for a handshake, or the first one after lunch would fail."""
        for _ in range(3):
            transport.exchange(request=Request("POST", "/echo", {}, b"x"))
        assert server.connections == 1
        transport.exchange(request=Request("POST", "/then-close"))
        assert transport.exchange(request=Request("POST", "/echo")).status == 200

    @needs(SPEAKS_HTTP)
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_c6_a_redirect_of_a_post_is_the_response(
        self, transport: Any, server: LoopbackServer, status: int
    ) -> None:
        """A commit would become a GET without its body, and look as if it had landed."""
        response = transport.exchange(request=Request("POST", f"/redirect?status={status}&to=/echo", {}, b"[1]"))
        assert response.status == status
        assert response.headers["location"] == "/echo"
        assert len(server.received) == 1

    @needs(SPEAKS_HTTP)
    def test_c5_a_redirect_to_somebody_else_takes_no_credentials_along(
        self, transport: Any, server: LoopbackServer
    ) -> None:
        """A file store would be sent the user's key."""
        headers = {"ftrack-api-key": _SECRET, "ftrack-user": "ann", "Authorization": "Bearer x", "Cookie": "a=b"}
        with LoopbackServer() as other:
            target = f"/redirect?status=302&to={other.url}/echo"
            transport.exchange(request=Request("GET", target, headers))
            for received in other.received:
                assert not {name.lower() for name in headers} & set(received.headers)
        assert server.received[0].headers["ftrack-api-key"] == _SECRET

    @needs(SPEAKS_HTTP)
    @pytest.mark.parametrize("path", ["/close", "/half-body", "/silence", "refused", "header", "/echo"])
    def test_c5_credentials_show_in_no_error_and_no_log_line(
        self, transport: Any, server: LoopbackServer, path: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A traceback in a chat would give the key away."""
        url = f"{server.refusing_url()}/x" if path == "refused" else "/echo" if path == "header" else path
        ending = "\n" if path == "header" else ""
        headers = {"ftrack-api-key": _SECRET + ending}
        request = Request("GET", f"{url}?apiKey={_SECRET}", headers, b"", _SHORT_SECONDS)
        with caplog.at_level(logging.DEBUG):
            try:
                transport.exchange(request=request)
                shown = ""
            except TransportError as error:
                shown = "".join(traceback.format_exception(error)) + repr(error) + repr(error.details)
        assert _SECRET not in shown + caplog.text
        assert path != "/echo" or server.received[0].parameter("apiKey") == _SECRET

    @needs(SPEAKS_HTTP)
    def test_c2_a_message_says_what_was_asked_and_what_happened(self, transport: Any, server: LoopbackServer) -> None:
        """A person would not know which server, or what to do."""
        url = server.refusing_url()
        text = str(_failure(transport, Request("POST", f"{url}/api")))
        assert "POST" in text
        assert f"{url}/api" in text


def _failure(transport: Any, request: Request) -> TransportError:
    with pytest.raises(TransportError) as caught:
        transport.exchange(request=request)
    return caught.value

"""An HTTP server on the loopback that misbehaves on demand, over real sockets."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs

__all__ = ["LoopbackServer", "ReceivedRequest"]

BIG_BODY_BYTES = 3_000_000
"""How long the body of `/big` is."""


@attrs.frozen
class ReceivedRequest:
    """What arrived: the request line's parts, headers by lower-case name, and the body."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    def parameter(self, name: str) -> str:
        """A parameter of the query; empty when it is not there."""
        return parse_qs(urlsplit(self.target).query).get(name, [""])[0]


class LoopbackServer:
    """Answers by path; use it as a context manager. `received` holds every request, in order.

    | path | what happens |
    |---|---|
    | `/echo` | 200, a JSON object of method, target, headers and body (base64) |
    | `/status/<n>` | that status, with the body `status <n>` |
    | `/gzip` | 200, compressed |
    | `/empty` | 200, no body |
    | `/big` | 200, three million bytes |
    | `/redirect?status=<n>&to=<address>` | that status, with a Location |
    | `/loop` | 302, to itself |
    | `/cookie` | 200, with a Set-Cookie of `token=crumb` |
    | `/then-close` | 200, then the connection is closed without having said so |
    | `/close` | the request is read, then the connection is closed |
    | `/reset` | the same, with a reset |
    | `/garbage` | an answer that is no HTTP |
    | `/half-status` | the beginning of a status line, then the end |
    | `/half-head` | the beginning of a head, then the end |
    | `/half-body` | a head that promises ten bytes, four of them, then the end |
    | `/half-chunk` | the same in chunks |
    | `/bad-gzip` | a body that says it is compressed and is not |
    | `/silence` | nothing, until the server ends |
    | `/silence-in-head` | a status line, then nothing |
    | `/silence-in-body` | a head and four bytes of ten, then nothing |
    """

    def __init__(self) -> None:
        self.received: list[ReceivedRequest] = []
        self.connections = 0
        self._released = threading.Event()
        self._server: _Server | None = None
        self._refusing: list[socket.socket] = []

    def __enter__(self) -> LoopbackServer:  # noqa: PYI034 - Python 3.10 has no Self, and nobody derives from it
        self._server = _Server(("127.0.0.1", 0), _Connection)
        self._server.loopback = self
        threading.Thread(target=self._server.serve_forever, args=(0.01,), name="loopback-server", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        for refusing in self._refusing:
            refusing.close()

    @property
    def url(self) -> str:
        """Where it answers."""
        if self._server is None:
            message = "the loopback server was asked for its URL before it was started; use it in a with statement"
            raise RuntimeError(message)
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def refusing_url(self) -> str:
        """An address where connections are refused for as long as the server lives."""
        refusing = socket.socket()
        refusing.bind(("127.0.0.1", 0))  # taken, and nobody listens
        self._refusing.append(refusing)
        return f"http://127.0.0.1:{refusing.getsockname()[1]}"

    def count(self, path: str) -> int:
        """How many requests came for a path."""
        return sum(request.path == path for request in self.received)

    def wait_until_released(self) -> None:
        """Stand still until the server ends."""
        self._released.wait(30)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64
    loopback: LoopbackServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are what this server is for."""


class _Connection(socketserver.StreamRequestHandler):
    """One connection, with as many requests as it lasts for."""

    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.server.loopback.connections += 1
        for request in self._requests():
            self.server.loopback.received.append(request)
            if not _answer(self, request):
                return

    def _requests(self) -> Iterator[ReceivedRequest]:
        while line := self.rfile.readline():
            method, target, _ = line.decode("latin-1").split()
            headers = dict(self._headers())
            body = self.rfile.read(int(headers.get("content-length", 0)))
            yield ReceivedRequest(method, target, headers, body)

    def _headers(self) -> Iterator[tuple[str, str]]:
        while (line := self.rfile.readline().decode("latin-1").strip("\r\n")) != "":
            name, _, value = line.partition(":")
            yield name.lower(), value.strip()

    def send(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def reply(self, status: int, body: bytes, *headers: str) -> bool:
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", "X-Mixed-Case: Kept", *headers]
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        return True


def _answer(connection: _Connection, request: ReceivedRequest) -> bool:
    """Answer a request; tells whether the connection lives on."""
    if request.path.startswith("/status/"):
        status = int(request.path.rpartition("/")[2])
        return connection.reply(status, b"" if status in {204, 304} else f"status {status}".encode())
    return _ANSWERS.get(request.path, _echo)(connection, request)


def _echo(connection: _Connection, request: ReceivedRequest) -> bool:
    told = {
        "method": request.method,
        "target": request.target,
        "headers": dict(request.headers),
        "body": base64.b64encode(request.body).decode(),
    }
    return connection.reply(200, json.dumps(told).encode(), "Content-Type: application/json")


def _gzip(connection: _Connection, _request: ReceivedRequest) -> bool:
    return connection.reply(200, gzip.compress(b"plain " * 100), "Content-Encoding: gzip")


def _redirect(connection: _Connection, request: ReceivedRequest) -> bool:
    return connection.reply(int(request.parameter("status")), b"moved", f"Location: {request.parameter('to')}")


def _then_close(connection: _Connection, _request: ReceivedRequest) -> bool:
    connection.reply(200, b"last words")
    return False


def _reset(connection: _Connection, _request: ReceivedRequest) -> bool:
    connection.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.request.close()
    return False


def _saying(data: bytes, *, then_silence: bool = False) -> Callable[[_Connection, ReceivedRequest], bool]:
    def answer(connection: _Connection, _request: ReceivedRequest) -> bool:
        with contextlib.suppress(OSError):
            connection.send(data)
        if then_silence:
            connection.server.loopback.wait_until_released()
        return False

    return answer


_TEN_PROMISED = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n1234"
_ANSWERS: Mapping[str, Callable[[_Connection, ReceivedRequest], bool]] = {
    "/echo": _echo,
    "/gzip": _gzip,
    "/empty": lambda connection, _request: connection.reply(200, b""),
    "/big": lambda connection, _request: connection.reply(200, b"x" * BIG_BODY_BYTES),
    "/redirect": _redirect,
    "/loop": lambda connection, _request: connection.reply(302, b"", "Location: /loop"),
    "/cookie": lambda connection, _request: connection.reply(200, b"", "Set-Cookie: token=crumb; Path=/"),
    "/then-close": _then_close,
    "/close": _saying(b""),
    "/reset": _reset,
    "/garbage": _saying(b"\x00\x01 this is no HTTP\r\n\r\n"),
    "/half-status": _saying(b"HTTP/1.1 20"),
    "/half-head": _saying(b"HTTP/1.1 200 OK\r\nContent-Ty"),
    "/half-body": _saying(_TEN_PROMISED),
    "/half-chunk": _saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n"),
    "/bad-gzip": _saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n1234"),
    "/silence": _saying(b"", then_silence=True),
    "/silence-in-head": _saying(b"HTTP/1.1 200 OK\r\n", then_silence=True),
    "/silence-in-body": _saying(_TEN_PROMISED, then_silence=True),
}

"""A proxy between a client and an HTTP server that cuts the line wherever a test wants it cut."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import attrs

__all__ = ["Cut", "CuttingProxy"]


@attrs.frozen(eq=False)
class Cut:
    """Where the line is cut, for one request. Numbers of bytes below 0 count from the end.

    Attributes:
        action: Only a request with this action in its batch; empty for the next one, whatever it is.
        request_bytes: How much of the request reaches the server; None for all of it.
        reply_bytes: How much of the reply reaches the client; None for all of it.
        reply: What the client gets instead of the server's reply.
        late: The client's line is cut at once, and the request reaches the server when this is set.
        meanwhile: Called before the client's line is cut, once the server has done what it does.
    """

    action: str = ""
    request_bytes: int | None = None
    reply_bytes: int | None = None
    reply: bytes | None = None
    late: threading.Event | None = None
    meanwhile: Callable[[], object] = lambda: None


class CuttingProxy:
    """Passes requests on, and cuts the line where it was told to; use it as a context manager.

    Args:
        target: URL of the server.

    Attributes:
        cuts: What waits to be cut; each is used once.
        batches: The batch of every request that came, in order.
        arrived: Set each time that a late request has reached the server and was answered.
    """

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self.target = (str(parts.hostname), parts.port or 80)
        self.cuts: list[Cut] = []
        self.batches: list[Any] = []
        self.arrived = threading.Event()
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._server: _Server | None = None
        self._place = ("127.0.0.1", 0)

    def __enter__(self) -> CuttingProxy:  # noqa: PYI034 - Python 3.10 has no Self, and nobody derives from it
        self.connect()
        return self

    def __exit__(self, *_: object) -> None:
        self.disconnect()

    @property
    def url(self) -> str:
        """Where it answers, now or once it is connected again."""
        return f"http://127.0.0.1:{self._place[1]}"

    def connect(self) -> None:
        """Accept connections, at the same address as before."""
        if self._server is None:
            self._server = _Server(self._place, _Line)
            self._server.proxy = self
            self._place = ("127.0.0.1", self._server.server_address[1])
            threading.Thread(
                target=self._server.serve_forever, args=(0.01,), name="cutting-proxy", daemon=True
            ).start()

    def disconnect(self) -> None:
        """Cut all lines, and refuse new ones."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        with self._lock:
            for connection in self._connections:
                _end(connection)
            self._connections.clear()

    def count(self, action: str) -> int:
        """How many requests with an action came here, whatever became of them."""
        return sum(action in _actions(batch) for batch in self.batches)

    def next_cut(self, body: bytes) -> Cut | None:
        """Take the cut that is meant for a request, if there is one, and remember the request."""
        batch = json.loads(body or b"[]")
        with self._lock:
            self.batches.append(batch)
            meant = next((cut for cut in self.cuts if not cut.action or cut.action in _actions(batch)), None)
            if meant is not None:
                self.cuts.remove(meant)
        return meant

    def hold(self, connection: socket.socket) -> None:
        """Know a line that is open."""
        with self._lock:
            self._connections.add(connection)

    def release(self, connection: socket.socket) -> None:
        """Forget a line."""
        with self._lock:
            self._connections.discard(connection)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64
    proxy: CuttingProxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Lines that break are what this is for."""


class _Line(socketserver.StreamRequestHandler):
    """One line from a client, with as many requests as it lasts for; each goes on over a line of its own."""

    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        proxy = self.server.proxy
        proxy.hold(self.connection)
        try:
            while request := _message(self.rfile):
                if not self._pass_on(*request):
                    return
        finally:
            proxy.release(self.connection)

    def _pass_on(self, head: bytes, body: bytes) -> bool:
        """Pass a request on; gives whether the line still stands."""
        cut = self.server.proxy.next_cut(body) or Cut()
        if cut.late is not None:
            self._cut()
            cut.late.wait(30)
            self._answer(head + body, cut)
            self.server.proxy.arrived.set()
            return False
        reply = self._answer(head + body, cut)
        cut.meanwhile()
        if cut.reply is not None:
            reply = cut.reply
        whole = cut.request_bytes is None and cut.reply_bytes is None
        with contextlib.suppress(OSError):
            self.wfile.write(reply[: cut.reply_bytes])
            self.wfile.flush()
        if not whole:
            self._cut()
        return whole

    def _answer(self, request: bytes, cut: Cut) -> bytes:
        """The server's reply to as much of a request as goes on; empty when that is not all of it."""
        with socket.create_connection(self.server.proxy.target, timeout=30) as onward:
            onward.sendall(request[: cut.request_bytes])
            if cut.request_bytes is not None:
                return b""
            with onward.makefile("rb") as stream:
                return b"".join(_message(stream) or ())

    def _cut(self) -> None:
        self.server.proxy.release(self.connection)
        _end(self.connection)


def _message(stream: Any) -> tuple[bytes, bytes] | None:
    """Head and body of an HTTP message with a content length; None at the end of the stream."""
    lines: list[bytes] = []
    while (line := stream.readline()) not in {b"", b"\r\n"}:
        lines.append(line)
    if not lines:
        return None
    lengths = [line.partition(b":")[2] for line in lines if line.lower().startswith(b"content-length:")]
    return b"".join(lines) + b"\r\n", stream.read(int(lengths[0])) if lengths else b""


def _actions(batch: Any) -> set[str]:
    return {operation["action"] for operation in batch}


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)

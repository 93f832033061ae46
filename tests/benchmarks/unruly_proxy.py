"""A proxy for event connections that misbehaves on order: what networks and load balancers do at the worst moment."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

__all__ = ["UnrulyProxy"]

_AT_ONCE = struct.pack("ii", 1, 0)


class UnrulyProxy:
    """Stands before one server. Orders hold for WebSockets; handshakes pass as they are.

    Thread safety: all calls.

    Attributes:
        opened: How many WebSockets there were so far.
    """

    def __init__(self, server_url: str) -> None:
        parts = urlsplit(server_url)
        self._behind = (parts.hostname or "", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._torn: dict[str, int] = {"down": 0, "up": 0}
        self._held: list[bytes] = []
        self._holding = 0
        self._speaking = threading.Event()
        self._speaking.set()
        self.opened = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> int:
        """Break every WebSocket off, now; gives how many there were."""
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            _reset(*pair)
        return len(pairs)

    def tear(self, direction: str) -> None:
        """Pass half of the next frame `down` to a client, or `up` to the server, and break off."""
        with self._lock:
            self._torn[direction] += 1

    def shuffle_acknowledgements(self, count: int) -> None:
        """Hold so many acknowledgements back, and then pass them in the opposite order, each twice."""
        with self._lock:
            self._holding = count

    def silence(self) -> None:
        """Pass nothing down, and close nothing, until `speak`."""
        self._speaking.clear()

    def speak(self) -> None:
        """End a silence."""
        self._speaking.set()

    def close(self) -> None:
        """Break all off, and listen no more."""
        self._speaking.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=(self._listener.accept()[0],), daemon=True).start()

    def _serve(self, front: socket.socket) -> None:
        with contextlib.suppress(OSError), front, socket.create_connection(self._behind) as behind:
            said, answered = front.makefile("rb"), behind.makefile("rb")
            head = _head(said)
            behind.sendall(head)
            if b"/websocket/" not in head.split(b"\r\n", 1)[0]:
                _pump(said, behind, answered, front)
                return
            front.sendall(_head(answered))
            self._join(front, behind, said, answered)

    def _join(self, front: socket.socket, behind: socket.socket, said: Any, answered: Any) -> None:
        with self._lock:
            self.opened += 1
            self._pairs.add((front, behind))
        up = threading.Thread(target=self._pass, args=(said, behind, front, "up"), daemon=True)
        up.start()
        self._pass(answered, front, behind, "down")
        up.join(10)
        with self._lock:
            self._pairs.discard((front, behind))

    def _pass(self, source: Any, target: socket.socket, other: socket.socket, direction: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            for frame in _frames(source):
                if direction == "down":
                    self._speaking.wait()
                if self._tears(direction):
                    target.sendall(frame[: len(frame) // 2])
                    break
                for each in self._ordered(frame) if direction == "down" else (frame,):
                    target.sendall(each)
        _reset(target, other)

    def _tears(self, direction: str) -> bool:
        with self._lock:
            torn = self._torn[direction] > 0
            self._torn[direction] -= torn
            return torn

    def _ordered(self, frame: bytes) -> list[bytes]:
        """What is passed instead of a frame."""
        with self._lock:
            if not self._holding or b"6:::" not in frame[:8]:
                return [frame]
            self._held.append(frame)
            if len(self._held) < self._holding:
                return []
            shuffled = [each for one in reversed(self._held) for each in (one, one)]
            self._held, self._holding = [], 0
            return shuffled


def _head(source: Any) -> bytes:
    lines = []
    while (line := source.readline()) not in {b"\r\n", b""}:
        lines.append(line)
    return b"".join([*lines, b"\r\n"])


def _frames(source: Any) -> Iterator[bytes]:
    """WebSocket frames as they are on the wire."""
    while len(start := source.read(2)) == 2:
        length = start[1] & 0x7F
        more = source.read({126: 2, 127: 8}.get(length, 0))
        length = int.from_bytes(more, "big") if more else length
        yield start + more + source.read(length + (4 if start[1] & 0x80 else 0))


def _pump(said: Any, behind: socket.socket, answered: Any, front: socket.socket) -> None:
    """Pass what comes in both directions, as it is."""

    def one(source: Any, target: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := source.read1(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    up = threading.Thread(target=one, args=(said, behind), daemon=True)
    up.start()
    one(answered, front)
    up.join(10)


def _reset(*sockets: socket.socket) -> None:
    for one in sockets:
        with contextlib.suppress(OSError):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            one.shutdown(socket.SHUT_RDWR)

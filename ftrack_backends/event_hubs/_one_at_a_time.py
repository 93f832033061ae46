"""An encrypted socket for two threads."""

from __future__ import annotations

import selectors
import ssl
import threading
import time

import attrs

__all__ = ["OneAtATime"]


@attrs.define(eq=False, repr=False)
class OneAtATime:
    """An encrypted socket of which one thread reads while another writes.

    OpenSSL does not allow that for one connection, so each takes its turn, and none waits for the network in it.
    It has what `websocket.WebSocket` uses of a socket.
    """

    _socket: ssl.SSLSocket
    _seconds: float | None = attrs.field(default=None, init=False)
    _turn: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    @classmethod
    def of(cls, plain: ssl.SSLSocket) -> OneAtATime:
        """Make one; the socket blocks no more."""
        made = cls(plain)
        made.settimeout(plain.gettimeout())
        plain.settimeout(0.0)
        return made

    def settimeout(self, seconds: float | None) -> None:
        """How long reading and writing wait for the network; None for ever."""
        self._seconds = seconds

    def gettimeout(self) -> float | None:
        """How long that is."""
        return self._seconds

    def recv(self, size: int) -> bytes:
        """Read what there is, or wait for it."""
        deadline = self._deadline()
        while True:
            with self._turn:
                try:
                    return self._socket.recv(size)
                except ssl.SSLWantReadError:
                    event = selectors.EVENT_READ
                except ssl.SSLWantWriteError:
                    event = selectors.EVENT_WRITE
            self._wait(event, deadline)

    def send(self, data: bytes) -> int:
        """Write what goes out at once, or wait until something does."""
        deadline = self._deadline()
        while True:
            with self._turn:
                try:
                    return self._socket.send(data)
                except ssl.SSLWantReadError:
                    event = selectors.EVENT_READ
                except ssl.SSLWantWriteError:
                    event = selectors.EVENT_WRITE
            self._wait(event, deadline)

    def fileno(self) -> int:
        """Its descriptor."""
        return self._socket.fileno()

    def shutdown(self, how: int) -> None:
        """End the connection below; whoever waits for the network sees it."""
        super(ssl.SSLSocket, self._socket).shutdown(how)

    def close(self) -> None:
        """Let go of it; not while the other thread is at it, for its descriptor may be another file's right after."""
        with self._turn:
            self._socket.close()

    def detach(self) -> int:
        """Let go of it without a sign to the other end, and give the descriptor."""
        return self._socket.detach()

    def _deadline(self) -> float | None:
        return None if self._seconds is None else time.monotonic() + self._seconds

    def _wait(self, event: int, deadline: float | None) -> None:
        remaining = None if deadline is None else deadline - time.monotonic()
        if remaining is not None and remaining <= 0:
            raise TimeoutError("the network is silent")
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, event)
            selector.select(remaining)

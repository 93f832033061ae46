"""Sockets of a workspace: who may open one, and which are open."""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace._faults import RouteFault
from ftrack_backends.workspace.broker._socket_failures import SocketFailures
from ftrack_backends.workspace.broker._socket_session import SocketSession, SocketWires
from ftrack_core.protocol import Handshake, SocketLink

if TYPE_CHECKING:
    from ftrack_backends.workspace._accounts import Caller
    from ftrack_backends.workspace.broker._broker import Broker
    from ftrack_core.interfaces import IClock

__all__ = ["SocketTiming", "Sockets"]

_MOST_EXPECTED = 10_000


@attrs.frozen
class SocketTiming:
    """How patient a workspace is with its sockets.

    Attributes:
        beat_seconds: How often a heartbeat is sent; the JavaScript client closes after 15 s without one.
        heartbeat_seconds: What a client is told: after how long without one it may take the server for gone.
        close_seconds: After how long a silent client is cut off, and how long a handshake waits for its socket.
    """

    beat_seconds: float = 10.0
    heartbeat_seconds: int = 30
    close_seconds: int = 60


@attrs.define(eq=False)
class Sockets:
    """Opens sockets for those who have shaken hands.

    Thread safety: every method may be called by many threads.

    Attributes:
        timing: How patient it is, with sockets that open from now on.
        failures: What shall go wrong; nothing until a test says something.
    """

    _broker: Broker
    _clock: IClock
    timing: SocketTiming = attrs.field(factory=SocketTiming)
    failures: SocketFailures = attrs.field(factory=SocketFailures, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)
    _expected: dict[str, tuple[Caller, float]] = attrs.field(factory=dict, init=False, repr=False)

    def handshake(self, caller: Caller) -> Handshake:
        """Let a client open one socket, soon.

        Args:
            caller: In whose name.

        Returns:
            What to tell the client.
        """
        told = Handshake(secrets.token_hex(16), self.timing.heartbeat_seconds, self.timing.close_seconds)
        now = self._clock.monotonic()
        with self._lock:
            self._forget_late(now)
            self._expected[told.sid] = (caller, now + self.timing.close_seconds)
        return told

    def open(self, sid: str, wires: SocketWires, now: float) -> SocketSession:
        """Open a socket.

        Args:
            sid: What the handshake told; it opens one socket.
            wires: What moves the frames.
            now: The moment, on the clock by which `received` and `look` are called.

        Raises:
            RouteFault: Nobody has shaken hands for it, or too long ago.
            ConnectionClosedError: The workspace is closed.
        """
        with self._lock:
            self._forget_late(self._clock.monotonic())
            caller, _ = self._expected.pop(sid, (None, 0.0))
        if caller is None:
            raise RouteFault("There is no such socket, or it is too late for it; shake hands at /socket.io/1/ anew.")
        link = SocketLink.server(now, self.timing.beat_seconds, float(self.timing.close_seconds))
        member = self._broker.join(caller, framed=True, wake=wires.wake, overrun=wires.cut)
        return SocketSession(self._broker, self.failures, wires, link, member)

    def _forget_late(self, now: float) -> None:
        """Drop handshakes that nobody followed up; the oldest stand first."""
        for sid, (_, until) in list(self._expected.items()):
            if until > now and len(self._expected) < _MOST_EXPECTED:
                return
            del self._expected[sid]

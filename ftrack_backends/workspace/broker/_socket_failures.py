"""Failures of sockets on order: what a bad network does to an event client, at the moment a test wants it.

| order | what happens |
|---|---|
| `socket.cut` | an open socket is broken off, at once |
| `socket.garbage` | an open socket gets a frame that is no packet, at once |
| `socket.broken` | an open socket gets bytes that are no WebSocket frame, at once |
| `socket.silence` | a heartbeat is not sent |
| `acknowledgement.drop` | an acknowledgement is not sent |
| `acknowledgement.duplicate` | an acknowledgement is sent twice |
| `acknowledgement.delay` | an acknowledgement is sent late |

What happens at once happens to sockets that are open; where there are fewer than were ordered, to the next that open.
An order for one user leaves everybody else's sockets alone, and one that has struck as often as it should is gone.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import attrs

from ftrack_core.errors import ConfigurationError

if TYPE_CHECKING:
    from typing_extensions import Self

    from ftrack_backends.workspace.broker._socket_session import SocketSession

__all__ = ["SOCKET_FAILURES", "SocketFailure", "SocketFailures"]

_AT_ONCE = ("socket.cut", "socket.garbage", "socket.broken")
_ACKNOWLEDGEMENTS = ("acknowledgement.drop", "acknowledgement.duplicate", "acknowledgement.delay")
SOCKET_FAILURES = (*_AT_ONCE, "socket.silence", *_ACKNOWLEDGEMENTS)
"""Every order."""

_GARBAGE = '5:x:"garbage" ordered by a test'
_BROKEN = b"\xff\xff this is no WebSocket frame"


@attrs.define(eq=False)
class SocketFailure:
    """A failure that was ordered. As a context manager it holds until the end of the block.

    Thread safety: every method may be called by many threads.

    Attributes:
        action: Which of the orders it is.
        times: How often; None for until `undo`.
        delay_seconds: How late a delayed acknowledgement comes.
        user: Whose sockets it strikes; None for everybody's.
        struck: How often it has struck so far.
    """

    action: str
    times: int | None
    delay_seconds: float
    user: str | None
    _owner: SocketFailures
    struck: int = attrs.field(default=0, init=False)

    def undo(self) -> None:
        """Strike no more; a second call does nothing."""
        self._owner.forget(self)

    def fits(self, action: str, session: SocketSession) -> bool:
        """Whether it is such an order, and for that socket."""
        return self.action == action and self.user in {None, session.username}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.undo()


@attrs.define(eq=False)
class SocketFailures:
    """The ordered failures of one workspace's sockets. Thread safety: every method may be called by many threads."""

    _waiting: list[SocketFailure] = attrs.field(factory=list, init=False)
    _open: dict[int, SocketSession] = attrs.field(factory=dict, init=False, repr=False)
    _lock: threading.RLock = attrs.field(factory=threading.RLock, init=False, repr=False)

    def add(
        self, action: str, times: int | None = 1, delay_seconds: float = 0.0, user: str | None = None
    ) -> SocketFailure:
        """Order a failure.

        Args:
            action: Which, from the table above.
            times: How often; None for until it is undone.
            delay_seconds: How late a delayed acknowledgement comes.
            user: Whose sockets; None for everybody's.

        Raises:
            ConfigurationError: An argument is none of these.
        """
        _demand(action, times, delay_seconds)
        failure = SocketFailure(action, times, delay_seconds, user, self)
        with self._lock:
            self._waiting.append(failure)
            sessions = list(self._open.values())
        if action in _AT_ONCE:
            for session in sessions:
                self._strike_at_once(session, failure)
        return failure

    def forget(self, failure: SocketFailure) -> None:
        """Drop a failure; one that is not there is fine."""
        with self._lock:
            if failure in self._waiting:
                self._waiting.remove(failure)

    def clear(self) -> None:
        """Drop all."""
        with self._lock:
            self._waiting.clear()

    def opened(self, session: SocketSession) -> None:
        """Told of a socket that opened."""
        with self._lock:
            self._open[id(session)] = session
            waiting = list(self._waiting)
        for failure in waiting:
            if failure.action in _AT_ONCE:
                self._strike_at_once(session, failure)

    def closed(self, session: SocketSession) -> None:
        """Told of a socket that is over."""
        with self._lock:
            self._open.pop(id(session), None)

    def silences(self, session: SocketSession) -> bool:
        """Whether a heartbeat is not to be sent."""
        return self._struck("socket.silence", session) is not None

    def acknowledge(self, session: SocketSession, frame: str) -> None:
        """Send an acknowledgement, in the way that was ordered."""
        if self._struck("acknowledgement.drop", session):
            return
        late = self._struck("acknowledgement.delay", session)
        twice = self._struck("acknowledgement.duplicate", session)
        for _ in range(2 if twice else 1):
            if late:
                session.wires.later(late.delay_seconds, lambda: session.send_text(frame))
            else:
                session.send_text(frame)

    def _strike_at_once(self, session: SocketSession, failure: SocketFailure) -> None:
        if self._struck(failure.action, session, failure) is None:
            return
        if failure.action == "socket.cut":
            session.abandon()
        elif failure.action == "socket.garbage":
            session.send_text(_GARBAGE)
        else:
            session.wires.send_raw(_BROKEN)

    def _struck(self, action: str, session: SocketSession, only: SocketFailure | None = None) -> SocketFailure | None:
        """The order that strikes now, counted; None for none."""
        if not self._waiting:
            return None
        with self._lock:
            fitting = (one for one in self._waiting if only in {None, one} and one.fits(action, session))
            failure = next(fitting, None)
            if failure is not None:
                failure.struck += 1
                if failure.times is not None and failure.struck >= failure.times:
                    self._waiting.remove(failure)
            return failure


def _demand(action: object, times: object, delay_seconds: object) -> None:
    faults = []
    if action not in SOCKET_FAILURES:
        faults.append(f"a failure of a socket is one of {', '.join(SOCKET_FAILURES)}, not {action!r}")
    if times is not None and (not isinstance(times, int) or isinstance(times, bool) or times < 1):
        faults.append(f"times must be 1 or more, or None for always, not {times!r}")
    if not isinstance(delay_seconds, (int, float)) or isinstance(delay_seconds, bool) or not delay_seconds >= 0:
        faults.append(f"delay_seconds must be 0 or more, not {delay_seconds!r}")
    if faults:
        raise ConfigurationError("; ".join(faults), faults=faults)

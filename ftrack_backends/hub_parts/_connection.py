"""Keeping one connection: opening it, serving it to its end, opening it anew."""

from __future__ import annotations

import enum
import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from ftrack_backends.hub_parts._changes import Changes
from ftrack_backends.hub_parts._delays import Delays
from ftrack_backends.hub_parts._line import Line, OpenLine, Receiver
from ftrack_backends.hub_parts._news import News
from ftrack_backends.hub_parts._outgoing import Letter
from ftrack_backends.hub_parts._turn import Attempt, Turn, let_go, receiver_while
from ftrack_backends.hub_parts._writer import Writer
from ftrack_core.errors import Error, EventHubConnectionError

__all__ = ["FORKED", "Connection", "State"]

_LOG = logging.getLogger("ftrack_backends.event_hubs")

FORKED: Final = (
    "the event hub was made in another process, which this one was forked from; make a session of its own in each"
)


class State(enum.Enum):
    """How far a hub is with its connection."""

    IDLE = "not connected, and not about to be"
    CONNECTING = "connecting"
    OPEN = "connected"


class Connection:
    """Keeps a connection from `start` to `leave`, in a thread of its own: a *turn*.

    What the thread of an earlier turn still does, as when a server answers late, counts no more.

    Thread safety: all calls; the state changes under the hub's lock.

    Attributes:
        changes: The hub's lock.
        state: How far it is.
        announced: Whether somebody said that it is about to be started.
        trouble: Why the last attempt failed; empty for not at all.
        forked_off: Whether this is a forked child, which must not use its parent's connection.
        turn: How many turns began, and ended.
    """

    def __init__(
        self,
        changes: Changes,
        line: Line,
        writer: Writer,
        receiver: Receiver,
        greeting: Callable[[], list[Letter]],
        tell: Callable[[str, dict[str, Any]], None],
        left: Callable[[], None],
        delays: Callable[[], Delays],
    ) -> None:
        """Make one, which is idle.

        Args:
            changes: The hub's lock.
            line: Opens connections.
            writer: Sends what is outgoing while a connection stands.
            receiver: Is told of what comes.
            greeting: Gives what every connection begins with; called under the lock.
            tell: Told of `connected` and `disconnected`, in that order and by one thread at a time; without the lock.
            left: Told, under the lock, that it was ended.
            delays: Makes the delays between the attempts of one turn.
        """
        self.changes = changes
        self.state = State.IDLE
        self.announced = False
        self.trouble = ""
        self.forked_off = False
        self.turn = 0
        self._line, self._writer, self._receiver = line, writer, receiver
        self._greeting, self._left, self._delays = greeting, left, delays
        self._threads: tuple[threading.Thread, ...] = ()
        self._lost_at: float | None = None
        self._news = News(changes, tell)

    @property
    def stands(self) -> bool:
        """Whether the connection stands at this moment."""
        return self.state is State.OPEN

    @property
    def hopeless(self) -> bool:
        """Whether nothing stands, and nobody is about to change that."""
        return self.state is State.IDLE and not self.announced

    @property
    def undecided(self) -> bool:
        """Whether it is still to be seen if it will stand."""
        return self.state is State.CONNECTING or (self.state is State.IDLE and self.announced)

    @property
    def in_own_thread(self) -> bool:
        """Whether who asks is called by the connection itself."""
        return threading.current_thread() in self._threads

    def start(self, patient: bool) -> Attempt:
        """Begin to connect.

        Args:
            patient: Whether it is tried until it succeeds; else once.

        Raises:
            EventHubConnectionError: It is started already, or must not be.
        """
        with self.changes:
            self._refuse_starting()
            self.turn += 1
            turn = Turn(self.turn, patient, receiver_while(self._receiver, lambda: self.turn == turn.number))
            keep = threading.Thread(target=self._keep, args=(turn,), name="ftrack-event-hub", daemon=True)
            keep.start()
            self.state, self.announced, self._threads = State.CONNECTING, False, (keep,)
        return turn.attempt

    def leave(self, turn: int | None, reason: str) -> tuple[threading.Thread, ...] | None:
        """End the connection, or the attempts to have one.

        All that is over changes in one step: from then on another thread may connect anew.

        Args:
            turn: Which is to be ended; None for whichever there is.
            reason: What those on this hub are told.

        Returns:
            The threads that are about to end; None where that turn is over already.
        """
        with self.changes:
            if turn is not None and turn != self.turn:
                return None
            self.turn += 1
            self.state, self.announced, self._lost_at = State.IDLE, False, None
            opened, threads, unsent = self._writer.opened, self._threads, self._writer.outgoing.abandon()
            unknown = self._ended(reason, reconnecting=False) if opened is not None else 0
            self._left()
            self.changes.notify_all()
        _warn_of_unknown(unknown)
        self._news.tell()
        if opened is not None:
            opened.close()
        if unsent:
            _LOG.warning("%d published events were never sent, since the event hub was not connected in time", unsent)
        return threads

    def forked(self) -> None:
        """Take note that this is a forked child: the connection is the parent's."""
        self.forked_off, self.state, self._threads = True, State.IDLE, ()
        self.turn += 1
        self._news.forked()

    def _refuse_starting(self) -> None:
        if self.forked_off:
            raise EventHubConnectionError(FORKED)
        if self.changes.closed:
            raise EventHubConnectionError("the event hub was to be connected, and it is closed; open a new session")
        if self.state is not State.IDLE:
            raise EventHubConnectionError(f"the event hub was to be connected, and it is {self.state.value} already")

    def _keep(self, turn: Turn) -> None:
        delays, attempt = self._delays(), turn.attempt
        try:
            while self.turn == turn.number:
                opened = self._tried(turn)
                if opened is not None:
                    turn.patient = turn.stood = True
                    attempt.done.set()
                    delays.lasted(self._served(turn.number, opened))
                elif not turn.patient:
                    return
                self._pause(turn.number, delays.next())
        finally:
            if self.turn != turn.number and not attempt.done.is_set():
                attempt.error = EventHubConnectionError("the event hub was disconnected or closed meanwhile")
            if not turn.patient:
                self._give_up(turn.number)
            attempt.done.set()

    def _tried(self, turn: Turn) -> OpenLine | None:
        """Open a connection; None where that failed, or is not wanted any more."""
        attempt, opened = turn.attempt, None
        try:
            opened = self._line.open(turn.receiver, again=turn.stood)
            if self._begin(turn.number, opened):
                attempt.error = None
                return opened
        except Exception as error:  # noqa: BLE001 - whatever it is, the next attempt comes
            if not attempt.done.is_set():
                attempt.error = error
            self._note_trouble(turn, error)
        if opened is not None:
            let_go(opened)
        return None

    def _note_trouble(self, turn: Turn, error: Exception) -> None:
        text = str(error) if isinstance(error, Error) else f"{type(error).__name__}: {error}"
        with self.changes:
            if self.turn != turn.number:
                return
            known, self.trouble = self.trouble, text
        if turn.patient and text != known:
            _LOG.warning("the event server cannot be joined; it is tried again: %s", text)

    def _begin(self, turn: int, opened: OpenLine) -> bool:
        with self.changes:
            if self.turn != turn:
                return False
            self._threads = (*self._threads[:1], self._writer.begin(opened, self._greeting()))
            self.state, self.trouble = State.OPEN, ""
            lost_at, self._lost_at = self._lost_at, None
            self._news.add("connected", {"lost_at": lost_at, "connected_at": time.time()})
            self.changes.notify_all()
        if lost_at is not None:
            _LOG.info("the event hub is connected again")
        self._news.tell()
        return True

    def _served(self, turn: int, opened: OpenLine) -> float:
        """Serve a connection to its end; gives how long it lasted."""
        began = time.monotonic()
        try:
            reason = opened.run()
        except Exception as error:  # noqa: BLE001 - whatever it is, the connection is over, and the next one comes
            _LOG.debug("the event connection ended with an error", exc_info=True)
            reason = f"{type(error).__name__}"
        opened.close()
        self._lose(turn, reason)
        return time.monotonic() - began

    def _lose(self, turn: int, reason: str) -> None:
        """Take note that a connection broke, unless its turn is over."""
        with self.changes:
            if turn != self.turn:
                return
            self.state, self._lost_at = State.CONNECTING, time.time()
            unknown = self._ended(reason, reconnecting=True)
            self.changes.notify_all()
        _LOG.warning("the event connection is lost (%s); it is opened anew", reason)
        _warn_of_unknown(unknown)
        self._news.tell()

    def _ended(self, reason: str, reconnecting: bool) -> int:
        """Take note, with the lock held, that a connection is over; gives how many events nobody knows of."""
        self._news.add("disconnected", {"reason": reason, "reconnecting": reconnecting})
        return self._writer.end()

    def _pause(self, turn: int, seconds: float) -> None:
        with self.changes:
            self.changes.wait_for(lambda: self.turn != turn, seconds)

    def _give_up(self, turn: int) -> None:
        with self.changes:
            if self.turn == turn and self.state is State.CONNECTING:
                self.state = State.IDLE
                self.changes.notify_all()


def _warn_of_unknown(count: int) -> None:
    if count:
        _LOG.warning("%d events were sent and not acknowledged when it ended: they may have come, or not", count)

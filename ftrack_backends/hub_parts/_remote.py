"""A hub with a way to others: it keeps a connection, and sends in order what was published."""

from __future__ import annotations

import enum
import logging
import random
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import attrs
from zope.interface import implementer

from ftrack_backends.hub_parts._base import BaseEventHub, new_id
from ftrack_backends.hub_parts._delays import Delays
from ftrack_backends.hub_parts._line import Line, OpenLine, Receiver
from ftrack_backends.hub_parts._outgoing import Letter, Outgoing, written
from ftrack_core.errors import Error, EventHubConnectionError, EventHubError, NotUniqueError
from ftrack_core.events import REPLY_TOPIC, Subscription
from ftrack_core.interfaces import IRemoteEventHub
from ftrack_core.values import Event

__all__ = ["RemoteEventHub"]

_LOG = logging.getLogger("ftrack_backends.event_hubs")
_JOIN_SECONDS: Final = 2.0


class _State(enum.Enum):
    """How far the hub is with its connection."""

    IDLE = "not connected, and not about to be"
    CONNECTING = "connecting"
    OPEN = "connected"


@attrs.define
class _Attempt:
    """The first attempt of a connection, for whoever waits for it."""

    error: Exception | None = None
    done: threading.Event = attrs.field(factory=threading.Event)


@implementer(IRemoteEventHub)
@attrs.define(eq=False, kw_only=True, repr=False)
class RemoteEventHub(BaseEventHub):
    """A hub that is joined to others over a line.

    Ordering: events leave in the order in which they were published, also those that waited for a connection, and
    are handled in the order in which they came.
    Delivery: a published event is sent once. One that was sent when the connection broke, and was not acknowledged,
    is not sent again, since it may have come; how many there were is logged, and `publish_acknowledged` raises. What
    was not sent yet waits for the next connection. With `max_unsent_events` waiting, publishing is refused; while
    connected it waits for room first, for `room_seconds` at most. What others publish while there is no connection
    never comes; `ftrack.meta.connected` tells from when to when that was.
    Threads: one brings what comes and answers heartbeats, one sends. Callbacks run in the threads that call `wait`,
    or that publish synchronously, so a slow one delays neither. Both are daemons.
    While disconnected: subscriptions stay. A connection that breaks is opened anew until `disconnect` or `close`, with
    growing, jittered delays.
    Forks: in a forked child the hub is disconnected and refuses to connect; the parent's connection stays as it is.

    Attributes:
        line: Opens connections.
        max_unsent_events: How many published events wait at most to be sent.
        reconnect_seconds: About how long to wait before the second attempt to connect.
        max_reconnect_seconds: The longest wait between two attempts.
        room_seconds: How long publishing waits for room while connected.
        close_seconds: How long `close` and `disconnect` wait at most for what was published to be sent.
    """

    line: Line
    max_unsent_events: int = 10_000
    reconnect_seconds: float = 1.0
    max_reconnect_seconds: float = 60.0
    room_seconds: float = 30.0
    close_seconds: float = 5.0
    _outgoing: Outgoing = attrs.field(factory=Outgoing, init=False)
    _state: _State = attrs.field(default=_State.IDLE, init=False)
    _announced: bool = attrs.field(default=False, init=False)
    _turn: int = attrs.field(default=0, init=False)
    _open_line: OpenLine | None = attrs.field(default=None, init=False)
    _threads: tuple[threading.Thread, ...] = attrs.field(default=(), init=False)
    _lost_at: float | None = attrs.field(default=None, init=False)
    _trouble: str = attrs.field(default="", init=False)
    _child: bool = attrs.field(default=False, init=False)

    def __repr__(self) -> str:
        state = "closed" if self._closed else self._state.value
        return f"<{type(self).__name__} {self.id}: {state}>"

    @property
    def connected(self) -> bool:
        """Whether the connection stands at this moment."""
        return self._state is _State.OPEN

    # Connecting.

    def init_connection(self) -> None:
        """Announce that `connect` will be called, so that publishing queues until then."""
        with self._changed:
            self._announced = True

    def connect(self) -> None:
        """Join the server, and return once joined."""
        attempt = self._start(patient=False)
        attempt.done.wait()
        if attempt.error is not None:
            raise EventHubConnectionError(f"the event server was not joined: {attempt.error}") from attempt.error

    def connect_in_background(self) -> None:
        """Begin to join the server and return at once; it is tried until it succeeds, and publishing queues."""
        self._start(patient=True)

    def wait_until_connected(self, timeout_seconds: float | None = None) -> bool:
        """Wait until the connection stands, or nobody is about to connect.

        Args:
            timeout_seconds: How long at most; None for as long as it takes.

        Returns:
            Whether it stands.
        """
        with self._changed:
            self._wait_for(lambda: self._state is not _State.CONNECTING and not self._coming, timeout_seconds)
            return self.connected

    def disconnect(self) -> None:
        """Leave the server; subscriptions stay for a later `connect`. What was published is sent before, if it can."""
        with self._changed:
            if self._state is _State.IDLE:
                raise EventHubConnectionError("the event hub was to be disconnected, and it is not connected")
            turn = self._turn
        self._drain()
        self._leave(turn, "it was disconnected")

    def close(self) -> None:
        """End all subscriptions and let go of the connection. What was published is sent before, if it can."""
        if not self._closed and not self._child:
            self._drain()
            super().close()
            self._leave(None, "it was closed")
        super().close()

    # Publishing.

    def publish_acknowledged(self, event: Event, timeout_seconds: float = 30.0) -> None:
        """Publish an event, and return once the server has acknowledged it."""
        signed = self._signed(event)
        letter = self._post(signed)
        with self._changed:
            self._wait_for(lambda: letter.settled, timeout_seconds)
            state = letter.state
        if state == "refused":
            raise EventHubError(f"the server refused the event {signed.id} ({signed.topic}): {letter.refusal}")
        if state != "acknowledged":
            raise EventHubConnectionError(f"the event {signed.id} ({signed.topic}) {_UNCERTAIN[state]}")

    def _send(self, event: Event) -> None:
        self._post(event)

    def _post(self, event: Event) -> Letter:
        letter = Letter(event.topic, written(event))
        with self._changed:
            self._refuse_unreachable(event)
            if self._outgoing.waiting >= self.max_unsent_events:
                self._wait_for_room(event)
            self._outgoing.append(letter)
            self._changed.notify_all()
        return letter

    def _refuse_unreachable(self, event: Event) -> None:
        self._refuse_closed()
        if self._child:
            raise EventHubConnectionError(_FORKED)
        if self._state is _State.IDLE and not self._announced:
            raise EventHubConnectionError(
                f"the event {event.topic!r} was to be published, and the event hub is not connected; call "
                "event_hub.connect() first, or make the session with auto_connect_event_hub=True"
            )

    def _wait_for_room(self, event: Event) -> None:
        seconds = self.room_seconds if self.connected else 0.0
        self._wait_for(lambda: self._outgoing.waiting < self.max_unsent_events or not self.connected, seconds)
        self._refuse_unreachable(event)
        if self._outgoing.waiting >= self.max_unsent_events:
            trouble = f"; {self._trouble}" if self._trouble else ""
            raise EventHubConnectionError(
                f"the event {event.topic!r} is refused: {self._outgoing.waiting} published events wait to be sent "
                f"already ({self._state.value}{trouble}); none of them is dropped"
            )

    # Subscriptions.

    def _check_subscription(self, subscription: Subscription) -> None:
        if subscription.id == self.id and subscription.expression.required_topic() != REPLY_TOPIC:
            raise NotUniqueError(
                f"the subscriber id {self.id} is the hub's own, for replies; leave the id out, or subscribe to topic="
                f"{REPLY_TOPIC} with it"
            )

    def _subscribed(self, subscription: Subscription) -> None:
        if self._state is _State.OPEN and subscription.id != self.id:
            self._outgoing.append(self._subscribing(subscription.expression.text, subscription.metadata))
            self._changed.notify_all()

    def _unsubscribed(self, subscription: Subscription) -> None:
        if self._state is _State.OPEN and subscription.id != self.id:
            data = {"subscriber": {"id": subscription.id}}
            self._outgoing.append(self._own("ftrack.meta.unsubscribe", data))
            self._changed.notify_all()

    def _subscribing(self, expression: str, metadata: Any) -> Letter:
        return self._own("ftrack.meta.subscribe", {"subscriber": dict(metadata), "subscription": expression})

    def _own(self, topic: str, data: Any) -> Letter:
        return Letter(topic, written(self._signed(Event(topic, data=data))), own=True)

    def _all_subscribing(self) -> list[Letter]:
        letters = [self._subscribing(f"topic={REPLY_TOPIC}", {"id": self.id})]
        known = (one for one in self._subscriptions.all() if one.id != self.id)
        return [*letters, *(self._subscribing(one.expression.text, one.metadata) for one in known)]

    def _refuse_waiting(self, duration_seconds: float | None) -> None:
        if duration_seconds is None and self._state is _State.IDLE and not self._announced and not self._closed:
            raise EventHubConnectionError(
                "the event hub was to wait for events, and it is not connected, so none would come; call "
                "event_hub.connect() first"
            )

    # The connection: a thread that keeps it, and one that writes while it stands.

    def _start(self, patient: bool) -> _Attempt:
        from ftrack_backends.hub_parts._forks import tell_in_children

        tell_in_children(self)
        attempt = _Attempt()
        with self._changed:
            self._refuse_connecting()
            self._turn += 1
            self._state, self._announced = _State.CONNECTING, False
            keep = threading.Thread(
                target=self._keep, args=(self._turn, attempt, patient), name="ftrack-event-hub", daemon=True
            )
            self._threads = (keep,)
            keep.start()
        return attempt

    def _refuse_connecting(self) -> None:
        if self._child:
            raise EventHubConnectionError(_FORKED)
        if self._closed:
            raise EventHubConnectionError("the event hub was to be connected, and it is closed; open a new session")
        if self._state is not _State.IDLE:
            raise EventHubConnectionError(f"the event hub was to be connected, and it is {self._state.value} already")

    def _keep(self, turn: int, attempt: _Attempt, patient: bool) -> None:
        delays = Delays(self.reconnect_seconds, self.max_reconnect_seconds, random.random)
        try:
            while self._turn == turn:
                opened = self._tried(turn, attempt, patient)
                if opened is not None:
                    patient = True
                    attempt.done.set()
                    delays.lasted(self._served(turn, opened))
                elif not patient:
                    return
                self._pause(turn, delays.next())
        finally:
            if self._turn != turn and not attempt.done.is_set():
                attempt.error = _abandoned()
            if not patient:
                self._give_up(turn)
            attempt.done.set()

    def _tried(self, turn: int, attempt: _Attempt, patient: bool) -> OpenLine | None:
        """Open a connection; None where that failed, or is not wanted any more."""
        try:
            opened = self.line.open(Receiver(self._come, self._acknowledged))
        except Exception as error:  # noqa: BLE001 - whatever it is, the next attempt comes
            if not attempt.done.is_set():
                attempt.error = error
            self._note_trouble(turn, error, patient)
            return None
        if not attempt.done.is_set():
            attempt.error = None
        if not self._begin(turn, opened):
            opened.close()
            return None
        return opened

    def _note_trouble(self, turn: int, error: Exception, patient: bool) -> None:
        text = str(error) if isinstance(error, Error) else f"{type(error).__name__}: {error}"
        if patient and self._turn == turn and text != self._trouble:
            _LOG.warning("the event server cannot be joined; it is tried again: %s", text)
        self._trouble = text

    def _begin(self, turn: int, opened: OpenLine) -> bool:
        with self._changed:
            if self._turn != turn:
                return False
            self._state, self._open_line, self._trouble = _State.OPEN, opened, ""
            self._outgoing.begin(self._all_subscribing())
            writer = threading.Thread(target=self._write, args=(opened,), name="ftrack-event-hub-writer", daemon=True)
            self._threads = (*self._threads[:1], writer)
            writer.start()
            lost_at, self._lost_at = self._lost_at, None
            self._changed.notify_all()
        if lost_at is not None:
            _LOG.info("the event hub %s is connected again", self.id)
        self._tell("connected", {"lost_at": lost_at, "connected_at": time.time()})
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
        self._end(turn, opened, reason, again=True)
        return time.monotonic() - began

    def _end(self, turn: int | None, opened: OpenLine | None, reason: str, again: bool) -> None:
        """Take note that a connection is over, once."""
        with self._changed:
            if opened is None or self._open_line is not opened or (turn is not None and turn != self._turn):
                return
            self._open_line = None
            self._state = _State.CONNECTING if again else _State.IDLE
            self._lost_at = time.time()
            unknown = self._outgoing.lost()
            self._changed.notify_all()
        if again:
            _LOG.warning("the event connection is lost (%s); it is opened anew", reason)
        if unknown:
            _LOG.warning("%d events were sent and not acknowledged when it ended: they may have come, or not", unknown)
        self._tell("disconnected", {"reason": reason, "reconnecting": again})

    def _write(self, opened: OpenLine) -> None:
        while (taken := self._next_letter(opened)) is not None:
            number, letter = taken
            try:
                opened.send(letter.text, number)
            except Exception as error:  # noqa: BLE001 - whatever it is, the connection cannot be used any more
                _LOG.debug("the event connection took no more: %s", type(error).__name__)
                with self._changed:
                    self._outgoing.put_back(number)
                opened.close()
                return

    def _next_letter(self, opened: OpenLine) -> tuple[int, Letter] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._open_line is not opened or self._outgoing)
            if self._open_line is not opened:
                return None
            taken = self._outgoing.take()
            if self._outgoing.waiting in {0, self.max_unsent_events - 1}:
                self._changed.notify_all()
            return taken

    def _pause(self, turn: int, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._turn != turn, seconds)

    def _give_up(self, turn: int) -> None:
        with self._changed:
            if self._turn == turn and self._state is _State.CONNECTING:
                self._state = _State.IDLE
                self._changed.notify_all()

    def _come(self, event: Event) -> None:
        try:
            self._received(event)
        except EventHubConnectionError:
            _LOG.debug("an event came after the hub was closed")

    def _acknowledged(self, number: int, refusal: str) -> None:
        with self._changed:
            letter = self._outgoing.acknowledged(number, refusal)
            if letter is not None:
                self._changed.notify_all()
        if letter is not None and refusal:
            _LOG.warning("the event server refused %s: %s", letter.topic, refusal)

    def _tell(self, what: str, data: dict[str, Any]) -> None:
        """Tell those on this hub what became of its connection."""
        self._come(self._signed(Event(f"ftrack.meta.{what}", new_id(), data)))

    # Leaving.

    @property
    def _coming(self) -> bool:
        return self._announced and self._state is _State.IDLE and not self._closed

    def _drain(self) -> None:
        """Wait, not for ever, until what was published has been sent and acknowledged."""
        with self._changed:
            if threading.current_thread() in self._threads:
                return
            self._wait_for(
                lambda: self._state is _State.IDLE or (self._outgoing.empty if self.connected else not self._outgoing),
                self.close_seconds,
            )

    def _leave(self, turn: int | None, reason: str) -> None:
        with self._changed:
            if turn is not None and turn != self._turn:
                return
            self._turn += 1
            opened, threads = self._open_line, self._threads
            unsent = self._outgoing.abandon()
            self._announced = False
        self._end(None, opened, reason, again=False)
        with self._changed:
            self._state, self._lost_at = _State.IDLE, None
            self._departures += 1
            self._changed.notify_all()
        if opened is not None:
            opened.close()
        if unsent:
            _LOG.warning("%d published events were never sent, since the event hub was not connected in time", unsent)
        _join(threads)

    def forked(self) -> None:
        """Take note that this is a forked child: its connection is the parent's."""
        opened = self._open_line
        self._changed = threading.Condition()
        self._child, self._open_line, self._state, self._threads = True, None, _State.IDLE, ()
        self._turn += 1
        self._outgoing = Outgoing()
        self._queue.clear()
        if opened is not None:
            opened.drop()

    def _wait_for(self, done: Callable[[], bool], seconds: float | None) -> None:
        """Wait under the lock until something is so, or the time is over."""
        self._changed.wait_for(lambda: self._closed or done(), seconds)


_FORKED: Final = (
    "the event hub was made in another process, which this one was forked from; make a session of its own in each"
)
_UNCERTAIN: Final = {
    "waiting": "was not sent in time; it still waits for the connection",
    "sent": "was sent, and not acknowledged in time; it may have come, or not",
    "lost": "was sent, and the connection broke before it was acknowledged; it may have come, or not",
    "unsent": "was never sent: the event hub was disconnected or closed before",
}


def _abandoned() -> EventHubConnectionError:
    return EventHubConnectionError("the event hub was disconnected or closed meanwhile")


def _join(threads: tuple[threading.Thread, ...]) -> None:
    """Wait for threads to end, not for long, and not for this one."""
    deadline = time.monotonic() + _JOIN_SECONDS
    for thread in threads:
        if thread is not threading.current_thread() and thread.ident is not None:
            thread.join(max(0.0, deadline - time.monotonic()))

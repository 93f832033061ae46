"""A hub with a way to others: it keeps a connection, and sends in order what was published."""

from __future__ import annotations

import contextlib
import logging
import random
from typing import Any, Final

import attrs
from zope.interface import implementer

from ftrack_backends.hub_parts._base import BaseEventHub
from ftrack_backends.hub_parts._connection import FORKED, Connection, State
from ftrack_backends.hub_parts._delays import Delays
from ftrack_backends.hub_parts._familiar import joined
from ftrack_backends.hub_parts._line import Line, Receiver
from ftrack_backends.hub_parts._outgoing import Letter, written
from ftrack_backends.hub_parts._signing import new_id
from ftrack_backends.hub_parts._turn import Attempt, join
from ftrack_backends.hub_parts._writer import Writer
from ftrack_core.errors import EventHubConnectionError, EventHubError, NotUniqueError
from ftrack_core.events import REPLY_TOPIC, Subscription
from ftrack_core.interfaces import IRemoteEventHub
from ftrack_core.values import Event

__all__ = ["RemoteEventHub"]

_LOG = logging.getLogger("ftrack_backends.event_hubs")


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

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self._writer = Writer(self._changed, self.max_unsent_events, self._asking.refused)
        receiver = Receiver(self._come, self._writer.acknowledged)
        told = (self._all_subscribing, self._tell, self._left)
        self._connection = Connection(self._changed, self.line, self._writer, receiver, *told, self._delays)

    def __repr__(self) -> str:
        state = "closed" if self._changed.closed else self._connection.state.value
        return f"<{type(self).__name__} {self.id}: {state}>"

    @property
    def connected(self) -> bool:
        """Whether the connection stands at this moment."""
        return self._connection.stands

    # Connecting.

    def init_connection(self) -> None:
        """Announce that `connect` will be called, so that publishing queues until then."""
        with self._changed:
            self._connection.announced = True

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
            self._changed.until(lambda: not self._connection.undecided, timeout_seconds)
            return self.connected

    def disconnect(self, unsubscribe: bool = False) -> None:
        """Leave the server. What was published is sent before, if it can.

        Args:
            unsubscribe: Whether subscriptions end; else they stay for a later `connect`.
        """
        with self._changed:
            if self._connection.state is State.IDLE:
                raise EventHubConnectionError("the event hub was to be disconnected, and it is not connected")
            turn = self._connection.turn
        if unsubscribe:
            self._unsubscribe_all()
        self._drain()
        self._leave(turn, "it was disconnected")

    def reconnect(self, attempts: int = 10, delay: float = 5.0) -> None:
        """Leave the server if need be, and join it anew; a connection that is lost is opened anew without this.

        Args:
            attempts: How often to try.
            delay: Seconds between two attempts.
        """
        with contextlib.suppress(EventHubConnectionError):  # it was not connected
            self.disconnect()
        while not (self.connected or joined(self.connect, last=attempts <= 1)):
            attempts -= 1
            with self._changed:
                self._changed.until(lambda: False, delay)

    def close(self) -> None:
        """End all subscriptions and let go of the connection. What was published is sent before, if it can."""
        if not self._changed.closed and not self._connection.forked_off:
            self._drain()
            super().close()
            self._leave(None, "it was closed")
        super().close()

    def forked(self) -> None:
        """Take note that this is a forked child: its connection is the parent's."""
        self._changed.renew()
        self._connection.forked()
        self._writer.forked()
        self._waiting.clear()

    def _delays(self) -> Delays:
        return Delays(self.reconnect_seconds, self.max_reconnect_seconds, random.random)

    def _start(self, patient: bool) -> Attempt:
        from ftrack_backends.hub_parts._forks import tell_in_children

        tell_in_children(self)
        return self._connection.start(patient)

    def _drain(self) -> None:
        """Wait, not for ever, until what was published has been sent and acknowledged."""
        with self._changed:
            if not self._connection.in_own_thread:
                left = self._connection
                self._changed.until(lambda: left.state is State.IDLE or self._writer.idle, self.close_seconds)

    def _leave(self, turn: int | None, reason: str) -> None:
        threads = self._connection.leave(turn, reason)
        if threads is not None:
            self._depart()
            join(threads)

    # Publishing.

    def publish_acknowledged(self, event: Event, timeout_seconds: float = 30.0) -> None:
        """Publish an event, and return once the server has acknowledged it."""
        signed = self._signature.under(event)
        letter = self._post(signed)
        with self._changed:
            self._changed.wait_for(lambda: letter.settled, timeout_seconds)  # closing settles all
            state = letter.state
        if state == "refused":
            raise EventHubError(f"the server refused the event {signed.id} ({signed.topic}): {letter.refusal}")
        if state != "acknowledged":
            raise EventHubConnectionError(f"the event {signed.id} ({signed.topic}) {_UNCERTAIN[state]}")

    def _send(self, event: Event) -> None:
        self._post(event)

    def _post(self, event: Event) -> Letter:
        letter = Letter(event.topic, written(event), event_id=event.id)
        with self._changed:
            self._refuse_unreachable(event)
            if self._writer.full:
                self._wait_for_room(event)
            self._writer.append(letter)
        return letter

    def _refuse_unreachable(self, event: Event) -> None:
        self._refuse_closed()
        if self._connection.forked_off:
            raise EventHubConnectionError(FORKED)
        if self._connection.hopeless:
            raise EventHubConnectionError(
                f"the event {event.topic!r} was to be published, and the event hub is not connected; call "
                "event_hub.connect() first, or make the session with auto_connect_event_hub=True"
            )

    def _wait_for_room(self, event: Event) -> None:
        seconds = self.room_seconds if self.connected else 0.0
        self._changed.until(lambda: not self._writer.full or not self.connected, seconds)
        self._refuse_unreachable(event)
        if self._writer.full:
            found = self._connection
            trouble = f"{found.state.value}; {found.trouble}" if found.trouble else found.state.value
            raise EventHubConnectionError(
                f"the event {event.topic!r} is refused: {self._writer.outgoing.waiting} published events wait to be "
                f"sent already ({trouble}); none of them is dropped"
            )

    # Subscriptions.

    def _check_subscription(self, subscription: Subscription) -> None:
        if subscription.id == self.id and subscription.expression.required_topic() != REPLY_TOPIC:
            raise NotUniqueError(
                f"the subscriber id {self.id} is the hub's own, for replies; leave the id out, or subscribe to topic="
                f"{REPLY_TOPIC} with it"
            )
        self._subscribing(subscription.expression.text, subscription.metadata)  # every connection begins with it

    def _subscribed(self, subscription: Subscription) -> None:
        if self.connected and subscription.id != self.id:
            self._writer.append(self._subscribing(subscription.expression.text, subscription.metadata))

    def _unsubscribed(self, subscription: Subscription) -> None:
        if self.connected and subscription.id != self.id:
            data = {"subscriber": {"id": subscription.id}}
            self._writer.append(self._own("ftrack.meta.unsubscribe", data))

    def _subscribing(self, expression: str, metadata: Any) -> Letter:
        return self._own("ftrack.meta.subscribe", {"subscriber": dict(metadata), "subscription": expression})

    def _own(self, topic: str, data: Any) -> Letter:
        return Letter(topic, written(self._signature.under(Event(topic, data=data))), own=True)

    def _all_subscribing(self) -> list[Letter]:
        letters = [self._subscribing(f"topic={REPLY_TOPIC}", {"id": self.id})]
        known = (one for one in self._subscriptions.all() if one.id != self.id)
        return [*letters, *(self._subscribing(one.expression.text, one.metadata) for one in known)]

    def _refuse_waiting(self, duration_seconds: float | None) -> None:
        if duration_seconds is None and self._connection.hopeless and not self._changed.closed:
            raise EventHubConnectionError(
                "the event hub was to wait for events, and it is not connected, so none would come; call "
                "event_hub.connect() first"
            )

    # What comes.

    def _come(self, event: Event) -> None:
        try:
            self._received(event)
        except EventHubConnectionError:
            _LOG.debug("an event came after the hub was closed")

    def _tell(self, what: str, data: dict[str, Any]) -> None:
        """Tell those on this hub what became of its connection."""
        self._come(self._signature.under(Event(f"ftrack.meta.{what}", new_id(), data)))


_UNCERTAIN: Final = {
    "waiting": "was not sent in time; it still waits for the connection",
    "sent": "was sent, and not acknowledged in time; it may have come, or not",
    "lost": "was sent, and the connection broke before it was acknowledged; it may have come, or not",
    "unsent": "was never sent: the event hub was disconnected or closed before",
}

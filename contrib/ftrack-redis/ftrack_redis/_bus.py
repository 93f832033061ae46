"""Events in a stream of Redis: how an entry looks, and which of them a hub wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Final

import attrs

from ftrack_core.errors import Error, NotFoundError, ParseError
from ftrack_core.events import DispatchedEvent, Expression, Subscription, Subscriptions, dispatch
from ftrack_core.protocol import event_from_wire
from ftrack_core.values import Event
from ftrack_redis._connecting import digest
from ftrack_redis._options import RedisOptions

__all__ = ["EVENT", "GAP", "MAX_BYTES", "START", "TOPIC", "Wanted", "event_of", "place_of", "stream_of"]

TOPIC: Final = b"t"
EVENT: Final = b"e"
GAP: Final = b"g"
"""In an entry that tells of no event, but that some were missed by whoever brings them here."""

START: Final = b"0-0"
"""The place before everything in a stream."""

MAX_BYTES: Final = 4 * 1024 * 1024
"""Longer events are neither sent nor read."""


def stream_of(options: RedisOptions, server_url: str) -> bytes:
    """Name of the stream that all who work with a server share."""
    return f"{options.prefix}:events:{digest(server_url)}".encode()


def place_of(identifier: bytes) -> tuple[int, int]:
    """Where an entry stands: places compare as entries follow each other."""
    moment, _, number = identifier.partition(b"-")
    return int(moment), int(number)


def event_of(identifier: bytes, text: bytes) -> Event:
    """The event in an entry; sent when Redis took it, unless it says otherwise.

    Raises:
        ValueError: It is none.
        Error: As above.
    """
    if len(text) > MAX_BYTES:
        raise ValueError("it is too long")
    event = event_from_wire(json.loads(text))
    if event.sent:
        return event
    moment = datetime.fromtimestamp(place_of(identifier)[0] / 1000, timezone.utc)
    return attrs.evolve(event, sent=f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z")


@attrs.define(eq=False)
class Wanted:
    """What the subscribers of one hub want, as ftrack's event server would know it.

    It outlives a connection: what was said while the hub was away is read before the hub has told anew who subscribed.
    A subscriber that was not told of during one whole connection is forgotten with the next.

    Thread safety: all calls; the lock is held to look up.
    """

    _subscriptions: Subscriptions = attrs.field(factory=Subscriptions, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)
    _told: dict[str, int] = attrs.field(factory=dict, init=False)
    _connections: int = attrs.field(default=0, init=False)

    def begin(self) -> None:
        """Take note that a connection begins; one over which nobody was told of did not count."""
        with self._lock:
            self._connections += self._connections in self._told.values()
            forgotten = [name for name, told in self._told.items() if told < self._connections - 1]
        for identifier in forgotten:
            self.unsubscribe(identifier)

    def subscribe(self, text: str, subscriber: Mapping[str, Any]) -> None:
        """Take note of a subscriber; one of its id that is known already is replaced.

        Raises:
            ParseError: The expression is not of the language.
        """
        expression = Expression.parse(text)
        identifier = str(subscriber["id"])
        self.unsubscribe(identifier)
        with self._lock:
            self._subscriptions.add(Subscription(identifier, expression, _stop, subscriber))
            self._told[identifier] = self._connections

    def unsubscribe(self, subscriber_id: str) -> None:
        """Take note that one is gone; one that is not known is fine."""
        try:
            with self._lock:
                self._told.pop(subscriber_id, None)
                self._subscriptions.remove(subscriber_id)
        except NotFoundError:
            return

    def topic(self, topic: str) -> bool:
        """Whether anybody may want events of a topic."""
        with self._lock:
            return bool(self._subscriptions.candidates(topic))

    def event(self, event: Event) -> bool:
        """Whether anybody wants an event, and is meant by its target."""
        with self._lock:
            candidates = self._subscriptions.candidates(event.topic)
        try:
            return bool(dispatch(DispatchedEvent(event), candidates, lambda _subscription, _error: None))
        except (ParseError, Error):
            return False


def _stop(event: DispatchedEvent) -> bool:
    event.stop()
    return True

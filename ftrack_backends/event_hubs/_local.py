"""Events within one hub."""

from __future__ import annotations

import copy
import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import attrs
from zope.interface import implementer

from ftrack_core.errors import EventHubConnectionError, ParseError
from ftrack_core.events import DispatchedEvent, Subscription, Subscriptions, dispatch
from ftrack_core.interfaces import IEventHub
from ftrack_core.values import Event

__all__ = ["LocalEventHub"]

_LOG = logging.getLogger(__name__)


def _new_id() -> str:
    return uuid.uuid4().hex


@implementer(IEventHub)
@attrs.define(eq=False, kw_only=True)
class LocalEventHub:
    """Brings what is published here to those who subscribed here.

    Ordering: events are handled in the order in which they were published. Delivery: a synchronous publish calls
    subscribers at once, in the publishing thread. Any other publish puts a copy of the event into a queue, where it
    stays until some thread calls `wait`; subscribers are looked for then. With several threads waiting each event is
    handled by one of them. A full queue drops its oldest event, which is logged once.
    Replies: what a subscriber of a queued event returns, None excepted, is published as a reply to it. A reply's
    target is the id of the hub that published the event, so it reaches whoever subscribed with that id.

    Thread safety: all calls. The lock is held to look up and to queue, never while a callback runs.

    Attributes:
        user: Name of the user that published events are signed with.
        max_queued_events: How many events wait at most.
        id: Hexadecimal uuid of this hub.
    """

    user: str = ""
    max_queued_events: int = attrs.field(default=10_000, validator=attrs.validators.ge(1))
    id: str = attrs.field(factory=_new_id)
    _subscriptions: Subscriptions = attrs.field(factory=Subscriptions, init=False, repr=False)
    _queue: deque[Event] = attrs.field(factory=deque, init=False, repr=False)
    _changed: threading.Condition = attrs.field(factory=threading.Condition, init=False, repr=False)
    _host: str = attrs.field(default="", init=False, repr=False)
    _closed: bool = attrs.field(default=False, init=False)
    _dropped: bool = attrs.field(default=False, init=False)

    def subscribe(
        self,
        expression: str,
        callback: Callable[[Any], object],
        subscriber: Mapping[str, Any] | None = None,
        priority: int = 100,
    ) -> str:
        """Have a callback called for every event that an expression matches; gives the subscriber's id."""
        from ftrack_core.events import Expression

        metadata = {"id": _new_id(), **(subscriber or {})}
        identifier = str(metadata["id"])
        subscription = Subscription(identifier, Expression.parse(expression), callback, metadata, priority)
        with self._changed:
            self._subscriptions.add(subscription)
        return identifier

    def unsubscribe(self, subscriber_id: str) -> None:
        """End a subscription."""
        with self._changed:
            self._subscriptions.remove(subscriber_id)

    def publish(self, event: Event, synchronous: bool = False) -> list[Any]:
        """Tell subscribers: now and here, or when somebody waits."""
        source = {**self._signature(), **event.source}
        if not synchronous:
            self._enqueue(attrs.evolve(event, source=source))
            return []
        self._refuse_closed()
        return self._dispatch(DispatchedEvent(event, source))

    def publish_reply(self, source_event: Event, data: Mapping[str, Any]) -> None:
        """Answer an event."""
        self.publish(
            Event(
                topic="ftrack.meta.reply",
                id=_new_id(),
                data=data,
                target=f'id="{source_event.source.get("id", "")}"',
                in_reply_to_event=source_event.id,
            )
        )

    def wait(self, duration_seconds: float | None = None) -> None:
        """Handle queued events in this thread.

        Args:
            duration_seconds: How long. What was queued before the call is handled in any case, so that 0 means "what
                there is"; None waits until the hub is closed.
        """
        deadline = None if duration_seconds is None else time.monotonic() + duration_seconds
        owed = len(self._queue)
        while (event := self._next(deadline, at_once=owed > 0)) is not None:
            owed -= 1
            self._handle(event)

    def close(self) -> None:
        """End all subscriptions, forget queued events and send waiting threads home."""
        with self._changed:
            self._closed = True
            self._subscriptions.clear()
            self._queue.clear()
            self._changed.notify_all()

    def _signature(self) -> dict[str, Any]:
        return {"id": self.id, "user": {"username": self.user}, "host": self._host or self._named_host()}

    def _named_host(self) -> str:
        """The name of this machine, asked once; a hub that publishes nothing does not import what tells it."""
        import platform

        self._host = platform.node()
        return self._host

    def _enqueue(self, event: Event) -> None:
        kept = attrs.evolve(event, data=copy.deepcopy(event.data), source=copy.deepcopy(event.source))
        with self._changed:
            self._refuse_closed()
            self._queue.append(kept)
            dropped = len(self._queue) > self.max_queued_events and self._queue.popleft()
            first, self._dropped = bool(dropped) and not self._dropped, self._dropped or bool(dropped)
            self._changed.notify()
        if first:
            _LOG.warning(
                "more than %d events are queued and nobody waits for them: the oldest are dropped; this is said once",
                self.max_queued_events,
            )

    def _next(self, deadline: float | None, at_once: bool) -> Event | None:
        """The next event; None when the hub is closed or the time is over."""
        with self._changed:
            while not self._closed:
                remaining = None if deadline is None else deadline - time.monotonic()
                over = remaining is not None and remaining <= 0
                if self._queue and (at_once or not over):
                    return self._queue.popleft()
                if over:
                    return None
                self._changed.wait(remaining)
        return None

    def _handle(self, event: Event) -> None:
        for result in self._dispatch(DispatchedEvent(event)):
            if result is not None and not self._closed:
                self._reply(event, result)

    def _reply(self, event: Event, result: object) -> None:
        try:
            self.publish_reply(event, result)  # type: ignore[arg-type]  # what a callback returned goes out as it is
        except Exception:  # noqa: BLE001 - an answer is anything at all; one that cannot go out must not end the wait
            _LOG.exception("the answer to the event %s (%s) could not be published", event.id, event.topic)

    def _dispatch(self, event: DispatchedEvent) -> list[Any]:
        with self._changed:
            candidates = self._subscriptions.candidates(event["topic"])
        try:
            return dispatch(event, candidates, self._report)
        except ParseError as error:
            message = "the event %s (%s) is dropped, its target cannot be read: %s"
            _LOG.warning(message, event["id"], event["topic"], error)
            return []

    def _report(self, subscription: Subscription, error: Exception) -> None:
        _LOG.error(
            "the subscriber %s, which wants %r, raised; the others go on",
            subscription.id,
            subscription.expression.text,
            exc_info=error,
        )

    def _refuse_closed(self) -> None:
        if self._closed:
            message = "an event was to be published, and the event hub is closed; open a new session"
            raise EventHubConnectionError(message)

"""A hub without a way to anybody else: who subscribed, what came, who waits."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs

from ftrack_core.errors import EventHubConnectionError, InvalidTypeError, NotFoundError, ParseError
from ftrack_core.events import (
    REPLY_TOPIC,
    DispatchedEvent,
    Expected,
    Replies,
    Subscription,
    Subscriptions,
    dispatch,
    reply_to,
)
from ftrack_core.values import Event

__all__ = ["BaseEventHub", "new_id"]

_LOG = logging.getLogger("ftrack_backends.event_hubs")
_LOOK_SECONDS: Final = 1.0
"""A wait wakes up so often, so that replies expire, and that Ctrl+C is seen on Windows."""

_ON_ERROR: Final = ("raise", "ignore")


def new_id() -> str:
    """A hexadecimal uuid."""
    return uuid.uuid4().hex


@attrs.define(eq=False, kw_only=True, repr=False)
class BaseEventHub:
    """What every hub does by itself: subscribing, dispatching in order, waiting, replies and their expiry.

    A subclass says how an event that is not synchronous leaves the hub (`_send`), and calls `_received` with each that
    comes. It may also say what else happens when a subscriber comes or goes (`_subscribed`, `_unsubscribed`: called
    under the lock), and why a wait makes no sense (`_refuse_waiting`).

    Thread safety: all calls. The lock is held to look up and to queue, never while a callback runs.

    Attributes:
        user: Name of the user that published events are signed with.
        max_queued_events: How many events wait at most to be handled.
        reply_seconds: How long replies are waited for.
        id: Hexadecimal uuid of this hub.
        dropped: How many events were dropped because nobody handled them in time.
    """

    user: str = ""
    max_queued_events: int = attrs.field(default=10_000, validator=attrs.validators.ge(1))
    reply_seconds: float = 600.0
    id: str = attrs.field(factory=new_id)
    dropped: int = attrs.field(default=0, init=False)
    _subscriptions: Subscriptions = attrs.field(factory=Subscriptions, init=False)
    _replies: Replies = attrs.field(factory=Replies, init=False)
    _queue: deque[Event] = attrs.field(factory=deque, init=False)
    _changed: threading.Condition = attrs.field(factory=threading.Condition, init=False)
    _taps: tuple[Callable[[Event], None], ...] = attrs.field(default=(), init=False)
    _host: str = attrs.field(default="", init=False)
    _closed: bool = attrs.field(default=False, init=False)
    _stops: int = attrs.field(default=0, init=False)
    _departures: int = attrs.field(default=0, init=False)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}{' closed' if self._closed else ''}>"

    def subscribe(
        self,
        expression: str,
        callback: Callable[[Any], object],
        subscriber: Mapping[str, Any] | None = None,
        priority: int = 100,
    ) -> str:
        """Have a callback called for every event that an expression matches; gives the subscriber's id."""
        from ftrack_core.events import Expression

        metadata = {"id": new_id(), **(subscriber or {})}
        identifier = str(metadata["id"])
        subscription = Subscription(identifier, Expression.parse(expression), callback, metadata, priority)
        with self._changed:
            self._check_subscription(subscription)
            self._subscriptions.add(subscription)
            self._subscribed(subscription)
        return identifier

    @contextlib.contextmanager
    def subscription(
        self,
        expression: str,
        callback: Callable[[Any], object],
        subscriber: Mapping[str, Any] | None = None,
        priority: int = 100,
    ) -> Iterator[str]:
        """Subscribe until the end of a `with` block; gives the subscriber's id."""
        identifier = self.subscribe(expression, callback, subscriber, priority)
        try:
            yield identifier
        finally:
            with contextlib.suppress(NotFoundError):  # unsubscribed within the block, or closed
                self.unsubscribe(identifier)

    def unsubscribe(self, subscriber_id: str) -> None:
        """End a subscription."""
        with self._changed:
            self._unsubscribed(self._subscriptions.remove(subscriber_id))

    def publish(
        self,
        event: Event,
        synchronous: bool = False,
        on_reply: Callable[[Any], object] | None = None,
        on_error: str = "raise",
    ) -> list[Any]:
        """Tell subscribers: now and here, or through the hub's own way."""
        signed = self._signed(event)
        if on_error not in _ON_ERROR:
            raise InvalidTypeError(f"on_error says what a failed publish does: 'raise' or 'ignore', not {on_error!r}")
        if synchronous:
            self._refuse_closed()
            return self._dispatch(DispatchedEvent(signed))
        expected = self._expect(signed, on_reply, at_once=False) if on_reply is not None else None
        try:
            self._send(signed)
        except EventHubConnectionError:
            self._forget(expected)
            if on_error == "raise":
                raise
            _LOG.debug("the event %s (%s) was not published; this was to be ignored", signed.id, signed.topic)
        except BaseException:
            self._forget(expected)
            raise
        return []

    def publish_reply(self, source_event: Event, data: Mapping[str, Any]) -> None:
        """Answer an event."""
        self.publish(reply_to(_event_of(source_event), data, new_id()))

    def request(self, event: Event, timeout_seconds: float = 30.0) -> Event:
        """Publish an event and wait for the first reply."""
        signed, answers, came = self._signed(event), list[Event](), threading.Event()

        def answered(reply: Event) -> None:
            answers.append(reply)
            came.set()

        expected = self._expect(signed, answered, at_once=True, seconds=timeout_seconds + 1.0)
        try:
            self._send(signed)
            if not came.wait(timeout_seconds):
                raise EventHubConnectionError(
                    f"the event {signed.id} ({signed.topic}) was published, and nobody replied within "
                    f"{timeout_seconds:g} s; does a subscriber that returns something match it, and does its hub wait?"
                )
            return answers[0]
        finally:
            self._forget(expected)

    def wait(self, duration_seconds: float | None = None) -> str:
        """Handle queued events in this thread.

        Args:
            duration_seconds: How long. What was queued before the call is handled in any case, so that 0 means "what
                there is"; None waits until told to end.

        Returns:
            Why it ended: `time over`, `stopped`, `disconnected` or `closed`.
        """
        with self._changed:
            self._refuse_waiting(duration_seconds)
            goals = self._stops, self._departures
            owed = len(self._queue)
        deadline = None if duration_seconds is None else time.monotonic() + duration_seconds
        while not isinstance(found := self._next(deadline, owed > 0, goals), str):
            owed -= 1
            self._handle(found)
        return found

    def run(self) -> str:
        """Handle events in this thread until told to end; gives why it ended, as `wait` does."""
        reason = self.wait()
        _LOG.info("the event hub %s handles events no more: %s", self.id, reason)
        return reason

    def stop(self) -> None:
        """End every `wait` and `run` that is going on; what is queued stays for the next. Handlers may call it."""
        with self._changed:
            self._stops += 1
            self._changed.notify_all()

    def tap(
        self, receive: Callable[[Event], None], expression: str = "", subscriber: Mapping[str, Any] | None = None
    ) -> Callable[[], None]:
        """Have a function called with every event that comes, in the thread that brings it, before it is queued.

        It must be quick. What it raises is logged.

        Args:
            receive: Called with each event, whether it matches the expression or not.
            expression: Events to ask for; those that nobody else subscribed to are not queued.
            subscriber: Metadata that targets are matched with, where events are asked for.

        Returns:
            A function that ends it.
        """
        quiet = self.subscribe(expression, _quiet, subscriber) if expression else ""
        with self._changed:
            self._taps = (*self._taps, receive)

        def end() -> None:
            with self._changed:
                self._taps = tuple(one for one in self._taps if one is not receive)
            if quiet:
                with contextlib.suppress(NotFoundError):  # the hub was closed before
                    self.unsubscribe(quiet)

        return end

    def close(self) -> None:
        """End all subscriptions, forget queued events and send waiting threads home."""
        with self._changed:
            self._closed = True
            self._subscriptions.clear()
            self._queue.clear()
            self._taps = ()
            self._changed.notify_all()

    # What a subclass says.

    def _send(self, event: Event) -> None:
        """Have a signed event leave the hub."""
        raise NotImplementedError

    def _check_subscription(self, subscription: Subscription) -> None:
        """Refuse a subscription that this hub cannot have; called under the lock."""

    def _subscribed(self, subscription: Subscription) -> None:
        """A subscriber came; called under the lock."""

    def _unsubscribed(self, subscription: Subscription) -> None:
        """A subscriber went; called under the lock."""

    def _refuse_waiting(self, duration_seconds: float | None) -> None:
        """Refuse a wait that could never see anything; called under the lock."""

    # What comes.

    def _received(self, event: Event) -> None:
        """Take an event: by whichever thread brings it."""
        for tap in self._taps:
            _guarded(tap, event, "a tap of the event hub")
        with self._changed:
            self._refuse_closed()
            waiting = (
                self._replies.answered(event, time.monotonic(), at_once=True) if event.topic == REPLY_TOPIC else []
            )
            if not self._is_quiet(event):
                self._queue.append(event)
                self._drop_oldest()
                self._changed.notify_all()
        for one in waiting:
            one.callback(event)

    def _is_quiet(self, event: Event) -> bool:
        """Whether nobody but taps asked for such events; called under the lock."""
        asking = self._subscriptions.candidates(event.topic) if self._taps else ()
        return bool(asking) and all(one.callback is _quiet for one in asking)

    def _drop_oldest(self) -> None:
        if len(self._queue) <= self.max_queued_events:
            return
        self._queue.popleft()
        self.dropped += 1
        if self.dropped == 1:
            _LOG.warning(
                "more than %d events are queued and nobody waits for them: the oldest are dropped; this is said once",
                self.max_queued_events,
            )

    def _next(self, deadline: float | None, at_once: bool, goals: tuple[int, int]) -> Event | str:
        """The next event, or why there is none."""
        with self._changed:
            while not self._closed:
                self._replies.expire(time.monotonic())
                remaining = None if deadline is None else deadline - time.monotonic()
                over = remaining is not None and remaining <= 0
                if self._stops != goals[0]:
                    return "stopped"
                if self._queue and (at_once or not over):
                    return self._queue.popleft()
                if self._departures != goals[1]:
                    return "disconnected"
                if over:
                    return "time over"
                self._changed.wait(_LOOK_SECONDS if remaining is None else min(remaining, _LOOK_SECONDS))
        return "closed"

    def _handle(self, event: Event) -> None:
        if event.topic == REPLY_TOPIC:
            self._tell_expecting(event)
        for result in self._dispatch(DispatchedEvent(event)):
            if result is not None and not self._closed:
                self._reply(event, result)

    def _tell_expecting(self, event: Event) -> None:
        with self._changed:
            waiting = self._replies.answered(event, time.monotonic(), at_once=False)
        for one in waiting:
            _guarded(one.callback, DispatchedEvent(event), f"the callback for replies to {one.event_id}")

    def _reply(self, event: Event, result: object) -> None:
        try:
            self.publish(reply_to(event, result, new_id()))
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

    # What goes.

    def _expect(
        self, event: Event, callback: Callable[[Any], object], at_once: bool, seconds: float | None = None
    ) -> Expected:
        until = time.monotonic() + (self.reply_seconds if seconds is None else seconds)
        expected = Expected(event.id, until, callback, at_once)
        with self._changed:
            self._replies.expect(expected)
        return expected

    def _forget(self, expected: Expected | None) -> None:
        if expected is not None:
            with self._changed:
                self._replies.forget(expected)

    def _signed(self, event: Event) -> Event:
        """The event with what its publisher left out: an id, and the parts of its source."""
        event = _event_of(event)
        source = {"id": self.id, "user": {"username": self.user}, "host": self._named_host(), **event.source}
        return Event(
            event.topic, event.id or new_id(), event.data, source, event.target, event.in_reply_to_event, event.sent
        )

    def _named_host(self) -> str:
        """The name of this machine, asked once; a hub that publishes nothing does not import what tells it."""
        if not self._host:
            import platform

            self._host = platform.node()
        return self._host

    def _refuse_closed(self) -> None:
        if self._closed:
            message = "an event was to be published, and the event hub is closed; open a new session"
            raise EventHubConnectionError(message)


def _guarded(call: Callable[[Any], object], event: Any, what: str) -> None:
    """Call anybody's code; what it raises is logged."""
    try:
        call(event)
    except Exception:  # noqa: BLE001 - anybody's code
        _LOG.exception("%s raised; the others go on", what)


def _quiet(_event: object) -> None:
    """The callback of subscriptions that are there for a tap: the server shall send what it wants."""


def _event_of(found: object) -> Event:
    """The event that was given, also as callbacks get it."""
    if isinstance(found, Event):
        return found
    if isinstance(found, DispatchedEvent):
        return found.as_event()
    shown = repr(found) if isinstance(found, str) else type(found).__name__
    raise InvalidTypeError(
        f"an event was to be published, and {shown} was given, which is none; publish "
        "ftrack_core.values.Event('topic', data={...})"
    )

"""Who subscribed, and handing an event to them."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from ftrack_backends.hub_parts._changes import Changes
from ftrack_backends.hub_parts._signing import new_id
from ftrack_core.errors import NotFoundError, ParseError
from ftrack_core.events import DispatchedEvent, Subscription, Subscriptions, dispatch
from ftrack_core.values import Event

__all__ = ["Subscribing", "guarded"]

_LOG = logging.getLogger("ftrack_backends.event_hubs")


class Subscribing:
    """The half of a hub that subscribers see.

    A subclass may say what else happens when a subscriber comes or goes.

    Thread safety: all calls. The lock is held to look up, never while a callback runs.
    """

    def __init__(self) -> None:
        self._changed = Changes()
        self._subscriptions = Subscriptions()
        self._taps: tuple[Callable[[Event], None], ...] = ()

    def subscribe(
        self,
        expression: str,
        callback: Callable[[Any], object],
        subscriber: Mapping[str, Any] | None = None,
        priority: int = 100,
    ) -> str:
        """Have a callback called for every event that an expression matches; gives the subscriber's id."""
        from ftrack_core.events import Expression, remember_subscription

        metadata = {"id": new_id(), **(subscriber or {})}
        identifier = str(metadata["id"])
        subscription = Subscription(identifier, Expression.parse(expression), callback, metadata, priority)
        with self._changed:
            self._check_subscription(subscription)
            self._subscriptions.add(subscription)
            self._subscribed(subscription)
        if isinstance(subscriber, MutableMapping):
            subscriber.setdefault("id", identifier)
        remember_subscription(lambda: self.unsubscribe(identifier))
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

    # What a subclass says.

    def _check_subscription(self, subscription: Subscription) -> None:
        """Refuse a subscription that this hub cannot have; called under the lock."""

    def _subscribed(self, subscription: Subscription) -> None:
        """A subscriber came; called under the lock."""

    def _unsubscribed(self, subscription: Subscription) -> None:
        """A subscriber went; called under the lock."""

    # What the other half asks for.

    def _unsubscribe_all(self) -> None:
        """End what was subscribed; taps stay."""
        with self._changed:
            for one in self._subscriptions.all():
                if one.callback is not _quiet:
                    self._unsubscribed(self._subscriptions.remove(one.id))

    def _dispatch(self, event: DispatchedEvent) -> list[Any]:
        with self._changed:
            candidates = self._subscriptions.candidates(event["topic"])
        return _told(event, candidates)

    def _tap(self, event: Event) -> None:
        for tap in self._taps:
            guarded(tap, event, "a tap of the event hub")

    def _is_quiet(self, event: Event) -> bool:
        """Whether nobody but taps asked for such events; called under the lock."""
        asking = self._subscriptions.candidates(event.topic) if self._taps else ()
        return bool(asking) and all(one.callback is _quiet for one in asking)

    def _end_subscriptions(self) -> None:
        self._subscriptions.clear()
        self._taps = ()


def _quiet(_event: object) -> None:
    """The callback of subscriptions that are there for a tap: the server shall send what it wants."""


def guarded(call: Callable[[Any], object], event: Any, what: str) -> None:
    """Call a function; what it raises is logged."""
    try:
        call(event)
    except Exception:  # noqa: BLE001 - anybody's code
        _LOG.exception("%s raised; the others go on", what)


def _told(event: DispatchedEvent, candidates: Iterable[Subscription]) -> list[Any]:
    """Call those of the candidates that want an event; gives what they returned, in order."""
    try:
        return dispatch(event, candidates, _report)
    except ParseError as error:
        message = "the event %s (%s) is dropped, its target cannot be read: %s"
        _LOG.warning(message, event["id"], event["topic"], error)
        return []


def _report(subscription: Subscription, error: Exception) -> None:
    _LOG.error(
        "the subscriber %s, which wants %r, raised; the others go on",
        subscription.id,
        subscription.expression.text,
        exc_info=error,
    )

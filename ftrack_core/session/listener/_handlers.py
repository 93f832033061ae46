"""The handlers of a listener, and which events are for which."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from ftrack_core.errors import InvalidTypeError, InvalidValueError, NotUniqueError, ParseError
from ftrack_core.events import DispatchedEvent, Expression, Subscription, Subscriptions, dispatch
from ftrack_core.values import Event

__all__ = ["Handler", "Handlers", "name_of"]


_ORDER_FAILED: Final = "the order could not be told"
_log = logging.getLogger(__name__)


@attrs.frozen(eq=False)
class Handler:
    """A function that is called with events, or with gaps.

    Attributes:
        name: What deliveries in the inbox refer to it by.
        call: Called with an event, or a gap, and the session.
        expression: Which events it wants; None for a handler of gaps.
        attempts: How often it is called with one, at most.
        timeout_seconds: For how long it may run before it counts as hung.
        order: Says of an event which others it must not overtake.
        dispatch: Runs a function in the host's main thread; None for a worker's own thread.
        own_events: Whether it is for events about changes that handlers made, too.
        subscriber: Metadata that targets are matched with; has an id, if events are wanted.
    """

    name: str
    call: Callable[[Any, Any], object] = attrs.field(repr=False)
    expression: Expression | None
    attempts: int
    timeout_seconds: float
    order: Callable[[Any], object] | None = None
    dispatch: Callable[[Callable[[], None]], object] | None = None
    own_events: bool = True
    subscriber: Mapping[str, Any] = attrs.field(factory=dict)

    def order_of(self, event: DispatchedEvent) -> str:
        """What others must not overtake the event; empty where any may. Never raises."""
        if self.order is None:
            return ""
        try:
            found = self.order(event)
            return "" if found is None else str(found).encode("utf-8", "backslashreplace").decode("utf-8")
        except Exception:  # noqa: BLE001 - anybody's code
            message = "the order of the handler %r raised for the event %s; it is handled with others of that fate"
            _log.exception(message, self.name, event["id"])
            return _ORDER_FAILED


class Handlers:
    """All handlers of one listener.

    Thread safety: all calls.

    Args:
        client_token: Tells events about changes that handlers made.
    """

    def __init__(self, client_token: str) -> None:
        self._client_token = client_token
        self._by_name: dict[str, Handler] = {}
        self._by_topic = Subscriptions()
        self._lock = threading.Lock()

    def add(self, handler: Handler) -> None:
        """Add a handler.

        Raises:
            NotUniqueError: There is one of that name.
        """
        with self._lock:
            if handler.name in self._by_name:
                raise NotUniqueError(
                    f"a handler named {handler.name!r} was to be added to the listener, and there is one already; "
                    "what is stored refers to handlers by name: give each its own, as name='status-sync'"
                )
            if handler.expression is not None:
                identifier, told = str(handler.subscriber["id"]), functools.partial(_wanted_by, handler)
                self._by_topic.add(Subscription(identifier, handler.expression, told, handler.subscriber))
            self._by_name[handler.name] = handler

    def find(self, name: str) -> Handler:
        """The handler of a name."""
        return self._by_name[name]

    @property
    def names(self) -> list[str]:
        """The names of all handlers."""
        return list(self._by_name)

    def for_events(self) -> list[Handler]:
        """The handlers of events, in the order in which they were added."""
        return [handler for handler in list(self._by_name.values()) if handler.expression is not None]

    def for_gaps(self) -> list[Handler]:
        """The handlers of gaps."""
        return [handler for handler in list(self._by_name.values()) if handler.expression is None]

    def wanting(self, event: Event) -> dict[str, str]:
        """Which handlers an event is for, by the rules of event hubs: the order of each by its name."""
        with self._lock:
            candidates = self._by_topic.candidates(event.topic)
        try:
            found = dispatch(DispatchedEvent(event), candidates, _never_raises)
        except ParseError as error:
            _log.warning("the event %s (%s) is dropped, its target cannot be read: %s", event.id, event.topic, error)
            return {}
        own = event.source.get("clientToken") == self._client_token
        return {handler.name: order for handler, order in found if handler.own_events or not own}


def _wanted_by(handler: Handler, event: DispatchedEvent) -> tuple[Handler, str]:
    return handler, handler.order_of(event)


def _never_raises(_subscription: Subscription, error: Exception) -> None:
    raise error


def name_of(call: Callable[..., Any]) -> str:
    """The name of a function that was given none: its module's and its own.

    Raises:
        InvalidTypeError: It cannot be called.
        InvalidValueError: It has no name that a later process would know it by.
    """
    if not callable(call):
        raise InvalidTypeError(f"a handler is a function of an event and a session, not {call!r}")
    name = getattr(call, "__qualname__", None)
    if name is None or "<lambda>" in name:
        raise InvalidValueError(
            f"a handler needs a name, since stored events refer to it, and {call!r} has none; give it, as name='sync'"
        )
    return f"{getattr(call, '__module__', '')}.{name}"

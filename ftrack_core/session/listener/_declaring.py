"""Declaring a listener's handlers."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, overload

import attrs

from ftrack_core.events import Expression
from ftrack_core.session.listener._handlers import Handler, Handlers, name_of
from ftrack_core.session.listener._settings import ListenerSettings

__all__ = ["Declaring", "Dispatch"]

_F = TypeVar("_F", bound=Callable[..., Any])
Dispatch = Callable[[Callable[[], None]], object]
"""Runs a function in a host's main thread, now or soon."""


class Declaring:
    """What a listener has for those who write its handlers.

    Thread safety: every method may be called by any thread.

    Args:
        settings: Numbers, for handlers that have none of their own.
        dispatch: Likewise.
        client_token: Tells events about changes that handlers made.
    """

    def __init__(self, settings: ListenerSettings, dispatch: Dispatch | None, client_token: str) -> None:
        self._settings = settings
        self._dispatch = dispatch
        self._handlers = Handlers(client_token)
        self._lock = threading.Lock()

    def on(
        self,
        expression: str,
        name: str = "",
        *,
        order: Callable[[Any], object] | None = None,
        attempts: int | None = None,
        timeout_seconds: float | None = None,
        own_events: bool = True,
        dispatch: Dispatch | None = None,
        subscriber: Mapping[str, Any] | None = None,
    ) -> Callable[[_F], _F]:
        """Have a function called with every event that an expression matches, and the session to work with.

        Args:
            expression: In the subscription language, as `topic=ftrack.update`.
            name: What stored events refer to it by, so it stays the same between releases; default the function's own.
            order: Says of an event, as text, what others must not overtake it; called on the receiving thread, so
                it must be quick. None, or an order of None, for nothing.
            attempts: Instead of the listener's.
            timeout_seconds: Instead of the listener's.
            own_events: Whether it is called also for changes that handlers of this listener made.
            dispatch: Instead of the listener's.
            subscriber: Metadata that targets are matched with, as `{"applicationId": "acme.sync"}`.

        Raises:
            ParseError: The expression is not of the language.
            NotUniqueError: There is a handler of that name.
            InvalidValueError: The function has no name, or a number makes no sense.
        """
        parsed = Expression.parse(expression)
        given = {
            "order": order,
            "own_events": own_events,
            "subscriber": {"id": uuid.uuid4().hex, **(subscriber or {})},
        }
        return self._adding(parsed, name, attempts, timeout_seconds, dispatch, given)

    @overload
    def on_gap(self, call: _F) -> _F: ...

    @overload
    def on_gap(
        self,
        *,
        name: str = "",
        attempts: int | None = None,
        timeout_seconds: float | None = None,
        dispatch: Dispatch | None = None,
    ) -> Callable[[_F], _F]: ...

    def on_gap(
        self,
        call: _F | None = None,
        *,
        name: str = "",
        attempts: int | None = None,
        timeout_seconds: float | None = None,
        dispatch: Dispatch | None = None,
    ) -> Any:
        """Have a function called with every `Gap`, and the session to work with; used with or without arguments.

        Args:
            call: The function.
            name: As for `on`.
            attempts: Instead of the listener's.
            timeout_seconds: Instead of the listener's.
            dispatch: Instead of the listener's.
        """
        adding = self._adding(None, name, attempts, timeout_seconds, dispatch, {})
        return adding if call is None else adding(call)

    def _adding(
        self,
        expression: Expression | None,
        name: str,
        attempts: int | None,
        timeout_seconds: float | None,
        dispatch: Dispatch | None,
        given: Mapping[str, Any],
    ) -> Callable[[_F], _F]:
        kept = self._settings
        if attempts is not None:
            kept = attrs.evolve(kept, attempts=attempts)
        if timeout_seconds is not None:
            kept = attrs.evolve(kept, timeout_seconds=timeout_seconds)
        numbers = (kept.attempts, kept.timeout_seconds)

        def add(call: _F) -> _F:
            own = name or name_of(call)
            handler = Handler(own, call, expression, *numbers, dispatch=dispatch or self._dispatch, **given)
            with self._lock:
                self._handlers.add(handler)
                self._added(handler)
            return call

        return add

    def _added(self, handler: Handler) -> None:
        """Take note of a handler, which may be there before the listener is started or after; the lock is held."""

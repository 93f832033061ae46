"""Who subscribed meanwhile: so that what a plug-in subscribed can be undone when it fails."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TypeAlias

__all__ = ["Unsubscribe", "remember_subscription", "subscriptions_remembered"]

Unsubscribe: TypeAlias = Callable[[], None]
"""Ends one subscription."""

_REMEMBERED: ContextVar[list[Unsubscribe] | None] = ContextVar("ftrack_subscriptions_remembered", default=None)


@contextlib.contextmanager
def subscriptions_remembered() -> Iterator[list[Unsubscribe]]:
    """Within a `with` block and its thread: gives a list that fills with what ends each subscription made there."""
    remembered: list[Unsubscribe] = []
    token = _REMEMBERED.set(remembered)
    try:
        yield remembered
    finally:
        _REMEMBERED.reset(token)


def remember_subscription(unsubscribe: Unsubscribe) -> None:
    """Called by hubs with what ends a subscription that was made just now."""
    remembered = _REMEMBERED.get()
    if remembered is not None:
        remembered.append(unsubscribe)

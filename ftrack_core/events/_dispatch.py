"""Handing one event to its subscribers, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ftrack_core.events._dispatched_event import DispatchedEvent
from ftrack_core.events._subscriptions import Subscription, targeted

__all__ = ["dispatch"]


def dispatch(
    event: DispatchedEvent,
    candidates: Iterable[Subscription],
    failed: Callable[[Subscription, Exception], None],
) -> list[Any]:
    """Call the subscribers that want an event, until one stops it.

    Args:
        event: What happened. Subscribers see the changes that earlier ones made; who is called is settled before.
        candidates: Subscriptions in the order in which they are called, as `Subscriptions.candidates` gives them.
        failed: Told of each subscriber that raised; the others are called all the same.

    Returns:
        What the subscribers returned, in order, None included; nothing for those that raised.

    Raises:
        ParseError: The event's target is not an expression, so nobody was called.
    """
    meant_for, values = targeted(event), event._values
    called = [each for each in candidates if (meant_for is None or meant_for(each)) and each.wants(values)]
    results = []
    for subscription in called:
        try:
            results.append(subscription.callback(event))
        except Exception as error:  # noqa: BLE001 - a callback is anybody's code; `failed` is told
            failed(subscription, error)
        if event.is_stopped():
            break
    return results

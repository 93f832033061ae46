"""Events without a wire: the subscription language, who gets an event and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_core._lazy import names_on_demand
from ftrack_core.events._dispatch import dispatch
from ftrack_core.events._dispatched_event import DispatchedEvent
from ftrack_core.events._replies import REPLY_TOPIC, Expected, Replies, reply_to
from ftrack_core.events._subscriptions import Subscription, Subscriptions

if TYPE_CHECKING:
    from ftrack_core.events._expression import Expression
    from ftrack_core.events._remembering import Unsubscribe, remember_subscription, subscriptions_remembered

__all__ = [
    "REPLY_TOPIC",
    "DispatchedEvent",
    "Expected",
    "Expression",
    "Replies",
    "Subscription",
    "Subscriptions",
    "Unsubscribe",
    "dispatch",
    "remember_subscription",
    "reply_to",
    "subscriptions_remembered",
]

# A hub that nobody subscribes to reads no expression.
__getattr__ = names_on_demand(
    __name__,
    {
        "Expression": "_expression",
        "Unsubscribe": "_remembering",
        "remember_subscription": "_remembering",
        "subscriptions_remembered": "_remembering",
    },
)

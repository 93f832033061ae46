"""Events without a wire: the subscription language, who gets an event and in which order."""

from __future__ import annotations

from ftrack_core.events._dispatch import dispatch
from ftrack_core.events._dispatched_event import DispatchedEvent
from ftrack_core.events._expression import Expression
from ftrack_core.events._subscriptions import Subscription, Subscriptions

__all__ = ["DispatchedEvent", "Expression", "Subscription", "Subscriptions", "dispatch"]

"""Who wants which events."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_core.errors import NotFoundError, NotUniqueError, ParseError
from ftrack_core.events._dispatched_event import DispatchedEvent

if TYPE_CHECKING:
    from ftrack_core.events._expression import Expression

__all__ = ["Subscription", "Subscriptions"]


@attrs.frozen(eq=False)
class Subscription:
    """One subscriber.

    Attributes:
        id: Id of the subscriber.
        expression: Which events it wants.
        callback: What is called with them.
        metadata: What targets are matched with; has the id too.
        priority: The lower, the earlier.
    """

    id: str
    expression: Expression
    callback: Callable[[Any], object] = attrs.field(repr=False)
    metadata: Mapping[str, Any] = attrs.field(factory=dict)
    priority: int = 100

    def wants(self, event: Mapping[str, Any]) -> bool:
        """Whether the expression matches an event."""
        return self.expression.matches(event)


_Ranked = tuple[int, int, Subscription]
"""Priority, place in the order of adding, subscription; no two have the same place, so these can be sorted."""


@attrs.define(eq=False, repr=False)
class Subscriptions:
    """All subscriptions of one hub, found by topic.

    An expression that can only hold for one topic is looked at for events of that topic alone, so that an event costs
    what its own subscribers cost and not what all others do.

    Thread safety: none; whoever holds it sees to it that calls come one at a time.
    """

    _by_id: dict[str, _Ranked] = attrs.field(factory=dict, init=False)
    _by_topic: dict[str | None, list[_Ranked]] = attrs.field(factory=dict, init=False)
    _added: int = attrs.field(default=0, init=False)

    def add(self, subscription: Subscription) -> None:
        """Add a subscription.

        Raises:
            NotUniqueError: There is one of that id.
        """
        if subscription.id in self._by_id:
            message = (
                f"a subscriber of id {subscription.id!r} was to be added, and there is one, for the expression "
                f"{self._by_id[subscription.id][2].expression.text!r}; unsubscribe it first, or leave the id out "
                "(metadata that somebody subscribed with has got an id by that: hand over a copy)"
            )
            raise NotUniqueError(message)
        ranked = (subscription.priority, self._added, subscription)
        self._added += 1
        bisect.insort(self._by_topic.setdefault(subscription.expression.required_topic(), []), ranked)
        self._by_id[subscription.id] = ranked

    def remove(self, subscriber_id: str) -> Subscription:
        """Remove a subscription and give it back.

        Raises:
            NotFoundError: There is none of that id.
        """
        if subscriber_id not in self._by_id:
            message = (
                f"the subscriber of id {subscriber_id!r} was to be unsubscribed, and there is none; it was never "
                f"subscribed here or is unsubscribed already ({len(self._by_id)} others are)"
            )
            raise NotFoundError(message)
        ranked = self._by_id.pop(subscriber_id)
        topic = ranked[2].expression.required_topic()
        of_topic = self._by_topic[topic]
        of_topic.remove(ranked)
        if not of_topic:
            del self._by_topic[topic]
        return ranked[2]

    def get(self, subscriber_id: str) -> Subscription | None:
        """The subscription of an id; None where there is none."""
        ranked = self._by_id.get(subscriber_id)
        return None if ranked is None else ranked[2]

    def all(self) -> list[Subscription]:
        """Every subscription, in the order in which they were added."""
        return [subscription for _, _, subscription in self._by_id.values()]

    def clear(self) -> None:
        """Remove all subscriptions."""
        self._by_id.clear()
        self._by_topic.clear()

    def candidates(self, topic: str) -> list[Subscription]:
        """The subscriptions that can want an event of a topic, in the order in which they are called."""
        ranked: Sequence[_Ranked] = self._by_topic.get(topic, ())
        general = self._by_topic.get(None)
        if general:
            ranked = sorted([*ranked, *general])
        return [subscription for _, _, subscription in ranked]


def targeted(event: DispatchedEvent) -> Callable[[Subscription], bool] | None:
    """A function that tells whether an event is meant for a subscriber; None for an event that is for everybody.

    Raises:
        ParseError: The event's target is not an expression: it is meant for nobody.
    """
    target = event["target"]
    if not target:
        return None
    if not isinstance(target, str):
        message = f"the target of an event is {target!r}; a target is an expression, as id=4f1a"
        raise ParseError(message)
    from ftrack_core.events._expression import Expression

    expression = Expression.parse(target)
    return lambda subscription: expression.matches(subscription.metadata)

"""One connection to the broker."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace.broker._outlet import Outlet
from ftrack_core.protocol import EVENT_NAME, encode_packet, event_packet, event_to_wire

if TYPE_CHECKING:
    from ftrack_backends.workspace._accounts import Caller
    from ftrack_core.events import Subscription
    from ftrack_core.values import Event

__all__ = ["Delivery", "Limits", "Member"]


@attrs.frozen
class Limits:
    """How much one member may have.

    Attributes:
        queued_events: How many events, and other frames, wait for it at most.
        queued_bytes: How many bytes these are at most; events are shared by all members that wait for them.
        subscriptions: How many it has at most.
        expression_characters: How long the expression of one is at most.
    """

    queued_events: int = 50_000
    queued_bytes: int = 256 * 1024 * 1024
    subscriptions: int = 10_000
    expression_characters: int = 64 * 1024


@attrs.define(eq=False)
class Delivery:
    """One event, on its way to any number of members.

    Attributes:
        event: What happened.
    """

    event: Event
    _frame: str | None = attrs.field(default=None, init=False, repr=False)

    @property
    def frame(self) -> str:
        """The event as a frame of Socket.IO; made once, shared by all sockets."""
        if self._frame is None:
            self._frame = encode_packet(event_packet(EVENT_NAME, [event_to_wire(self.event)]))
        return self._frame


@attrs.define(eq=False)
class Member:
    """One connection: what it wants, and what is on its way to it.

    Its subscriptions belong to the broker, under the broker's lock; the outlet has its own.

    Attributes:
        number: Which of the broker's members it is.
        caller: In whose name it takes part.
        outlet: What is on its way.
        framed: Whether it takes frames, whose size counts, and not events.
        subscriptions: By the subscriber's id, with the number of the last event that had come in before it.
    """

    number: int
    caller: Caller
    outlet: Outlet[Delivery | str]
    framed: bool
    subscriptions: dict[str, tuple[Subscription, int]] = attrs.field(factory=dict, init=False, repr=False)

    @classmethod
    def of(
        cls,
        number: int,
        caller: Caller,
        limits: Limits,
        framed: bool,
        wake: Callable[[], None],
        overrun: Callable[[], None],
    ) -> Member:
        """Make one with an empty outlet."""
        return cls(number, caller, Outlet(limits.queued_events, limits.queued_bytes, wake, overrun), framed)

    def deliver(self, delivery: Delivery) -> None:
        """Put an event on its way; nobody waits for it to get there."""
        self.outlet.put(delivery, len(delivery.frame) if self.framed else 0)

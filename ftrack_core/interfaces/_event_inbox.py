"""The seam that keeps events until they are handled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from zope.interface import Interface

if TYPE_CHECKING:
    from ftrack_core.values import Delivery, DeliveryState, Event

__all__ = ["IBatchEventInbox", "IEventInbox"]


class IEventInbox(Interface):
    """Keeps events for named handlers until each has been handled, whatever becomes of the processes meanwhile.

    A delivery is one event for one handler. It is stored, claimed for a time by a worker, and then acknowledged,
    given back for another attempt, or set aside. A claim that runs out (its worker died, or hung) makes it waiting
    again.

    Thread safety: every method is called by many threads, and by many processes on one store.
    Lifetime: that of the listener it was made for.

    Guarantees:

    - C1: once `store` has returned, the deliveries survive the death of the process (SIGKILL) at any moment.
    - C2: an event is stored once for each handler, however often and by whichever process it is given; also where it
      was handled already, for as long as done deliveries are remembered.
    - C3: a delivery is claimed by one worker at a time.
    - C4: only `acknowledge` and `set_aside` end a delivery. One that was given back comes again when it is due, one
      whose claim ran out comes again by itself: an event is handled at least once.
    - C5: waiting deliveries of one handler are claimed in the order in which they were stored, as far as they are
      due; one with an order is never claimed while an earlier one of its handler and order waits or is claimed. What
      was never claimed is due, also after the machine's clock was set back.
    - C6: an answer (acknowledge, give back, set aside, renew) to a claim that is not held any more is refused by
      False and changes nothing. A claim is held until it is answered, or until it has run out and another worker has
      claimed the delivery: who is late and first is not made to do it again.
    - C7: what was set aside stays, with its last error, until it is replayed or removed.
    - C8: what cannot be read (a truncated or foreign store, one damaged row) is told as an `EventInboxError` or set
      aside with what is known of it; nothing is silently lost, and the store is never overwritten.
    """

    def store(event: Event, handlers: Mapping[str, str]) -> int:
        """Keep an event for handlers.

        Args:
            event: As it came; its `id` tells whether it came before.
            handlers: The order of the delivery by the handler's name; an empty order for none.

        Returns:
            How many deliveries are new.

        Raises:
            EventInboxError: It cannot be kept: the disk is full, the store is damaged or closed.
        """

    def claim(handlers: Collection[str], worker: str, seconds: float) -> Delivery | None:
        """Take the next delivery that is due for one of the handlers; None if there is none.

        Args:
            handlers: Names of the handlers that the caller has.
            worker: Who claims: host, process and thread, for people to read.
            seconds: For how long the claim holds unless it is renewed.

        Raises:
            EventInboxError: The store is damaged or closed.
        """

    def renew(delivery: Delivery, seconds: float) -> bool:
        """Have a claim hold for so many seconds from now on; False if it is not held any more."""

    def acknowledge(delivery: Delivery) -> bool:
        """Take note that a claimed delivery was handled; False if the claim is not held any more."""

    def give_back(delivery: Delivery, error: str, delay_seconds: float = 0.0) -> bool:
        """Have a claimed delivery come again, not before so many seconds; False if the claim is not held any more.

        Args:
            delivery: As `claim` gave it.
            error: What went wrong, for people to read.
            delay_seconds: How long it must wait; 0 for not at all.
        """

    def set_aside(delivery: Delivery, error: str) -> bool:
        """Leave a claimed delivery for a person to look at; False if the claim is not held any more."""

    def deliveries(state: DeliveryState, handler: str = "", limit: int = 100) -> Sequence[Delivery]:
        """Deliveries in a state, the oldest first; of one handler, or of all."""

    def replay(ids: Collection[str]) -> int:
        """Have deliveries that were set aside, or done, wait again with their attempts at nothing.

        Each keeps its place in its order: it comes before later ones, once none of those is claimed.

        Args:
            ids: Ids of deliveries; those of no such delivery are passed over.

        Returns:
            How many wait again.
        """

    def remove(ids: Collection[str]) -> int:
        """Forget deliveries that were set aside or done; gives how many."""

    def counts() -> Mapping[str, Mapping[DeliveryState, int]]:
        """How many deliveries there are, by handler and state."""

    def next_due(handlers: Collection[str]) -> float | None:
        """When the next delivery of handlers can be claimed, in seconds since the epoch; None if all have ended.

        A claimed one counts with the moment at which its claim runs out.
        """

    def mark(name: str, at: float) -> None:
        """Note a moment under a name, as `connected`; a mark is never set back."""

    def marked(name: str) -> float | None:
        """The moment noted under a name, in seconds since the epoch; None if there is none."""

    def close() -> None:
        """Let go of what is held open. Never raises; what is stored stays."""


class IBatchEventInbox(IEventInbox):
    """An event inbox that stores many events at once, for little more than one costs.

    Guarantees:

    - C9: `store_all` keeps all of its events or, when it raises, none of them.
    """

    def store_all(events: Sequence[tuple[Event, Mapping[str, str]]]) -> int:
        """Keep events for handlers, as `store` does one by one in their order.

        Args:
            events: Each event with the order of its delivery by the handler's name.

        Returns:
            How many deliveries are new.

        Raises:
            EventInboxError: They cannot be kept.
        """

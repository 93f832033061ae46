"""An inbox for programs that keep nothing: what waits is lost with the process."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import attrs
from zope.interface import implementer

from ftrack_core.errors import EventInboxError
from ftrack_core.interfaces import IEventInbox
from ftrack_core.values import Delivery, DeliveryState, Event

__all__ = ["MemoryInbox"]


@implementer(IEventInbox)
@attrs.define(eq=False, repr=False)
class MemoryInbox:
    """Keeps deliveries in memory: the contract of inboxes, but for C1.

    Thread safety: all calls; a lock is held while something is looked up or changed. No other process sees it.

    Attributes:
        most_going: How many deliveries wait or are claimed at most; more are refused.
        most_ended: How many are remembered, done or set aside each; the oldest are forgotten.
        now: Tells the time, in seconds since the epoch.
    """

    most_going: int = 10_000
    most_ended: int = 1_000
    now: Callable[[], float] = time.time
    _stored: int = attrs.field(default=0, init=False)
    _ids: dict[tuple[str, str], str] = attrs.field(factory=dict, init=False)
    _going: dict[str, Delivery] = attrs.field(factory=dict, init=False)
    _claimed: set[str] = attrs.field(factory=set, init=False)
    _ended: dict[DeliveryState, dict[str, Delivery]] = attrs.field(
        factory=lambda: {"done": {}, "set aside": {}}, init=False
    )
    _marks: dict[str, float] = attrs.field(factory=dict, init=False)
    _closed: bool = attrs.field(default=False, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def store(self, event: Event, handlers: Mapping[str, str]) -> int:
        """Keep an event for handlers."""
        with self._lock:
            self._check_open()
            new = [handler for handler in handlers if (event.id, handler) not in self._ids]
            if len(self._going) + len(new) > self.most_going:
                raise EventInboxError(
                    f"the event {event.id} ({event.topic}) is refused: {len(self._going)} deliveries wait in memory "
                    "already; give the listener an inbox in a file, or handlers that keep up"
                )
            for handler in new:
                self._add(event, handler, handlers[handler])
            return len(new)

    def _add(self, event: Event, handler: str, order: str) -> None:
        at = self.now()
        self._stored += 1
        one = Delivery(str(self._stored), event, handler, order, stored_at=at, due_at=at)
        self._going[one.id] = one
        self._ids[event.id, handler] = one.id

    def claim(self, handlers: Collection[str], worker: str, seconds: float) -> Delivery | None:
        """Take the next delivery that is due."""
        with self._lock:
            self._check_open()
            now = self.now()
            found = next((one for one in self._free(handlers) if _due_at(one, now) <= now), None)
            if found is None:
                return None
            return self._put(
                found,
                state="claimed",
                worker=worker,
                attempt=found.attempt + 1,
                claim=uuid.uuid4().hex,
                due_at=now + seconds,
            )

    def _free(self, handlers: Collection[str]) -> Iterable[Delivery]:
        """Deliveries of handlers that no earlier one holds up, the oldest first."""
        now = self.now()
        claimed = [one for one in map(self._going.get, self._claimed) if one is not None and one.due_at > now]
        held = {(one.handler, one.order) for one in claimed if one.order}
        for one in self._going.values():
            if one.handler in handlers and (one.due_at > now or (one.handler, one.order) not in held):
                yield one
            if one.order:
                held.add((one.handler, one.order))

    def _put(self, delivery: Delivery, **changes: object) -> Delivery:
        (self._claimed.add if changes.get("claim", delivery.claim) else self._claimed.discard)(delivery.id)
        changed = attrs.evolve(delivery, **changes)  # type: ignore[arg-type]  # names are those of its fields
        self._going[delivery.id] = changed
        return changed

    def renew(self, delivery: Delivery, seconds: float) -> bool:
        """Have a claim hold from now on."""
        with self._lock:
            held = self._held(delivery)
            if held is not None:
                self._put(held, due_at=self.now() + seconds)
            return held is not None

    def _held(self, delivery: Delivery) -> Delivery | None:
        """The delivery as it stands, if the claim is held."""
        one = self._going.get(delivery.id)
        return one if one is not None and delivery.claim and one.claim == delivery.claim else None

    def acknowledge(self, delivery: Delivery) -> bool:
        """Take note that a delivery was handled."""
        return self._end(delivery, "done", "")

    def set_aside(self, delivery: Delivery, error: str) -> bool:
        """Leave a delivery for a person to look at."""
        return self._end(delivery, "set aside", error)

    def _end(self, delivery: Delivery, state: DeliveryState, error: str) -> bool:
        with self._lock:
            held = self._held(delivery)
            if held is None:
                return False
            ended = self._ended[state]
            self._claimed.discard(held.id)
            ended[held.id] = attrs.evolve(self._going.pop(held.id), state=state, error=error, claim="")
            if len(ended) > self.most_ended:
                self._forget(ended.pop(next(iter(ended))))
            return True

    def give_back(self, delivery: Delivery, error: str, delay_seconds: float = 0.0) -> bool:
        """Have a delivery come again."""
        with self._lock:
            held = self._held(delivery)
            if held is not None:
                self._put(held, state="waiting", error=error, claim="", due_at=self.now() + delay_seconds)
            return held is not None

    def deliveries(self, state: DeliveryState, handler: str = "", limit: int = 100) -> Sequence[Delivery]:
        """Deliveries in a state."""
        with self._lock:
            found = [one for one in self._all() if one.state == state and handler in {"", one.handler}]
        return sorted(found, key=lambda one: int(one.id))[:limit]

    def _all(self) -> list[Delivery]:
        """Every delivery; one whose claim ran out waits."""
        now = self.now()
        going = (
            attrs.evolve(one, state="waiting", claim="") if one.state == "claimed" and one.due_at <= now else one
            for one in self._going.values()
        )
        return [*going, *(one for ended in self._ended.values() for one in ended.values())]

    def replay(self, ids: Collection[str]) -> int:
        """Have deliveries that ended wait again."""
        with self._lock:
            found = self._taken(ids)
            for one in found:
                self._going[one.id] = attrs.evolve(one, state="waiting", attempt=0, due_at=self.now())
            self._going = dict(sorted(self._going.items(), key=lambda item: int(item[0])))
            return len(found)

    def remove(self, ids: Collection[str]) -> int:
        """Forget deliveries that ended."""
        with self._lock:
            found = self._taken(ids)
            for one in found:
                self._forget(one)
            return len(found)

    def _forget(self, ended: Delivery) -> None:
        self._ids.pop((ended.event.id, ended.handler), None)

    def _taken(self, ids: Collection[str]) -> list[Delivery]:
        return [ended.pop(one) for ended in self._ended.values() for one in dict.fromkeys(ids) if one in ended]

    def counts(self) -> Mapping[str, Mapping[DeliveryState, int]]:
        """How many deliveries there are."""
        with self._lock:
            found = Counter((one.handler, one.state) for one in self._all())
        counts: dict[str, dict[DeliveryState, int]] = {}
        for (handler, state), count in found.items():
            of_handler = counts.setdefault(handler, {"waiting": 0, "claimed": 0, "done": 0, "set aside": 0})
            of_handler[state] = count
        return counts

    def next_due(self, handlers: Collection[str]) -> float | None:
        """When the next delivery can be claimed."""
        with self._lock:
            now = self.now()
            return min((_due_at(one, now) for one in self._free(handlers)), default=None)

    def mark(self, name: str, at: float) -> None:
        """Note a moment."""
        with self._lock:
            self._marks[name] = max(at, self._marks.get(name, at))

    def marked(self, name: str) -> float | None:
        """The moment noted under a name."""
        with self._lock:
            return self._marks.get(name)

    def close(self) -> None:
        """Take nothing more."""
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            message = "the inbox of a listener is closed, so it takes and gives no events; make a new listener"
            raise EventInboxError(message)


def _due_at(delivery: Delivery, now: float) -> float:
    """When a delivery is due; one that was never claimed is at once, whatever the clock said when it was stored."""
    return delivery.due_at if delivery.attempt else min(delivery.due_at, now)

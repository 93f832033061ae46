"""An inbox in a SQLite file."""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

import attrs
from zope.interface import implementer

from ftrack_backends.event_inboxes import _statements as statements
from ftrack_backends.event_inboxes._layout import KIND
from ftrack_backends.event_inboxes._rows import Unreadable, delivery_of, event_key, event_text, known_of
from ftrack_backends.sqlite_files import SqliteFile
from ftrack_core.errors import EventInboxError
from ftrack_core.interfaces import IBatchEventInbox, IClock
from ftrack_core.values import Delivery, DeliveryState, Event

__all__ = ["SqliteEventInbox"]

_T = TypeVar("_T")
_PRUNED_EVERY = 100
"""Writes after which done deliveries are looked through; each time several times as many may go as can have come."""


@implementer(IBatchEventInbox)
@attrs.define(eq=False, kw_only=True)
class SqliteEventInbox:
    """Keeps deliveries in one SQLite file, which the threads and processes of one host share.

    `store`, `store_all`, `set_aside`, `replay` and `remove` come back when the disk has it, so a power cut does not
    undo them. The others come back when the operating system has it: a killed process undoes none of them, and a power
    cut the last ones at most, so that something is handled a second time, which can happen anyway.

    Times are those of the machine's clock: if it is set back, claims of the dead hold for longer by as much, and what
    was given back comes again so much later; what was never claimed waits for nothing.

    Thread safety: all methods; forked children may go on with it.

    Attributes:
        keep_done_seconds: How long done deliveries are remembered.
        max_bytes: Size from which on nothing more is stored; what is there can still be handled.
    """

    _file: SqliteFile = attrs.field(repr=False)
    _clock: IClock = attrs.field(repr=False)
    keep_done_seconds: float
    max_bytes: int
    _writes: Any = attrs.field(factory=itertools.count, init=False, repr=False)

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        clock: IClock,
        keep_done_seconds: float,
        max_bytes: int,
        busy_seconds: float,
        create: bool = True,
    ) -> SqliteEventInbox:
        """Open the inbox of a file; where there is none, make it unless `create` says not to.

        Raises:
            EventInboxError: The file is none, or lies where there can be none; `details["fault"]` says which.
        """
        file = SqliteFile.open(path, KIND, busy_seconds=busy_seconds, create=create)
        return cls(file=file, clock=clock, keep_done_seconds=keep_done_seconds, max_bytes=max_bytes)

    # What comes in

    def store(self, event: Event, handlers: Mapping[str, str]) -> int:
        """Keep an event for handlers; gives how many deliveries are new."""
        return self.store_all([(event, handlers)])

    def store_all(self, events: Sequence[tuple[Event, Mapping[str, str]]]) -> int:
        """Keep events for handlers, all of them or none; gives how many deliveries are new."""
        written = [(event_key(event), event_text(event), dict(handlers)) for event, handlers in events if handlers]

        def work(connection: sqlite3.Connection) -> int:
            now = self._pruned(connection)
            self._demand_room(connection)
            return sum(statements.store(connection, *each, now) for each in written)

        return self._write(work, durable=True) if written else 0

    # What workers do

    def claim(self, handlers: Collection[str], worker: str, seconds: float) -> Delivery | None:
        """Take the next delivery that is due for one of the handlers; None if there is none."""
        due_at = self.next_due(handlers)
        if due_at is None or due_at > self._clock.now():
            return None

        def work(connection: sqlite3.Connection) -> Delivery | None:
            now = self._clock.now()
            statements.make_due_ready(connection, now)
            while (key := statements.first_ready(connection, handlers)) is not None:
                row = statements.claim(connection, key, worker, now + seconds)
                try:
                    return delivery_of(row, now)
                except Unreadable as error:
                    statements.set_aside(connection, key, str(error), now)
            return None

        return self._write(work)

    def renew(self, delivery: Delivery, seconds: float) -> bool:
        """Have a claim hold for so many seconds from now on; False if it is not held any more."""
        return self._answer(delivery, lambda it, key, now: statements.renew(it, key, now + seconds))

    def acknowledge(self, delivery: Delivery) -> bool:
        """Take note that a claimed delivery was handled; False if the claim is not held any more."""

        def work(connection: sqlite3.Connection, key: int, _now: float) -> None:
            statements.acknowledge(connection, key, self._pruned(connection))

        return self._answer(delivery, work)

    def give_back(self, delivery: Delivery, error: str, delay_seconds: float = 0.0) -> bool:
        """Have a claimed delivery come again after so many seconds; False if the claim is not held any more."""
        return self._answer(
            delivery, lambda it, key, now: statements.give_back(it, key, error, now, now + max(0.0, delay_seconds))
        )

    def set_aside(self, delivery: Delivery, error: str) -> bool:
        """Leave a claimed delivery for a person to look at; False if the claim is not held any more."""
        return self._answer(delivery, lambda it, key, now: statements.set_aside(it, key, error, now), durable=True)

    # What people see and do

    def deliveries(self, state: DeliveryState, handler: str = "", limit: int = 100) -> Sequence[Delivery]:
        """Deliveries in a state, the oldest first; what is damaged of them is told as their error."""
        now = self._clock.now()
        rows = self._file.read(lambda connection: statements.listed(connection, state, handler, limit, now))
        return tuple(_shown(row, now) for row in rows)

    def replay(self, ids: Collection[str]) -> int:
        """Have deliveries that were set aside, or done, wait again with their attempts at nothing."""
        keys = _keys(ids)
        return self._write(lambda it: sum(statements.replay(it, key, self._clock.now()) for key in keys), durable=True)

    def remove(self, ids: Collection[str]) -> int:
        """Forget deliveries that were set aside or done."""
        keys = _keys(ids)
        return self._write(lambda it: statements.remove(it, keys), durable=True)

    def counts(self) -> Mapping[str, Mapping[DeliveryState, int]]:
        """How many deliveries there are, by handler and state."""
        now = self._clock.now()
        found: dict[str, dict[DeliveryState, int]] = {}
        for handler, state, count in self._file.read(lambda connection: list(statements.counts(connection, now))):
            of_handler = found.setdefault(handler, {"waiting": 0, "claimed": 0, "done": 0, "set aside": 0})
            of_handler[state] += count
        return found

    def next_due(self, handlers: Collection[str]) -> float | None:
        """When the next delivery of handlers can be claimed, in seconds since the epoch; None if none can."""
        now = self._clock.now()
        return self._file.read(lambda connection: statements.next_due(connection, handlers, now))

    # Marks

    def mark(self, name: str, at: float) -> None:
        """Note a moment under a name; a mark is never set back."""
        self._write(lambda connection: statements.mark(connection, name, at))

    def marked(self, name: str) -> float | None:
        """The moment noted under a name, in seconds since the epoch; None if there is none."""
        return self._file.read(lambda connection: statements.marked(connection, name))

    def close(self) -> None:
        """Let go of the file. Never raises; what is stored stays."""
        self._file.close()

    # Below

    def _answer(
        self, delivery: Delivery, do: Callable[[sqlite3.Connection, int, float], object], durable: bool = False
    ) -> bool:
        """Do something with a delivery whose claim is held; False if it is not."""
        keys = _keys([delivery.id])
        if not keys or not delivery.claim.isdecimal():
            return False

        def work(connection: sqlite3.Connection) -> bool:
            held = statements.is_held(connection, keys[0], int(delivery.claim))
            if held:
                do(connection, keys[0], self._clock.now())
            return held

        return self._write(work, durable)

    def _write(self, work: Callable[[sqlite3.Connection], _T], durable: bool = False) -> _T:
        try:
            return self._file.write(work, durable)
        except (UnicodeEncodeError, OverflowError) as error:
            raise EventInboxError(
                f"the event inbox {str(self._file.path)!r} cannot keep this: {error}", {"path": str(self._file.path)}
            ) from error

    def _demand_room(self, connection: sqlite3.Connection) -> None:
        if statements.used_bytes(connection) >= self.max_bytes:
            found = (
                f"holds the {self.max_bytes // 2**20} MB that it may (option max_megabytes), so nothing more is "
                "stored; see what waits or was set aside with `ftrack inbox`"
            )
            raise KIND.failure(self._file.path, "full", found)

    def _pruned(self, connection: sqlite3.Connection) -> float:
        """Forget, every now and then, some of the deliveries that were done long ago; gives the time."""
        now = self._clock.now()
        if next(self._writes) % _PRUNED_EVERY == 0:
            statements.prune(connection, now - self.keep_done_seconds, 5 * _PRUNED_EVERY)
        return now


def _keys(ids: Collection[str]) -> list[int]:
    """The keys of rows that ids name, each once; what cannot be one is left out."""
    return sorted({int(each) for each in ids if each.isdecimal() and len(each) < 19})


def _shown(row: Sequence[Any], now: float) -> Delivery:
    try:
        return delivery_of(row, now)
    except Unreadable as error:
        return known_of(row, now, str(error))

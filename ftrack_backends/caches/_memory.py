"""Records in memory."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping

import attrs
from zope.interface import implementer

from ftrack_backends.caches._patterns import found_in
from ftrack_backends.caches._statistics import CacheStatistics
from ftrack_core.assembly import SystemClock
from ftrack_core.errors import ConnectionClosedError
from ftrack_core.interfaces import IBatchCache, IClock, IExpiringCache, IMeasured
from ftrack_core.values import MISSING, EntityRecord, Missing

__all__ = ["MemoryCache"]


@attrs.frozen
class _Entry:
    record: EntityRecord
    expires_at: float | None = None


@implementer(IBatchCache, IExpiringCache, IMeasured)
@attrs.define(eq=False, kw_only=True)
class MemoryCache:
    """Keeps the records that were used last, and forgets the others.

    Records are handed in and out as they are, uncopied. Each call, a batch too, happens as one step.

    Thread safety: all calls, under one lock that is held for look-ups in memory only.
    Processes: a forked child has a copy of its own; nothing is shared or kept.

    Attributes:
        max_records: How many records to keep; beyond it those go that were used least recently.
        clock: Tells when a record has expired.
    """

    max_records: int = attrs.field(default=10_000, validator=attrs.validators.ge(1))
    clock: IClock = attrs.field(factory=SystemClock)
    _entries: OrderedDict[str | bytes, _Entry] = attrs.field(factory=OrderedDict, init=False, repr=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)
    _counts: Counter[str] = attrs.field(factory=Counter, init=False, repr=False)
    _closed: bool = attrs.field(default=False, init=False)

    def get(self, key: str | bytes) -> EntityRecord | Missing:
        """The record under a key, or `MISSING`; it counts as used now."""
        with self._lock:
            self._refuse_closed()
            return self._get(key)

    def get_many(self, keys: Iterable[str | bytes]) -> Mapping[str | bytes, EntityRecord]:
        """The records that are there."""
        with self._lock:
            self._refuse_closed()
            found = ((key, self._get(key)) for key in keys)
            return {key: record for key, record in found if record is not MISSING}

    def set(self, key: str | bytes, record: EntityRecord) -> None:
        """Keep a record under a key."""
        self.set_many({key: record})

    def set_many(self, records: Mapping[str | bytes, EntityRecord]) -> None:
        """Keep many records."""
        with self._lock:
            self._refuse_closed()
            for key, record in records.items():
                self._put(key, _Entry(record))

    def set_expiring(self, key: str | bytes, record: EntityRecord, seconds: float) -> None:
        """Keep a record for a time; 0 seconds or less keep nothing and remove what stood there."""
        with self._lock:
            self._refuse_closed()
            if seconds <= 0:
                self._take(key)
            else:
                self._put(key, _Entry(record, self.clock.monotonic() + seconds))

    def remove(self, key: str | bytes) -> bool:
        """Forget the record under a key, and tell whether there was one."""
        return bool(self.remove_many((key,)))

    def remove_many(self, keys: Iterable[str | bytes]) -> int:
        """Forget many records, and tell how many there were."""
        with self._lock:
            self._refuse_closed()
            return sum(self._take(key) for key in keys)

    def keys(self) -> list[str | bytes]:
        """All keys, those used least recently first."""
        with self._lock:
            self._refuse_closed()
            self._drop_expired()
            return list(self._entries)

    def values(self) -> list[EntityRecord]:
        """All records, those used least recently first."""
        with self._lock:
            self._refuse_closed()
            self._drop_expired()
            return [entry.record for entry in self._entries.values()]

    def clear(self, pattern: str | None = None) -> None:
        """Forget everything, or the entries whose key the pattern is found in."""
        matches = found_in(pattern)
        with self._lock:
            self._refuse_closed()
            for key in [key for key in self._entries if matches(key)]:
                self._take(key)

    def statistics(self) -> CacheStatistics:
        """What it did since it was made, and how much it holds; a closed one tells too."""
        with self._lock:
            return CacheStatistics(records=len(self._entries), max_records=self.max_records, **self._counts)

    def close(self) -> None:
        """Forget everything for good."""
        with self._lock:
            self._closed = True
            self._entries.clear()

    def _get(self, key: str | bytes) -> EntityRecord | Missing:
        entry = self._entries.get(key)
        if entry is not None and self._expired(entry):
            self._drop(key)
            entry = None
        if entry is None:
            self._counts["misses"] += 1
            return MISSING
        self._counts["hits"] += 1
        self._entries.move_to_end(key)
        return entry.record

    def _put(self, key: str | bytes, entry: _Entry) -> None:
        self._entries[key] = entry
        self._entries.move_to_end(key)
        self._counts["written"] += 1
        if len(self._entries) > self.max_records:
            self._entries.popitem(last=False)
            self._counts["evicted"] += 1

    def _take(self, key: str | bytes) -> bool:
        entry = self._entries.pop(key, None)
        if entry is None:
            return False
        expired = self._expired(entry)
        self._counts["expired" if expired else "removed"] += 1
        return not expired

    def _expired(self, entry: _Entry) -> bool:
        return entry.expires_at is not None and entry.expires_at <= self.clock.monotonic()

    def _drop_expired(self) -> None:
        for key in [key for key, entry in self._entries.items() if self._expired(entry)]:
            self._drop(key)

    def _drop(self, key: str | bytes) -> None:
        del self._entries[key]
        self._counts["expired"] += 1

    def _refuse_closed(self) -> None:
        if self._closed:
            message = "the memory cache is closed; make a new one"
            raise ConnectionClosedError(message)

"""Bytes in the databases of a disk cache."""

from __future__ import annotations

import math
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import attrs
from zope.interface import implementer

from ftrack_backends.caches._disk_bytes import BytesCache
from ftrack_backends.caches._disk_shard import Shard
from ftrack_backends.caches._patterns import found_in
from ftrack_backends.caches._statistics import StoreStatistics
from ftrack_core.errors import Error
from ftrack_core.interfaces import IBatchCache, IClock, IExpiringCache, IMeasured, IPersistentCache, ISharedCache
from ftrack_core.values import MISSING

__all__ = ["DiskStore"]

_EXPIRES_AT: Final = struct.Struct(">d")
_AT_ONCE: Final = 500
"""Keys in one transaction at most, so that nobody waits for long."""


@implementer(IBatchCache, IExpiringCache, ISharedCache, IPersistentCache, IMeasured)
@attrs.define(eq=False, kw_only=True)
class DiskStore:
    """The methods of a cache, with bytes for records.

    Each entry begins with the time when it expires, by the clock of this cache: diskcache's own is asked too, but only
    so that it makes room.

    Attributes:
        shards: The databases; a key always belongs to the same one.
        clock: Tells when an entry has expired.
        seconds: How long entries are kept at most; None for as long as there is room.
        counts_reads: Whether a read is written down, for an eviction policy that goes by use.
    """

    shards: Sequence[Shard]
    clock: IClock
    seconds: float | None = None
    counts_reads: bool = False
    _asked: int = attrs.field(default=0, init=False)
    _hits: int = attrs.field(default=0, init=False)

    def get(self, key: str | bytes) -> Any:
        """What stands under a key, or `MISSING`."""
        found = self._alive(self._shard(key).use(lambda cache: cache.get(key, MISSING)))
        self._asked += 1
        self._hits += found is not MISSING
        return found

    def get_many(self, keys: Iterable[str | bytes]) -> Mapping[str | bytes, Any]:
        """What is there."""
        found: dict[str | bytes, Any] = {}
        for shard, wanted in self._by_shard(keys):
            found.update(shard.use(lambda cache, wanted=wanted: self._read(cache, wanted)))  # type: ignore[misc]
        alive = ((key, self._alive(value)) for key, value in found.items())
        there = {key: value for key, value in alive if value is not MISSING}
        self._asked += len(found)
        self._hits += len(there)
        return there

    def set(self, key: str | bytes, record: Any) -> None:
        """Keep something under a key."""
        self._set({key: record}, self.seconds)

    def set_many(self, records: Mapping[str | bytes, Any]) -> None:
        """Keep many."""
        self._set(records, self.seconds)

    def set_expiring(self, key: str | bytes, record: Any, seconds: float) -> None:
        """Keep something for a time."""
        if seconds <= 0:
            self.remove(key)
        else:
            self._set({key: record}, seconds if self.seconds is None else min(seconds, self.seconds))

    def remove(self, key: str | bytes) -> bool:
        """Forget what stands under a key, and tell whether there was something."""
        return self._alive(self._shard(key).use(lambda cache: cache.pop(key, MISSING))) is not MISSING

    def remove_many(self, keys: Iterable[str | bytes]) -> int:
        """Forget many, and tell how many there were."""
        taken: list[Any] = []
        for shard, wanted in self._by_shard(keys):
            taken += shard.use(lambda cache, wanted=wanted: _taken(cache, wanted))  # type: ignore[misc]
        return sum(self._alive(value) is not MISSING for value in taken)

    def keys(self) -> list[str | bytes]:
        """All keys."""
        return [key for shard in self.shards for key in shard.use(self._keys)]

    def values(self) -> list[Any]:
        """All that is kept."""
        return list(self.get_many(self.keys()).values())

    def clear(self, pattern: str | None = None) -> None:
        """Forget everything, or what stands under keys that the pattern is found in."""
        matches = found_in(pattern)
        for shard in self.shards:
            if pattern is None:
                shard.use(lambda cache: cache.clear())
            else:
                self.remove_many([key for key in shard.use(_all_keys) if matches(key)])

    def statistics(self) -> StoreStatistics:
        """What it did since it was made, and what the databases hold; a closed one tells what it did."""
        records = size = 0
        for shard in self.shards:
            with suppress(Error):
                found = shard.use(lambda cache: (len(cache), cache.volume()))
                records, size = records + found[0], size + found[1]
        room = sum(int(shard.settings["size_limit"]) for shard in self.shards)
        misses = self._asked - self._hits
        return StoreStatistics(hits=self._hits, misses=misses, records=records, bytes=size, max_bytes=room)

    def close(self) -> None:
        """Let go of the databases."""
        for shard in self.shards:
            shard.close()

    def _set(self, records: Mapping[str | bytes, bytes], seconds: float | None) -> None:
        head = _EXPIRES_AT.pack(math.inf if seconds is None else self.clock.now() + seconds)
        written = {key: head + data for key, data in records.items()}
        for shard, keys in self._by_shard(written):
            chosen = {key: written[key] for key in keys}
            shard.use(lambda cache, chosen=chosen: _write(cache, chosen, seconds))  # type: ignore[misc]

    def _read(self, cache: BytesCache, keys: Sequence[str | bytes]) -> dict[str | bytes, Any]:
        if not self.counts_reads:
            return {key: cache.get(key, MISSING) for key in keys}
        with cache.transact():
            return {key: cache.get(key, MISSING) for key in keys}

    def _keys(self, cache: BytesCache) -> list[str | bytes]:
        found = cache.beginnings(_EXPIRES_AT.size)
        return [key for key, head in found if key is not None and self._alive(head) is not MISSING]

    def _alive(self, value: Any) -> Any:
        """What is kept in an entry, or `MISSING` once its time is over."""
        if not isinstance(value, bytes) or len(value) < _EXPIRES_AT.size:
            return value
        expires_at = _EXPIRES_AT.unpack_from(value)[0]
        return value[_EXPIRES_AT.size :] if expires_at > self.clock.now() else MISSING

    def _shard(self, key: str | bytes) -> Shard:
        data = key.encode("utf-8", "surrogatepass") if isinstance(key, str) else bytes(key)
        return self.shards[zlib.crc32(data) % len(self.shards)]

    def _by_shard(self, keys: Iterable[str | bytes]) -> list[tuple[Shard, list[str | bytes]]]:
        """Keys in portions of which each is one transaction."""
        sorted_out: dict[int, list[str | bytes]] = defaultdict(list)
        shards: dict[int, Shard] = {}
        for key in dict.fromkeys(keys):
            shard = self._shard(key)
            shards[id(shard)] = shard
            sorted_out[id(shard)].append(key)
        return [
            (shards[each], wanted[start : start + _AT_ONCE])
            for each, wanted in sorted_out.items()
            for start in range(0, len(wanted), _AT_ONCE)
        ]


def _all_keys(cache: BytesCache) -> list[str | bytes]:
    return [key for key in cache if key is not None]


def _write(cache: BytesCache, records: Mapping[str | bytes, bytes], seconds: float | None) -> None:
    with cache.transact():
        for key, data in records.items():
            cache.set(key, data, expire=seconds)
        cache.make_room(len(records))


def _taken(cache: BytesCache, keys: Sequence[str | bytes]) -> list[Any]:
    with cache.transact():
        return [cache.pop(key, MISSING) for key in keys]

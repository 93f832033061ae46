"""One cache as a layer of others: it may break, and the rest goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import attrs

from ftrack_backends.caches._statistics import LayerStatistics
from ftrack_core.interfaces import IBatchCache, ICache
from ftrack_core.values import MISSING, EntityRecord, Missing

__all__ = ["Layer"]

_LOG = logging.getLogger(__name__)
_MOST_DOUBTFUL_KEYS = 10_000
_T = TypeVar("_T")


@attrs.define(eq=False)
class Layer:
    """A cache whose failures are misses.

    A cache that fails to change an entry may still hold what should be gone. Such keys are doubtful: they read as
    missing until a later change of them succeeds. After a `clear` that failed, or with too many doubtful keys, the
    whole layer is set aside until it can be cleared.

    Thread safety: changes of one key come one at a time (`LayeredCache` sees to it); all else may happen at once.
    """

    cache: ICache
    _doubtful: set[str | bytes] = attrs.field(factory=set, init=False)
    _set_aside: bool = attrs.field(default=False, init=False)
    _reported: bool = attrs.field(default=False, init=False)
    _asked: int = attrs.field(default=0, init=False)
    _hits: int = attrs.field(default=0, init=False)
    _failures: int = attrs.field(default=0, init=False)

    def get(self, key: str | bytes) -> EntityRecord | Missing:
        """The record under a key, or `MISSING`."""
        self._asked += 1
        if self._set_aside or key in self._doubtful:
            return MISSING
        found = self._get(key)
        self._hits += found is not MISSING
        return found

    def get_many(self, keys: Iterable[str | bytes]) -> Mapping[str | bytes, EntityRecord]:
        """The records that are there."""
        asked = list(keys)
        records = self.peek(asked)
        self._asked += len(asked)
        self._hits += len(records)
        return records

    def peek(self, keys: Iterable[str | bytes]) -> Mapping[str | bytes, EntityRecord]:
        """The records that are there, without counting that somebody asked."""
        wanted = [] if self._set_aside else [key for key in keys if key not in self._doubtful]
        cache = self.cache
        if wanted and IBatchCache.providedBy(cache):
            return self._attempt(lambda: cache.get_many(wanted), {})
        found = ((key, self._get(key)) for key in wanted)
        return {key: record for key, record in found if record is not MISSING}

    def set_many(self, records: Mapping[str | bytes, EntityRecord]) -> None:
        """Keep many records."""
        cache = self.cache
        if len(records) > 1 and IBatchCache.providedBy(cache):
            self._change(records, lambda: cache.set_many(records))
            return
        for key, record in records.items():
            self._set(key, record)

    def remove(self, key: str | bytes) -> bool:
        """Forget the record under a key, and tell whether there was one to be had."""
        had = key not in self._doubtful and not self._set_aside
        return bool(self._change((key,), lambda: self.cache.remove(key))) and had

    def remove_many(self, keys: Sequence[str | bytes]) -> None:
        """Forget many records."""
        cache = self.cache
        if len(keys) > 1 and IBatchCache.providedBy(cache):
            self._change(keys, lambda: cache.remove_many(keys))
            return
        for key in keys:
            self.remove(key)

    def keys(self) -> list[str | bytes]:
        """All keys that can be had."""
        if self._set_aside:
            return []
        nothing: list[str | bytes] = []
        return [key for key in self._attempt(self.cache.keys, nothing) if key not in self._doubtful]

    def clear(self, pattern: str | None) -> None:
        """Forget everything, or the entries whose key the pattern is found in."""
        try:
            self.cache.clear(pattern)
        except Exception as error:  # noqa: BLE001 - a layer is somebody's code and may raise anything; it is logged
            self._set_aside = True
            self._report(error)
        else:
            if pattern is None:
                self._doubtful = set()
                self._set_aside = False

    def statistics(self) -> LayerStatistics:
        """What it did; counted without a lock, so that calls of several threads at once may be counted as one."""
        return LayerStatistics(
            layer=type(self.cache).__name__,
            hits=self._hits,
            misses=self._asked - self._hits,
            failures=self._failures,
            doubtful=len(self._doubtful),
            set_aside=self._set_aside,
        )

    def _get(self, key: str | bytes) -> EntityRecord | Missing:
        return self._attempt(lambda: self.cache.get(key), MISSING)

    def _set(self, key: str | bytes, record: EntityRecord) -> None:
        self._change((key,), lambda: self.cache.set(key, record))

    def _change(self, keys: Iterable[str | bytes], change: Callable[[], _T]) -> _T | None:
        self._doubtful.update(keys)
        try:
            result = change()
        except Exception as error:  # noqa: BLE001 - as above
            self._report(error)
            self._set_aside = self._set_aside or len(self._doubtful) > _MOST_DOUBTFUL_KEYS
            return None
        self._doubtful.difference_update(keys)
        return result

    def _attempt(self, ask: Callable[[], _T], otherwise: _T) -> _T:
        try:
            return ask()
        except Exception as error:  # noqa: BLE001 - as above
            self._report(error)
            return otherwise

    def _report(self, error: Exception) -> None:
        self._failures += 1
        if self._reported:
            return
        self._reported = True
        _LOG.warning(
            "the cache layer %s failed and is skipped where it fails; this is said once: %s: %s",
            type(self.cache).__name__,
            type(error).__name__,
            error,
        )

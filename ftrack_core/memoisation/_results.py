"""Where results are kept: in this process, or as records in a cache."""

from __future__ import annotations

import copy
import logging
import threading
from collections import OrderedDict
from typing import Any

import attrs

from ftrack_core.errors import Error
from ftrack_core.interfaces import ICache, IExpiringCache
from ftrack_core.values import MISSING, EntityIdentity, EntityRecord, Missing

__all__ = ["CachedResults", "OwnResults", "Result", "copied"]

_log = logging.getLogger(__name__)
_SCALARS = frozenset({str, int, float, bool, type(None)})
_DEEPEST = 24
_RECORD_OF = "memoised"


@attrs.frozen
class Result:
    """A result and when it was computed, in seconds since the epoch."""

    value: Any
    computed_at: float


@attrs.define(eq=False)
class OwnResults:
    """Keeps results of any kind in this process, those that were used last.

    Attributes:
        most: How many.
    """

    most: int
    _kept: OrderedDict[str | bytes, Result] = attrs.field(factory=OrderedDict, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def get(self, key: str | bytes) -> Result | Missing:
        """What is kept under a key, or `MISSING`."""
        with self._lock:
            found = self._kept.get(key, MISSING)
            if found is not MISSING:
                self._kept.move_to_end(key)
            return found  # type: ignore[return-value]  # the one symbol that it can be

    def set(self, key: str | bytes, result: Result, name: str, seconds: float | None) -> None:  # noqa: ARG002
        """Keep a result."""
        with self._lock:
            self._kept[key] = result
            self._kept.move_to_end(key)
            if len(self._kept) > self.most:
                self._kept.popitem(last=False)

    def remove(self, key: str | bytes) -> bool:
        """Forget a result."""
        with self._lock:
            return self._kept.pop(key, None) is not None


@attrs.define(eq=False)
class CachedResults:
    """Keeps results as records in a cache; only such as a record can hold.

    A result stands in a record of the type `memoised`, whose key is the name of the function, as the value `result`. A
    cache that fails is passed over, and so is a result that no record can hold; each is logged once.

    Attributes:
        cache: The cache.
    """

    cache: ICache
    _told: set[str] = attrs.field(factory=set, init=False)

    def get(self, key: str | bytes) -> Result | Missing:
        """What is kept under a key, or `MISSING`."""
        try:
            found = self.cache.get(key)
        except Error as error:
            self._tell("failed", "the cache failed and is passed over", error)
            return MISSING
        if found is MISSING or found.identity.entity_type != _RECORD_OF or "result" not in found.values:
            return MISSING
        return Result(found.values["result"], found.fetched_at)

    def set(self, key: str | bytes, result: Result, name: str, seconds: float | None) -> None:
        """Keep a result."""
        if not _is_of_the_wire(result.value, _DEEPEST):
            text = "a cache holds text, numbers, true, false, None, identities and lists and dicts of these"
            self._tell(name, f"results of {name} are computed anew each time", text)
            return
        record = EntityRecord(EntityIdentity(_RECORD_OF, (name,)), result.computed_at, {"result": result.value})
        try:
            if seconds is not None and IExpiringCache.providedBy(self.cache):
                self.cache.set_expiring(key, record, seconds)
            else:
                self.cache.set(key, record)
        except Error as error:
            self._tell("failed", "the cache failed and is passed over", error)

    def remove(self, key: str | bytes) -> bool:
        """Forget a result."""
        return self.cache.remove(key)

    def _tell(self, what: str, text: str, about: object) -> None:
        if what not in self._told:
            self._told.add(what)
            _log.warning("memoisation: %s; this is said once: %s", text, about)


def copied(value: Any, done: dict[int, Any] | None = None) -> Any:
    """A copy in which nothing can be changed for others; entities are themselves, since there is one of each."""
    done = {} if done is None else done
    if value.__class__ in _SCALARS or type(value).__module__.startswith("ftrack_core."):
        return value
    if id(value) in done:
        return done[id(value)]
    if value.__class__ is list:
        made: list[Any] = []
        done[id(value)] = made
        made.extend(copied(each, done) for each in value)
        return made
    if value.__class__ is dict:
        mapping: dict[Any, Any] = {}
        done[id(value)] = mapping
        mapping.update((copied(name, done), copied(each, done)) for name, each in value.items())
        return mapping
    if value.__class__ in (tuple, set, frozenset):
        return type(value)([copied(each, done) for each in value])
    return copy.deepcopy(value)


def _is_of_the_wire(value: Any, depth: int) -> bool:
    if value.__class__ in _SCALARS or value.__class__ is EntityIdentity:
        return True
    if depth == 0:
        return False
    if value.__class__ is list:
        return all(_is_of_the_wire(each, depth - 1) for each in value)
    if value.__class__ is dict:
        return all(name.__class__ is str and _is_of_the_wire(each, depth - 1) for name, each in value.items())
    return False

"""A cache that hands everything on: the base for one's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs
from zope.interface import alsoProvides, implementer

from ftrack_core.errors import WrongBackendError
from ftrack_core.interfaces import (
    IBatchCache,
    ICache,
    IDiagnosed,
    IExpiringCache,
    IMeasured,
    IPersistentCache,
    ISharedCache,
)
from ftrack_core.values import MISSING, EntityRecord, Missing

if TYPE_CHECKING:
    from ftrack_core.values import Finding

__all__ = ["ProxyCache"]

_POWERS = (IBatchCache, IExpiringCache, IMeasured, IDiagnosed, ISharedCache, IPersistentCache)


@implementer(ICache)
@attrs.define(eq=False, slots=False)  # powers are declared on the instance, which slots would not allow
class ProxyCache:
    """Hands every call on to another cache and has that one's powers; subclass it and override what shall differ.

        class WithoutNotes(ProxyCache):
            def set(self, key, record):
                if record.identity.entity_type != "Note":
                    super().set(key, record)

    An override of a single step holds for batches too: where a subclass overrides `get`, `set` or `remove` and not
    `get_many`, `set_many` or `remove_many`, the batch takes one step after the other, through the override. Likewise
    `values` goes through an overridden `get`. A subclass that overrides `set` and not `set_expiring` does not offer
    expiry, since that way would lead past it.

    Thread safety, atomicity, processes and expiry are those of the cache behind it.
    Lifetime: closing it closes the cache behind it. A subclass with fields of its own is decorated with
    `attrs.define(eq=False, slots=False)`.

    Attributes:
        cache: The cache behind it.
    """

    cache: Any

    def __attrs_post_init__(self) -> None:
        self._check()
        powers = [power for power in _POWERS if power.providedBy(self.cache)]
        if self._overrides("set") and not self._overrides("set_expiring"):
            powers = [power for power in powers if power is not IExpiringCache]
        alsoProvides(self, *powers)

    def get(self, key: str | bytes) -> EntityRecord | Missing:
        """The record under a key, or `MISSING`."""
        found: EntityRecord | Missing = self.cache.get(key)
        return found

    def get_many(self, keys: Iterable[str | bytes]) -> Mapping[str | bytes, EntityRecord]:
        """The records that are there."""
        if self._overrides("get") or not IBatchCache.providedBy(self.cache):
            found = ((key, self.get(key)) for key in keys)
            return {key: record for key, record in found if record is not MISSING}
        return self.cache.get_many(keys)

    def set(self, key: str | bytes, record: EntityRecord) -> None:
        """Keep a record under a key."""
        self.cache.set(key, record)

    def set_many(self, records: Mapping[str | bytes, EntityRecord]) -> None:
        """Keep many records."""
        if self._overrides("set") or not IBatchCache.providedBy(self.cache):
            for key, record in records.items():
                self.set(key, record)
        else:
            self.cache.set_many(records)

    def set_expiring(self, key: str | bytes, record: EntityRecord, seconds: float) -> None:
        """Keep a record for a time, where the cache behind it can do that."""
        self.cache.set_expiring(key, record, seconds)

    def remove(self, key: str | bytes) -> bool:
        """Forget the record under a key, and tell whether there was one."""
        return bool(self.cache.remove(key))

    def remove_many(self, keys: Iterable[str | bytes]) -> int:
        """Forget many records, and tell how many there were."""
        if self._overrides("remove") or not IBatchCache.providedBy(self.cache):
            return sum(self.remove(key) for key in keys)
        return self.cache.remove_many(keys)

    def keys(self) -> list[str | bytes]:
        """All keys."""
        found: list[str | bytes] = self.cache.keys()
        return found

    def values(self) -> list[EntityRecord]:
        """All records."""
        if self._overrides("get"):
            return list(self.get_many(self.keys()).values())
        found: list[EntityRecord] = self.cache.values()
        return found

    def clear(self, pattern: str | None = None) -> None:
        """Forget everything, or the entries whose key the pattern is found in."""
        self.cache.clear(pattern)

    def statistics(self) -> Any:
        """What the cache behind it did and holds, where that one counts."""
        return self.cache.statistics()

    def diagnose(self, timeout_seconds: float) -> Iterable[Finding]:
        """How the cache behind it is, where that one can say it."""
        found: Iterable[Finding] = self.cache.diagnose(timeout_seconds)
        return found

    def close(self) -> None:
        """Close the cache behind it."""
        self.cache.close()

    def _check(self) -> None:
        if not ICache.providedBy(self.cache):
            raise WrongBackendError(
                f"{type(self).__name__} was given {type(self.cache).__name__} to stand before, which is no ICache; "
                "hand in an instance of a cache, as MemoryCache()"
            )

    def _overrides(self, name: str) -> bool:
        return getattr(type(self), name) is not getattr(ProxyCache, name)

"""Records as bytes, in a cache of bytes."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

import attrs

from ftrack_backends.caches._mapping import MappingStore
from ftrack_backends.caches._proxy import ProxyCache
from ftrack_backends.codecs import IRecordCodec, record_codec
from ftrack_core.errors import CacheError
from ftrack_core.interfaces import IBatchCache
from ftrack_core.values import MISSING, EntityRecord, Missing

__all__ = ["SerialisedCache"]

_LOG = logging.getLogger(__name__)


def _store(given: Any) -> Any:
    return MappingStore(given) if isinstance(given, MutableMapping) else given


@attrs.define(eq=False, slots=False)
class SerialisedCache(ProxyCache):
    """Keeps records as bytes in a store that keeps bytes, written and read by a codec.

    What it gives out is made anew from the bytes: nobody can change what others get. An entry that the codec does not
    know (another version's, damaged, foreign) is `MISSING`, is logged once for this cache, and is removed. A record
    that the codec refuses (too large, or with values that no wire brings) is not kept, what stood under its key is
    removed, and that is logged once too.

    Thread safety, atomicity, processes, expiry and powers are those of the store.
    Lifetime: closing it closes the store.

    Attributes:
        cache: The store: a mutable mapping of keys to bytes, or what has the methods of `ICache` with bytes for
            records.
        codec: Turns records into bytes and back: `msgpack`, `json`, or an `IRecordCodec`.
    """

    cache: Any = attrs.field(converter=_store)
    codec: IRecordCodec = attrs.field(factory=record_codec, converter=record_codec)
    _told: set[str] = attrs.field(factory=set, init=False, repr=False)

    def get(self, key: str | bytes) -> EntityRecord | Missing:
        """The record under a key, or `MISSING`."""
        data = self.cache.get(key)
        return MISSING if data is MISSING else self._read(key, data)

    def get_many(self, keys: Iterable[str | bytes]) -> Mapping[str | bytes, EntityRecord]:
        """The records that are there."""
        if not IBatchCache.providedBy(self.cache):
            return super().get_many(keys)
        stored: Mapping[str | bytes, Any] = self.cache.get_many(keys)
        found = [(key, self._read(key, data)) for key, data in stored.items()]
        return {key: record for key, record in found if record is not MISSING}

    def set(self, key: str | bytes, record: EntityRecord) -> None:
        """Keep a record under a key."""
        data = self._written(key, record)
        if data is not None:
            self.cache.set(key, data)

    def set_many(self, records: Mapping[str | bytes, EntityRecord]) -> None:
        """Keep many records; those that the codec refuses are left out."""
        if not IBatchCache.providedBy(self.cache):
            super().set_many(records)
            return
        written: dict[str | bytes, Any] = {key: self._written(key, record) for key, record in records.items()}
        self.cache.set_many({key: data for key, data in written.items() if data is not None})

    def values(self) -> list[EntityRecord]:
        """All records; entries that cannot be read are left out."""
        return list(self.get_many(self.keys()).values())

    def set_expiring(self, key: str | bytes, record: EntityRecord, seconds: float) -> None:
        """Keep a record for a time."""
        data = self._written(key, record)
        if data is not None:
            self.cache.set_expiring(key, data, seconds)

    def _written(self, key: str | bytes, record: EntityRecord) -> bytes | None:
        try:
            return self.codec.encode(record)
        except CacheError as error:
            self._tell("refused", "a record is not kept", error)
            self.cache.remove(key)
            return None

    def _read(self, key: str | bytes, data: Any) -> EntityRecord | Missing:
        record = self.codec.decode(bytes(data)) if isinstance(data, (bytes, bytearray, memoryview)) else MISSING
        if record is MISSING:
            self._tell("unread", "an entry is none of this codec and version, and is removed", repr(key))
            self.cache.remove(key)
        return record

    def _tell(self, what: str, text: str, about: object) -> None:
        if what not in self._told:
            self._told.add(what)
            _LOG.warning("cache of bytes: %s; this is said once: %s", text, about)

    def _check(self) -> None:
        """Any object will do that keeps bytes."""

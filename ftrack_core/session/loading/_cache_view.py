"""`session.cache`: the live entities seen as a cache of records."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zope.interface import implementer

from ftrack_core.interfaces import ICache
from ftrack_core.values import MISSING, EntityIdentity, EntityRecord, Missing

if TYPE_CHECKING:
    from ftrack_core.session.loading._live import LiveEntities
    from ftrack_core.session.loading._records import RecordCache

__all__ = ["LiveCache"]


@implementer(ICache)
class LiveCache:
    """The top layer of a session's cache: what is live, by key.

    Keys are made when somebody asks, so that loading a page makes none. It is the session's own: records come into it
    by loading, and `set` only fills in what is missing.
    """

    def __init__(self, live: LiveEntities, records: RecordCache) -> None:
        self._live = live
        self._records = records
        self._indexed_at: tuple[int, dict[str | bytes, EntityIdentity]] = (-1, {})

    def _indexed(self) -> dict[str | bytes, EntityIdentity]:
        changes, (seen, index) = self._live.changes, self._indexed_at
        if seen != changes:
            index = {self._records.key(entity._identity): entity._identity for entity in self._live}
            self._indexed_at = (changes, index)
        return index

    def get(self, key: str | bytes) -> EntityRecord | Missing:
        """The remote state of the live entity under a key."""
        identity = self._indexed().get(key)
        entity = self._live.find(identity) if identity is not None else None
        return self._live.record(entity) if entity is not None else MISSING

    def set(self, key: str | bytes, record: EntityRecord) -> None:  # noqa: ARG002 - the record says whose it is
        """Bring a record to life; what is live already wins over it."""
        self._records.revive(record)

    def remove(self, key: str | bytes) -> bool:
        """Forget the live entity under a key, unless it holds changes, plain attributes or a mixin."""
        identity = self._indexed().get(key)
        return identity is not None and self._forget(identity)

    def keys(self) -> list[str | bytes]:
        """Keys of all live entities."""
        return list(self._indexed())

    def values(self) -> list[EntityRecord]:
        """Remote states of all live entities."""
        return [self._live.record(entity) for entity in self._live]

    def clear(self, pattern: str | None = None) -> None:
        """Forget the live entities whose key a pattern is found in, but for those that `remove` keeps."""
        matcher = re.compile(pattern or "")
        for key, identity in list(self._indexed().items()):
            if matcher.search(key if isinstance(key, str) else key.decode("utf-8", "replace")):
                self._forget(identity)

    def close(self) -> None:
        """Nothing to let go of: the session owns the entities."""

    def _forget(self, identity: EntityIdentity) -> bool:
        entity = self._live.find(identity)
        if entity is None or entity._is_pinned():
            return False
        self._live.remove(identity)
        return True

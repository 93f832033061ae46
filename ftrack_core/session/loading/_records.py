"""The caches below the live entities: what enters them, and what is taken from them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from ftrack_core.entity import Entity, SplitPage
from ftrack_core.interfaces import IBatchCache, ICache, IKeyMaker
from ftrack_core.session.freshness._staleness import Staleness
from ftrack_core.session.line._statistics import Watch
from ftrack_core.session.loading._live import LiveEntities
from ftrack_core.values import MISSING, EntityIdentity, EntityRecord

__all__ = ["RecordCache"]

_log = logging.getLogger(__name__)


class RecordCache:
    """Reads and writes the layers below the live entities, as far as the freshness policy goes.

    A cache that fails is logged and passed over: it never breaks a session.

    Args:
        cache: The layers below as one cache, or None.
        key_maker: Gives what makes its keys.
        scope: Tells server, user and key apart.
        freshness: For how many seconds records of each type may be served.
        live: Where records come to life.
        now: Tells the time, in seconds since the epoch.
        watch: Counts hits and misses.
        around: What events made stale, as another session knows that hears of them; None where there is none.
    """

    def __init__(
        self,
        cache: ICache | None,
        key_maker: Callable[[], IKeyMaker],
        scope: str,
        freshness: Mapping[str, float],
        live: LiveEntities,
        now: Callable[[], float],
        watch: Watch,
        around: Staleness | None = None,
    ) -> None:
        self._watch = watch
        self._stale = (live.stale,) if around is None else (live.stale, around)
        self._cache = cache if freshness else None
        self._key_maker = key_maker
        self._scope = scope
        self._freshness = freshness
        self._live = live
        self._now = now
        self._failed = False

    def key(self, identity: EntityIdentity) -> str | bytes:
        """The key of an entity's record."""
        return self._key_maker().key(self._scope, identity.entity_type, *identity.key)

    def keep(self, page: SplitPage, asked_at: float, written: Collection[EntityIdentity] = ()) -> None:
        """Offer the entities of a page that came from the server.

        A record grows by what a page tells, and is then as old as its oldest part.

        Args:
            page: The page, merged into the live entities already.
            asked_at: When it was asked for.
            written: Entities that a commit changed: of these, what is live replaces the record.
        """
        if self._cache is None:
            return
        kept = [
            identity
            for name in page.states.keys() & self._freshness.keys()
            for identity, state in page.states[name].items()
            if len(state) > len(identity.key) and not self._overtaken(identity, asked_at)
        ]
        if not kept:
            return
        grown = {record.identity: record for record in self._fresh([each for each in kept if each not in written])}
        live = [self._live.lasting_record(self._live.entity(identity)) for identity in kept]
        records = [_grown(record, grown.get(record.identity)) for record in live if not self._old(record)]
        self._attempt(self._write, {self.key(record.identity): record for record in records})
        self.forget([each for each in kept if self._overtaken(each, asked_at)])  # by an event that came meanwhile

    def _overtaken(self, identity: EntityIdentity, asked_at: float) -> bool:
        """Whether something became of an entity after it was asked for, so that nobody shall have what was told."""
        return any(stale.overtook(identity, asked_at) for stale in self._stale)

    def _old(self, record: EntityRecord) -> bool:
        """Whether a record has something of before an event that only the session around heard of."""
        return any(not stale.holds(record.identity, record.fetched_at) for stale in self._stale[1:])

    def forget(self, identities: Iterable[EntityIdentity]) -> None:
        """Take the records of entities away."""
        if self._cache is not None:
            keys = [self.key(identity) for identity in identities if identity.entity_type in self._freshness]
            if keys:
                self._attempt(self._remove, keys)

    def restore(self, identities: Sequence[EntityIdentity]) -> set[EntityIdentity]:
        """Bring entities to life from their records; gives those that had a fresh one."""
        return self._restored(identities)

    def fill(self, entities: Sequence[Entity], names: Collection[str]) -> list[Entity]:
        """Fill entities from their records; gives those that still lack one of the names."""
        if self._cache is None or not any(entity.entity_type in self._freshness for entity in entities):
            return list(entities)
        self._restored([entity._identity for entity in entities])
        return [entity for entity in entities if not all(entity._has(name) for name in names)]

    def _restored(self, identities: Sequence[EntityIdentity]) -> set[EntityIdentity]:
        wanted = [identity for identity in identities if identity.entity_type in self._freshness]
        records = self._fresh(wanted)
        if self._cache is not None and wanted:
            self._watch.looked_up(len(records), len(wanted) - len(records))
        for record in records:
            self.revive(record)
        if len(records) > 1:
            self._live.gather([record.identity for record in records])
        return {record.identity for record in records}

    def _fresh(self, wanted: Sequence[EntityIdentity]) -> list[EntityRecord]:
        """The records of entities that are young enough to be served."""
        if self._cache is None or not wanted:
            return []
        found: Sequence[EntityRecord] = self._attempt(self._read, wanted) or ()
        now = self._now()
        return [
            each
            for each in found
            if now - each.fetched_at <= self._freshness.get(each.identity.entity_type, -1)
            and all(stale.holds(each.identity, each.fetched_at) for stale in self._stale)
        ]

    def revive(self, record: EntityRecord) -> None:
        """Bring a record to life; what is live already wins over it."""
        page = SplitPage([record.identity], {record.identity.entity_type: {record.identity: dict(record.values)}})
        self._live.merge(page, record.fetched_at, fresh=False)

    def _read(self, identities: Sequence[EntityIdentity]) -> list[EntityRecord]:
        keys = [self.key(identity) for identity in identities]
        if IBatchCache.providedBy(self._cache):
            return list(self._cache.get_many(keys).values())
        assert self._cache is not None  # noqa: S101 - the caller looked
        records = [self._cache.get(key) for key in keys]
        return [record for record in records if record is not MISSING]

    def _remove(self, keys: Sequence[str | bytes]) -> None:
        if IBatchCache.providedBy(self._cache):
            self._cache.remove_many(keys)
        elif self._cache is not None:
            for key in keys:
                self._cache.remove(key)

    def _write(self, records: Mapping[str | bytes, EntityRecord]) -> None:
        if IBatchCache.providedBy(self._cache):
            self._cache.set_many(records)
        elif self._cache is not None:
            for key, record in records.items():
                self._cache.set(key, record)

    def _attempt(self, step: Callable[[Any], Any], argument: Any) -> Any:
        try:
            return step(argument)
        except Exception:  # noqa: BLE001 - whatever a foreign cache raises must not break the session
            level, self._failed = logging.DEBUG if self._failed else logging.WARNING, True
            _log.log(level, "A cache failed and was passed over; that it fails again is not told.", exc_info=True)
            return None


def _grown(record: EntityRecord, known: EntityRecord | None) -> EntityRecord:
    """A record with what was known besides."""
    if known is None or known.values.keys() <= record.values.keys():
        return record
    values = {**known.values, **record.values}
    return EntityRecord(record.identity, min(known.fetched_at, record.fetched_at), values)

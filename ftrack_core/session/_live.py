"""The top memory layer: the live entities of a session, and how pages come into it."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ftrack_core.entity import Cohort, Entity, IdentityMap, SplitPage, split_rows
from ftrack_core.errors import MalformedReplyError
from ftrack_core.session._types import EntityTypes
from ftrack_core.values import EntityIdentity, EntityRecord

__all__ = ["LiveEntities", "collector_paused"]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the cycle collector quiet while one page is decoded and merged: everything in it is alive anyway."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class LiveEntities:
    """One object for each identity, and the only place where remote state enters a session.

    Thread safety: `lock` is held for as long as a page merges; nothing under it does IO.

    Args:
        types: The session's entity types.
        size: How many entities are held strongly, at least; see `IdentityMap`.
    """

    def __init__(self, types: EntityTypes, size: int) -> None:
        self.lock = threading.RLock()
        self.types = types
        self._map = IdentityMap(size)

    @property
    def changes(self) -> int:
        """A number that grows whenever entities come or go."""
        return self._map.changes

    def find(self, identity: EntityIdentity) -> Entity | None:
        """The live entity of an identity, or None."""
        return self._map.find(identity)

    def entity(self, identity: EntityIdentity) -> Entity:
        """The live entity of an identity; a new one has nothing but its key."""
        found = self._map.find(identity)
        if found is None:
            entity_class = self.types[identity.entity_type]
            with self.lock:
                found = self._map.find(identity)
                if found is None:
                    remote: dict[str, Any] = dict(entity_class._plan.key_values(identity))
                    found = entity_class(identity, remote, 0.0)
                    self._map.add(found)
        return found

    def add(self, entity: Entity) -> None:
        """Take in an entity that was made here."""
        with self.lock:
            self._map.add(entity)

    def remove(self, identity: EntityIdentity) -> None:
        """Forget an entity."""
        with self.lock:
            self._map.remove(identity)

    def clear(self) -> None:
        """Forget all entities."""
        with self.lock:
            self._map.clear()

    def split(self, rows: Iterable[Any]) -> SplitPage:
        """Split rows into states; raises before anything is merged."""
        try:
            page = split_rows(rows, self.types.plan)
        except RecursionError:
            raise MalformedReplyError("The server sent entities that are nested too deeply.") from None
        for name in {identity.entity_type for identity, _ in page.states}:
            self.types[name]
        return page

    def merge(self, page: SplitPage, fetched_at: float, *, fresh: bool = True, regroup: bool = False) -> list[Entity]:
        """Let a page's states become the remote states of live entities.

        Args:
            page: What `split` gave.
            fetched_at: When it came from the server, in seconds since the epoch.
            fresh: Whether it is newer than what is there; else it fills in only what is missing.
            regroup: Whether it makes new cohorts of entities that belong to one already, as a query's page does.

        Returns:
            The entities of the page's own rows, in order.
        """
        with self.lock:
            cohorts: dict[str, Cohort] = {}
            for identity, state in page.states:
                entity = self._merge_one(identity, state, fetched_at, fresh)
                if regroup or entity._cohort is None:
                    cohort = cohorts.get(identity[0])
                    if cohort is None:
                        cohort = cohorts[identity[0]] = Cohort()
                    cohort.identities.append(identity)
                    entity._cohort = cohort
            roots = [self._map.find(identity) for identity in page.roots]
            self._map.trim()
        return roots  # type: ignore[return-value]  # each root was merged just now

    def _merge_one(self, identity: EntityIdentity, state: dict[str, Any], fetched_at: float, fresh: bool) -> Entity:
        entity = self._map.touch(identity)
        if entity is None:
            entity = self.types[identity.entity_type](identity, state, fetched_at)
            self._map.add(entity)
            return entity
        remote = entity._remote
        if fresh:
            covered = state.keys() >= remote.keys()
            remote.update(state)
            entity._fetched_at = fetched_at if covered else min(entity._fetched_at, fetched_at)
        else:
            entity._remote = {**state, **remote}
            entity._fetched_at = min(entity._fetched_at or fetched_at, fetched_at)  # 0: nothing but its key was there
        return entity

    def record(self, entity: Entity) -> EntityRecord:
        """The remote state of an entity, as caches hold it."""
        return EntityRecord(entity._identity, entity._fetched_at, dict(entity._remote))

    def __iter__(self) -> Iterator[Entity]:
        with self.lock:
            return iter(self._map)

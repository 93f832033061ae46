"""The top memory layer: the live entities of a session, and how pages come into it."""

from __future__ import annotations

import gc
import math
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import repeat
from typing import Any

from ftrack_core.entity import Cohort, Entity, IdentityMap, SplitPage, TypePlan, split_results, split_rows
from ftrack_core.errors import MalformedReplyError
from ftrack_core.session.entities._types import EntityTypes
from ftrack_core.session.freshness._scope import FreshScopes
from ftrack_core.session.freshness._staleness import Staleness, is_derived
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
        scopes: Scopes of fresh reading, which are told of what comes.
        stale: What events made stale.
    """

    def __init__(self, types: EntityTypes, size: int, scopes: FreshScopes, stale: Staleness) -> None:
        self.lock = threading.RLock()
        self.types = types
        self.stale = stale
        self._scopes = scopes
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
        return self._new(identity) if found is None else found

    def _new(self, identity: EntityIdentity) -> Entity:
        made = self.types[identity.entity_type]
        with self.lock:
            found = self._map.find(identity)
            if found is None:
                found = made(identity, made._plan.key_values(identity), 0.0)
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

    def forget(self, entity: Entity) -> None:
        """Forget an entity that the server has no more; one that a program has changed or marked stays."""
        with self.lock:
            if not entity._is_pinned():
                self._map.remove(entity._identity)

    def clear(self) -> None:
        """Forget all entities."""
        with self.lock:
            self._map.clear()
            self.stale.clear()

    def split(self, rows: Iterable[Any]) -> SplitPage:
        """Split rows of a query into states; raises before anything is merged."""
        return self._split(split_rows, rows)

    def split_results(self, results: Iterable[Any]) -> SplitPage:
        """Split the results of several operations, as `split` does: what a later one tells is newer."""
        return self._split(split_results, results)

    def _split(self, split: Callable[[Iterable[Any], Callable[[str], TypePlan]], SplitPage], rows: Any) -> SplitPage:
        try:
            page = split(rows, self.types.plan)
        except RecursionError:
            raise MalformedReplyError("The server sent entities that are nested too deeply.") from None
        for name in page.states:
            self.types[name]
        return page

    def merge(
        self,
        page: SplitPage,
        asked_at: float,
        *,
        fresh: bool = True,
        regroup: bool = False,
        anew: bool = False,
        own_commit: bool = False,
    ) -> list[Entity]:
        """Let a page's states become the remote states of live entities.

        Args:
            page: What `split` gave.
            asked_at: When the server was asked for it, in seconds since the epoch: it may have changed since.
            fresh: Whether it is newer than what is there; else it fills in only what is missing.
            regroup: Whether it makes new cohorts of entities that belong to one already, as a query's page does.
            anew: Whether a program asked for its entities, as with a query, so that they shall hold nothing stale.
            own_commit: Whether it tells what a commit of this session did: events about that tell nothing newer.

        Returns:
            The entities of the page's own rows, in order.
        """
        with self.lock:
            for name, states in page.states.items():
                if self._map.has_none(states):
                    self._add_all(self.types[name], states, asked_at)
                else:
                    self._merge_all(self.types[name], states, asked_at, fresh=fresh, regroup=regroup)
            roots = list(map(self._map.find, page.roots))
            if fresh:
                self._note(page, asked_at, anew=anew or regroup, by_others=own_commit)
            self._map.trim()
        return roots  # type: ignore[return-value]  # each root was merged just now

    def _note(self, page: SplitPage, asked_at: float, *, anew: bool, by_others: bool) -> None:
        """Have those know of a page who care how old things are."""
        scope = self._scopes.current()
        if scope is not None:
            scope.note(page, asked_at, self._map.find)
        for name, states in page.states.items() if self.stale.active else ():
            concerned = self.stale.concerned(name, states.keys(), asked_at)
            floor = self.stale.floor_of(name) if concerned is None else math.inf
            for identity, state in states.items() if concerned is not False else ():
                entity = self._map.find(identity)
                if entity is not None and entity._fetched_at <= floor:
                    self.stale.came(entity, state, asked_at, anew=anew, by_others=by_others)

    def _add_all(self, made: type[Entity], states: dict[EntityIdentity, dict[str, Any]], fetched_at: float) -> None:
        """Make entities of one type of which none is there: the usual case, so it leaves the loop to C code."""
        entities = map(made, states.keys(), states.values(), repeat(fetched_at), repeat(Cohort(states)))
        self._map.add_new(dict(zip(states, entities, strict=True)))

    def _merge_all(
        self,
        made: type[Entity],
        states: dict[EntityIdentity, dict[str, Any]],
        fetched_at: float,
        *,
        fresh: bool,
        regroup: bool,
    ) -> None:
        """Merge states of one type into entities that are there, and make those that are not."""
        cohort = Cohort()
        for identity, state in states.items():
            entity = self._map.touch(identity)
            if entity is None:
                entity = made(identity, state, fetched_at)
                self._map.add(entity)
            else:
                _merge_one(entity, state, fetched_at, fresh)
            if regroup or entity._cohort is None:
                cohort.identities.append(identity)
                entity._cohort = cohort

    def gather(self, identities: Iterable[EntityIdentity]) -> None:
        """Make one cohort of each type of those that came together, though not in one page, and are in none yet.

        Args:
            identities: Who came; whoever has companions keeps them.
        """
        cohorts: dict[str, Cohort] = {}
        with self.lock:
            for identity in identities:
                entity = self._map.find(identity)
                if entity is not None and (entity._cohort is None or len(entity._cohort.identities) <= 1):
                    entity._cohort = cohorts.setdefault(identity.entity_type, Cohort())
                    entity._cohort.identities.append(identity)

    def record(self, entity: Entity) -> EntityRecord:
        """The remote state of an entity."""
        return EntityRecord(entity._identity, entity._fetched_at, dict(entity._remote))

    def lasting_record(self, entity: Entity) -> EntityRecord:
        """What caches may hold of an entity: nothing stale, and nothing that changes though nobody changes it."""
        stale = self.stale.of(entity) if self.stale.active else ()
        kept = {
            name: value
            for name, value in list(entity._remote.items())
            if name not in stale and not is_derived(entity.attributes[name])
        }
        return EntityRecord(entity._identity, entity._fetched_at, kept)

    def __iter__(self) -> Iterator[Entity]:
        with self.lock:
            return iter(self._map)


def _merge_one(entity: Entity, state: dict[str, Any], fetched_at: float, fresh: bool) -> None:
    remote = entity._remote
    if fresh:
        covered = state.keys() >= remote.keys()
        remote.update(state)
        entity._fetched_at = fetched_at if covered else min(entity._fetched_at, fetched_at)
    else:
        entity._remote = {**state, **remote}
        entity._fetched_at = min(entity._fetched_at or fetched_at, fetched_at)  # 0: nothing but its key was there

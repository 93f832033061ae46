"""How missing values come to entities: in batches, with the fewest calls."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from ftrack_core.entity import Entity, TypePlan
from ftrack_core.errors import InvalidValueError, ServerError
from ftrack_core.query import quote
from ftrack_core.schema import AttributeKind
from ftrack_core.session._flags import ContextSwitch
from ftrack_core.session.entities._types import EntityTypes
from ftrack_core.session.freshness._scope import FreshScopes
from ftrack_core.session.loading._pages import Pages
from ftrack_core.session.loading._records import RecordCache
from ftrack_core.values import EntityIdentity, State

__all__ = ["Loader", "batches", "keyed_query", "loaded_paths"]

_T = TypeVar("_T")
_BATCH: Final = 500
"""Entities asked for in one query; the same number that queries page by."""


class Loader:
    """Fetches entities by key, and attributes of entities.

    Args:
        pages: Sends queries and merges their rows.
        types: The session's entity types.
        records: The caches below the live entities.
        cohorts: What is loaded for a whole cohort in the running thread: all, references or off.
        scopes: Scopes of fresh reading: in one, what was loaded before it counts as missing.
    """

    def __init__(
        self,
        pages: Pages,
        types: EntityTypes,
        records: RecordCache,
        cohorts: ContextSwitch[str],
        scopes: FreshScopes,
    ) -> None:
        self._scope = scopes.current
        self._cohorts = cohorts
        self._pages = pages
        self._types = types
        self._records = records

    def populate(self, entities: Iterable[Entity], projections: Iterable[str]) -> None:
        """Ask the server for projections of entities; local values stay.

        Args:
            entities: Which; those that the server does not know yet are passed over.
            projections: Paths, as a query selects them.
        """
        wanted = tuple(dict.fromkeys(projections))
        for plan, group in self._by_type(entities):
            for batch in batches(group):
                self._pages.fetch_all(keyed_query(plan, wanted, batch))

    def load(self, entities: Sequence[Entity], names: Collection[str]) -> None:
        """Give entities of one type values for attributes, from caches and then from the server."""
        missing = [entity for entity in entities if entity._state is not State.CREATED]
        if len(missing) == len(names) == 1:
            [name] = names
            self._load_with_cohort(missing[0], name)
            return
        missing = self._filled(missing, names)
        if missing:
            self._ask_for(missing, names)

    def _ask_for(self, entities: Sequence[Entity], names: Collection[str]) -> None:
        plan = entities[0]._plan
        self._pages.watch.loading(plan.name, names, len(entities))
        self.populate(entities, (path for name in names for path in plan.load_paths(name)))

    def _load_with_cohort(self, entity: Entity, name: str) -> None:
        """Load an attribute for an entity, and for others of its cohort that are likely to be asked for it next.

        The caches below are asked for all of them at once. Where the server refuses that, the entity is asked for
        alone.
        """
        lacking = self._filled([entity, *self._companions(entity, name)], (name,))
        if not lacking or lacking[0] is not entity:
            return  # it was kept; the others come when it is their turn
        companions = lacking[1:]
        try:
            self._ask_for([entity, *companions], (name,))
        except ServerError:
            if not companions:
                raise
            self._ask_for([entity], (name,))
            self._give_up(entity, name)
        if self._lacks(entity, name):
            self._give_up(entity, name)

    def _filled(self, entities: Sequence[Entity], names: Collection[str]) -> list[Entity]:
        """Fill entities from the caches below, outside of scopes of fresh reading; gives those that lack a name."""
        return self._records.fill(entities, names) if self._scope() is None else list(entities)

    def _lacks(self, entity: Entity, name: str) -> bool:
        scope = self._scope()
        return not entity._has(name) or (scope is not None and not scope.knows(entity, name))

    def _give_up(self, entity: Entity, name: str) -> None:
        if entity._cohort is not None:
            entity._cohort.load_alone(name)

    def _companions(self, entity: Entity, name: str) -> list[Entity]:
        """Who of an entity's cohort lacks an attribute too and shall get it in the same call."""
        cohort, attribute = entity._cohort, entity.attributes[name]
        wanted = self._cohorts.get()
        if cohort is None or wanted == "off" or attribute.computed or not cohort.loads(name):
            return []
        most = _BATCH
        if attribute.kind in {AttributeKind.COLLECTION, AttributeKind.MAPPED}:
            most = cohort.step(name, _BATCH) if wanted == "all" else 1
        members = map(self._pages.live.find, cohort.from_there(entity._identity)) if most > 1 else ()
        lacking = (each for each in members if each is not None and each._state is None and self._lacks(each, name))
        return list(itertools.islice(lacking, most - 1))

    def fetch_many(self, plan: TypePlan, keys: Sequence[tuple[str, ...]]) -> list[Entity | None]:
        """The entities of keys, live ones as they are, the others in as few calls as it takes; None where none is."""
        names = self._types.schemas.subtypes(plan.name)
        found = {key: self._live_of(names, key) for key in keys}
        gone = self._renew([entity for entity in found.values() if entity is not None and self._is_old(entity)])
        found = {key: entity for key, entity in found.items() if entity is None or entity not in gone}
        absent = [EntityIdentity(plan.name, key) for key, entity in found.items() if entity is None]
        restored = self._records.restore(absent) if self._scope() is None else set()
        for identity in restored:
            found[identity.key] = self._pages.live.entity(identity)
        for batch in batches([identity for identity in absent if identity not in restored]):
            asked = keyed_query(plan, plan.schema.default_projections, batch)
            found.update((entity._identity.key, entity) for entity in self._pages.fetch_all(asked))
        return [found.get(key) for key in keys]

    def _live_of(self, names: Iterable[str], key: tuple[str, ...]) -> Entity | None:
        for name in names:
            found = self._pages.live.find(EntityIdentity(name, key))
            if found is not None:
                return found
        return None

    def _is_old(self, entity: Entity) -> bool:
        """Whether a live entity must be asked for anew."""
        if entity._state is State.CREATED:
            return False
        scope = self._scope()
        return (scope is not None and not scope.has(entity)) or bool(self._pages.live.stale.of(entity))

    def _renew(self, entities: Sequence[Entity]) -> set[Entity]:
        """Ask for live entities again, for what is stale of them; gives those that are not there any more."""
        gone: set[Entity] = set()
        for plan, group in self._by_type(entities):
            stale = {name for each in entities if each.entity_type == plan.name for name in self._stale_of(each)}
            paths = (path for name in plan.attributes if name in stale for path in plan.load_paths(name))
            wanted = dict.fromkeys((*plan.schema.default_projections, *paths))
            for batch in batches(group):
                there = self._pages.fetch_all(keyed_query(plan, wanted, batch), anew=True)
                gone.update(map(self._pages.live.entity, set(batch).difference(each._identity for each in there)))
        for entity in gone:
            self._pages.live.forget(entity)
        return gone

    def _stale_of(self, entity: Entity) -> Collection[str]:
        return self._pages.live.stale.of(entity)

    def _by_type(self, entities: Iterable[Entity]) -> Iterator[tuple[TypePlan, list[EntityIdentity]]]:
        groups: dict[str, list[EntityIdentity]] = {}
        for entity in entities:
            if not isinstance(entity, Entity):
                raise InvalidValueError(f"Only entities can be populated, not {entity!r}.")
            if entity._state is not State.CREATED:
                groups.setdefault(entity.entity_type, []).append(entity._identity)
        for name, group in groups.items():
            yield self._types.plan(name), group


def loaded_paths(entities: Sequence[Entity]) -> list[str]:
    """What to select so that entities of one type have anew whatever one of them has by now."""
    names = dict.fromkeys(name for entity in entities for name in entity._remote)
    plan = entities[0]._plan
    return list(dict.fromkeys((*plan.primary_key, *(path for name in names for path in plan.load_paths(name)))))


def keyed_query(plan: TypePlan, selected: Iterable[str], identities: Sequence[EntityIdentity]) -> str:
    """The query that asks for exactly these entities; values are quoted, names come from the schema or the program."""
    return f"select {', '.join(selected)} from {plan.name} where {_keys(plan, identities)}"  # noqa: S608 - as above


def _keys(plan: TypePlan, identities: Sequence[EntityIdentity]) -> str:
    """A condition that exactly these entities meet."""
    if plan.single_key is None:
        return " or ".join(f"({_key(plan, identity)})" for identity in identities)
    if len(identities) == 1:
        return _key(plan, identities[0])
    return f"{plan.single_key} in ({', '.join(quote(identity.key[0]) for identity in identities)})"


def _key(plan: TypePlan, identity: EntityIdentity) -> str:
    return " and ".join(f"{name} is {quote(value)}" for name, value in plan.key_values(identity).items())


def batches(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))

"""How the changes that an event tells become stale names of live entities, and records that are taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from ftrack_core.entity import Entity
from ftrack_core.protocol import is_date
from ftrack_core.session.freshness._staleness import GONE, Staleness
from ftrack_core.session.freshness._update import Change
from ftrack_core.session.freshness._vocabulary import Vocabulary
from ftrack_core.session.loading._live import LiveEntities
from ftrack_core.session.loading._records import RecordCache
from ftrack_core.values import NOT_SET, EntityIdentity

__all__ = ["Aging"]


class Aging:
    """Has the layers of a session's cache know what became of the server's entities.

    Thread safety: all calls.

    Args:
        live: The live entities.
        records: The caches below.
        vocabulary: What internal names mean.
    """

    def __init__(self, live: LiveEntities, records: RecordCache, vocabulary: Vocabulary) -> None:
        self._live = live
        self._stale: Staleness = live.stale
        self._records = records
        self._vocabulary = vocabulary

    def all(self, *, records: bool) -> None:
        """Nobody knows what happened until now: whatever was asked for is stale.

        Args:
            records: Whether that goes for records in caches too.
        """
        with self._live.lock:
            self._stale.all_before(self._stale.moments.divide(), records=records)

    def told(self, changes: Iterable[Change], *, own: bool) -> None:
        """An event came.

        Args:
            changes: What it tells.
            own: Whether it tells of a commit of this session.
        """
        changed: set[EntityIdentity] = set()
        around: set[tuple[str, ...]] = set()
        with self._live.lock:
            moment = self._stale.moments.divide()
            for change in changes:
                changed.update(self._changed(change, moment))
                around.update(self._around(change))
            self._stale.happened({identity.key for identity in changed}, around, moment, own=own)
            self._stale.sweep(self._live.find)
        self._records.forget(changed)

    def _changed(self, change: Change, moment: float) -> list[EntityIdentity]:
        """The entity itself."""
        types = self._vocabulary.types(change.table, change.entity_type)
        identities = self._vocabulary.identities(types, change.identifier)
        for identity in identities:
            entity = self._live.find(identity)
            if entity is not None:
                self._stale.mark(entity, self._stale_names(entity, change))
        self._custom_attributes(change, types, moment)
        return identities

    def _stale_names(self, entity: Entity, change: Change) -> set[str]:
        if change.action == "remove":
            return {*entity._remote, GONE}
        names = set(self._vocabulary.derived(entity.entity_type))
        for internal, (_, new) in change.values.items():
            found = self._vocabulary.attributes(entity.entity_type, internal)
            names.update(name for name in found if not _is(entity._remote.get(name, NOT_SET), new))
        return names

    def _custom_attributes(self, change: Change, types: Iterable[str], moment: float) -> None:
        """Values of custom attributes are entities with keys of two parts, of which an event tells neither."""
        for name in types:
            targets = {
                self._vocabulary.values_type(name)
                for internal in change.values
                if "custom_attributes" in self._vocabulary.attributes(name, internal)
            }
            for target in filter(None, targets):
                self._stale.all_of_type_before(target, moment)

    def _around(self, change: Change) -> Iterator[tuple[str, ...]]:
        """The entities that it belongs to, or did: what comes to them, or goes, and what is worked out from them."""
        for identifier, types in self._referred(change).items():
            yield from self._surroundings(types, identifier, self._vocabulary.related)
        items = self._vocabulary.types(change.table, change.entity_type)
        names_of = self._vocabulary.related if change.is_whole else partial(self._vocabulary.touched_by, items)
        for owner in self._vocabulary.owners(items, change.identifier):
            yield from self._surroundings(self._vocabulary.types("", ""), owner, names_of)
        for table, name, identifier in change.parents:
            yield from self._surroundings(self._vocabulary.types(table, name), identifier, names_of)

    def _surroundings(
        self, types: Iterable[str], identifier: str, names_of: Callable[[str], Iterable[str]]
    ) -> Iterator[tuple[str, ...]]:
        for identity in self._vocabulary.identities(types, identifier):
            entity = self._live.find(identity)
            if entity is not None:
                self._stale.mark(entity, names_of(entity.entity_type))
        yield (identifier,)

    def _referred(self, change: Change) -> dict[str, frozenset[str]]:
        """Ids of the entities that it refers to, or did, each with the types that they may be of."""
        types = self._vocabulary.types(change.table, change.entity_type)
        found: dict[str, frozenset[str]] = {}
        for internal, values in change.values.items():
            targets = frozenset().union(*(self._vocabulary.targets(name, internal) for name in types))
            for identifier in values if targets else ():
                if isinstance(identifier, str) and identifier:
                    found[identifier] = found.get(identifier, frozenset()) | targets
        return found


def _is(value: Any, told: Any) -> bool:
    """Whether a loaded value is what an event tells."""
    if value is NOT_SET:
        return False
    if value.__class__ is EntityIdentity:
        return bool(value.key[0] == told)
    if value.__class__ is dict and is_date(value):
        return bool(value["value"] == told)
    return value.__class__ is not list and bool(value == told)

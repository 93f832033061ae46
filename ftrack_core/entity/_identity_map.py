"""The session's top layer: one live object for each identity.

Two generations bound what is held strongly: when the young one is full, entities of the old one that nobody touched
since are held weakly from then on. So whatever the program holds stays unique, and what it dropped is forgotten.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from ftrack_core.values import EntityIdentity

if TYPE_CHECKING:
    from ftrack_core.entity._entity import Entity

__all__ = ["IdentityMap"]


class IdentityMap:
    """Live entities by identity.

    Not thread-safe by itself: `find` may run beside anything; the rest is called under the session's lock.

    Args:
        size: How many entities a generation holds: between one and two times as many are held strongly. Entities
            that a commit would touch, carry plain attributes or are mixed in are never dropped, and count extra.
    """

    __slots__ = ("_old", "_size", "_weak", "_young", "changes")

    def __init__(self, size: int) -> None:
        self._size = max(1, size)
        self._young: dict[EntityIdentity, Entity] = {}
        self._old: dict[EntityIdentity, Entity] = {}
        self._weak: dict[EntityIdentity, weakref.ref[Entity]] = {}
        self.changes = 0

    def find(self, identity: EntityIdentity) -> Entity | None:
        """The live entity of an identity, or None; touches nothing, so it needs no lock."""
        found = self._young.get(identity)
        if found is None and self._old:
            found = self._old.get(identity)
        if found is None and self._weak:
            reference = self._weak.get(identity)
            found = reference() if reference is not None else None
        return found

    def touch(self, identity: EntityIdentity) -> Entity | None:
        """The live entity of an identity, or None; it counts as used."""
        found = self._young.get(identity)
        if found is None:
            found = self.find(identity)
            if found is not None:
                self.add(found)
        return found

    def add(self, entity: Entity) -> None:
        """Hold an entity; it counts as used."""
        self._young[entity._identity] = entity
        self.changes += 1

    def add_new(self, entities: Mapping[EntityIdentity, Entity]) -> None:
        """Hold entities that were not there; they count as used."""
        self._young.update(entities)
        self.changes += len(entities)

    def has_none(self, identities: Iterable[EntityIdentity]) -> bool:
        """Whether none of these entities is, or may be, there."""
        return all(held.keys().isdisjoint(identities) for held in (self._young, self._old, self._weak))

    def trim(self) -> None:
        """Begin a new generation if the young one is full; called once after a page, not for each entity."""
        if len(self._young) <= self._size:
            return
        ageing, self._old, self._young = self._old, self._young, {}
        self._weak = {identity: reference for identity, reference in self._weak.items() if reference() is not None}
        for identity, entity in ageing.items():
            if identity in self._old:
                continue
            if entity._is_pinned():
                self._old[identity] = entity
            else:
                self._weak[identity] = weakref.ref(entity)

    def remove(self, identity: EntityIdentity) -> bool:
        """Forget an entity; gives whether it was there."""
        self.changes += 1
        found = self.find(identity) is not None
        self._young.pop(identity, None)
        self._old.pop(identity, None)
        self._weak.pop(identity, None)
        return found

    def clear(self) -> None:
        """Forget all entities."""
        self._young, self._old, self._weak = {}, {}, {}
        self.changes += 1

    def __iter__(self) -> Iterator[Entity]:
        """All live entities, as a list of the moment would give them."""
        seen = {**self._old, **self._young}
        for identity, reference in list(self._weak.items()):
            entity = reference()
            if entity is not None:
                seen.setdefault(identity, entity)
        return iter(list(seen.values()))

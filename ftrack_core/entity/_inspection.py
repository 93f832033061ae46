"""What an entity is, told without loading anything."""

from __future__ import annotations

from collections.abc import Iterable

from ftrack_core.entity._entity import Entity
from ftrack_core.values import NOT_SET, EntityIdentity, NotSet, State

__all__ = ["identity", "primary_key", "state", "states"]


def identity(entity: Entity) -> EntityIdentity:
    """The type and key of an entity."""
    return entity._identity


def primary_key(entity: Entity) -> dict[str, str]:
    """The primary key of an entity as text, by attribute name, in the schema's order."""
    return entity._plan.key_values(entity._identity)


def state(entity: Entity) -> State | NotSet:
    """What a commit would do with an entity; `NOT_SET` when nothing."""
    if entity._state is not None:
        return entity._state
    return State.MODIFIED if entity._local else NOT_SET


def states(entities: Iterable[Entity]) -> list[State | NotSet]:
    """What a commit would do with each of several entities."""
    return [state(entity) for entity in entities]

"""What operations amount to: for each entity and attribute what the last one says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ftrack_core.unit_of_work._operations import CreateEntityOperation, Operation, UpdateEntityOperation, entity_of
from ftrack_core.values import NOT_SET, EntityIdentity, State

__all__ = ["OperationIndex"]


class OperationIndex:
    """Grows with the operations of one unit of work, so that nobody has to walk them.

    Attributes:
        count: How many operations it knows.
        last: The last of them.
        values: What each attribute shall be, by entity and name; `NOT_SET` where that was withdrawn.
        names: Of each entity the names in `values`.
        lives: Which entities shall come to be or cease to be: `State.CREATED` or `State.DELETED`.
        made: Entities that shall come to be, by the only part of their key.
    """

    __slots__ = ("count", "last", "lives", "made", "names", "values")

    def __init__(self, operations: Iterable[Operation] = ()) -> None:
        self.count = 0
        self.last: Operation | None = None
        self.values: dict[tuple[EntityIdentity, str], Any] = {}
        self.names: dict[EntityIdentity, dict[str, None]] = {}
        self.lives: dict[EntityIdentity, State] = {}
        self.made: dict[str, EntityIdentity] = {}
        for operation in operations:
            self.add(operation)

    def add(self, operation: Operation) -> None:
        """Take in the next operation."""
        entity = entity_of(operation)
        self.count, self.last = self.count + 1, operation
        if isinstance(operation, UpdateEntityOperation):
            self._set(entity, {operation.attribute_name: operation.new_value})
        elif isinstance(operation, CreateEntityOperation):
            self.lives[entity] = State.CREATED
            if len(entity.key) == 1:
                self.made[entity.key[0]] = entity
            self._set(entity, operation.entity_data)
        else:
            self.lives[entity] = State.DELETED
            self.names.setdefault(entity, {})
            if len(entity.key) == 1:
                self.made.pop(entity.key[0], None)

    def _set(self, entity: EntityIdentity, values: Mapping[str, Any]) -> None:
        names = self.names.setdefault(entity, {})
        for name, value in values.items():
            names[name] = None
            self.values[entity, name] = value

    def state(self, entity: EntityIdentity) -> State | None:
        """What the operations do with an entity; None when nothing."""
        life = self.lives.get(entity)
        if life is not None:
            return life
        changed = any(self.values[entity, name] is not NOT_SET for name in tuple(self.names.get(entity, ())))
        return State.MODIFIED if changed else None

"""What a session's threads change between commits."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from ftrack_core.entity import Entity, inspection
from ftrack_core.session._flags import ContextSwitch
from ftrack_core.unit_of_work import (
    CreateEntityOperation,
    DeleteEntityOperation,
    RecordedOperations,
    UpdateEntityOperation,
)
from ftrack_core.values import EntityIdentity, State

__all__ = ["Changes"]


class Changes:
    """Records operations, and knows the changed entities without walking all of them.

    Thread safety: used by every thread of the session.

    Attributes:
        operations: What waits for a commit.
        recording: Whether the running thread records.
    """

    def __init__(self, recording: ContextSwitch[bool]) -> None:
        self.operations = RecordedOperations()
        self.recording = recording
        self._changed: dict[EntityIdentity, Entity] = {}
        self._lock = threading.Lock()

    def note(self, entity: Entity) -> None:
        """Know an entity as changed."""
        with self._lock:
            self._changed[entity._identity] = entity

    def created(self, entity: Entity, values: Mapping[str, Any]) -> None:
        """An entity was created, with these scalar values."""
        self.note(entity)
        key = inspection.primary_key(entity)
        self._record(CreateEntityOperation(entity.entity_type, key, dict(values)))

    def updated(self, entity: Entity, name: str, old: Any, new: Any) -> None:
        """An attribute of an entity was changed."""
        self.note(entity)
        key = inspection.primary_key(entity)
        self._record(UpdateEntityOperation(entity.entity_type, key, name, old, new))

    def deleted(self, entity: Entity) -> None:
        """An entity was deleted."""
        self.note(entity)
        self._record(DeleteEntityOperation(entity.entity_type, inspection.primary_key(entity)))

    def _record(self, operation: CreateEntityOperation | UpdateEntityOperation | DeleteEntityOperation) -> None:
        if self.recording.get():
            self.operations.push(operation)

    def of_state(self, state: State) -> list[Entity]:
        """The entities of a state that an operation waits for, in the order in which they were first changed."""
        pending = {(each.entity_type, tuple(map(str, each.entity_key.values()))) for each in self.operations}
        changed = [entity for entity in self.all() if entity._identity in pending]
        return [entity for entity in changed if inspection.state(entity) is state]

    def all(self) -> list[Entity]:
        """All entities that were changed."""
        return list(self._changed.values())

    def tidy(self) -> None:
        """Forget entities that hold no change any more."""
        with self._lock:
            kept = {key: entity for key, entity in list(self._changed.items()) if inspection.state(entity)}
            self._changed = kept

    def clear(self) -> None:
        """Forget everything."""
        self.operations.clear()
        with self._lock:
            self._changed = {}

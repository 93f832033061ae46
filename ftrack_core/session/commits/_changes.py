"""What a session's threads change between commits, each in its current unit of work."""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections.abc import Mapping
from typing import Any

from ftrack_core.entity import Collection, Entity, MappedCollection, inspection
from ftrack_core.errors import UnitOfWorkError
from ftrack_core.session._flags import ContextSwitch
from ftrack_core.session.commits._pending import Pending
from ftrack_core.unit_of_work import (
    CreateEntityOperation,
    DeleteEntityOperation,
    Operation,
    RecordedOperations,
    UpdateEntityOperation,
)
from ftrack_core.values import NOT_SET, EntityIdentity, State

__all__ = ["Changes"]


class Changes:
    """Records operations in the unit of work that is current for the running thread or task.

    A session has a unit of work of its own, and more while there are `with session.unit_of_work()` blocks.

    Thread safety: used by every thread of the session.

    Attributes:
        recording: Whether the running thread records.
        own: The session's own unit of work.
    """

    def __init__(self, recording: ContextSwitch[bool]) -> None:
        self.recording = recording
        self.own = Pending()
        self._units: tuple[Pending, ...] = (self.own,)
        self._current: contextvars.ContextVar[Pending] = contextvars.ContextVar("ftrack_unit", default=self.own)
        self._lock = threading.Lock()

    # Units of work.

    @property
    def current(self) -> Pending:
        """The unit of work of the running thread or task.

        Raises:
            UnitOfWorkError: It is over.
        """
        unit = self._current.get()
        unit.check_going()
        return unit

    @property
    def operations(self) -> RecordedOperations:
        """What waits for the commit of the current unit of work."""
        return self.current.operations

    @property
    def waiting(self) -> int:
        """How many operations wait in all units of work."""
        return sum(len(unit.operations) for unit in self._units)

    def begin(self) -> tuple[Pending, contextvars.Token[Pending]]:
        """Make a new unit of work the current one; the token ends that."""
        unit = Pending(self.current)
        with self._lock:
            self._units = (*self._units, unit)
        return unit, self._current.set(unit)

    def leave(self, token: contextvars.Token[Pending]) -> None:
        """Make the unit of work current again that was so before."""
        with contextlib.suppress(ValueError):  # left in another context than it was entered in, which ends anyway
            self._current.reset(token)

    def end(self, unit: Pending) -> None:
        """A unit of work is over."""
        unit.over = True
        unit.operations.end()
        with self._lock:
            self._units = tuple(each for each in self._units if each is not unit)

    def others(self, unit: Pending) -> list[Pending]:
        """All units of work but one, the last begun first."""
        return [each for each in reversed(self._units) if each is not unit]

    # Recording.

    def check_recording(self) -> None:
        """Refuse to begin a change that could not be recorded.

        Raises:
            UnitOfWorkError: The current unit of work is over.
        """
        if self.recording.get():
            self._current.get().check_going()

    def created(self, entity: Entity, scalars: Mapping[str, Any], relations: Mapping[str, Any]) -> None:
        """An entity was created; its relations become updates after the create."""
        name, key = entity.entity_type, inspection.primary_key(entity)
        updates = [
            UpdateEntityOperation(name, key.copy(), relation, NOT_SET, value) for relation, value in relations.items()
        ]
        self._record(entity, CreateEntityOperation(name, key, dict(scalars)), *updates)

    def updated(self, entity: Entity, name: str, old: Any, new: Any) -> None:
        """An attribute of an entity was changed.

        Raises:
            UnitOfWorkError: The current unit of work is over; the change is taken back.
        """
        try:
            if len(self._units) > 1 or self._current.get() is not self.own:
                old = self._before(entity, name, old)
            key = entity._plan.key_values(entity._identity)
            self._record(entity, UpdateEntityOperation(entity.entity_type, key, name, old, new))
        except UnitOfWorkError:
            entity._drop_local(name)
            raise

    def deleted(self, entity: Entity) -> None:
        """An entity was deleted."""
        self._record(entity, DeleteEntityOperation(entity.entity_type, inspection.primary_key(entity)))

    def _before(self, entity: Entity, name: str, old: Any) -> Any:
        """What an attribute is before an update: never what only another unit of work wants it to be."""
        if (entity._identity, name) in self.current.index().values:
            return old
        return entity._remote.get(name, NOT_SET)

    def _record(self, entity: Entity, *operations: Operation) -> None:
        if not self.recording.get():
            self.own.note(entity)
            return
        unit = self._current.get()
        if unit.over:
            unit.check_going()
        unit.note(entity)
        unit.operations.push_all(operations)

    # What waits.

    def wanted(self, identity: EntityIdentity, name: str) -> Any:
        """What the unit of work that was begun last wants an attribute of a changed entity to be; else `NOT_SET`."""
        for unit in reversed(self._units):
            if unit.find(identity) is not None:
                value = unit.index().values.get((identity, name), NOT_SET)
                if value is not NOT_SET:
                    return _local(value)
        return NOT_SET

    def life(self, identity: EntityIdentity) -> State | None:
        """Whether any unit of work deletes an entity, or else creates it."""
        lives = {unit.index().lives.get(identity) for unit in self._units}
        return next((state for state in (State.DELETED, State.CREATED) if state in lives), None)

    def of_state(self, state: State) -> list[Entity]:
        """The entities with which a commit of the current unit of work does something."""
        return self.current.of_state(state)

    def clear(self) -> None:
        """Forget everything, in all units of work."""
        for unit in self._units:
            unit.clear()
            if unit.left:
                self.end(unit)


def _local(value: Any) -> Any:
    """A recorded value as local state keeps it, also one that was pushed by hand."""
    if isinstance(value, Entity):
        return value._identity
    if isinstance(value, MappedCollection):
        value = value.collection
    if isinstance(value, Collection):
        return tuple(value._items())
    if isinstance(value, (list, tuple)) and any(isinstance(item, Entity) for item in value):
        return tuple(map(_local, value))
    return value

"""What a commit and a rollback do to the entities: their local values follow what is still recorded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ftrack_core.entity import Entity, SplitPage
from ftrack_core.session.commits._changes import Changes
from ftrack_core.session.commits._pending import Pending
from ftrack_core.session.loading._live import LiveEntities
from ftrack_core.unit_of_work import (
    CreateEntityOperation,
    Operation,
    OperationIndex,
    Plan,
    PlannedWrite,
    UpdateEntityOperation,
    entity_of,
)
from ftrack_core.values import NOT_SET, State

__all__ = ["LocalState"]


class LocalState:
    """Keeps entities in step with the units of work.

    An entity is one object for all units of work, so what one of them wants shows everywhere. When that is done or
    undone, what another one still wants shows again, else what the server has.

    Thread safety: called under the lock of a commit, and each method takes the lock of the live entities.

    Args:
        changes: The units of work.
        live: The live entities.
    """

    def __init__(self, changes: Changes, live: LiveEntities) -> None:
        self._changes = changes
        self._live = live

    # After a commit.

    def done(self, unit: Pending, plan: Plan, page: SplitPage) -> None:
        """A plan was carried out; `page` is what the server told of it."""
        unit.operations.forget(plan.operations)
        shared = bool(self._changes.others(unit))
        with self._live.lock:
            for write in plan.writes:
                entity = self._live.find(write.entity)
                if entity is not None:
                    told = page.states.get(write.entity.entity_type, {}).get(write.entity, {})
                    self._done_with(entity, write, told, shared)
            for identity in plan.vanished - {write.entity for write in plan.writes}:
                gone = self._live.find(identity)
                if gone is not None:
                    self._drop(gone)
            if shared:
                self._show_others(plan.operations)
            unit.tidy(plan.entities)

    def _done_with(self, entity: Entity, write: PlannedWrite, told: dict[str, Any], shared: bool) -> None:
        if write.action == "delete":
            self._drop(entity)
            return
        if entity._state is State.CREATED:
            entity._state = None
        twins = entity._plan.twins
        for name, value in write.values.items():
            if entity._local is not None and _same(entity._local.get(name, NOT_SET), value):
                entity._drop_local(name)
                if shared:
                    self._show(entity, name)
            if name not in told or twins.get(name, name) not in told:
                _forget(entity, name, told)

    def _drop(self, entity: Entity) -> None:
        """Forget a deleted entity, unless one was created under the same key since."""
        if entity._state is not State.CREATED:
            entity._local = None
            self._live.remove(entity._identity)

    def _show_others(self, operations: Iterable[Operation]) -> None:
        """Where a unit of work had withdrawn a value, what another one wants shows again."""
        for operation in operations:
            if isinstance(operation, UpdateEntityOperation) and operation.new_value is NOT_SET:
                entity = self._live.find(entity_of(operation))
                if entity is not None and operation.attribute_name not in (entity._local or ()):
                    self._show(entity, operation.attribute_name)

    def forget_remote(self, plan: Plan) -> None:
        """What a plan may have changed is read anew."""
        with self._live.lock:
            for write in plan.writes:
                entity = self._live.find(write.entity)
                if entity is not None and write.action == "update":
                    for name in write.values:
                        _forget(entity, name, {})

    # A rollback.

    def undo(self, unit: Pending, keeping: int = 0) -> None:
        """Forget what a unit of work recorded.

        Args:
            unit: Which one.
            keeping: How many of its first operations stay recorded.
        """
        with self._live.lock:
            recorded = unit.operations.snapshot()[keeping:]
            undone = OperationIndex(recorded)
            made = {entity_of(each) for each in recorded if isinstance(each, CreateEntityOperation)}
            unit.operations.keep(keeping)
            for identity, names in undone.names.items():
                entity = self._live.find(identity) or unit.find(identity)
                if entity is not None:
                    self._undo_one(entity, names, created=identity in made)
            unit.tidy(undone.names)
            if unit is self._changes.own:
                self._undo_unrecorded(unit)

    def _undo_one(self, entity: Entity, names: Iterable[str], *, created: bool) -> None:
        state = self._changes.life(entity._identity)
        if created and state is None:
            entity._local = None
            self._live.remove(entity._identity)
        for name in names:
            self._show(entity, name)
        entity._state = state

    def _undo_unrecorded(self, unit: Pending) -> None:
        """A session's own rollback drops the local values too that were never recorded."""
        for entity in unit:
            for name in list(entity._local or ()):
                self._show(entity, name)
            entity._state = self._changes.life(entity._identity)
        unit.clear()

    def _show(self, entity: Entity, name: str) -> None:
        """Let an attribute show what a unit of work wants it to be, else what the server has."""
        value = self._changes.wanted(entity._identity, name)
        if value is NOT_SET:
            entity._drop_local(name)
        else:
            entity._local = {**(entity._local or {}), name: value}


def _same(local: Any, sent: Any) -> bool:
    return local is sent or (local.__class__ is sent.__class__ and bool(local == sent))


def _forget(entity: Entity, name: str, told: dict[str, Any]) -> None:
    """What was changed is read anew if the result did not tell it; a reference and its key change together."""
    if name not in told and name not in entity.primary_key_attributes:
        entity._remote.pop(name, None)
    twin = entity._plan.twins.get(name)
    if twin is not None and twin not in told and twin not in entity.primary_key_attributes:
        entity._remote.pop(twin, None)

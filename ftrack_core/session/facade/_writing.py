"""The part of the session that writes: what is recorded, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_core.entity import Collection, Entity, MappedCollection
from ftrack_core.errors import InvalidTypeError
from ftrack_core.session._arguments import values_of
from ftrack_core.session.facade._reading import Reading
from ftrack_core.session.facade._switches import Switches
from ftrack_core.session.line._coding import wire_form
from ftrack_core.values import State

if TYPE_CHECKING:
    from ftrack_core.session.commits._unit_of_work import UnitOfWork
    from ftrack_core.unit_of_work import Plan, RecordedOperations

__all__ = ["Writing"]


class Writing(Reading, Switches):
    """Mixed into the session."""

    def create(self, entity_type: str, data: Mapping[str, Any] | None = None, reconstructing: bool = False) -> Entity:
        """A new entity, recorded for the next commit.

        Args:
            entity_type: Its type.
            data: Its values; defaults are filled in.
            reconstructing: Whether it exists on the server: nothing is recorded then, and `data` is taken as what
                the server has.

        Raises:
            UnrecognisedEntityTypeError: There is no such entity type.
            UnknownAttributeError: The type has no such attribute.
            InvalidValueError: A value cannot stand there, or the primary key is incomplete.
        """
        self._check_open()
        values = values_of(entity_type, {} if data is None else data)
        if not reconstructing:
            return self._parts.creator.create(entity_type, values)
        row = self._parts.creator.known(entity_type, values)
        form = wire_form(row, self._parts.types.plan)
        return self._decoded([form], self._parts.pages.moment())[0]  # type: ignore[no-any-return]

    def delete(self, entity: Entity) -> None:
        """Record that an entity shall be deleted by the next commit.

        Raises:
            InvalidTypeError: It is no entity.
            ForeignEntityError: It belongs to another session.
        """
        self._check_open()
        self._parts.context.own(entity, "deleted")
        self._parts.changes.check_recording()
        if self.record_operations:
            entity._state = State.DELETED
        self._parts.changes.deleted(entity)

    def merge(self, value: Any) -> Any:
        """This session's own entity for an entity, or entities for a collection or list, of any session.

        What the given one has loaded fills in what is missing here; it is not changed itself.
        """
        self._check_open()
        if isinstance(value, Entity):
            return self._decoded(wire_form(value, self._parts.types.plan, "persisted_only"))
        if isinstance(value, MappedCollection):
            value = value.collection
        if isinstance(value, (Collection, list, tuple)):
            return [self.merge(item) for item in value]
        raise InvalidTypeError(f"Only entities and collections can be merged, not {value!r}.")

    @property
    def recorded_operations(self) -> RecordedOperations:
        """What waits for the next commit; programs may push their own operations."""
        return self._parts.changes.operations

    @property
    def created(self) -> list[Entity]:
        """Entities that the next commit creates."""
        return self._parts.changes.of_state(State.CREATED)

    @property
    def modified(self) -> list[Entity]:
        """Entities that the next commit changes."""
        return self._parts.changes.of_state(State.MODIFIED)

    @property
    def deleted(self) -> list[Entity]:
        """Entities that the next commit deletes."""
        return self._parts.changes.of_state(State.DELETED)

    def unit_of_work(self) -> UnitOfWork:
        """A unit of work of its own for a `with` block, in the running thread or task.

        What the block records is its own: `commit`, `rollback`, `plan` and the like touch nothing else. Leaving it
        commits the rest; an exception rolls it back and goes on.
        """
        from ftrack_core.session.commits._unit_of_work import UnitOfWork

        return UnitOfWork(self._parts.changes, self._parts.committer, self._parts.server)

    def plan(self) -> Plan:
        """What the next commit would send: a value that can be printed, kept as JSON, and committed elsewhere."""
        return self._parts.committer.plan(self._parts.changes.current)

    def commit(self) -> None:
        """Send everything recorded as one batch, which the server carries out whole or not at all.

        Raises:
            ServerError: The server refuses; everything stays recorded: mend it and commit again, or roll back.
            TransportError: The server cannot be reached; everything stays recorded.
            CommitUncertain: The reply was lost, and it cannot be told whether the batch was carried out; everything
                stays recorded, and nothing else is sent before that is known.
            UnitOfWorkError: It needs an entity that another unit of work created and has not committed.
            ConnectionClosedError: The session is closed.
        """
        self._check_open()
        self._parts.committer.commit(self._parts.changes.current)

    def commit_plan(self, plan: Plan, *, overwrite: bool = False) -> None:
        """Send a plan, made by this or another session, as one batch; what is recorded here stays recorded.

        The server is asked first: a plan that was carried out already is not sent again.

        Args:
            plan: What to send, as `plan()` or `Plan.from_json` gave it.
            overwrite: Whether to send it also where somebody changed what it changes since it was made.

        Raises:
            PlanError: It does not fit this server's schema, or what it changes was changed since; nothing was sent.
            UnitOfWorkError: It is of this session, where it is still recorded, or needs what is; nothing was sent.
            ServerError: The server refuses.
            TransportError: The server cannot be reached.
            CommitUncertain: The reply was lost; `settle()` and the next commit ask again.
            ConnectionClosedError: The session is closed.
        """
        self._check_open()
        from ftrack_core.session.commits._plan_checks import check_plan

        check_plan(plan, self._parts.types)
        self._parts.committer.commit_plan(plan, overwrite=overwrite)

    def settle(self, *, overwrite: bool = False) -> None:
        """Find out what became of a commit that ended in `CommitUncertain`, and finish it; else do nothing.

        Args:
            overwrite: Whether to send the batch again even where that may overwrite somebody else's change.

        Raises:
            CommitUncertain: It still cannot be told.
            ServerError: The batch was sent again, and the server refuses it; everything stays recorded.
            ConnectionClosedError: The session is closed.
        """
        self._check_open()
        self._parts.committer.settle(overwrite=overwrite)

    def rollback(self) -> None:
        """Forget everything recorded; entities are again as the server knows them."""
        self._check_open()
        self._parts.committer.rollback(self._parts.changes.current)

    def ensure(
        self, entity_type: str, data: Mapping[str, Any], identifying_keys: Sequence[str] | None = None
    ) -> Entity:
        """The entity that has these values: found and brought in line, or created. Commits everything pending.

        Args:
            entity_type: Its type.
            data: Its values.
            identifying_keys: Which of them tell it from others; default all.

        Raises:
            ValueError: There is nothing to tell it by.
            KeyError: An identifying key is not among the values.
            MultipleResultsFoundError: Several entities have these values.
            InvalidTypeError: The values are no mapping.
        """
        from ftrack_core.session.queries import _criteria

        values_of(entity_type, data)
        criteria = _criteria.criteria(data, identifying_keys)
        found = self.query(f"{entity_type} where {criteria}").one_or_none()
        if found is None:
            found = self.create(entity_type, data)
        else:
            _criteria.bring_in_line(found, data)
        self.commit()
        return found

"""A unit of work as a program holds it: `with session.unit_of_work() as work`."""

from __future__ import annotations

import contextvars
from types import TracebackType
from typing import TYPE_CHECKING

from ftrack_core.entity import Entity
from ftrack_core.errors import UnitOfWorkError
from ftrack_core.session.commits._changes import Changes
from ftrack_core.session.commits._committing import Committer
from ftrack_core.session.commits._pending import Pending
from ftrack_core.session.line._server import Server
from ftrack_core.unit_of_work import Plan, RecordedOperations
from ftrack_core.values import State

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["UnitOfWork"]


class UnitOfWork:
    """Operations of their own, recorded by the thread or task that is within its `with` block.

    Other threads record elsewhere, unless they hold this object and push operations, commit or roll back with it.
    Leaving the block commits what is not committed yet; an exception rolls it back and goes on. Either way it is over
    then. Only a batch of which nobody knows whether it was carried out outlives the block: the session's `settle()`,
    and the next commit of anybody, finish it.

    Thread safety: its methods may be called from any thread.
    """

    def __init__(self, changes: Changes, committer: Committer, server: Server) -> None:
        self._changes = changes
        self._committer = committer
        self._server = server
        self._unit: Pending | None = None
        self._token: contextvars.Token[Pending] | None = None

    def __enter__(self) -> Self:
        if self._unit is not None:
            raise UnitOfWorkError("A unit of work is entered once; session.unit_of_work() makes a new one.")
        self._server.check_usable()
        self._unit, self._token = self._changes.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        unit = self._going()
        if self._token is not None:
            self._changes.leave(self._token)
        if self._server.closed or self._server.inherited:
            self._changes.end(unit)  # what was recorded was lost with the session, and said so then
        else:
            self._committer.leave(unit, failed=error is not None)

    def __repr__(self) -> str:
        if self._unit is None:
            return "<UnitOfWork: not entered>"
        return f"<UnitOfWork: {'over' if self._unit.over else f'{len(self._unit.operations)} recorded'}>"

    def _going(self) -> Pending:
        if self._unit is None:
            raise UnitOfWorkError("A unit of work begins with its block: with session.unit_of_work() as work: ...")
        self._unit.check_going()
        return self._unit

    @property
    def recorded_operations(self) -> RecordedOperations:
        """What waits for its next commit; programs may push their own operations."""
        return self._going().operations

    @property
    def created(self) -> list[Entity]:
        """Entities that its next commit creates."""
        return self._going().of_state(State.CREATED)

    @property
    def modified(self) -> list[Entity]:
        """Entities that its next commit changes."""
        return self._going().of_state(State.MODIFIED)

    @property
    def deleted(self) -> list[Entity]:
        """Entities that its next commit deletes."""
        return self._going().of_state(State.DELETED)

    def plan(self) -> Plan:
        """What its next commit would send."""
        return self._committer.plan(self._going())

    def commit(self) -> None:
        """Send everything recorded in it as one batch; errors are those of the session's `commit`."""
        self._server.check_usable()
        self._committer.commit(self._going())

    def rollback(self) -> None:
        """Forget everything recorded in it; entities are again as they were before, whatever others still want.

        After a block was left by `CommitUncertain`, this gives up the batch that is not settled.
        """
        self._server.check_usable()
        self._committer.rollback(self._going())

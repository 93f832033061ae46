"""Commit and rollback: from recorded operations to one batch, and from its results back to entities."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final

import attrs

from ftrack_core.assembly import Deferred
from ftrack_core.entity import SplitPage
from ftrack_core.errors import CommitUncertain, PlanError
from ftrack_core.session.commits._batches import Batches, SentBatch
from ftrack_core.session.commits._changes import Changes
from ftrack_core.session.commits._local_state import LocalState
from ftrack_core.session.commits._pending import Pending
from ftrack_core.session.commits._references import check_references, check_unrecorded
from ftrack_core.session.commits._sending import Sender, first_of
from ftrack_core.session.line._server import Server
from ftrack_core.session.loading._live import LiveEntities, collector_paused
from ftrack_core.session.loading._pages import Pages
from ftrack_core.session.loading._records import RecordCache
from ftrack_core.unit_of_work import Operation, Outcome, Plan, make_plan

if TYPE_CHECKING:
    from ftrack_core.session.commits._settling import Settler

__all__ = ["Committer"]

_NOTHING_SENT: Final = "Nothing of this unit of work was sent, since an earlier commit is not settled."
_log = logging.getLogger(__name__)


class Committer:
    """Sends what was recorded as one batch, which the server carries out whole or not at all.

    One commit runs at a time; entities may be read and changed meanwhile, and what is recorded meanwhile stays
    recorded. A batch whose reply is lost is settled: looked for on the server, and sent again if it is surely not
    there. Nothing else is sent before it is settled.

    Args:
        server: Where batches go.
        changes: What was recorded.
        pages: Where results arrive.
        records: The caches below.
        batches: Makes them ready.
        settler: Finds out what became of a batch; made when the first reply is lost.
    """

    def __init__(
        self,
        server: Server,
        changes: Changes,
        pages: Pages,
        records: RecordCache,
        batches: Batches,
        settler: Deferred[Settler],
    ) -> None:
        self._changes = changes
        self._pages = pages
        self._live: LiveEntities = pages.live
        self._state = LocalState(changes, pages.live)
        self._records = records
        self._batches = batches
        self._settler = settler
        self._sender = Sender(server, pages.live, self._state, batches, settler)
        self._lock = threading.Lock()

    @property
    def unsettled(self) -> Plan | None:
        """The plan of the batch of which nobody knows whether it was carried out; None when there is none."""
        batch = self._sender.unsettled
        return None if batch is None else batch.plan

    def plan(self, unit: Pending) -> Plan:
        """What the next commit of a unit of work would send."""
        return self._batches.informed(make_plan(self._recorded(unit)))

    def commit(self, unit: Pending) -> None:
        """Send what a unit of work recorded. When it fails, everything is as before.

        Raises:
            InvalidValueError: A value cannot be sent.
            UnitOfWorkError: It needs an entity that another unit of work created and has not committed.
            ServerError: The server refuses; operations stay recorded.
            TransportError: The server cannot be reached; operations stay recorded.
            CommitUncertain: The reply was lost, and it cannot be told whether the batch was carried out.
        """
        with self._lock:
            self._settle_first(unit)
            self._commit_all(unit)

    def commit_plan(self, plan: Plan, *, overwrite: bool) -> None:
        """Send a plan that was made anywhere; what is recorded in the session stays so.

        Args:
            plan: What to send.
            overwrite: Whether to send it even where values have changed since it was made.

        Raises:
            PlanError: Values have changed since.
            UnitOfWorkError: It is still recorded in this session, or needs what is.
        """
        unit = Pending(self._changes.current)
        unit.left = True
        with self._lock:
            self._settle_first(unit)
            check_unrecorded(plan, self._changes.others(unit))
            check_references(plan, self._changes.others(unit))
            plan = attrs.evolve(plan, operations=())  # nothing that is recorded here is done with it
            batch = self._batches.prepare(plan, unit)
            asked_at = self._pages.moment()
            page = self._standing(batch, overwrite) if plan.writes else None
            if page is None and plan.writes:
                page = self._sender.send(batch)
            if page is not None:
                self._take_in(batch, page, asked_at)

    def _standing(self, batch: SentBatch, overwrite: bool) -> SplitPage | None:
        """What a plan's reply would tell if it was carried out before; None when it is still to be.

        Raises:
            PlanError: It would run over what somebody changed since it was made.
        """
        outcome, conflicts = self._settler.get().look(batch)
        if outcome is Outcome.APPLIED:
            _log.info("A plan of %d writes was carried out before; nothing is sent.", len(batch.plan))
            return self._settler.get().told(batch)
        if conflicts and not overwrite:
            raise PlanError(
                f"The plan was not committed: things have changed since it was made. {first_of(conflicts, '; ')}. "
                "Make it anew, or commit it with overwrite=True to have it run over them.",
                faults=conflicts,
            )
        return None

    def settle(self, *, overwrite: bool) -> None:
        """Find out what became of a batch that is unsettled, and finish it.

        Args:
            overwrite: Whether to send it again even where that may overwrite somebody else's change.

        Raises:
            CommitUncertain: It still cannot be told.
            ServerError: The batch was sent again, and the server refuses it.
        """
        with self._lock:
            self._settle_first(None, overwrite)

    def leave(self, unit: Pending, *, failed: bool) -> None:
        """End a unit of work: commit what is left of it, or roll it back.

        A batch of it that is unsettled stays recorded, and is finished when it is settled; what was recorded after it
        is committed then, or rolled back now.

        Args:
            unit: Which one.
            failed: Whether it is to be rolled back.

        Raises:
            Error: As `commit` does; it is rolled back then, unless its batch is unsettled.
        """
        with self._lock:
            try:
                if not failed:
                    self._settle_first(unit)
                    self._commit_to_the_end(unit)
            except BaseException:
                failed = self._in_doubt(unit) is None
                raise
            finally:
                self._end(unit, failed)

    def _in_doubt(self, unit: Pending) -> SentBatch | None:
        """The batch of a unit of work that is unsettled."""
        batch = self._sender.unsettled
        return batch if batch is not None and batch.unit is unit else None

    def _end(self, unit: Pending, failed: bool) -> None:
        batch = self._in_doubt(unit)
        if batch is None:
            unit.operations.end()
        if failed:
            self._state.undo(unit, keeping=len(batch.plan.operations) if batch is not None else 0)
        if batch is not None:
            unit.left = True
        else:
            self._changes.end(unit)

    def _commit_all(self, unit: Pending) -> None:
        while not self._commit_recorded(unit):
            pass

    def _commit_to_the_end(self, unit: Pending) -> None:
        """Send what is recorded, and what another thread records meanwhile, until nothing more is taken."""
        while True:
            self._commit_all(unit)
            if unit.operations.end_if_empty():
                return

    def _recorded(self, unit: Pending) -> tuple[Operation, ...]:
        """What a unit of work has recorded; of an entity that is being created, all or nothing."""
        with self._live.lock:
            return unit.operations.snapshot()

    def _commit_recorded(self, unit: Pending) -> bool:
        """Send what is recorded; gives False when that was withdrawn meanwhile and something else is recorded now."""
        with collector_paused():
            plan = make_plan(self._recorded(unit))
            check_references(plan, self._changes.others(unit))
            batch = self._batches.prepare(plan, unit)
        asked_at = self._pages.moment()
        page = self._sender.send(batch) if plan.writes else SplitPage([], {})
        if page is not None:
            self._take_in(batch, page, asked_at)
        return page is not None

    def _take_in(self, batch: SentBatch, page: SplitPage, asked_at: float) -> None:
        """Let the session know that a batch was carried out; with this it is settled."""
        with collector_paused(), self._live.lock:
            self._state.done(batch.unit, batch.plan, page)
            self._live.merge(page, asked_at, own_commit=True)
        self._sender.unsettled = None
        self._records.keep(page, asked_at, {write.entity for write in batch.plan.writes})
        self._records.forget(write.entity for write in batch.plan.writes if write.action == "delete")

    # Settling.

    def _settle_first(self, asking: Pending | None, overwrite: bool = False) -> None:
        """Settle what is unsettled, unless the program has given it up by taking all of its operations away.

        Args:
            asking: The unit of work that wants to commit; None when nothing else is to be sent.
            overwrite: Whether to send the batch again even where that may overwrite somebody else's change.
        """
        batch = self._sender.unsettled
        if batch is None:
            return
        try:
            self._finish(batch, overwrite)
        except CommitUncertain as error:
            if asking is None or asking is batch.unit:
                raise
            raise CommitUncertain(f"{_NOTHING_SENT} {error}", error.details) from error

    def _finish(self, batch: SentBatch, overwrite: bool) -> None:
        """Settle a batch; when its unit of work was left already, what else that recorded is committed too."""
        unit = batch.unit
        recorded = {id(operation) for operation in unit.operations}
        try:
            if batch.plan.operations and recorded.isdisjoint(map(id, batch.plan.operations)):
                self._sender.give_up(batch)
            else:
                asked_at = self._pages.moment()
                page = self._sender.settled(batch, None, overwrite)
                if page is not None:
                    self._take_in(batch, page, asked_at)
            if unit.left:
                self._commit_to_the_end(unit)
        finally:
            if unit.left and self._in_doubt(unit) is None:
                self._state.undo(unit)
                self._changes.end(unit)

    def abandon(self) -> None:
        """Forget an unsettled batch, at the end of everything."""
        self._sender.unsettled = None

    def rollback(self, unit: Pending) -> None:
        """Forget what a unit of work recorded: created entities are gone, the others as they were before it.

        It waits for a commit that is under way. An unsettled batch of it is given up, and so is one of a unit of work
        that was begun within it and left since.
        """
        with self._lock, self._live.lock:
            batch = self._sender.unsettled
            if batch is not None and (batch.unit is unit or (batch.unit.left and batch.unit.is_within(unit))):
                self._sender.give_up(batch)
                if batch.unit.left:
                    self._state.undo(batch.unit)
                    self._changes.end(batch.unit)
            self._state.undo(unit)

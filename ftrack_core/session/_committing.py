"""Commit and rollback: from recorded operations to one batch, and from its results back to entities."""

from __future__ import annotations

import logging
import operator
import threading
from collections.abc import Sequence
from typing import Any, Final

from ftrack_core.entity import Entity, SplitPage
from ftrack_core.errors import CommitUncertain, Error, IntegrityRefusedError, MalformedReplyError, ServerError
from ftrack_core.session._changes import Changes
from ftrack_core.session._live import LiveEntities
from ftrack_core.session._pages import Pages
from ftrack_core.session._records import RecordCache
from ftrack_core.session._retrying import Loss, loss_of
from ftrack_core.session._server import Server
from ftrack_core.session._settling import SentBatch, Settler
from ftrack_core.unit_of_work import Outcome, Plan, PlannedWrite, make_plan
from ftrack_core.values import NOT_SET, State

__all__ = ["Committer"]

_MOST_RESENDS: Final = 3
_SHOWN: Final = 5
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
        settler: Finds out what became of a batch.
    """

    def __init__(self, server: Server, changes: Changes, pages: Pages, records: RecordCache, settler: Settler) -> None:
        self._server = server
        self._changes = changes
        self._pages = pages
        self._live: LiveEntities = pages.live
        self._records = records
        self._settler = settler
        self._lock = threading.Lock()
        self._unsettled: SentBatch | None = None

    @property
    def unsettled(self) -> Plan | None:
        """The plan of the batch of which nobody knows whether it was carried out; None when there is none."""
        batch = self._unsettled
        return None if batch is None else batch.plan

    def commit(self) -> None:
        """Send the batch. When it fails, everything is as before.

        Raises:
            InvalidValueError: A value cannot be sent.
            ServerError: The server refuses; operations stay recorded.
            TransportError: The server cannot be reached; operations stay recorded.
            CommitUncertain: The reply was lost, and it cannot be told whether the batch was carried out.
        """
        with self._lock:
            self._settle_first(overwrite=False)
            while not self._commit_recorded():
                pass

    def settle(self, *, overwrite: bool) -> None:
        """Find out what became of a batch that is unsettled, and finish it.

        Args:
            overwrite: Whether to send it again even where that may overwrite somebody else's change.

        Raises:
            CommitUncertain: It still cannot be told.
            ServerError: The batch was sent again, and the server refuses it.
        """
        with self._lock:
            self._settle_first(overwrite)

    def _commit_recorded(self) -> bool:
        """Send what is recorded; gives False when that was withdrawn meanwhile and something else is recorded now."""
        plan = make_plan(self._changes.operations.snapshot())
        page = self._send(plan) if plan.writes else SplitPage([], {})
        if page is not None:
            self._take_in(plan, page)
        return page is not None

    def _send(self, plan: Plan) -> SplitPage | None:
        batch = self._settler.prepare(plan)
        try:
            return self._send_once(batch)
        except Error as error:
            if loss_of(error) is not Loss.REPLY:
                raise
            _log.warning("The reply to a commit of %d writes was lost; looking for them. %s", len(plan), error)
            return self._settled(batch, error)

    def _send_once(self, batch: SentBatch) -> SplitPage:
        """Send a batch; when that fails in a way that leaves it in doubt, it is unsettled."""
        self._unsettled = batch
        try:
            results = self._server.send(batch.prepared)
            rows = [_row(write, result) for write, result in zip(batch.plan.writes, results, strict=True)]
            page = self._live.split_results(row for row in rows if row is not None)
        except BaseException as error:
            self._settler.lost(batch)
            if loss_of(error) is Loss.NONE:
                self._unsettled = None
            raise
        return page

    def _take_in(self, plan: Plan, page: SplitPage) -> None:
        """Let the session know that a plan was carried out; with this its batch is settled."""
        with self._live.lock:
            self._mark_done(plan, page)
            self._pages.merge(page)
        self._unsettled = None
        self._records.keep(page, {write.entity for write in plan.writes})
        self._records.forget(write.entity for write in plan.writes if write.action == "delete")

    # Settling.

    def _settle_first(self, overwrite: bool) -> None:
        """Settle what is unsettled, unless the program has given it up by taking all of its operations away."""
        batch = self._unsettled
        if batch is None:
            return
        recorded = {id(operation) for operation in self._changes.operations}
        if recorded.isdisjoint(map(id, batch.plan.operations)):
            self._give_up(batch)
            return
        page = self._settled(batch, None, overwrite)
        if page is not None:
            self._take_in(batch.plan, page)

    def _settled(self, batch: SentBatch, cause: Error | None, overwrite: bool = False) -> SplitPage | None:
        """Find out what became of a batch, and send it again if it is not there.

        Args:
            batch: What was sent.
            cause: Why that is not known.
            overwrite: Whether to send it again even if that cannot be told.

        Returns:
            What its reply tells, or would have told; None when it was not carried out and is not wanted any more.
        """
        for _ in range(_MOST_RESENDS):
            outcome = self._outcome(batch)
            if outcome is Outcome.APPLIED:
                return self._settler.told(batch)
            if outcome is Outcome.UNCERTAIN and not overwrite:
                raise _uncertain(batch, _first(batch.doubts, "; ") or "nothing shows it") from cause
            if not self._is_wanted(batch):
                self._give_up(batch)
                return None
            try:
                return self._send_once(batch)
            except Error as error:
                if loss_of(error) is Loss.MEANING:
                    raise
                if loss_of(error) is Loss.NONE:
                    return self._after_refusal(batch, error)
                cause = error
        raise _uncertain(batch, f"the line broke {_MOST_RESENDS + 1} times") from cause

    def _outcome(self, batch: SentBatch, *, patient: bool = True) -> Outcome:
        try:
            return self._settler.outcome(batch, patient=patient)
        except Error as error:
            raise _uncertain(batch, f"the server could not be asked ({error})") from error

    def _after_refusal(self, batch: SentBatch, error: Error) -> SplitPage:
        """A batch that was sent again was refused: either the first one was carried out meanwhile, or none ever is."""
        self._unsettled = batch
        if not isinstance(error, ServerError):
            raise _uncertain(batch, f"it could not be sent again ({error})") from error
        outcome = self._outcome(batch, patient=isinstance(error, IntegrityRefusedError))
        if outcome is Outcome.APPLIED:
            return self._settler.told(batch)
        self._unsettled = None
        raise error

    def _is_wanted(self, batch: SentBatch) -> bool:
        """Whether all of a batch's operations are still recorded, so that it is what the program wants."""
        recorded, sent = self._changes.operations.snapshot(), batch.plan.operations
        return len(recorded) >= len(sent) and all(map(operator.is_, recorded, sent))

    def _give_up(self, batch: SentBatch) -> None:
        """Forget that a batch was sent; what it may have changed is read anew."""
        _log.warning("A commit of %d writes was given up that may have been carried out.", len(batch.plan))
        self._unsettled = None
        with self._live.lock:
            for write in batch.plan.writes:
                entity = self._live.find(write.entity)
                if entity is not None and write.action == "update":
                    for name in write.values:
                        _forget(entity, name, {})

    def abandon(self) -> None:
        """Forget an unsettled batch, at the end of everything."""
        self._unsettled = None

    # What a commit and a rollback do to the entities.

    def _mark_done(self, plan: Plan, page: SplitPage) -> None:
        """Let the entities know that the batch was carried out."""
        self._changes.operations.forget(plan.operations)
        for write in plan.writes:
            entity = self._live.find(write.entity)
            if entity is not None:
                self._mark_one(entity, write, page.states.get(write.entity.entity_type, {}).get(write.entity, {}))
        for identity in plan.vanished - {write.entity for write in plan.writes}:
            gone = self._live.find(identity)
            if gone is not None:
                self._drop(gone)
        self._changes.tidy()

    def _mark_one(self, entity: Entity, write: PlannedWrite, told: dict[str, Any]) -> None:
        if write.action == "delete":
            self._drop(entity)
            return
        if entity._state is State.CREATED:
            entity._state = None
        for name, value in write.values.items():
            if entity._local is not None and _same(entity._local.get(name, NOT_SET), value):
                entity._drop_local(name)
            _forget(entity, name, told)

    def _drop(self, entity: Entity) -> None:
        """Forget a deleted entity, unless one was created under the same key since."""
        if entity._state is not State.CREATED:
            entity._local = None
            self._live.remove(entity._identity)

    def rollback(self) -> None:
        """Forget everything that was recorded: entities are as the server knows them, and created ones are gone.

        It waits for a commit that is under way.
        """
        with self._lock, self._live.lock:
            if self._unsettled is not None:
                self._give_up(self._unsettled)
            vanished = make_plan(self._changes.operations.snapshot()).vanished
            for entity in self._changes.all():
                entity._local = None
                if entity._state is State.CREATED or entity._identity in vanished:
                    self._live.remove(entity._identity)
                entity._state = None
            self._changes.clear()


def _uncertain(batch: SentBatch, why: str) -> CommitUncertain:
    plan = batch.plan
    return CommitUncertain(
        f"The reply to a commit was lost, and nobody can tell whether it was carried out: {why}. Its operations are "
        "kept, and nothing else is sent before: settle() and the next commit() ask again, rollback() gives it up, "
        "settle(overwrite=True) sends it again whatever stands there now. It was:\n"
        + _first(str(plan).splitlines(), "\n"),
        {"entities": tuple(dict.fromkeys(write.entity for write in plan.writes)), "doubts": tuple(batch.doubts)},
    )


def _first(texts: Sequence[str], between: str) -> str:
    """The first of several texts, and how many more there are."""
    more = [f"and {len(texts) - _SHOWN} more"] if len(texts) > _SHOWN else []
    return between.join([*texts[:_SHOWN], *more])


def _row(write: PlannedWrite, result: Any) -> Any:
    """The entity in the result of a write; None for a delete.

    Raises:
        MalformedReplyError: There is none.
    """
    if write.action == "delete":
        return None
    row = result.get("data") if isinstance(result, dict) else None
    if not isinstance(row, dict):
        raise MalformedReplyError(f"The server's result for the {write.action} of {write.entity} has no entity.")
    return row


def _same(local: Any, sent: Any) -> bool:
    return local is sent or (local.__class__ is sent.__class__ and bool(local == sent))


def _forget(entity: Entity, name: str, told: dict[str, Any]) -> None:
    """What was changed is read anew if the result did not tell it; a reference and its key change together."""
    for changed in (name, entity._plan.twins.get(name)):
        if changed not in told and changed not in entity.primary_key_attributes:
            entity._remote.pop(changed, None)  # type: ignore[arg-type]  # None is no attribute

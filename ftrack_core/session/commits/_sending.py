"""A batch on its way: sent, and settled when its reply is lost."""

from __future__ import annotations

import logging
import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ftrack_core.assembly import Deferred
from ftrack_core.entity import SplitPage
from ftrack_core.errors import CommitUncertain, Error, IntegrityRefusedError, MalformedReplyError, ServerError
from ftrack_core.session.commits._batches import Batches, SentBatch
from ftrack_core.session.commits._local_state import LocalState
from ftrack_core.session.line._retrying import Loss, loss_of
from ftrack_core.session.line._server import Server
from ftrack_core.session.loading._live import LiveEntities, collector_paused
from ftrack_core.unit_of_work import Outcome, PlannedWrite

if TYPE_CHECKING:
    from ftrack_core.session.commits._settling import Settler

__all__ = ["Sender", "first_of"]

_MOST_RESENDS: Final = 3
_SHOWN: Final = 5
_log = logging.getLogger(__name__)


class Sender:
    """Sends one batch at a time, and knows whether it arrived.

    Thread safety: used under the lock of a commit, by one thread at a time.

    Args:
        server: Where batches go.
        live: The live entities.
        state: Their local values.
        batches: Made them ready.
        settler: Finds out what became of a batch; made when the first reply is lost.

    Attributes:
        unsettled: The batch of which nobody knows whether it was carried out; None when there is none.
    """

    def __init__(
        self, server: Server, live: LiveEntities, state: LocalState, batches: Batches, settler: Deferred[Settler]
    ) -> None:
        self._server = server
        self._live = live
        self._state = state
        self._batches = batches
        self._settler = settler
        self.unsettled: SentBatch | None = None

    def send(self, batch: SentBatch) -> SplitPage | None:
        """Send a batch, and settle it when its reply is lost.

        Returns:
            What its reply tells, or would have told; None when it was not carried out and is not wanted any more.

        Raises:
            ServerError: The server refuses.
            TransportError: The server cannot be reached.
            CommitUncertain: The reply was lost, and it cannot be told whether the batch was carried out.
        """
        try:
            return self._send_once(batch)
        except Error as error:
            if loss_of(error) is not Loss.REPLY:
                raise
            _log.warning("The reply to a commit of %d writes was lost; looking for them. %s", len(batch.plan), error)
            return self.settled(batch, error)

    def _send_once(self, batch: SentBatch) -> SplitPage:
        """Send a batch; when that fails in a way that leaves it in doubt, it is unsettled."""
        self.unsettled = batch
        try:
            results = self._server.send(batch.prepared)
            with collector_paused():
                rows = [_row(write, result) for write, result in zip(batch.plan.writes, results, strict=True)]
                page = self._live.split_results(row for row in rows if row is not None)
        except BaseException as error:
            self._batches.lost(batch)
            if loss_of(error) is Loss.NONE:
                self.unsettled = None
            raise
        return page

    def settled(self, batch: SentBatch, cause: Error | None, overwrite: bool = False) -> SplitPage | None:
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
                return self._settler.get().told(batch)
            if outcome is Outcome.UNCERTAIN and not overwrite:
                raise _uncertain(batch, first_of(batch.doubts, "; ") or "nothing shows it") from cause
            if not self._is_wanted(batch):
                self.give_up(batch)
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
            return self._settler.get().outcome(batch, patient=patient)
        except Error as error:
            raise _uncertain(batch, f"the server could not be asked ({error})") from error

    def _after_refusal(self, batch: SentBatch, error: Error) -> SplitPage:
        """A batch that was sent again was refused: either the first one was carried out meanwhile, or none ever is."""
        self.unsettled = batch
        if not isinstance(error, ServerError):
            raise _uncertain(batch, f"it could not be sent again ({error})") from error
        outcome = self._outcome(batch, patient=isinstance(error, IntegrityRefusedError))
        if outcome is Outcome.APPLIED:
            return self._settler.get().told(batch)
        self.unsettled = None
        raise error

    def _is_wanted(self, batch: SentBatch) -> bool:
        """Whether all of a batch's operations are still recorded, so that it is what the program wants."""
        recorded, sent = batch.unit.operations.snapshot(), batch.plan.operations
        return len(recorded) >= len(sent) and all(map(operator.is_, recorded, sent))

    def give_up(self, batch: SentBatch) -> None:
        """Forget that a batch was sent; what it may have changed is read anew."""
        _log.warning("A commit of %d writes was given up that may have been carried out.", len(batch.plan))
        self.unsettled = None
        self._state.forget_remote(batch.plan)


def first_of(texts: Sequence[str], between: str) -> str:
    """The first of several texts, and how many more there are."""
    more = [f"and {len(texts) - _SHOWN} more"] if len(texts) > _SHOWN else []
    return between.join([*texts[:_SHOWN], *more])


def _uncertain(batch: SentBatch, why: str) -> CommitUncertain:
    plan = batch.plan
    return CommitUncertain(
        f"The reply to a commit was lost, and nobody can tell whether it was carried out: {why}. Its operations are "
        "kept, and nothing else is sent before: settle() and the next commit() ask again, rollback() gives it up, "
        "settle(overwrite=True) sends it again whatever stands there now. It was:\n"
        + first_of(str(plan).splitlines(), "\n"),
        {"entities": tuple(dict.fromkeys(write.entity for write in plan.writes)), "doubts": tuple(batch.doubts)},
    )


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

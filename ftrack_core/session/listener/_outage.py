"""Waiting while the server cannot be reached, which is no fault of any event or handler."""

from __future__ import annotations

import threading
import time
from typing import Final

import attrs

from ftrack_core.errors import ServerError, TransportError
from ftrack_core.session.line._retrying import is_gateway_status
from ftrack_core.session.listener._delivering import Run
from ftrack_core.session.listener._dispatching import CallAbandonedError
from ftrack_core.session.listener._settings import ListenerSettings
from ftrack_core.session.listener._tally import Tally
from ftrack_core.session.listener._worker_session import WorkerSession

__all__ = ["Outage"]

_UNREACHABLE: Final = "the server cannot be reached, and handlers wait until it can"
_LONGEST_PAUSE_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.1


@attrs.define(eq=False, repr=False)
class Outage:
    """Tells an outage of the server from a failure of a handler, and lets it pass.

    Thread safety: it belongs to one worker.

    Attributes:
        session: Asks the server whether it is there.
        settings: How long to pause.
        tally: Told of the trouble.
    """

    session: WorkerSession
    settings: ListenerSettings
    tally: Tally

    def passed(self, run: Run, error: Exception) -> bool:
        """Wait for the end of an outage, if there is one.

        Args:
            run: What failed; its claim is kept meanwhile.
            error: How.

        Returns:
            Whether there was one, so that the handler should be called again; False where the server is there, and
            the failure is the handler's own.

        Raises:
            CallAbandonedError: The listener ends.
            ClaimLostError: The claim ran out meanwhile.
        """
        if not _is_of_the_line(error) or self.session.is_over or self.session.reaches_server():
            return False
        self.tally.trouble(_UNREACHABLE, error)
        run.waiting = True
        try:
            self._wait(run)
        finally:
            run.waiting = False
        self.tally.well(_UNREACHABLE)
        run.begin_anew()
        return True

    def _wait(self, run: Run) -> None:
        attempt = 1
        while True:
            self._pause(run, min(self.settings.delay_seconds(attempt), _LONGEST_PAUSE_SECONDS))
            if self.session.reaches_server():
                return
            attempt += 1

    def _pause(self, run: Run, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not run.given_up() and not self.session.is_over and time.monotonic() < until:
            threading.Event().wait(min(_LOOK_SECONDS, max(0.0, until - time.monotonic())))
        if run.given_up() or self.session.is_over:
            raise CallAbandonedError("The listener ended while the server could not be reached.")
        run.check_held()


def _is_of_the_line(error: Exception) -> bool:
    """Whether an error may mean that the server, or the way to it, is down."""
    return isinstance(error, TransportError) or (isinstance(error, ServerError) and is_gateway_status(error.status))

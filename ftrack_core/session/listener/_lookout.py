"""The one thread of a listener that looks after all others, and ends them."""

from __future__ import annotations

import logging
import queue
import threading
import time
from typing import TYPE_CHECKING, Final

import attrs

from ftrack_core.session.listener._coverage import Coverage
from ftrack_core.session.listener._crew import Crew
from ftrack_core.session.listener._intake import Intake
from ftrack_core.session.listener._settings import ListenerSettings
from ftrack_core.session.listener._tally import Tally

if TYPE_CHECKING:
    from ftrack_core.session._session import Session

__all__ = ["Lookout"]

_GAPS: Final = "it cannot be noted that the connection stands"
_GONE: Final = "inbox gone"
_log = logging.getLogger(__name__)


@attrs.define(eq=False, repr=False)
class Lookout:
    """Looks after workers and coverage until it is told to end; then it ends them in order.

    Thread safety: every method may be called by any thread; `tell` by signal handlers too.

    Attributes:
        session: The listener's session.
        settings: How often, and how long the end may take.
        intake: Ended first, so that nothing more comes.
        crew: The workers.
        coverage: Moved on while the connection stands.
        tally: Told of trouble.
        reason: Why it ended, or is about to; None while it goes on.
    """

    session: Session
    settings: ListenerSettings
    intake: Intake
    crew: Crew
    coverage: Coverage
    tally: Tally
    reason: str | None = attrs.field(default=None, init=False)
    _told: queue.SimpleQueue[str] = attrs.field(factory=queue.SimpleQueue, init=False)
    _ended: threading.Event = attrs.field(factory=threading.Event, init=False)

    def begin(self) -> None:
        """Start its thread."""
        threading.Thread(target=self._look_after, name="ftrack-listener", daemon=True).start()

    def tell(self, reason: str) -> None:
        """Have everything end; the first reason counts."""
        self._told.put(reason)

    def wait(self, timeout_seconds: float | None) -> bool:
        """Wait until everything has ended; gives whether it has."""
        deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        while not self._ended.wait(0.2 if deadline is None else max(0.0, min(0.2, deadline - time.monotonic()))):
            if deadline is not None and time.monotonic() >= deadline:
                return False
        return True

    # Its thread.

    def _look_after(self) -> None:
        """Look after everything until told to end: the one thread that must not fail."""
        while (reason := self._next_reason()) is None:
            self._look_once()
        self._end(reason)

    def _look_once(self) -> None:
        try:
            self.crew.look_after()
            self._note_coverage(time.time())
        except Exception:  # noqa: BLE001 - a thread that ends here would be missed by nobody
            _log.exception("the listener failed to look after its workers, and goes on")

    def _note_coverage(self, now: float) -> None:
        if not getattr(self.session.event_hub, "connected", True):
            return
        try:
            self.coverage.advance(now)
        except Exception as error:  # noqa: BLE001 - the inbox is anybody's code
            self.tally.trouble(_GAPS, error)
            if getattr(error, "details", {}).get("fault") == "gone":  # for good, so whoever supervises it should know
                self.tell(_GONE)
        else:
            self.tally.well(_GAPS)

    def _next_reason(self) -> str | None:
        try:
            return self._told.get(timeout=self.settings.tick_seconds)
        except queue.Empty:
            return "closed" if self.session.closed else None

    def _end(self, reason: str) -> None:
        self.reason = reason
        try:
            self._note_coverage(time.time())
            self.intake.end(self.settings.close_seconds)
            self.crew.end(self.settings.close_seconds)
        except Exception:  # noqa: BLE001 - whatever it is, whoever waits for the end has to go on
            _log.exception("the listener did not end in order")
        finally:
            self._ended.set()

"""What a listener counts, and what is wrong with it."""

from __future__ import annotations

import logging
import threading
import time

__all__ = ["Tally"]

_log = logging.getLogger(__name__)


class Tally:
    """Counts of a listener, and its troubles: each is told once in the log, until it is over.

    Thread safety: all calls.

    Attributes:
        last_event_at: When the last event came, in seconds since the epoch; None before the first.
        last_gap_at: When the last gap ended; None if there was none.
    """

    def __init__(self) -> None:
        self.last_event_at: float | None = None
        self.last_gap_at: float | None = None
        self._counts = dict.fromkeys(("stored", "handled", "failed", "set_aside", "lost"), 0)
        self._troubles: dict[str, str] = {}
        self._lock = threading.Lock()

    def came(self) -> None:
        """An event came."""
        self.last_event_at = time.time()

    def count(self, name: str, by: int = 1) -> None:
        """Something happened so many times."""
        with self._lock:
            self._counts[name] += by

    @property
    def counts(self) -> dict[str, int]:
        """The counts of this moment."""
        with self._lock:
            return dict(self._counts)

    def trouble(self, what: str, error: BaseException) -> None:
        """Something goes wrong, perhaps again and again.

        Args:
            what: What cannot be done, as `events cannot be stored`.
            error: Why.
        """
        text = f"{what}: {error}"
        with self._lock:
            known = what in self._troubles
            self._troubles[what] = text
        if not known:
            _log.error("the listener is in trouble: %s", text, exc_info=error)

    def well(self, what: str) -> None:
        """It goes well again."""
        if what in self._troubles:
            with self._lock:
                over = self._troubles.pop(what, None)
            if over is not None:
                _log.warning("the listener's trouble is over: %s", what)

    @property
    def troubles(self) -> tuple[str, ...]:
        """What goes wrong at this moment."""
        with self._lock:
            return tuple(self._troubles.values())

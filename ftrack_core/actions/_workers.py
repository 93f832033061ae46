"""A few threads that do long work, and a queue that has an end."""

from __future__ import annotations

import collections
import logging
import threading
from collections.abc import Callable

import attrs

__all__ = ["Workers"]

_log = logging.getLogger(__name__)


@attrs.define(eq=False, repr=False)
class Workers:
    """Runs work in the background, in order, a bounded number at a time; threads begin with the first work.

    The threads never keep the interpreter from exiting: whoever wants work to end first calls `finish`.

    Thread safety: every method may be called by many threads.

    Attributes:
        name: What the threads are called, for people who look at a stuck process.
        threads: How many works run at once.
        waiting: How many may wait.
    """

    name: str
    threads: int
    waiting: int
    _queue: collections.deque[Callable[[], None]] = attrs.field(factory=collections.deque, init=False)
    _changed: threading.Condition = attrs.field(factory=threading.Condition, init=False)
    _started: int = attrs.field(default=0, init=False)
    _busy: int = attrs.field(default=0, init=False)
    _closed: bool = attrs.field(default=False, init=False)

    def start(self, work: Callable[[], None]) -> bool:
        """Have work done soon; False where it is refused, as too much waits, or as this is closed."""
        with self._changed:
            if self._closed or len(self._queue) >= self.waiting + max(0, self.threads - self._busy):
                return False
            self._queue.append(work)
            if self._started < self.threads and self._started - self._busy < len(self._queue):
                self._started += 1
                threading.Thread(target=self._run, name=f"{self.name}-{self._started}", daemon=True).start()
            self._changed.notify_all()
        return True

    def idle(self, timeout_seconds: float | None = None) -> bool:
        """Wait until nothing runs and nothing waits, and tell whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue and not self._busy, timeout_seconds)

    def finish(self, timeout_seconds: float | None = None) -> bool:
        """Take no more work, and wait for what there is; tell whether all of it was done."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        return self.idle(timeout_seconds)

    def _run(self) -> None:
        while (work := self._next()) is not None:
            self._do(work)
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def _do(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException:  # noqa: BLE001 - anybody's code; that it calls sys.exit() too
            _log.exception("work of %s raised; the next goes on", self.name)

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closed)
            if not self._queue:
                return None
            self._busy += 1
            return self._queue.popleft()

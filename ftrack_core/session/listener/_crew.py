"""The workers of a listener: their threads, what wakes them, and who hangs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

import attrs

from ftrack_core.session.listener._delivering import Run
from ftrack_core.session.listener._settings import ListenerSettings
from ftrack_core.session.listener._tally import Tally
from ftrack_core.session.listener._worker import Worker

__all__ = ["Crew"]

_KEEPING: Final = "claims cannot be renewed"
_SHORTEST_WAIT_SECONDS: Final = 0.05
_log = logging.getLogger(__name__)


@attrs.define(eq=False, repr=False)
class Crew:
    """Runs workers in threads that never keep the interpreter from exiting.

    A worker whose handler hangs is left alone, and another takes its place, as long as there are at most twice as
    many threads as workers. Its handler's claim runs out, so that the delivery is attempted again.

    Thread safety: all calls.

    Attributes:
        settings: How many there are.
        make: Makes a worker of a name.
        next_due: When the next stored delivery can be claimed, in seconds since the epoch; None if none waits.
        tally: Told of trouble.
    """

    settings: ListenerSettings
    make: Callable[[str], Worker]
    next_due: Callable[[], float | None]
    tally: Tally
    _workers: dict[threading.Thread, Worker] = attrs.field(factory=dict, init=False)
    _made: int = attrs.field(default=0, init=False)
    _arrivals: int = attrs.field(default=0, init=False)
    _stopping: bool = attrs.field(default=False, init=False)
    _changed: threading.Condition = attrs.field(factory=threading.Condition, init=False)

    def begin(self) -> None:
        """Start the workers."""
        for _ in range(self.settings.workers):
            self._add()

    def _add(self) -> None:
        with self._changed:
            self._made += 1
            name = f"ftrack-listener-{self._made}"
            worker = self.make(name)
            thread = threading.Thread(target=self._work, args=(worker,), name=name, daemon=True)
            self._workers[thread] = worker
        thread.start()

    def arrived(self, count: int) -> None:
        """Wake workers for so many deliveries that are new."""
        with self._changed:
            self._arrivals += count
            self._changed.notify(count)

    # A worker's thread.

    def _work(self, worker: Worker) -> None:
        while not self._is_over():
            seen = self._arrivals
            try:
                found = worker.work()
            except Exception:  # noqa: BLE001 - a thread that ends here would be missed by nobody
                _log.exception("the worker %s failed, and goes on", worker.name)
                found = False
            if not found:
                self._idle(seen)

    def _is_over(self) -> bool:
        """Whether the running thread should end, since all should, or since another took its place."""
        with self._changed:
            over = self._stopping or len(self._able()) > self.settings.workers
            if over:
                self._workers.pop(threading.current_thread(), None)
            return over

    def _able(self) -> list[threading.Thread]:
        """The threads whose handlers do not hang."""
        with self._changed:
            return [thread for thread, worker in self._workers.items() if worker.run is None or not worker.run.hung]

    def _idle(self, seen: int) -> None:
        seconds = self.settings.poll_seconds
        try:
            due = self.next_due()
        except Exception:  # noqa: BLE001 - the next claim tells what is wrong
            due = None
        if due is not None:
            seconds = min(seconds, max(_SHORTEST_WAIT_SECONDS, due - time.time()))
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._arrivals != seen, seconds)

    # Looked after by another thread.

    def runs(self) -> list[Run]:
        """What runs at this moment."""
        with self._changed:
            found = [worker.run for worker in self._workers.values()]
        return [run for run in found if run is not None]

    def look_after(self) -> None:
        """Renew claims, and replace workers that hang."""
        for run in self.runs():
            try:
                kept = run.keep()
                self.tally.well(_KEEPING)
            except Exception as error:  # noqa: BLE001 - an inbox is anybody's code
                self.tally.trouble(_KEEPING, error)
                continue
            if not kept:
                self._replace(run)

    def _replace(self, run: Run) -> None:
        message = "the handler %s has run for %.0f s with the event %s and counts as hung: its claim is let run out"
        _log.error(message, run.handler.name, run.seconds, run.delivery.event.id)
        if self._stopping:
            return
        if len(self._workers) < 2 * self.settings.workers:
            self._add()
        else:
            _log.error(
                "%d workers hang, and none is added any more; the process should be restarted", len(self.runs())
            )

    def end(self, seconds: float) -> None:
        """Have the workers finish what they do, and no more; give back what is not finished in time."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        deadline = time.monotonic() + seconds
        while (able := self._able()) and time.monotonic() < deadline:
            for run in self.runs():
                run.stopping = True
            self.look_after()
            able[0].join(min(self.settings.tick_seconds, 0.1))
        for run in self.runs():
            self._take_back(run)

    def _take_back(self, run: Run) -> None:
        message = "the handler %s still runs with the event %s, and the listener ends: it is given back"
        _log.warning(message, run.handler.name, run.delivery.event.id)
        run.hung = True  # when it ends after all, it finds its claim gone, and does not commit
        try:
            run.inbox.give_back(run.delivery, "the listener ended before its handler did", 0.0)
        except Exception:  # noqa: BLE001 - its claim runs out instead
            _log.exception("the event %s could not be given back; its claim will run out", run.delivery.event.id)

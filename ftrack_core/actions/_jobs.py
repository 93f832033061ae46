"""Progress that a user sees: a job of the server's list, kept up to date.

A job's `data` is a JSON text whose `description` the web client shows (developer.ftrack.com, "Jobs").
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

import attrs

from ftrack_core.actions._failures import told
from ftrack_core.errors import Error

if TYPE_CHECKING:
    from typing_extensions import Self

    from ftrack_core.entity import Entity
    from ftrack_core.session import Session

__all__ = ["JobProgress"]

_log = logging.getLogger(__name__)
_SHOWN = 500


@attrs.define(eq=False, repr=False)
class JobProgress:
    """A job that is running; a `with` block ends it: done, or failed by an exception, which goes on.

    Each change is committed at once, in a unit of work of its own: what the action has recorded and not committed is
    not touched. Progress goes to the server once in `every_seconds` at most, so `progress` may be called in the
    tightest loop. A server that cannot be reached for a moment does not end the work: that is logged.

    Thread safety: every method may be called by many threads.

    Attributes:
        session: The session that commits.
        description: What the user reads.
        every_seconds: How often progress goes to the server at most.
    """

    session: Session
    _user: Entity
    description: str
    every_seconds: float = 1.0
    _clock: Callable[[], float] = time.monotonic
    _job: Entity | None = attrs.field(default=None, init=False)
    _told_at: float = attrs.field(default=0.0, init=False)
    _over: bool = attrs.field(default=False, init=False)
    _lock: threading.RLock = attrs.field(factory=threading.RLock, init=False)

    def start(self) -> Self:
        """Have the job listed as running; a second call does nothing.

        Raises:
            ServerError: The server refuses it.
            TransportError: The server cannot be reached.
        """
        with self._lock:
            if self._job is None:
                values = {"user": self._user, "status": "running", "data": _data(self.description)}
                with self.session.unit_of_work():
                    job = self.session.create("Job", values)
                self._job = job
                self._told_at = self._clock()
        return self

    @property
    def entity(self) -> Entity:
        """The job itself."""
        self.start()
        assert self._job is not None  # noqa: S101 - started one line before
        return self._job

    @property
    def over(self) -> bool:
        """Whether it is done or failed."""
        return self._over

    def describe(self, description: str) -> None:
        """Say anew what it is about, at once."""
        with self._lock:
            self.description = description
            self._tell({"data": _data(description)})

    def progress(self, done: int, total: int | None = None, text: str = "") -> None:
        """Say how far it is.

        Args:
            done: How many are done.
            total: How many there are; None where that is not known.
            text: What it is at.
        """
        if self._over or self._clock() - self._told_at < self.every_seconds or not self._lock.acquire(blocking=False):
            return  # or another thread tells something at this moment
        try:
            count = f"{done}" if total is None else f"{done} of {total}"
            at = f", {text}" if text else ""
            if not self._over:
                self._tell({"data": _data(f"{self.description}: {count}{at}")})
        finally:
            self._lock.release()

    def done(self, text: str = "") -> None:
        """End it well."""
        self._end("done", text or self.description)

    def failed(self, text: str = "") -> None:
        """End it badly."""
        self._end("failed", f"{self.description}: {text}" if text else self.description)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            self.done()
        else:
            self.failed(told(error, self.session))

    def _end(self, status: str, text: str) -> None:
        with self._lock:
            if not self._over:
                self._over = True
                self._tell({"status": status, "data": _data(text)})

    def _tell(self, values: dict[str, str]) -> None:
        job = self.entity
        try:
            with self.session.unit_of_work():
                for name, value in values.items():
                    job[name] = value
        except Error:
            _log.exception("the job %r could not be told %s", self.description, values)
        self._told_at = self._clock()


def _data(description: str) -> str:
    return json.dumps({"description": description[:_SHOWN]}, ensure_ascii=False)

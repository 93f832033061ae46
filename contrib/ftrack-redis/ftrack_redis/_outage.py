"""What keeps a dead or slow Redis from stalling a job: a circuit breaker."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

import attrs

from ftrack_redis._process_lock import ProcessLock

__all__ = ["Breaker"]

_LOG = logging.getLogger("ftrack_redis")
_GROWTH: Final = 2.0


@attrs.define(eq=False)
class Breaker:
    """Says whether Redis is to be asked at all.

    The first failure begins an outage: nobody is let through. After `retry_seconds` one caller is, alone; when that
    works the outage is over, else it goes on for twice as long, up to `max_retry_seconds`. An outage is logged once
    when it begins and once when it is over.

    Thread safety: all calls; the lock is held to look, never while Redis is asked. A forked child has a lock of its
    own.

    Attributes:
        retry_seconds: How long nobody is let through at first.
        max_retry_seconds: How long at most.
        monotonic: Tells the time.
    """

    retry_seconds: float
    max_retry_seconds: float
    monotonic: Callable[[], float] = time.monotonic
    _lock: ProcessLock = attrs.field(factory=ProcessLock, init=False)
    _failures: int = attrs.field(default=0, init=False)
    _next_try: float = attrs.field(default=0.0, init=False)
    _turn: int = attrs.field(default=0, init=False)

    def lets_through(self) -> int | None:
        """A ticket for a caller who may ask Redis, and then says with it what came of it; None for one who may not."""
        turn = self._turn
        if not self._failures:
            return turn
        with self._lock:
            if self._failures and self.monotonic() < self._next_try:
                return None
            self._next_try = self.monotonic() + self._pause()
            return self._turn

    def failed(self, ticket: int, what: str) -> None:
        """Take note that Redis did not answer, or was slow; late news of an earlier turn counts no more."""
        with self._lock:
            if ticket != self._turn:
                return
            self._turn += 1
            self._failures += 1
            begins = self._failures == 1
            self._next_try = self.monotonic() + self._pause()
        if begins:
            _LOG.warning("Redis is bypassed until it answers again; this is said once an outage: %s", what)

    def answered(self, ticket: int) -> None:
        """Take note that it answered, in time."""
        if not self._failures:
            return
        with self._lock:
            is_over = ticket == self._turn and self._failures > 0
            if is_over:
                self._failures = 0
        if is_over:
            _LOG.info("Redis answers again")

    @property
    def is_out(self) -> bool:
        """Whether there is an outage now."""
        return self._failures > 0

    def _pause(self) -> float:
        longest = self.retry_seconds * _GROWTH ** min(max(self._failures - 1, 0), 32)
        return float(min(self.max_retry_seconds, longest))

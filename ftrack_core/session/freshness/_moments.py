"""The order of what a session asks and what it is told, as moments of the wall clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

__all__ = ["Moments"]

_STEP_SECONDS: Final = 1e-6
"""The least that a float tells apart today is a fifth of that."""


class Moments:
    """A clock that never goes back, whatever becomes of the machine's.

    Thread safety: used by every thread of a session.

    Args:
        now: Tells the time, in seconds since the epoch.
    """

    __slots__ = ("_latest", "_now")

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._latest = 0.0

    def __call__(self) -> float:
        """The moment, in seconds since the epoch; never before an earlier one."""
        moment = self._now()
        if moment < self._latest:
            return self._latest
        self._latest = moment
        return moment

    def divide(self) -> float:
        """A moment that lies before every later one: what was asked up to it is told from what is asked after it."""
        moment = self()
        self._latest = moment + _STEP_SECONDS
        return moment

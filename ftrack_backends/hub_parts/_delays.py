"""When to try again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs

__all__ = ["Delays"]

_GROWTH: Final = 2.0
_LEAST_PART: Final = 0.5


@attrs.define
class Delays:
    """Growing delays between attempts to connect, jittered so that not all clients of a server come back at once.

    Attributes:
        first: About how long before the second attempt, in seconds.
        longest: The longest.
    """

    first: float
    longest: float
    _random: Callable[[], float]
    _failures: int = attrs.field(default=0, init=False)

    def next(self) -> float:
        """How long to wait before the next attempt."""
        whole = min(self.longest, self.first * _GROWTH ** min(self._failures, 64))
        self._failures += 1
        return float(whole * (_LEAST_PART + (1 - _LEAST_PART) * self._random()))

    def lasted(self, seconds: float) -> None:
        """Take note of a connection that stood so long: one that outlived the delay before it begins anew."""
        if seconds >= min(self.longest, self.first * _GROWTH ** min(self._failures, 64)):
            self._failures = 0

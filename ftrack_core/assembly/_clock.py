"""The clock of this machine."""

from __future__ import annotations

import time

import attrs
from zope.interface import implementer

from ftrack_core.interfaces import IClock

__all__ = ["SystemClock"]


@implementer(IClock)
@attrs.frozen
class SystemClock:
    """The clock of this machine, for an assembly and for backends that are made without one."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

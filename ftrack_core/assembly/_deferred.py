"""What is made when it is first needed; a program that never needs it pays nothing for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Deferred"]

_T = TypeVar("_T")


class Deferred(Generic[_T]):
    """Something that is made when it is first asked for, once.

    Thread safety: of several threads that ask at once one makes it, and all get the same.

    Args:
        make: Makes it.
    """

    __slots__ = ("_lock", "_make", "made")

    def __init__(self, make: Callable[[], _T]) -> None:
        self._make = make
        self._lock = threading.RLock()
        self.made: _T | None = None
        """What was made; None as long as nobody asked for it."""

    @classmethod
    def standing(cls, made: _T) -> Deferred[_T]:
        """Something that stands already."""
        deferred = cls(lambda: made)
        deferred.made = made
        return deferred

    def get(self) -> _T:
        """What it is."""
        if self.made is None:
            with self._lock:
                if self.made is None:
                    self.made = self._make()
        return self.made

"""What is to be removed in Redis before it is asked anything else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

import attrs

from ftrack_redis._process_lock import ProcessLock

__all__ = ["Debts"]

_MOST: Final = 100_000


@attrs.define(eq=False)
class Debts:
    """Names of entries that should be gone; beyond 100,000 of them, all entries.

    Thread safety: all calls; the lock is not held while anything is removed.
    """

    _names: dict[bytes, object] = attrs.field(factory=dict, init=False)
    """With each name what tells this time from the next at which it is owed."""
    _everything: object | None = attrs.field(default=None, init=False)
    """Likewise; None where not everything is owed."""
    _lock: ProcessLock = attrs.field(factory=ProcessLock, init=False)

    def __len__(self) -> int:
        return len(self._names)

    def add(self, names: Iterable[bytes]) -> None:
        """Owe the removal of entries."""
        added = dict.fromkeys(names, object())
        with self._lock:
            self._names.update(added)

    def add_everything(self) -> None:
        """Owe the removal of all entries."""
        with self._lock:
            self._everything = object()

    def settle(self, remove: Callable[[Collection[bytes]], object], remove_everything: Callable[[], object]) -> None:
        """Remove what is owed; what becomes owed meanwhile stays so, and everything if it raises."""
        if not self._names and self._everything is None:
            return
        with self._lock:
            names, everything = self._names.copy(), self._everything
        if everything is not None or len(names) > _MOST:
            remove_everything()
        elif names:
            remove(names)
        with self._lock:
            if self._everything is everything:
                self._everything = None
            for name, told in names.items():
                if self._names.get(name) is told:
                    del self._names[name]

"""A bounded queue that one reader empties and that nobody ever waits to put something into."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

__all__ = ["Outlet"]

_Item = TypeVar("_Item")


@attrs.define(eq=False)
class Outlet(Generic[_Item]):
    """What is on its way to one member.

    Thread safety: every method may be called by many threads. `wake` and `overrun` are called without a lock held.

    Attributes:
        max_items: How many items it holds at most.
        max_bytes: How many bytes they are together at most; a single item may be larger.
        wake: Called when there is something to take after there was nothing, and when it closes.
        overrun: Called once, when an item did not fit: the outlet is empty and closed by then.
    """

    max_items: int
    max_bytes: int
    wake: Callable[[], None]
    overrun: Callable[[], None]
    _items: deque[tuple[_Item, int]] = attrs.field(factory=deque, init=False, repr=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)
    _bytes: int = attrs.field(default=0, init=False)
    _closed: bool = attrs.field(default=False, init=False)

    @property
    def closed(self) -> bool:
        """Whether nothing more can be put in; what is there can still be taken."""
        return self._closed

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: _Item, size: int) -> None:
        """Put an item in; into a closed outlet it is not put, and that is all.

        Args:
            item: What to hand over.
            size: How many bytes it counts as.
        """
        with self._lock:
            if self._closed:
                return
            waiting = len(self._items)
            full = waiting >= self.max_items or (waiting > 0 and self._bytes + size > self.max_bytes)
            if full:
                self._close_empty()
            else:
                self._items.append((item, size))
                self._bytes += size
        if full:
            self.overrun()
        if full or not waiting:
            self.wake()

    def take(self, most: int) -> list[_Item]:
        """Take what came first.

        Args:
            most: How many items at most.

        Returns:
            The items, none when there are none.
        """
        with self._lock:
            taken = [self._items.popleft() for _ in range(min(most, len(self._items)))]
            self._bytes -= sum(size for _, size in taken)
        return [item for item, _ in taken]

    def close(self, *, empty: bool = False) -> None:
        """Let nothing more in; a second call does nothing more.

        Args:
            empty: Whether what is there is thrown away.
        """
        with self._lock:
            self._closed = True
            if empty:
                self._close_empty()
        self.wake()

    def _close_empty(self) -> None:
        self._closed = True
        self._items.clear()
        self._bytes = 0

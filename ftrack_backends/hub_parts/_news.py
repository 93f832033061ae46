"""What became of a connection, told in the order in which it did."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from ftrack_backends.hub_parts._changes import Changes

__all__ = ["News"]


class News:
    """Tells what several threads have to say, one after the other, and never with the lock held.

    Whoever is told may connect or disconnect; what that brings is told within it, or after it by the same thread.

    Thread safety: `add` is called with the hub's lock held, `tell` without.

    Args:
        changes: The hub's lock.
        told: Called with each: what it is, and its data.
    """

    def __init__(self, changes: Changes, told: Callable[[str, dict[str, Any]], None]) -> None:
        self._changes = changes
        self._told = told
        self._waiting = deque[tuple[str, dict[str, Any]]]()
        self._teller: threading.Thread | None = None

    def add(self, what: str, data: dict[str, Any]) -> None:
        """Take note of something, in the step in which it happens."""
        self._waiting.append((what, data))

    def tell(self) -> None:
        """Tell what is new; where another thread is at it, that one tells it."""
        me = threading.current_thread()
        while True:
            with self._changes:
                if not self._waiting or self._teller not in {None, me}:
                    return
                news, outer, self._teller = self._waiting.popleft(), self._teller, me
            try:
                self._told(*news)
            finally:
                with self._changes:
                    self._teller = outer

    def forked(self) -> None:
        """Let go of all: it is the parent's."""
        self._waiting.clear()
        self._teller = None

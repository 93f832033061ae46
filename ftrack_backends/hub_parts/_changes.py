"""The lock that all parts of a hub share."""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["Changes"]


class Changes(threading.Condition):
    """The lock of a hub; who waits for it hears of every change. It is never held while a callback runs.

    Attributes:
        closed: Whether the hub is closed, which it stays.
    """

    closed: bool = False

    def until(self, done: Callable[[], bool], seconds: float | None) -> None:
        """Wait, with the lock held, until something is so, the hub is closed, or the time is over."""
        self.wait_for(lambda: self.closed or done(), seconds)

    def renew(self) -> None:
        """Begin anew in a forked child, where nobody holds it and nobody waits, whatever was so in the parent."""
        super().__init__()

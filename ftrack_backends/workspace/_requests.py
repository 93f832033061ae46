"""What a workspace was asked: for tests that count calls, and for people who watch."""

from __future__ import annotations

import threading
from collections import Counter, deque
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RequestLog", "ServedRequest"]

_KEPT = 10_000


@attrs.frozen
class ServedRequest:
    """One request that was served.

    Attributes:
        at: When it came, in seconds since the epoch.
        username: Who asked; empty when it was nobody who may.
        actions: Names of the actions, in order; empty for a request that had none.
        faulty: Whether the reply was an error.
    """

    at: float
    username: str
    actions: tuple[str, ...]
    faulty: bool


@attrs.define(eq=False, repr=False)
class RequestLog:
    """Counts what was served, and remembers the last ten thousand requests.

    Thread safety: every method may be called by many threads.
    """

    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)
    _actions: Counter[str] = attrs.field(factory=Counter, init=False)
    _recent: deque[ServedRequest] = attrs.field(factory=lambda: deque(maxlen=_KEPT), init=False)
    _total: int = attrs.field(default=0, init=False)

    def __repr__(self) -> str:
        return f"<RequestLog: {self.count()} requests>"

    def add(self, request: ServedRequest) -> None:
        """Note that a request was served."""
        with self._lock:
            self._total += 1
            self._actions.update(request.actions)
            self._recent.append(request)

    def count(self, action: str | None = None) -> int:
        """How many actions of that name were asked for; without a name, how many requests there were.

        A batch is one request with many actions.
        """
        with self._lock:
            return self._total if action is None else self._actions[action]

    def clear(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._total = 0
            self._actions.clear()
            self._recent.clear()

    def __iter__(self) -> Iterator[ServedRequest]:
        with self._lock:
            return iter(tuple(self._recent))

"""What a broker saw: for tests that ask which events there were, and for people who watch."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ftrack_core.values import Event

__all__ = ["EventLog"]

_KEPT = 10_000


@attrs.define(eq=False)
class EventLog:
    """The last ten thousand events in the order they were handed on; in memory only.

    Thread safety: every method may be called by many threads.
    """

    _changed: threading.Condition = attrs.field(factory=threading.Condition, init=False, repr=False)
    _recent: deque[Event] = attrs.field(factory=lambda: deque(maxlen=_KEPT), init=False, repr=False)

    def add(self, event: Event) -> None:
        """Note that an event was handed on."""
        with self._changed:
            self._recent.append(event)
            self._changed.notify_all()

    def of(self, topic: str | None = None) -> list[Event]:
        """Events of a topic, or all; a topic that ends in `*` means every topic that begins so."""
        return [event for event in self if topic is None or _is_of(event.topic, topic)]

    def wait(self, topic: str | None, count: int, timeout_seconds: float) -> list[Event]:
        """Wait until there are so many events of a topic, or so long; gives those that there are."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.of(topic)) >= count, timeout_seconds)
            return self.of(topic)

    def clear(self) -> None:
        """Forget all events."""
        with self._changed:
            self._recent.clear()

    def __len__(self) -> int:
        return len(self._recent)

    def __iter__(self) -> Iterator[Event]:
        with self._changed:
            return iter(tuple(self._recent))


def _is_of(topic: str, wanted: str) -> bool:
    return topic.startswith(wanted[:-1]) if wanted.endswith("*") else topic == wanted

"""What came and is not handled yet, and for how long somebody waits for more."""

from __future__ import annotations

import logging
from collections import deque
from typing import Final

from ftrack_core.values import Event

__all__ = ["Wait", "Waiting"]

_LOG = logging.getLogger("ftrack_backends.event_hubs")


class Wait:
    """One call of `wait`.

    Attributes:
        deadline: When its time is over; None for never.
        owed: How many events it handles whatever the time: those that were there when it began.
        stops: How often waits had been stopped when it began.
        departures: How often the hub had left its server when it began.
    """

    def __init__(self, deadline: float | None, owed: int, stops: int, departures: int) -> None:
        self.deadline = deadline
        self.owed = owed
        self.stops = stops
        self.departures = departures


class Waiting:
    """Events in the order in which they came, and what ends a wait for them.

    Thread safety: none; the hub's lock is held.

    Attributes:
        most: How many events wait at most.
        dropped: How many were dropped because nobody handled them in time.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.dropped = 0
        self._events = deque[Event]()
        self._stops = 0
        self._departures = 0
        self._over = 0

    def append(self, event: Event) -> None:
        """Put an event at the end; where there is no room, the oldest goes."""
        self._events.append(event)
        if len(self._events) > self.most:
            self._events.popleft()
            self._note_dropped()

    def clear(self) -> None:
        """Forget all events."""
        self._events.clear()

    def stop(self) -> None:
        """End every wait that has begun."""
        self._stops += 1

    def leave(self) -> None:
        """The hub has left its server: what begins from now on is of the next connection."""
        self._departures += 1

    def depart(self) -> None:
        """End every wait that had begun before it did, once it has handled what came."""
        self._over = self._departures

    def begun(self, deadline: float | None) -> Wait:
        """Begin a wait."""
        return Wait(deadline, len(self._events), self._stops, self._departures)

    def next(self, wait: Wait, now: float) -> Event | str | None:
        """The next event for a wait, or why it ends; None where it goes on."""
        over = wait.deadline is not None and now >= wait.deadline
        if self._stops != wait.stops:
            return "stopped"
        if self._events and (wait.owed > 0 or not over):
            wait.owed -= 1
            return self._events.popleft()
        if wait.departures < self._over:
            return "disconnected"
        return "time over" if over else None

    def _note_dropped(self) -> None:
        self.dropped += 1
        if self.dropped == 1:
            _LOG.warning(_FULL, self.most)


_FULL: Final = "more than %d events are queued and nobody waits for them: the oldest are dropped; this is said once"

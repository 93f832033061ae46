"""Who waits for answers to which events, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import attrs

from ftrack_core.values import Event

__all__ = ["REPLY_TOPIC", "Expected", "Replies", "reply_to"]

REPLY_TOPIC: Final = "ftrack.meta.reply"
"""Topic of every answer to an event."""


def reply_to(source_event: Event, data: Any, identifier: str) -> Event:
    """Make the answer to an event; it is meant for the hub that published the event, and nobody else.

    Args:
        source_event: What is answered.
        data: The answer.
        identifier: Id of the answer.
    """
    return Event(
        topic=REPLY_TOPIC,
        id=identifier,
        data=data,
        target=f'id="{source_event.source.get("id", "")}"',
        in_reply_to_event=source_event.id,
    )


@attrs.frozen(eq=False)
class Expected:
    """Answers that somebody waits for.

    Attributes:
        event_id: The event that is answered.
        until: In which moment it is given up.
        callback: Called with every answer.
        at_once: Whether it is called as an answer comes, and not when it is handled.
    """

    event_id: str
    until: float
    callback: Callable[[Any], object] = attrs.field(repr=False)
    at_once: bool = False


@attrs.define(eq=False, repr=False)
class Replies:
    """All answers that are waited for. An event may have many answers: who waits hears of each until the time is over.

    Thread safety: none; whoever holds it sees to it that calls come one at a time.
    """

    _expected: dict[str, list[Expected]] = attrs.field(factory=dict, init=False)
    _next_end: float | None = attrs.field(default=None, init=False)

    def __len__(self) -> int:
        return sum(map(len, self._expected.values()))

    def expect(self, expected: Expected) -> None:
        """Wait for the answers to an event."""
        self._expected.setdefault(expected.event_id, []).append(expected)
        self._next_end = expected.until if self._next_end is None else min(self._next_end, expected.until)

    def forget(self, expected: Expected) -> None:
        """Wait no more; what is not there is fine."""
        kept = [one for one in self._expected.pop(expected.event_id, ()) if one is not expected]
        if kept:
            self._expected[expected.event_id] = kept

    def answered(self, event: Event, now: float, at_once: bool) -> list[Expected]:
        """Who waits for an answer that came.

        Args:
            event: The answer.
            now: The moment.
            at_once: Whether those are asked for who hear of it as it comes, or those who hear of it in their turn.
        """
        self.expire(now)
        found = self._expected.get(event.in_reply_to_event or "", ())
        return [one for one in found if one.at_once is at_once]

    def expire(self, now: float) -> None:
        """Give up what nobody answered in time."""
        if self._next_end is None or now < self._next_end:
            return
        alive = {name: [one for one in found if one.until > now] for name, found in self._expected.items()}
        self._expected = {name: found for name, found in alive.items() if found}
        self._next_end = min((one.until for found in self._expected.values() for one in found), default=None)

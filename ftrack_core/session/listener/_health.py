"""How a listener is: values that a monitor can read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

__all__ = ["Health", "WorkerHealth"]


@attrs.frozen
class WorkerHealth:
    """What one worker does at this moment.

    Attributes:
        worker: Name of its thread.
        handler: The handler that it runs.
        event_id: Id of the event.
        topic: Topic of the event.
        attempt: Which attempt it is, from 1 on.
        since: Since when, in UTC.
        seconds: For how long.
        hung: Whether it has run for longer than its handler may, so that its claim is let run out.
    """

    worker: str
    handler: str
    event_id: str
    topic: str
    attempt: int
    since: datetime
    seconds: float
    hung: bool


@attrs.frozen
class Health:
    """How a listener is at one moment. Counts are of this process, since the listener was started.

    Attributes:
        running: Whether it receives and handles events.
        connected: Whether the connection to the event server stands.
        connected_since: Since when, in UTC; None while it does not.
        last_event_at: When the last event for one of the handlers came, in UTC; None before the first.
        stored: How many deliveries it kept: an event for three handlers counts three times.
        handled: How many it handled.
        failed: How many attempts failed.
        set_aside: How many it set aside.
        lost: How many events it could not keep.
        waiting: How many deliveries wait in the inbox at this moment, whoever stored them; -1 if it cannot tell.
        waiting_aside: How many are set aside in the inbox, for a person to look at; -1 if it cannot tell.
        oldest_waiting_seconds: How old the oldest one is that waits; 0 if none does.
        last_gap: When the last gap ended that it found, in UTC; None if it found none.
        workers: What runs.
        problems: What is wrong, each as a sentence; a monitor should act on any.
        notices: What somebody should look at when there is time.
    """

    running: bool
    connected: bool
    connected_since: datetime | None
    last_event_at: datetime | None
    stored: int
    handled: int
    failed: int
    set_aside: int
    lost: int
    waiting: int
    waiting_aside: int
    oldest_waiting_seconds: float
    last_gap: datetime | None
    workers: tuple[WorkerHealth, ...] = ()
    problems: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; notices do not count."""
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values that JSON can say, with `ok`; moments as ISO 8601."""
        told = attrs.asdict(self, value_serializer=lambda _instance, _field, value: _plain(value))
        return {"ok": self.ok, **told}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value

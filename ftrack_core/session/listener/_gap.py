"""A time of which nobody has the events."""

from __future__ import annotations

import uuid
from datetime import datetime, timezone
from typing import Final

import attrs

from ftrack_core.values import Event

__all__ = ["GAP_TOPIC", "Gap", "event_of_gap", "gap_of_event"]

GAP_TOPIC: Final = "ftrack.listener.gap"
"""Topic of the events by which an inbox keeps gaps; they are never published."""


@attrs.frozen
class Gap:
    """A time from which events may be missing, since nobody who shares the inbox received any.

    It is never too short: what happened a little before it or after it may have come all the same.

    Attributes:
        started_at: When it began, in UTC.
        ended_at: When it was over, in UTC.
    """

    started_at: datetime
    ended_at: datetime

    @property
    def seconds(self) -> float:
        """How long it was."""
        return (self.ended_at - self.started_at).total_seconds()


def event_of_gap(key: str, started_at: float, ended_at: float) -> Event:
    """The event that keeps a gap: one, however many processes find it.

    Args:
        key: Tells it from others.
        started_at: When it began, in seconds since the epoch.
        ended_at: When it was over, in seconds since the epoch.
    """
    identifier = uuid.uuid5(uuid.NAMESPACE_OID, f"{GAP_TOPIC} {key}").hex
    return Event(GAP_TOPIC, identifier, {"started_at": started_at, "ended_at": ended_at})


def gap_of_event(event: Event) -> Gap:
    """The gap that an event keeps."""
    return Gap(_moment(event.data["started_at"]), _moment(event.data["ended_at"]))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)

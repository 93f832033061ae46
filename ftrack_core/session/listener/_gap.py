"""A time of which nobody has the events."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Final

import attrs

from ftrack_core.interfaces import IEventInbox
from ftrack_core.session.listener._handlers import Handlers
from ftrack_core.session.listener._tally import Tally
from ftrack_core.values import Event

__all__ = ["GAP_TOPIC", "Gap", "GapKeeper", "gap_of_event"]

_log = logging.getLogger(__name__)

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


@attrs.define(eq=False, repr=False)
class GapKeeper:
    """Keeps gaps in an inbox for those who want to know of them.

    Thread safety: all calls.

    Attributes:
        inbox: Where they are kept.
        handlers: Who wants to know.
        tally: Counts.
        arrived: Called with how many deliveries are new.
    """

    inbox: IEventInbox
    handlers: Handlers
    tally: Tally
    arrived: Callable[[int], None]

    def keep(self, key: str, started_at: float, ended_at: float) -> None:
        """Keep a gap: one, however many processes find it.

        Args:
            key: Tells it from others.
            started_at: When it began, in seconds since the epoch.
            ended_at: When it was over, in seconds since the epoch.

        Raises:
            EventInboxError: It cannot be kept.
        """
        names = {handler.name: "" for handler in self.handlers.for_gaps()}
        new = self.inbox.store(_event_of_gap(key, started_at, ended_at), names) if names else 0
        self.tally.last_gap_at = ended_at
        unheard = "" if names else "; no handler wants to know, so what happened meanwhile is not caught up with"
        _log.warning("no events came for %.1f s%s", ended_at - started_at, unheard)
        if new:
            self.tally.count("stored", new)
            self.arrived(new)


def _event_of_gap(key: str, started_at: float, ended_at: float) -> Event:
    identifier = uuid.uuid5(uuid.NAMESPACE_OID, f"{GAP_TOPIC} {key}").hex
    return Event(GAP_TOPIC, identifier, {"started_at": started_at, "ended_at": ended_at})


def gap_of_event(event: Event) -> Gap:
    """The gap that an event keeps."""
    return Gap(_moment(event.data["started_at"]), _moment(event.data["ended_at"]))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)

"""Events as they leave a hub: with an id, and with who says it."""

from __future__ import annotations

import uuid
from typing import Any

from ftrack_core.errors import InvalidTypeError
from ftrack_core.events import DispatchedEvent
from ftrack_core.values import Event

__all__ = ["Signature", "event_of", "new_id"]


def new_id() -> str:
    """A hexadecimal uuid."""
    return uuid.uuid4().hex


def event_of(found: object) -> Event:
    """The event that was given, also as callbacks get it.

    Raises:
        InvalidTypeError: It is none.
    """
    if isinstance(found, Event):
        return found
    if isinstance(found, DispatchedEvent):
        return found.as_event()
    shown = repr(found) if isinstance(found, str) else type(found).__name__
    raise InvalidTypeError(
        f"an event was to be published, and {shown} was given, which is none; publish "
        "ftrack_core.values.Event('topic', data={...})"
    )


class Signature:
    """Fills in what a publisher leaves out.

    Attributes:
        hub_id: Id of the hub.
        user: Name of the user.
    """

    def __init__(self, hub_id: str, user: str) -> None:
        self.hub_id = hub_id
        self.user = user
        self._host = ""

    def under(self, event: Event) -> Event:
        """The event with an id, and the parts of its source."""
        event = event_of(event)
        source = self._source_of(event)
        return Event(
            event.topic, event.id or new_id(), event.data, source, event.target, event.in_reply_to_event, event.sent
        )

    def dispatched(self, event: Event) -> DispatchedEvent:
        """The same as callbacks get it, for an event that does not leave the hub."""
        event = event_of(event)
        return DispatchedEvent(event, self._source_of(event), event.id or new_id())

    def _source_of(self, event: Event) -> dict[str, Any]:
        host = self._host or self._named_host()
        return {"id": self.hub_id, "user": {"username": self.user}, "host": host, **event.source}

    def _named_host(self) -> str:
        """The name of this machine, asked once; a hub that publishes nothing does not import what tells it."""
        import platform

        self._host = platform.node()
        return self._host

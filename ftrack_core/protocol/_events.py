"""An event as it stands on the wire: the one argument of a packet named `ftrack.event` (server contract 9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ftrack_core.errors import EventHubPacketError
from ftrack_core.values import Event

__all__ = ["EVENT_NAME", "event_from_wire", "event_to_wire"]

EVENT_NAME: Final = "ftrack.event"
"""Name that every event packet of ftrack has; what happened says the topic."""

_LONGEST_TEXT: Final = 4096


def event_to_wire(event: Event) -> dict[str, Any]:
    """Give the object that tells of an event; it has the keys that every client knows, and no other."""
    return {
        "topic": event.topic,
        "id": event.id,
        "data": event.data,
        "source": event.source,
        "target": event.target,
        "inReplyToEvent": event.in_reply_to_event,
        "sent": event.sent,
    }


def event_from_wire(found: object) -> Event:
    """Read an event; keys that events do not have are left out.

    Args:
        found: The argument of the packet.

    Raises:
        EventHubPacketError: It is no event: no object, without a topic, or with a part that is of another kind.
    """
    if not isinstance(found, Mapping):
        raise EventHubPacketError(f"an event is an object; {type(found).__name__} was found")
    source = found.get("source") or {}
    if not isinstance(source, Mapping):
        raise EventHubPacketError(f"the source of an event is an object; {type(source).__name__} was found")
    data = found.get("data")
    return Event(
        topic=_text(found, "topic", needed=True),
        id=_text(found, "id"),
        data={} if data is None else data,
        source=dict(source),
        target=_text(found, "target"),
        in_reply_to_event=_text(found, "inReplyToEvent") or None,
        sent=found.get("sent"),
    )


def _text(found: Mapping[str, Any], name: str, needed: bool = False) -> str:
    value = found.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or (needed and not value):
        raise EventHubPacketError(
            f"the {name} of an event is a text of at most {_LONGEST_TEXT} characters; {type(value).__name__} was found"
        )
    return value

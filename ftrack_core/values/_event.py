"""An event, as it is on the wire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn

import attrs

from ftrack_core.values._by_value import ByValue

__all__ = ["EVENT_KEYS", "Event"]

EVENT_KEYS: Final = ("topic", "id", "data", "source", "target", "in_reply_to_event", "sent")
"""What an event consists of, for ftrack's own Python client too."""


@attrs.frozen(eq=False, repr=False)
class Event(ByValue, Mapping[str, Any]):
    """Something that happened, told to subscribers.

    The fields are those of ftrack's event server; a client drops an event that has any other (server contract 9). They
    can be read as items too, as `event["data"]`. An event is not changed: `attrs.evolve` makes another one of it. Only
    the event that a callback is handed can be.

    Attributes:
        topic: What happened, as `ftrack.update`.
        id: Hexadecimal uuid, unique to the event; the hub gives one where it is empty.
        data: What there is to tell; plain JSON values.
        source: Who published it: `id` of the hub, `user`, `host`, `applicationId`, `clientToken`...
        target: Expression over subscriber metadata that says who should get it; empty for everybody.
        in_reply_to_event: Id of the event that this one answers, or None.
        sent: When the server passed it on, as the server writes it; None before that.
    """

    topic: str
    id: str = ""
    data: Mapping[str, Any] = attrs.field(factory=dict)
    source: Mapping[str, Any] = attrs.field(factory=dict)
    target: str = ""
    in_reply_to_event: str | None = None
    sent: object = None

    def __getitem__(self, key: str) -> Any:
        if key not in EVENT_KEYS:
            raise KeyError(key)
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(EVENT_KEYS)

    def __len__(self) -> int:
        return len(EVENT_KEYS)

    def __setitem__(self, key: str, value: object) -> NoReturn:
        raise TypeError(
            f"{key!r} of an event was to be set, and an event that was made stays as it is: hand over everything when "
            f"it is made, as Event({self.topic!r}, {key}=...), or make another one with attrs.evolve"
        )

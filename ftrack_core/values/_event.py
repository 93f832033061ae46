"""An event, as it is on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

__all__ = ["Event"]


@attrs.frozen
class Event:
    """Something that happened, told to subscribers.

    The fields are those of ftrack's event server; a client drops an event that has any other (server contract 9).

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

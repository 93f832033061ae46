"""An event on its way to one handler, as an inbox keeps it."""

from __future__ import annotations

from typing import Literal

import attrs

from ftrack_core.values._by_value import ByValue
from ftrack_core.values._event import Event

__all__ = ["Delivery", "DeliveryState"]

DeliveryState = Literal["waiting", "claimed", "done", "set aside"]
"""What has become of a delivery; `done` and `set aside` are ends, though a person may replay what was set aside."""


@attrs.frozen(eq=False, repr=False)
class Delivery(ByValue):
    """One event for one handler. An event that three handlers want is three deliveries, each with a fate of its own.

    Attributes:
        id: What names it in its inbox.
        event: The event, as it came.
        handler: Name of the handler that wants it.
        order: Deliveries of one handler and one order are handled one after the other, as they were stored; empty
            where any may go before any.
        attempt: How often it was claimed, this time included; 0 before the first.
        stored_at: When it came, in seconds since the epoch.
        due_at: Not to be claimed before, in seconds since the epoch; while claimed, when the claim runs out.
        state: What has become of it.
        worker: Who claims it, or did last; empty before the first.
        error: What went wrong the last time; empty if nothing did.
        claim: What tells this claim from others of the same delivery; empty while it is not claimed.
    """

    id: str
    event: Event
    handler: str
    order: str = ""
    attempt: int = 0
    stored_at: float = 0.0
    due_at: float = 0.0
    state: DeliveryState = "waiting"
    worker: str = ""
    error: str = ""
    claim: str = ""

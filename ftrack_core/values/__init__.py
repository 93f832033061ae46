"""Values that cross seams: frozen, plain, and the same on both sides."""

from __future__ import annotations

from ftrack_core.values._configured_attribute import ConfiguredAttribute
from ftrack_core.values._delivery import Delivery, DeliveryState
from ftrack_core.values._event import EVENT_KEYS, Event
from ftrack_core.values._exchange import Request, Response
from ftrack_core.values._identity import EntityIdentity
from ftrack_core.values._record import EntityRecord, WireValue
from ftrack_core.values._symbols import MISSING, NOT_GIVEN, NOT_SET, Missing, NotGiven, NotSet, State, Symbol

__all__ = [
    "EVENT_KEYS",
    "MISSING",
    "NOT_GIVEN",
    "NOT_SET",
    "ConfiguredAttribute",
    "Delivery",
    "DeliveryState",
    "EntityIdentity",
    "EntityRecord",
    "Event",
    "Missing",
    "NotGiven",
    "NotSet",
    "Request",
    "Response",
    "State",
    "Symbol",
    "WireValue",
]

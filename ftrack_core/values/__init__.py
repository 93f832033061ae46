"""Values that cross seams: frozen, plain, and the same on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_core._lazy import names_on_demand
from ftrack_core.values._by_value import ByValue
from ftrack_core.values._event import EVENT_KEYS, Event
from ftrack_core.values._exchange import Request, Response
from ftrack_core.values._identity import EntityIdentity
from ftrack_core.values._record import EntityRecord, WireValue
from ftrack_core.values._symbols import MISSING, NOT_GIVEN, NOT_SET, Missing, NotGiven, NotSet, State, Symbol

if TYPE_CHECKING:
    from ftrack_core.values._configured_attribute import ConfiguredAttribute
    from ftrack_core.values._delivery import Delivery, DeliveryState
    from ftrack_core.values._finding import Finding, FindingState

__all__ = [
    "EVENT_KEYS",
    "MISSING",
    "NOT_GIVEN",
    "NOT_SET",
    "ByValue",
    "ConfiguredAttribute",
    "Delivery",
    "DeliveryState",
    "EntityIdentity",
    "EntityRecord",
    "Event",
    "Finding",
    "FindingState",
    "Missing",
    "NotGiven",
    "NotSet",
    "Request",
    "Response",
    "State",
    "Symbol",
    "WireValue",
]

# Only a diagnosis has findings, only an inbox deliveries, and few programs ask how custom attributes are set up.
__getattr__ = names_on_demand(
    __name__,
    {
        "ConfiguredAttribute": "_configured_attribute",
        "Delivery": "_delivery",
        "DeliveryState": "_delivery",
        "Finding": "_finding",
        "FindingState": "_finding",
    },
)

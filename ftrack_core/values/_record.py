"""What caches hold of an entity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import attrs

from ftrack_core.values._by_value import ByValue
from ftrack_core.values._identity import EntityIdentity

__all__ = ["EntityRecord", "WireValue"]

WireValue: TypeAlias = "bool | int | float | str | EntityIdentity | list[WireValue] | dict[str, WireValue] | None"
"""A value as it comes over the wire, save that a reference to another entity is its identity.

A date stays in its wire form, `{"__type__": "datetime", "value": "2022-10-10T10:12:09"}`."""


@attrs.frozen(eq=False, repr=False)
class EntityRecord(ByValue):
    """Remote state of one entity: never a local change, an uncommitted create or a live object.

    Attributes:
        identity: Whose state it is.
        fetched_at: When the oldest part of it came from the server, in seconds since the epoch.
        values: Attribute values in wire form, by name. Whoever holds a record never changes them.
    """

    identity: EntityIdentity
    fetched_at: float
    values: Mapping[str, WireValue]

"""What an `ftrack.update` event says, as a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

__all__ = ["Change", "changes_of"]


@attrs.frozen
class Change:
    """One entity of an event.

    Attributes:
        table: Its type as ftrack calls it inside, as `task`.
        entity_type: Its type as the schema calls it; empty where it is not told.
        identifier: Its id.
        action: `add`, `update`, `remove`, or `move`.
        values: What changed, by internal name: the values before and after.
        parents: What it belongs to, up to its project, as tables, types and ids; without itself.
    """

    table: str
    entity_type: str
    identifier: str
    action: str
    values: Mapping[str, tuple[Any, Any]]
    parents: tuple[tuple[str, str, str], ...]

    @property
    def is_whole(self) -> bool:
        """Whether it came, went, or changed its place."""
        return self.action != "update"


def changes_of(data: Mapping[str, Any]) -> Iterator[Change]:
    """The entities of an event's data.

    Raises:
        AttributeError: The data is not of the shape that such events have.
        KeyError: As above.
        TypeError: As above.
    """
    for told in data["entities"]:
        identifier = str(told["entityId"])
        changes = told.get("changes") or {}
        values = {name: _values(change) for name, change in changes.items()}
        values.update((name, (None, None)) for name in told.get("keys") or () if name not in values)
        parents = (_named(each) for each in told.get("parents") or ())
        above = tuple(each for each in parents if each[2] != identifier)
        yield Change(*_named(told), str(told.get("action") or "update"), values, above)


def _named(told: Mapping[str, Any]) -> tuple[str, str, str]:
    return (
        str(told.get("entityType") or "").lower(),
        str(told.get("entity_type") or ""),
        str(told.get("entityId") or ""),
    )


def _values(change: Any) -> tuple[Any, Any]:
    """The values before and after; where that is not told, neither is anything that an entity can have."""
    return (change.get("old"), change.get("new")) if isinstance(change, Mapping) else (None, _UNKNOWN)


_UNKNOWN = object()

"""Entities anywhere in a decoded JSON value come to life."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ftrack_core.entity import ENTITY_TYPE
from ftrack_core.protocol import is_date
from ftrack_core.session.loading._live import LiveEntities

__all__ = ["decoded"]


def decoded(value: Any, live: LiveEntities, to_date: Callable[[str], Any], asked_at: float, *, fresh: bool) -> Any:
    """A JSON value with live entities for the entities in it, and moments for dates.

    Args:
        value: Plain JSON; it is used up.
        live: Where entities come to life. All of them are checked before the first one does.
        to_date: Makes what a program sees of a date's text.
        asked_at: When it was asked for, in seconds since the epoch.
        fresh: Whether the value came from the server; else it only fills in what entities lack.

    Raises:
        UnrecognisedEntityTypeError: An entity is of a type that there is not.
        MalformedReplyError: An entity lacks its key.
    """
    rows: list[dict[str, Any]] = []
    _collect(value, rows)
    entities = iter(live.merge(live.split_results(rows), asked_at, fresh=fresh))
    return _replaced(value, {id(row): entity for row, entity in zip(rows, entities, strict=True)}, to_date)


def _collect(value: Any, rows: list[dict[str, Any]]) -> None:
    """The outermost entities in a value."""
    if isinstance(value, dict):
        if ENTITY_TYPE in value:
            rows.append(value)
            return
        for item in value.values():
            _collect(item, rows)
    elif isinstance(value, list):
        for item in value:
            _collect(item, rows)


def _replaced(value: Any, entities: dict[int, Any], to_date: Callable[[str], Any]) -> Any:
    if isinstance(value, dict):
        if id(value) in entities:
            return entities[id(value)]
        if is_date(value) and isinstance(value.get("value"), str):
            return to_date(value["value"])
        return {name: _replaced(item, entities, to_date) for name, item in value.items()}
    return [_replaced(item, entities, to_date) for item in value] if isinstance(value, list) else value

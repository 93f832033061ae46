"""What a batch did, gathered while its transaction stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace.reading import HOLDERS
from ftrack_backends.workspace.updates._parents import Parents

if TYPE_CHECKING:
    from ftrack_backends.workspace.model import Model
    from ftrack_backends.workspace.store import Stored
    from ftrack_backends.workspace.writing import Row, Rows

__all__ = ["Collected", "Told", "collect"]

_VALUE = "CustomAttributeValue"
_HISTORY = frozenset({"StatusChange", "Event", "Feed"})


@attrs.define(eq=False)
class Told:
    """One entity that a batch created, changed or deleted.

    Attributes:
        row: Its row; the values it had before, and those that it has now, or had when it was deleted.
        changed: Whether the row itself is told of, and not only its custom attributes.
        attributes: Custom attributes that changed: by key, the text before and after.
        collections: Internal names of collections that changed and whose items tell nothing of it.
        parents: The entity itself, what it belongs to, and so on, up to the project.
    """

    row: Row
    changed: bool
    attributes: dict[str, tuple[str | None, str | None]] = attrs.field(factory=dict)
    collections: dict[str, None] = attrs.field(factory=dict)
    parents: tuple[Row, ...] = ()


@attrs.frozen(eq=False)
class Collected:
    """All that a batch did.

    Attributes:
        entities: What there is to tell, in the order in which the batch met it; empty for nothing.
    """

    entities: tuple[Told, ...]


def collect(model: Model, rows: Rows) -> Collected:
    """Gather what a finished batch did, within its transaction.

    Args:
        model: The data model.
        rows: Rows of the batch.
    """
    changed = [*rows.touched, *rows.gone]
    told = {id(row): Told(row, changed=True) for row in changed if _is_told(row)}
    for holder, key, texts in _attributes(model, rows, [row for row in changed if row.type.root == _VALUE]):
        told.setdefault(id(holder), Told(holder, changed=False)).attributes[key] = texts
    for holder, collection in rows.relinked:
        if not holder.removed:
            told.setdefault(id(holder), Told(holder, changed=False)).collections[collection] = None
    parents = Parents.of(model, rows, [one.row for one in told.values()])
    for one in told.values():
        one.parents = parents.above(one.row)
    return Collected(tuple(told.values()))


def _is_told(row: Row) -> bool:
    return row.type.root not in _HISTORY and row.type.root != _VALUE


def _attributes(
    model: Model, rows: Rows, values: Iterable[Row]
) -> Iterable[tuple[Row, str, tuple[str | None, str | None]]]:
    """Changed custom attributes: whose, by which key, the texts before and after."""
    by_kind: dict[str, list[Row]] = {}
    for value in values:
        by_kind.setdefault(value.type.name.removesuffix(_VALUE), []).append(value)
    keys = _keys(model, rows, [value for group in by_kind.values() for value in group])
    for kind, group in by_kind.items():
        table = HOLDERS[kind].table
        holders = {row.id: row for row in rows.where(table, "id", {value.values["entity_id"] for value in group})}
        for value in group:
            holder = holders.get(str(value.values["entity_id"]))
            key = keys.get(str(value.values["configuration_id"]))
            if holder is not None and key is not None:
                yield holder, key, _texts(value)


def _keys(model: Model, rows: Rows, values: Iterable[Row]) -> Mapping[str, str]:
    table = model["CustomAttributeConfiguration"].table
    found = rows.where(table, "id", {value.values["configuration_id"] for value in values})
    return {row.id: str(row.values["key"]) for row in found}


def _texts(value: Row) -> tuple[str | None, str | None]:
    before = _text(value.before["value"]) if value.before else None
    return before, None if value.removed else _text(value.values["value"])


def _text(stored: Stored) -> str | None:
    """A custom attribute's value as events tell it: text, whatever it is."""
    if stored is None:
        return None
    value = json.loads(str(stored))
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return None if value is None else str(value)

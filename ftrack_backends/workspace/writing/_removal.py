"""Deleting: what goes with a row, what is only cut loose from it, and what forbids it.

The model says it: a row goes with the entity that one of its `owner` columns names. Any other key that names it
becomes empty; where the key is required, the row cannot be deleted while it is used (a status with tasks). People are
the exception: what they wrote stays when they go. Whether a row is still used is asked at the end of the batch only,
since a client may delete a location before the places in it.
"""

# ruff: noqa: S608 - statements are made of the model's names; whatever a client sent is bound
from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace.model import Key, LinkTable
from ftrack_backends.workspace.store import link_table, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ftrack_backends.workspace.model import Model, ModelType, Scalar
    from ftrack_backends.workspace.writing._rows import Row, Rows

__all__ = ["Removal"]

_IN_USE = {("ComponentLocation", "location_id")}
"""Keys that forbid a deletion though they may be empty: a location with files in it is not deleted by accident."""


@attrs.frozen
class _Links:
    """Columns that may name a row of one table.

    Attributes:
        owned: `(table, column)` of rows that go with it.
        loose: The same of rows that stay, and whether they forbid the deletion.
        pairs: `(table, column)` of hidden link tables.
    """

    owned: tuple[tuple[str, str], ...]
    loose: tuple[tuple[str, str, bool], ...]
    pairs: tuple[tuple[str, str], ...]


@attrs.frozen(eq=False)
class Removal:
    """Deletes rows with all that belongs to them.

    Attributes:
        model: The data model.
        rows: Rows of the batch.
        dangling: `(row, column)` of keys that name a deleted row and may not be empty: they must have changed, or
            their rows be gone, by the end of the batch.
    """

    model: Model
    rows: Rows
    dangling: list[tuple[Row, str]] = attrs.field(factory=list)

    def remove(self, rows: Iterable[Row]) -> None:
        """Delete rows and what they own, and empty the keys that named them."""
        doomed = self._doomed(rows)
        by_table: dict[str, list[Row]] = {}
        for row in doomed.values():
            by_table.setdefault(row.type.table, []).append(row)
        self.rows.remove(doomed.values())
        for table, removed in by_table.items():
            self._cut_loose(table, removed)

    def _doomed(self, rows: Iterable[Row]) -> dict[int, Row]:
        doomed: dict[int, Row] = {}
        level = list(rows)
        while level:
            doomed.update((id(row), row) for row in level)
            level = [row for row in self._owned(level) if id(row) not in doomed]
        return doomed

    def _owned(self, owners: list[Row]) -> list[Row]:
        ids: dict[str, list[str]] = {}
        for row in owners:
            if row.id:
                ids.setdefault(row.type.table, []).append(row.id)
        found: dict[int, Row] = {}
        for table, keys in ids.items():
            for owned, column in _links(self.model, table).owned:
                found.update((id(row), row) for row in self.rows.where(owned, column, keys))
        return list(found.values())

    def _cut_loose(self, table: str, removed: list[Row]) -> None:
        ids = [row.id for row in removed if row.id]
        if not ids:
            return
        for other, column, forbids in _links(self.model, table).loose:
            for row in self.rows.where(other, column, ids):
                if forbids:
                    self.dangling.append((row, column))
                else:
                    self.rows.change(row, {column: None})
        for pairs, column in _links(self.model, table).pairs:
            sql = f"DELETE FROM {quoted(pairs)} WHERE {quoted(column)} IN (SELECT value FROM json_each(?))"
            self.rows.execute(sql, (json.dumps(ids),))


@lru_cache(maxsize=1024)
def _links(model: Model, table: str) -> _Links:
    owned: dict[tuple[str, str], None] = {}
    loose: dict[tuple[str, str, bool], None] = {}
    pairs: dict[tuple[str, str], None] = {}
    for one in model:
        for name, scalar in one.columns.items():
            if scalar.owner and _may_name(model, scalar, table):
                owned[one.table, name] = None
            elif isinstance(scalar, Key) and _may_name(model, scalar, table) and name not in one.primary_key:
                loose[one.table, name, _forbids(one, scalar, table)] = None
        pairs.update(dict.fromkeys(_pairs(model, one, table)))
    return _Links(tuple(owned), tuple(loose), tuple(pairs))


def _may_name(model: Model, scalar: Scalar, table: str) -> bool:
    """Whether a column may hold the id of a row of the table; a mere text may hold that of any entity."""
    if isinstance(scalar, Key):
        return scalar.target in model and model[scalar.target].table == table
    return True


def _forbids(one: ModelType, scalar: Scalar, table: str) -> bool:
    return (scalar.required and table != "Resource") or (one.name, scalar.name) in _IN_USE


def _pairs(model: Model, one: ModelType, table: str) -> Iterable[tuple[str, str]]:
    """Columns of hidden link tables that hold ids of rows of the table, on either side of a type's collections."""
    for collection in one.collections.values():
        link = collection.via
        if isinstance(link, LinkTable) and link.table not in model:
            if one.table == table:
                yield link_table(model, link), link.here
            if model[collection.item].table == table:
                yield link_table(model, link), link.there

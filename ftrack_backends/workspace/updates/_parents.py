"""What an entity belongs to, up to its project."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace.model import Key

if TYPE_CHECKING:
    from ftrack_backends.workspace.model import Model
    from ftrack_backends.workspace.writing import Row, Rows

__all__ = ["Parents", "parent_id"]

_LIKELY = ("context_id", "list_id", "review_session_id", "version_id", "parent_id")
"""Columns that lead to a project, where a row has several owners."""

_ANY = ("Context", "AssetVersion", "Asset", "Component", "List", "Resource", "Note", "ReviewSession")
"""Tables that a text which names any entity may mean."""

_DEEPEST = 100


@attrs.frozen(eq=False)
class Parents:
    """The parents of many rows, read level by level.

    Attributes:
        known: Rows by table and id.
    """

    _model: Model
    _known: dict[tuple[str, str], Row]

    @classmethod
    def of(cls, model: Model, rows: Rows, told: Iterable[Row]) -> Parents:
        """Read the parents of rows, within a transaction."""
        gone = {(row.type.table, row.id): row for row in rows.gone if row.id}
        parents = cls(model, dict(gone))
        level = list(told)
        for _ in range(_DEEPEST):
            if not (level := parents._read(rows, level)):
                break
        return parents

    def above(self, row: Row) -> tuple[Row, ...]:
        """The row itself, what it belongs to, and so on."""
        chain: list[Row] = []
        current: Row | None = row
        while current is not None and current not in chain and len(chain) < _DEEPEST:
            chain.append(current)
            identifier = parent_id(current)
            tables = self._tables(current)
            current = next(
                (self._known[table, identifier] for table in tables if (table, identifier) in self._known), None
            )
        return tuple(chain)

    def _read(self, rows: Rows, level: Iterable[Row]) -> list[Row]:
        """Read the parents of a level that are not known yet; gives these."""
        wanted: dict[str, set[str]] = {}
        for row in level:
            self._known.setdefault((row.type.table, row.id), row)
            identifier, tables = parent_id(row), self._tables(row)
            if identifier and not any((table, identifier) in self._known for table in tables):
                for table in tables:
                    wanted.setdefault(table, set()).add(identifier)
        found = [row for table, ids in wanted.items() for row in rows.where(table, "id", sorted(ids))]
        self._known.update(((row.type.table, row.id), row) for row in found)
        return found

    def _tables(self, row: Row) -> tuple[str, ...]:
        name = _parent_column(row)
        scalar = row.type.columns.get(name) if name else None
        if not isinstance(scalar, Key):
            return _ANY
        return (self._model[scalar.target].table,) if scalar.target in self._model else _ANY


def parent_id(row: Row) -> str:
    """Id of what a row belongs to; empty for one that belongs to nothing."""
    name = _parent_column(row)
    return str(row.values[name]) if name else ""


def _parent_column(row: Row) -> str:
    owners = [scalar.column for scalar in row.type.columns.values() if scalar.owner]
    likely = [name for name in _LIKELY if name in row.values]
    return next((name for name in (*likely, *owners) if row.values[name]), "")

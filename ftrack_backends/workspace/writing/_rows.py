"""Rows of the database while a batch changes them."""

# ruff: noqa: S608 - statements are made of the model's names; whatever a client sent is bound
from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace._faults import IntegrityFault
from ftrack_backends.workspace.store import TYPE_COLUMN, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ftrack_backends.workspace.model import Model, ModelType
    from ftrack_backends.workspace.store import Connection, Stored

__all__ = ["Row", "Rows"]


@attrs.define(eq=False)
class Row:
    """One row that a batch deals with; there is one object for each row.

    Attributes:
        type: Its concrete entity type.
        rowid: Where SQLite keeps it.
        values: Its values by column, as they are stored now.
        before: The same at the start of the batch; None for a row that the batch created.
        removed: Whether the batch has deleted it.
    """

    type: ModelType
    rowid: int
    values: dict[str, Stored]
    before: Mapping[str, Stored] | None
    removed: bool = False

    @property
    def id(self) -> str:
        """Value of its `id`; empty for a row that is identified otherwise."""
        return str(self.values.get("id") or "")

    @property
    def key(self) -> tuple[str, ...]:
        """Values of its primary key."""
        return tuple(str(self.values[name]) for name in self.type.primary_key)

    def changed(self, column: str) -> bool:
        """Whether the batch gave the column another value; always so for a row that it created."""
        return self.before is None or self.before[column] != self.values[column]

    def __str__(self) -> str:
        return f"{self.type.name} {', '.join(self.key)}"


class Rows:
    """Reads and writes rows within the transaction of a batch. What it writes is in the database at once.

    Attributes:
        gone: Rows that were there before the batch, and that it deleted.
        relinked: Rows whose many-to-many collection changed without any row changing, with its internal name.
    """

    def __init__(self, connection: Connection, model: Model) -> None:
        self._connection = connection
        self._model = model
        self._known: dict[tuple[str, int], Row] = {}
        self._removed: set[tuple[str, tuple[str, ...]]] = set()
        self.gone: list[Row] = []
        self.relinked: list[tuple[Row, str]] = []

    @property
    def touched(self) -> list[Row]:
        """Rows that were created or changed and still stand, in the order they were met."""
        return [row for row in self._known.values() if row.before != row.values]

    def find(self, model_type: ModelType, key: Sequence[Stored]) -> Row | None:
        """The row of a type, or of a type below it, with that primary key."""
        condition = " AND ".join(f"{quoted(name)} = ?" for name in model_type.primary_key)
        found = self.select(model_type.table, condition, key)
        return found[0] if found and _is(found[0].type, model_type) else None

    def removed(self, model_type: ModelType, key: Sequence[Stored]) -> bool:
        """Whether this batch deleted a row with that key."""
        return (model_type.table, tuple(map(str, key))) in self._removed

    def where(self, table: str, column: str, values: Iterable[Stored]) -> list[Row]:
        """Rows of a table that have one of the values in a column, in order of insertion."""
        condition = f"{quoted(column)} IN (SELECT value FROM json_each(?)) ORDER BY rowid"
        return self.select(table, condition, (json.dumps(list(values)),))

    def select(self, table: str, condition: str, parameters: Sequence[Stored]) -> list[Row]:
        """Rows of a table for which an SQL condition holds."""
        sql = f"SELECT rowid, * FROM {quoted(table)} WHERE {condition}"
        cursor = self._connection.execute(sql, tuple(parameters))
        columns = [one[0] for one in cursor.description[1:]]
        return [self._row(table, values[0], dict(zip(columns, values[1:], strict=True))) for values in cursor]

    def scalars(self, sql: str, parameters: Sequence[Stored]) -> list[Stored]:
        """The first column of what a statement gives."""
        return [row[0] for row in self._connection.execute(sql, tuple(parameters))]

    def records(self, sql: str, parameters: Sequence[Stored]) -> list[tuple[Stored, ...]]:
        """All that a statement gives."""
        return list(map(tuple, self._connection.execute(sql, tuple(parameters))))

    def execute(self, sql: str, parameters: Sequence[Stored]) -> None:
        """Write to a table that holds no entities."""
        self._connection.execute(sql, tuple(parameters))

    def insert(self, model_type: ModelType, values: Mapping[str, Stored]) -> Row:
        """Create a row.

        Raises:
            IntegrityFault: There is one with that primary key.
        """
        table = model_type.table
        names = ", ".join(map(quoted, (TYPE_COLUMN, *values)))
        places = ", ".join("?" * (len(values) + 1))
        sql = f"INSERT INTO {quoted(table)} ({names}) VALUES ({places})"
        try:
            rowid = self._connection.execute(sql, (model_type.name, *values.values())).lastrowid
        except sqlite3.IntegrityError as error:
            key = ", ".join(str(values.get(name)) for name in model_type.primary_key)
            raise IntegrityFault(f"There is a {model_type.name} {key} already (duplicate primary key).") from error
        row = Row(model_type, rowid or 0, dict.fromkeys(self._model.tables[table]) | dict(values), before=None)
        self._known[table, row.rowid] = row
        return row

    def change(self, row: Row, values: Mapping[str, Stored]) -> None:
        """Give columns of a row new values."""
        new = {name: value for name, value in values.items() if row.values[name] != value}
        if not new:
            return
        settings = ", ".join(f"{quoted(name)} = ?" for name in new)
        table = quoted(row.type.table)
        sql = f"UPDATE {table} SET {settings} WHERE rowid = ?"
        try:
            self._connection.execute(sql, (*new.values(), row.rowid))
        except sqlite3.IntegrityError as error:
            raise IntegrityFault(f"{row} cannot become what another {row.type.name} is already.") from error
        row.values.update(new)

    def retype(self, row: Row, model_type: ModelType) -> None:
        """Make a row one of another type of its table."""
        if row.type is not model_type:
            sql = f"UPDATE {quoted(row.type.table)} SET {quoted(TYPE_COLUMN)} = ? WHERE rowid = ?"
            self._connection.execute(sql, (model_type.name, row.rowid))
            row.type = model_type

    def remove(self, rows: Iterable[Row]) -> None:
        """Delete rows."""
        for row in rows:
            table = row.type.table
            self._connection.execute(f"DELETE FROM {quoted(table)} WHERE rowid = ?", (row.rowid,))
            self._known.pop((table, row.rowid), None)
            self._removed.add((table, row.key))
            row.removed = True
            if row.before is not None:
                self.gone.append(row)

    def _row(self, table: str, rowid: int, values: dict[str, Stored]) -> Row:
        name = str(values.pop(TYPE_COLUMN))
        known = self._known.get((table, rowid))
        if known is None:
            known = self._known[table, rowid] = Row(self._model[name], rowid, values, before=dict(values))
        return known


def _is(one: ModelType, other: ModelType) -> bool:
    """Whether a row of the first type may be named as one of the second: by a base type, or by a view of its table."""
    views = one.declaration.view_of or other.declaration.view_of
    return one.name in other.subtypes or (bool(views) and one.table == other.table)

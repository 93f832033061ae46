"""The layout: which tables, columns and indexes a model has in SQLite.

One table for each root type, named after it: all kinds of context share `Context`. Columns are named as the
attributes; `__type__` holds the name of the row's own type; the implicit rowid keeps the order of insertion, which is
the order of every query that asks for none. Pairs of ids that are no entity type live in tables `_link_<name>`.

Nothing but primary keys is constrained here: a batch may be incomplete until its end, so writing checks it then.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace.model import (
    ForeignKey,
    Integer,
    Key,
    LinkTable,
    Number,
    Truth,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ftrack_backends.workspace.model import Model, ModelType, Scalar

__all__ = ["TYPE_COLUMN", "Table", "fingerprint", "layout", "link_table", "quoted"]

TYPE_COLUMN = "__type__"
"""Column that holds the name of a row's own entity type."""

_AFFINITIES: dict[type, str] = {Integer: "INTEGER", Number: "NUMERIC", Truth: "INTEGER"}
_SOUGHT = ("name", "key", "username", "email")
"""Columns that people look rows up by, beside relations."""


@attrs.frozen
class Table:
    """One table.

    Attributes:
        name: Its name, not quoted.
        columns: SQL type and constraint by column name.
        unique: Columns that together identify a row.
        indexed: Columns with an index of their own.
    """

    name: str
    columns: dict[str, str]
    unique: tuple[str, ...]
    indexed: tuple[str, ...]

    def statements(self) -> Iterator[str]:
        """Give the statements that make it where it is missing; columns that a later model adds are not among them."""
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in self.columns.items())
        yield f"CREATE TABLE IF NOT EXISTS {quoted(self.name)} ({columns})"

    def indexes(self) -> Iterator[str]:
        """Give the statements that make its indexes where they are missing."""
        identifying = ", ".join(quoted(one) for one in self.unique)
        index = quoted(f"_key_{self.name}")
        yield f"CREATE UNIQUE INDEX IF NOT EXISTS {index} ON {quoted(self.name)} ({identifying})"
        for one in self.indexed:
            index = quoted(f"_by_{one}_{self.name}")
            yield f"CREATE INDEX IF NOT EXISTS {index} ON {quoted(self.name)} ({quoted(one)})"


def quoted(name: str) -> str:
    """Quote an identifier of the model for SQL."""
    return '"' + name.replace('"', '""') + '"'


def link_table(model: Model, link: LinkTable) -> str:
    """Give the name of the table that holds the pairs: an entity type's own, or a hidden one."""
    return model[link.table].table if link.table in model else f"_link_{link.table}"


def layout(model: Model) -> tuple[Table, ...]:
    """Give all tables of a model."""
    related = _related_columns(model)
    entities = (_entity_table(model, name, related.get(name, set())) for name in model.tables)
    return (*entities, *_pair_tables(model))


@lru_cache(maxsize=16)
def fingerprint(model: Model) -> str:
    """Give a text that is the same for models with the same layout, and for no others."""
    statements = sorted(one for table in layout(model) for one in (*table.statements(), *table.indexes()))
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()


def _entity_table(model: Model, name: str, related: set[str]) -> Table:
    scalars = model.tables[name]
    key = model[name].primary_key
    columns = {TYPE_COLUMN: "TEXT NOT NULL"}
    columns |= {one: _affinity(scalar) + " NOT NULL" * (one in key) for one, scalar in scalars.items()}
    keys = [one for one, scalar in scalars.items() if isinstance(scalar, Key)]
    sought = [one for one in _SOUGHT if one in scalars]
    indexed = [one for one in dict.fromkeys([*keys, *sorted(related), *sought]) if key[0] != one and one in scalars]
    return Table(name, columns, key, (TYPE_COLUMN, *indexed))


def _affinity(scalar: Scalar) -> str:
    holds_integer = isinstance(scalar, Key) and scalar.holds == "integer"
    return "INTEGER" if holds_integer else _AFFINITIES.get(type(scalar), "TEXT")


def _related_columns(model: Model) -> dict[str, set[str]]:
    """Collect the columns that collections go over, by table; not all of them are declared as keys."""
    related: dict[str, set[str]] = {}
    for one in model:
        for collection in one.collections.values():
            if isinstance(collection.via, ForeignKey) and collection.item in model:
                item = model[collection.item]
                related.setdefault(item.table, set()).add(_column(item, collection.via.attribute))
            elif isinstance(collection.via, LinkTable) and collection.via.table in model:
                link = model[collection.via.table]
                columns = {_column(link, collection.via.here), _column(link, collection.via.there)}
                related.setdefault(link.table, set()).update(columns)
    return related


def _column(model_type: ModelType, attribute: str) -> str:
    scalar = model_type.scalars.get(attribute)
    return scalar.column if scalar else attribute


def _pair_tables(model: Model) -> Iterable[Table]:
    links = (one.via for each in model for one in each.collections.values() if isinstance(one.via, LinkTable))
    tables: dict[str, Table] = {}
    for link in links:
        if link.table not in model:
            pair = tuple(sorted((link.here, link.there)))
            columns = dict.fromkeys(pair, "TEXT NOT NULL") | {"position": "INTEGER"}
            name = link_table(model, link)
            tables.setdefault(name, Table(name, columns, pair, (pair[1],)))
    return tables.values()

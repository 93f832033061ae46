"""Loading what the rows of one step refer to: one statement for all of them, with their keys as one JSON value."""

# ruff: noqa: S608 - statements are made of the model's names; whatever a user wrote is bound
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_backends.workspace.model import Collection, Computed, ForeignKey, LinkTable
from ftrack_backends.workspace.reading._conditions import items_where
from ftrack_backends.workspace.reading._names import Row
from ftrack_backends.workspace.reading._shapes import ALIAS
from ftrack_backends.workspace.reading._sql import Sql, all_of
from ftrack_backends.workspace.reading._trees import tree_source
from ftrack_backends.workspace.store import link_table, quoted

if TYPE_CHECKING:
    from collections.abc import Collection as Many
    from collections.abc import Mapping

    from ftrack_backends.workspace.model import ModelType
    from ftrack_backends.workspace.reading._names import Names
    from ftrack_backends.workspace.reading._shapes import Entity, Load, Shape
    from ftrack_backends.workspace.store import Connection, Stored

__all__ = ["items", "others"]


@attrs.frozen
class _Tie:
    """How items are tied to those that have them.

    Attributes:
        source: What follows FROM; its first question mark is for the owners' ids.
        owner: Expression of the id of the entity that has an item.
        order: Order of the items; by owner first, as the indexes are.
        values: For its further question marks.
        recursion: WITH clause that the source needs, or nothing.
    """

    source: str
    owner: str
    order: str
    values: tuple[Stored, ...] = ()
    recursion: str = ""


_GIVEN = "IN (SELECT value FROM json_each(?))"


def others(target: ModelType, shape: Shape) -> Load:
    """Give what loads the entities that references point to, by their id."""
    row = Row(target)
    key = row.column(target.primary_key[0])
    statement = f"SELECT {shape.columns} FROM {row.source} WHERE {key} {_GIVEN}"

    def load(connection: Connection, keys: Many[str]) -> Mapping[str, Entity]:
        rows = connection.execute(statement, (json.dumps(keys),)).fetchall()
        found = (row[shape.key_position] for row in rows)
        return dict(zip(found, shape.entities(connection, rows), strict=True))

    return load


def items(names: Names, collection: Collection, owner: ModelType, shape: Shape) -> Load:
    """Give what loads the items of a collection as lists, by the id of the entity that has them."""
    item = Row(names.target(collection))
    found = _tied(names, collection, owner, item)
    if found is None:
        return _nothing
    statement = f"{found.recursion} SELECT {shape.columns}, {found.owner} FROM {found.source} ORDER BY {found.order}"

    def load(connection: Connection, keys: Many[str]) -> Mapping[str, list[Entity]]:
        rows = connection.execute(statement, (json.dumps(keys), *found.values)).fetchall()
        grouped: dict[str, list[Entity]] = {}
        for row, entity in zip(rows, shape.entities(connection, rows), strict=True):
            grouped.setdefault(row[-1], []).append(entity)
        return grouped

    return load


def _tied(names: Names, collection: Collection, owner: ModelType, item: Row) -> _Tie | None:
    via = collection.via
    if isinstance(via, ForeignKey):
        key = item.column(item.type.scalars[via.attribute].column)
        where = all_of([Sql(f"{key} {_GIVEN}"), items_where(via, item)])
        return _Tie(f"{item.source} WHERE {where.text}", key, f"{key}, {item.alias}.rowid", where.values)
    if isinstance(via, LinkTable):
        return _linked(names, via, item)
    return _walked(names, via, owner, item)


def _linked(names: Names, via: LinkTable, item: Row) -> _Tie:
    here = f"link.{quoted(via.here)}"
    pairs = f"{quoted(link_table(names.model, via))} AS link"
    joined = f"{item.source} ON {item.column('id')} = link.{quoted(via.there)}"
    order = f"{here}, link.rowid" if via.table in names.model else f"{here}, link.position, link.rowid"
    return _Tie(f"{pairs} JOIN {joined} WHERE {here} {_GIVEN}", here, order)


def _walked(names: Names, via: Computed, owner: ModelType, item: Row) -> _Tie | None:
    found = tree_source(owner.table, via.rule)
    if found is None:
        return None
    recursion, order = found
    narrowed = names.of_type(item)
    where = f"walk.depth > 0 AND {narrowed.text or '1'}"
    source = f"walk JOIN {item.source} ON {item.column('id')} = walk.id WHERE {where}"
    return _Tie(source, "walk.origin", f"walk.origin, {order}, {ALIAS}.rowid", recursion=recursion)


def _nothing(connection: Connection, keys: Many[str]) -> Mapping[str, Any]:  # noqa: ARG001
    return {}

"""Shapes: what to select of the rows of one step of a projection, and how an entity is made of each.

A shape is compiled once for a projection and used for any number of rows: its columns, a recipe for each type that a
row can be of, and the relations to load in further steps.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from ftrack_backends.workspace.reading._sql import constants
from ftrack_backends.workspace.store import TYPE_COLUMN, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from ftrack_backends.workspace.model import ModelType
    from ftrack_backends.workspace.store import Connection

    Entity: TypeAlias = dict[str, Any]
    Load: TypeAlias = Callable[[Connection, Collection[str]], Mapping[str, Any]]

__all__ = ["ALIAS", "Columns", "Recipe", "Relation", "Shape"]

ALIAS = "t0"
"""Alias of the table whose rows a shape is of."""


class Columns:
    """The columns of one statement, each once, in the order they were asked for; the first is the row's type."""

    def __init__(self, type_expression: str) -> None:
        self._positions = {type_expression: 0}

    def position(self, expression: str) -> int:
        """Give the place of an expression in the rows; it is selected from now on."""
        return self._positions.setdefault(expression, len(self._positions))

    @property
    def text(self) -> str:
        """The list of columns, for SELECT."""
        return ", ".join(self._positions)

    @classmethod
    def of(cls, model_type: ModelType, views: Sequence[str]) -> Columns:
        """Begin the columns for rows that are asked for as a type.

        Args:
            model_type: The type. A view of another type shows all rows as its own.
            views: Names of the types that are views of the same table; rows made as one are shown as the type.
        """
        own, name = f"{ALIAS}.{quoted(TYPE_COLUMN)}", constants([model_type.name])
        if model_type.declaration.view_of:
            return cls(name)
        return cls(f"CASE WHEN {own} IN ({constants(views)}) THEN {name} ELSE {own} END" if views else own)


@attrs.define(eq=False)
class Recipe:
    """How an entity is made of a row, for rows of one type.

    Attributes:
        positions: Place in the row by attribute name.
        readers: What makes wire values of stored ones, by attribute name; for the others both are the same.
    """

    positions: dict[str, int] = attrs.field(factory=lambda: {"__entity_type__": 0})
    readers: dict[str, Callable[[Any], object]] = attrs.field(factory=dict)
    _names: tuple[str, ...] = attrs.field(default=(), init=False)
    _values: Callable[[Sequence[Any]], Any] = attrs.field(default=itemgetter(0), init=False)

    def settle(self) -> None:
        """Get ready for rows: nothing is added to it from now on."""
        self._names = tuple(self.positions)
        self._values = itemgetter(*self.positions.values())

    def entity(self, row: Sequence[Any]) -> Entity:
        """Make an entity of a row."""
        made = dict(zip(self._names, self._values(row), strict=False))
        for name, reader in self.readers.items():
            value = made[name]
            if value is not None:
                made[name] = reader(value)
        return made


@attrs.frozen(eq=False)
class Relation:
    """What is loaded for all rows of a step at once.

    Attributes:
        name: Attribute that it becomes.
        position: Place in the row of the key it is found by.
        load: Gives what there is, by key; called once with all keys.
        many: Whether it is a list; an empty one where nothing is found, else None.
        types: Names of the rows' types that have it; those of all types of the step for None.
    """

    name: str
    position: int
    load: Load
    many: bool
    types: set[str] | None


@attrs.frozen(eq=False, repr=False)
class Shape:
    """What to select of rows and what to make of them.

    Attributes:
        columns: What to select from the table `t0`.
        key_position: Place of the primary key's first column in the rows.
        recipes: How to make an entity, by the row's type.
        relations: What to load for all rows together.
    """

    columns: str
    key_position: int
    recipes: Mapping[str, Recipe]
    relations: tuple[Relation, ...]

    def entities(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> list[Entity]:
        """Make entities of rows, with everything below them: one statement for each relation, whatever the rows."""
        recipes = self.recipes
        entities = [recipes[row[0]].entity(row) for row in rows]
        for relation in self.relations:
            _attach(connection, relation, entities, rows)
        return entities


def _attach(connection: Connection, relation: Relation, entities: list[Entity], rows: Sequence[Sequence[Any]]) -> None:
    name, position, types = relation.name, relation.position, relation.types
    pairs = [
        (entity, row[position]) for entity, row in zip(entities, rows, strict=True) if types is None or row[0] in types
    ]
    keys = sorted({key for _, key in pairs if key is not None})
    found = relation.load(connection, keys) if keys else {}
    for entity, key in pairs:
        value = found.get(key)
        entity[name] = [] if value is None and relation.many else value

"""The value at the end of a path, as an SQL expression: what rows are ordered and grouped by, and what they sum up.

References on the way become sub-selects, so a row stays one row. Across a collection there is no single value; there
a sub-query joins the items instead (`Ends.joined`): `id in (select assignments.resource_id from Task)`.
"""

# ruff: noqa: S608 - statements are made of the model's names; whatever a user wrote is bound
from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_backends.workspace._faults import QueryFault
from ftrack_backends.workspace.model import Collection, ForeignKey, LinkTable, Reference, Scalar
from ftrack_backends.workspace.reading._conditions import items_where
from ftrack_backends.workspace.reading._custom_attributes import casted
from ftrack_backends.workspace.reading._sql import NOTHING, Sql, all_of
from ftrack_backends.workspace.store import link_table, quoted
from ftrack_core.query import Step

if TYPE_CHECKING:
    from ftrack_backends.workspace.reading._names import Meaning, Names, Row

__all__ = ["Ends"]


class Ends:
    """Finds what stands at the end of paths."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def value(self, row: Row, steps: tuple[Step, ...]) -> str:
        """Give the value at the end of a path as an expression.

        Raises:
            QueryFault: There is no single one.
        """
        return casted(*self.scalar_value(row, steps))

    def scalar_value(self, row: Row, steps: tuple[Step, ...]) -> tuple[Scalar, str]:
        """Give the value at the end of a path, and what scalar it is of.

        Raises:
            QueryFault: There is no single one.
        """
        found = [self._end(row, one, steps) for one in self._names.meanings(row.type, steps[0].name)]
        expressions = list(dict.fromkeys(one for _, one in found))
        return found[0][0], expressions[0] if len(expressions) == 1 else f"coalesce({', '.join(expressions)})"

    def joined(self, row: Row, steps: tuple[Step, ...]) -> tuple[Sql, str]:
        """Give the value at the end of a path that may lead across collections, with what has to be joined for it.

        Returns:
            What follows the row's own table in FROM, and the expression.
        """
        joins, far = NOTHING, row
        while (crossed := self._crossed(far, steps)) is not None:
            join, item = self._join(far, crossed, steps[0].cast)
            joins = Sql(joins.text + join.text, (*joins.values, *join.values))
            far, steps = item, steps[1:] or (Step(item.type.primary_key[0]),)
        return joins, self.value(far, steps)

    def _crossed(self, row: Row, steps: tuple[Step, ...]) -> Meaning | None:
        """Give the relation that a path begins with, if a collection is among its steps."""
        meaning = self._names.meanings(row.type, steps[0].name)[0]
        attribute = meaning.attribute
        if isinstance(attribute, Collection):
            return meaning
        if not isinstance(attribute, Reference) or len(steps) == 1:
            return None
        other = row.inner(self._names.other(attribute, steps[0].cast))
        return meaning if self._crossed(other, steps[1:]) is not None else None

    def _join(self, row: Row, meaning: Meaning, cast: str | None) -> tuple[Sql, Row]:
        relation = meaning.attribute
        assert isinstance(relation, (Reference, Collection))  # noqa: S101 - decided by the caller, for mypy
        item = row.inner(self._names.other(relation, cast))
        narrowed = self._names.of_type(item) if cast else NOTHING
        if isinstance(relation, Reference):
            found = self._names.value(row, meaning)
            if found is None:
                raise _no_single_value(meaning, ())
            tied = Sql(f"{item.column('id')} = {found[1]}")
            return all_of([tied, narrowed]).within(f" JOIN {item.source} ON "), item
        return self._collected(row, relation, item, narrowed), item

    def _collected(self, row: Row, collection: Collection, item: Row, narrowed: Sql) -> Sql:
        via, own = collection.via, row.column(row.type.primary_key[0])
        if isinstance(via, LinkTable):
            link = f"{item.alias}_link"
            table = quoted(link_table(self._names.model, via))
            pairs = f" JOIN {table} AS {link} ON {link}.{quoted(via.here)} = {own}"
            tied = Sql(f"{item.column('id')} = {link}.{quoted(via.there)}")
            return all_of([tied, narrowed]).within(f"{pairs} JOIN {item.source} ON ")
        if isinstance(via, ForeignKey):
            tied = Sql(f"{item.column(item.type.scalars[via.attribute].column)} = {own}")
            return all_of([tied, items_where(via, item), narrowed]).within(f" JOIN {item.source} ON ")
        told = f"{collection.name} are worked out for each reply; a sub-query cannot give them"
        raise QueryFault("ParseError", told)

    def _end(self, row: Row, meaning: Meaning, steps: tuple[Step, ...]) -> tuple[Scalar, str]:
        attribute, found = meaning.attribute, self._names.value(row, meaning)
        step, rest = steps[0], steps[1:]
        if found is None or (rest and not isinstance(attribute, Reference)):
            raise _no_single_value(meaning, rest)
        if not rest or not isinstance(attribute, Reference):
            return found
        other = row.inner(self._names.other(attribute, step.cast))
        narrowed = self._names.of_type(other) if step.cast else NOTHING
        tied = all_of([Sql(f"{other.column('id')} = {found[1]}"), narrowed]).text
        scalar, expression = self.scalar_value(other, rest)
        return scalar, f"(SELECT {expression} FROM {other.source} WHERE {tied})"


def _no_single_value(meaning: Meaning, rest: tuple[Step, ...]) -> QueryFault:
    name = f"{meaning.owner.name}.{meaning.attribute.name}"
    if isinstance(meaning.attribute, Scalar) and rest:
        return QueryFault("ParseError", f"{name} is a value, and no entity that has {rest[0].name}")
    return QueryFault("ParseError", f"{name} is no single value: one can neither order nor group by it, nor sum it up")

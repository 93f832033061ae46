"""From a query to the one statement that finds its rows."""

# ruff: noqa: S608 - statements are made of the model's names; whatever a user wrote is bound
from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_backends.workspace._faults import QueryFault
from ftrack_backends.workspace.model import Reference, Scalar
from ftrack_backends.workspace.reading._conditions import Conditions
from ftrack_backends.workspace.reading._custom_attributes import casted
from ftrack_backends.workspace.reading._names import Row
from ftrack_backends.workspace.reading._sql import NOTHING, Sql, all_of
from ftrack_core.query import And, Comparison, Membership, Operator, Path, Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ftrack_backends.workspace.reading._names import Meaning, Names
    from ftrack_core.query import Ordering, Query
    from ftrack_core.query._tree import Condition

__all__ = ["Statements"]


class Statements:
    """Compiles queries to SELECT statements."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._conditions = Conditions(names, self.sub_query)

    def rows(self, query: Query, columns: str, look_ahead: int = 0) -> Sql:
        """Give the statement that finds a query's rows.

        Args:
            query: What is asked.
            columns: What to select, as SQL over the row `t0`.
            look_ahead: How many rows to find beyond the limit.
        """
        return self._select(query, columns, Row(self._names.type(query.entity_type)), look_ahead)

    def sub_query(self, query: Query, depth: int) -> Sql:
        """Give a query as a sub-select of one column: what it selects, or the id."""
        row = Row(self._names.type(query.entity_type), depth)
        paths = query.projections or (Path((Step(row.type.primary_key[0]),)),)
        if len(paths) != 1 or not isinstance(paths[0], Path):
            raise QueryFault("ParseError", f"a sub-query selects one attribute; this one of {row.type.name} does not")
        return self._select(query, self._value(row, self._names.steps(paths[0])), row, 0)

    def _select(self, query: Query, columns: str, row: Row, look_ahead: int) -> Sql:
        if query.group_by:
            raise QueryFault("ParseError", "group by and aggregates are not supported by this workspace yet")
        where = self._where(query, row)
        order = ", ".join([*self._orderings(row, query.order_by), f"{row.alias}.rowid"])
        found = where.within(f"SELECT {columns} FROM {row.source}", f" ORDER BY {order}")
        if query.limit is None and not query.offset:
            return found
        limit = -1 if query.limit is None else query.limit + look_ahead
        return Sql(f"{found.text} LIMIT ? OFFSET ?", (*found.values, limit, query.offset or 0))

    def _where(self, query: Query, row: Row) -> Sql:
        narrowed = self._names.of_type(row)
        condition = self._conditions.compiled(query.condition, row) if query.condition is not None else NOTHING
        if narrowed and query.condition is not None and _picks(query.condition):
            # The plus keeps SQLite from the index of types where there is a better one; it cannot tell by itself.
            narrowed = narrowed.within("+")
        found = all_of([condition, narrowed])
        return found.within(" WHERE ") if found else found

    def _orderings(self, row: Row, orderings: Iterable[Ordering]) -> Iterable[str]:
        for one in orderings:
            value = self._value(row, self._names.steps(one.path))
            yield f"{value} COLLATE NOCASE" + (" DESC" if one.descending else "")

    def _value(self, row: Row, steps: tuple[Step, ...]) -> str:
        """Give the value at the end of a path as an expression: sub-selects along references."""
        found = [self._end(row, one, steps) for one in self._names.meanings(row.type, steps[0].name)]
        return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"

    def _end(self, row: Row, meaning: Meaning, steps: tuple[Step, ...]) -> str:
        attribute, found = meaning.attribute, self._names.value(row, meaning)
        step, rest = steps[0], steps[1:]
        if found is None or (rest and not isinstance(attribute, Reference)):
            raise _no_single_value(meaning, rest)
        expression = found[1]
        if not rest or not isinstance(attribute, Reference):
            return casted(*found)
        other = row.inner(self._names.type(step.cast) if step.cast else self._names.target(attribute))
        narrowed = self._names.of_type(other) if step.cast else NOTHING
        tied = all_of([Sql(f"{other.column('id')} = {expression}"), narrowed]).text
        return f"(SELECT {self._value(other, rest)} FROM {other.source} WHERE {tied})"


def _picks(condition: Condition) -> bool:
    """Say whether a condition asks for certain values, so that an index can find the few rows that have them."""
    if isinstance(condition, And):
        return any(_picks(one) for one in condition.conditions)
    if isinstance(condition, Comparison):
        return condition.operator is Operator.EQUAL
    return isinstance(condition, Membership) and not condition.negated


def _no_single_value(meaning: Meaning, rest: tuple[Step, ...]) -> QueryFault:
    name = f"{meaning.owner.name}.{meaning.attribute.name}"
    if isinstance(meaning.attribute, Scalar) and rest:
        return QueryFault("ParseError", f"{name} is a value, and no entity that has {rest[0].name}")
    return QueryFault("ParseError", f"{name} is no single value: one can neither order by it nor give it to in (...)")

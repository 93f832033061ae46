"""From a query to the one statement that finds its rows."""

# ruff: noqa: S608 - statements are made of the model's names; whatever a user wrote is bound
from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_backends.workspace._faults import QueryFault
from ftrack_backends.workspace.reading._conditions import Conditions
from ftrack_backends.workspace.reading._ends import Ends
from ftrack_backends.workspace.reading._groups import grouped
from ftrack_backends.workspace.reading._names import Row
from ftrack_backends.workspace.reading._sql import NOTHING, Sql, all_of
from ftrack_core.query import And, Comparison, Membership, Operator, Path, Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ftrack_backends.workspace.reading._groups import Grouped
    from ftrack_backends.workspace.reading._names import Names
    from ftrack_core.query import Ordering, Query
    from ftrack_core.query._tree import Condition

__all__ = ["Statements"]


class Statements:
    """Compiles queries to SELECT statements."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._ends = Ends(names)
        self._conditions = Conditions(names, self.sub_query)

    def rows(self, query: Query, columns: str, look_ahead: int = 0) -> Sql:
        """Give the statement that finds a query's rows.

        Args:
            query: What is asked.
            columns: What to select, as SQL over the row `t0`.
            look_ahead: How many rows to find beyond the limit.
        """
        row = Row(self._names.type(query.entity_type))
        return self._select(query, columns, row, look_ahead)

    def groups(self, query: Query, look_ahead: int = 0) -> tuple[Sql, Grouped]:
        """Give the statement that finds a query's groups, and what to make of them.

        Args:
            query: What is asked; with aggregates or `group by`.
            look_ahead: How many groups to find beyond the limit.
        """
        row = Row(self._names.type(query.entity_type))
        found = grouped(query, row, self._names, self._ends)
        where = self._where(query, row)
        order = ", ".join(found.order)
        statement = where.within(f"SELECT {found.columns} FROM {row.source}", f"{found.clause} ORDER BY {order}")
        return _paged(statement, query, look_ahead), found

    def sub_query(self, query: Query, depth: int) -> Sql:
        """Give a query as a sub-select of one column: what it selects, or the id."""
        row = Row(self._names.type(query.entity_type), depth)
        paths = query.projections or (Path((Step(row.type.primary_key[0]),)),)
        if len(paths) != 1 or not isinstance(paths[0], Path):
            raise QueryFault("ParseError", f"a sub-query selects one attribute; this one of {row.type.name} does not")
        if query.group_by:
            raise QueryFault("ParseError", f"a sub-query gives values and no groups; this one of {row.type.name} does")
        joins, value = self._ends.joined(row, self._names.steps(paths[0]))
        return self._select(query, value, row, 0, joins)

    def _select(self, query: Query, columns: str, row: Row, look_ahead: int, joins: Sql = NOTHING) -> Sql:
        where = self._where(query, row)
        order = ", ".join([*self._orderings(row, query.order_by), f"{row.alias}.rowid"])
        found = where.within(f"SELECT {columns} FROM {row.source}{joins.text}", f" ORDER BY {order}")
        return _paged(Sql(found.text, (*joins.values, *found.values)), query, look_ahead)

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
            value = self._ends.value(row, self._names.steps(one.path))
            yield f"{value} COLLATE NOCASE" + (" DESC" if one.descending else "")


def _paged(found: Sql, query: Query, look_ahead: int) -> Sql:
    if query.limit is None and not query.offset:
        return found
    limit = -1 if query.limit is None else query.limit + look_ahead
    return Sql(f"{found.text} LIMIT ? OFFSET ?", (*found.values, limit, query.offset or 0))


def _picks(condition: Condition) -> bool:
    """Say whether a condition asks for certain values, so that an index can find the few rows that have them."""
    if isinstance(condition, And):
        return any(_picks(one) for one in condition.conditions)
    if isinstance(condition, Comparison):
        return condition.operator is Operator.EQUAL
    return isinstance(condition, Membership) and not condition.negated

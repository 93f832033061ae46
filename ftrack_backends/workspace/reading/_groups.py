"""Aggregates: `select count(id), sum(bid) from Task group by project_id, status.name`.

A row of the answer is a plain object. It has every path that is grouped by under its own text, selected or not, and
every aggregate under function and path: `project_id`, `status.name`, `count_id`, `sum_bid`. Nothing else is in it, so
whatever else is selected must be grouped by. A reference gives the other entity's id.

Without `group by` all rows are one group. Rows that have no value form a group of their own; aggregates disregard
them. Groups come in the order of their first rows, unless the query orders by a grouped path or by an aggregate under
the name it has in the answer: `order by count_id descending`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from ftrack_backends.workspace._faults import QueryFault
from ftrack_backends.workspace.model import Integer, Number, Scalar, Structure, Variable
from ftrack_backends.workspace.store import wire_reader
from ftrack_core.query import Aggregate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ftrack_backends.workspace.reading._ends import Ends
    from ftrack_backends.workspace.reading._names import Names, Row
    from ftrack_core.query import Path, Query

    Reader: TypeAlias = Callable[[Any], object]

__all__ = ["Grouped", "grouped", "is_grouped", "strict_only"]


@attrs.frozen
class Grouped:
    """How groups are selected and what is made of them.

    Attributes:
        columns: What to select from the row `t0`, as SQL.
        clause: `GROUP BY ...`, or nothing.
        order: What to order by.
        names: Keys of an object of the answer, one for each column.
        readers: What makes wire values of the columns' values; None where both are the same.
    """

    columns: str
    clause: str
    order: tuple[str, ...]
    names: tuple[str, ...]
    readers: tuple[Reader | None, ...]

    def rows(self, found: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
        """Make the objects of the answer."""
        return [
            {
                name: value if reader is None or value is None else reader(value)
                for name, value, reader in zip(self.names, row, self.readers, strict=True)
            }
            for row in found
        ]


@attrs.frozen
class _Column:
    name: str
    expression: str
    reader: Reader | None


def is_grouped(query: Query) -> bool:
    """Say whether a query asks for groups and not for entities."""
    return bool(query.group_by) or any(isinstance(one, Aggregate) for one in query.projections)


def strict_only() -> QueryFault:
    """Give what a client gets that asks for groups and did not ask for the strict API."""
    how = "send the header 'ftrack-strict-api: true', as Session(strict_api=True) does"
    return QueryFault("ParseError", f"aggregates and group by need the strict API: {how}")


def grouped(query: Query, row: Row, names: Names, ends: Ends) -> Grouped:
    """Compile a query for groups.

    Raises:
        QueryFault: Something selected or ordered by is neither grouped by nor an aggregate, or cannot be summed up.
    """
    keys = {path: _key(path, row, names, ends) for path in query.group_by}
    _demand_grouped([one for one in query.projections if not isinstance(one, Aggregate)], keys)
    sums = [_aggregate(one, row, names, ends) for one in query.projections if isinstance(one, Aggregate)]
    columns = {one.name: one for one in (*keys.values(), *sums)}
    places = {one: place for place, one in enumerate(columns, 1)}
    clause = " GROUP BY " + ", ".join(str(places[one.name]) for one in keys.values()) if keys else ""
    return Grouped(
        columns=", ".join(one.expression for one in columns.values()),
        clause=clause,
        order=(*_orderings(query, keys, columns), f"min({row.alias}.rowid)"),
        names=tuple(columns),
        readers=tuple(one.reader for one in columns.values()),
    )


def _key(path: Path, row: Row, names: Names, ends: Ends) -> _Column:
    scalar, expression = ends.scalar_value(row, names.steps(path))
    return _Column(_text(path), expression, wire_reader(scalar))


def _aggregate(one: Aggregate, row: Row, names: Names, ends: Ends) -> _Column:
    scalar, expression = ends.scalar_value(row, names.steps(one.path))
    name = f"{one.function}_{_text(one.path)}"
    if one.function == "count":
        return _Column(name, f"count({expression})", None)
    _demand_summable(one, scalar)
    reader = wire_reader(scalar) if one.function in {"min", "max"} else None
    return _Column(name, f"{one.function}({expression})", reader)


def _demand_summable(one: Aggregate, scalar: Scalar) -> None:
    numeric = isinstance(scalar, (Integer, Number))
    if one.function in {"sum", "avg"} and not numeric:
        raise QueryFault("ParseError", f"{one.function}({_text(one.path)}): {_text(one.path)} holds no numbers")
    if isinstance(scalar, (Structure, Variable)):
        raise QueryFault("ParseError", f"{one.function}({_text(one.path)}): its values have no order; count them")


def _demand_grouped(paths: Iterable[Path], keys: dict[Path, _Column]) -> None:
    wrong = [_text(one) for one in paths if one not in keys]
    if wrong:
        known = ", ".join(one.name for one in keys.values()) or "nothing"
        asked = f"{', '.join(wrong)}: a query with aggregates selects only what it groups by"
        raise QueryFault("ParseError", f"{asked} (here {known}) and aggregates such as count(id)")


def _orderings(query: Query, keys: dict[Path, _Column], columns: dict[str, _Column]) -> Iterable[str]:
    for one in query.order_by:
        column = keys.get(one.path) or columns.get(_text(one.path))
        if column is None:
            told = f"order by {_text(one.path)}: groups can be ordered by {', '.join(columns)}"
            raise QueryFault("ParseError", told)
        yield f"{column.expression} COLLATE NOCASE" + (" DESC" if one.descending else "")


def _text(path: Path) -> str:
    return ".".join(path.names)

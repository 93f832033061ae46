"""A compact notation of syntax trees, for tests and for people.

    (Task (select id (count bid)) (where (and (is name "x") (any notes))) (group a.b) (order (down x) y) (page 5 10))

Parentheses hold a node: a query begins with its type, a condition with what it asks. Quoted values stand in quotes,
bare ones do not. Casts stay in brackets: `parent[Shot].name`. A missing offset or limit is `-`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from ftrack_core.query import (
    Aggregate,
    And,
    Comparison,
    Condition,
    Membership,
    Not,
    Or,
    Path,
    Projection,
    Quantified,
    Query,
    Value,
)

__all__ = ["outline", "paths_of"]


def outline(query: Query) -> str:
    """Write the tree of a query down."""
    parts = [query.entity_type]
    if query.projections:
        parts.append(_node("select", *map(_projection, query.projections)))
    if query.condition is not None:
        parts.append(_node("where", _condition(query.condition)))
    if query.group_by:
        parts.append(_node("group", *map(_path, query.group_by)))
    if query.order_by:
        orderings = (_node("down", _path(one.path)) if one.descending else _path(one.path) for one in query.order_by)
        parts.append(_node("order", *orderings))
    if query.offset is not None or query.limit is not None:
        parts.append(_node("page", *("-" if one is None else str(one) for one in (query.offset, query.limit))))
    return _node(*parts)


def paths_of(query: Query) -> Iterator[Path]:
    """Give every path that stands directly in a query, those of its sub-queries left out."""
    yield from (one.path if isinstance(one, Aggregate) else one for one in query.projections)
    yield from query.group_by
    yield from (one.path for one in query.order_by)
    if query.condition is not None:
        yield from _paths_of(query.condition)


def _paths_of(condition: Condition) -> Iterator[Path]:
    if isinstance(condition, (And, Or)):
        for one in condition.conditions:
            yield from _paths_of(one)
    elif isinstance(condition, Not):
        yield from _paths_of(condition.condition)
    else:
        yield condition.path


def _condition(condition: Condition) -> str:
    if isinstance(condition, (And, Or)):
        return _node(type(condition).__name__.lower(), *map(_condition, condition.conditions))
    if isinstance(condition, Not):
        return _node("not", _condition(condition.condition))
    if isinstance(condition, Comparison):
        return _node(condition.operator.value, _path(condition.path), _value(condition.value))
    if isinstance(condition, Membership):
        word = "not_in" if condition.negated else "in"
        choices = condition.choices
        listed = (outline(choices),) if isinstance(choices, Query) else tuple(map(_value, choices))
        return _node(word, _path(condition.path), *listed)
    return _quantified(condition)


def _quantified(condition: Quantified) -> str:
    inner = () if condition.condition is None else (_condition(condition.condition),)
    return _node(condition.quantifier.value, _path(condition.path), *inner)


def _projection(projection: Projection) -> str:
    if isinstance(projection, Aggregate):
        return _node(projection.function, _path(projection.path))
    return _path(projection)


def _path(path: Path) -> str:
    return ".".join(one.name if one.cast is None else f"{one.name}[{one.cast}]" for one in path.steps)


def _value(value: Value) -> str:
    return json.dumps(value.text, ensure_ascii=False) if value.quoted else value.text


def _node(*parts: str) -> str:
    return f"({' '.join(parts)})"

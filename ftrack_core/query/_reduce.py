"""What is certain about a condition before anybody is asked: `in ()` is never true, `not_in ()` always."""

from __future__ import annotations

import attrs

from ._tree import Aggregate, And, Condition, Membership, Not, Or, Path, Quantified, Query, Step

__all__ = ["finds_nothing", "reduced"]

_NOTHING = Membership(Path((Step("id"),)), ())
"""The condition of a reduced query that nothing can match."""


def reduced(query: Query) -> Query:
    """Return *query* without the parts of its condition, sub-queries included, that are certain without a server.

    Where nothing can match, the condition that is left is `id in ()`.
    """
    if query.condition is None:
        return query
    left = _reduced(query.condition)
    if isinstance(left, bool):
        return attrs.evolve(query, condition=None if left else _NOTHING)
    return query if left is query.condition else attrs.evolve(query, condition=left)


def finds_nothing(query: Query) -> bool:
    """Say whether it is certain that *query*, a reduced one, gives no row.

    Aggregates without groups are a row even of nothing: there, the server is asked.
    """
    counting = not query.group_by and any(isinstance(each, Aggregate) for each in query.projections)
    return query.condition == _NOTHING and not counting


def _reduced(condition: Condition) -> Condition | bool:
    """Return what is left to ask of *condition*, the same object where all is; or what it surely is."""
    if isinstance(condition, (And, Or)):
        return _joined(condition)
    if isinstance(condition, Not):
        inner = _reduced(condition.condition)
        return not inner if isinstance(inner, bool) else _with(condition, inner)
    if isinstance(condition, Membership):
        return _membership(condition)
    if isinstance(condition, Quantified) and condition.condition is not None:
        inner = _reduced(condition.condition)
        if isinstance(inner, bool):
            return attrs.evolve(condition, condition=None) if inner else False
        return _with(condition, inner)
    return condition


def _joined(condition: And | Or) -> Condition | bool:
    """Reduce each part: one false part decides an `and`, one true part an `or`; the others of that kind fall away."""
    deciding = isinstance(condition, Or)
    parts = [_reduced(each) for each in condition.conditions]
    if any(part is deciding for part in parts):
        return deciding
    left = tuple(part for part in parts if not isinstance(part, bool))
    if len(left) < 2:
        return left[0] if left else not deciding
    same = len(left) == len(condition.conditions) and all(map(_is, left, condition.conditions))
    return condition if same else type(condition)(left)


def _membership(condition: Membership) -> Condition | bool:
    choices = condition.choices
    if not isinstance(choices, Query):
        return condition if choices else condition.negated
    inner = reduced(choices)
    if finds_nothing(inner):
        return condition.negated
    return condition if inner is choices else attrs.evolve(condition, choices=inner)


def _with(condition: Not | Quantified, inner: Condition) -> Condition:
    return condition if inner is condition.condition else attrs.evolve(condition, condition=inner)


def _is(one: object, other: object) -> bool:
    return one is other

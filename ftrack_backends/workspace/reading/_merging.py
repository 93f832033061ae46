"""Long alternatives made short, so that a query of ten thousand conditions costs what its values cost.

A client that looks for its whole selection writes `id is a or id is b or ...`, and for composite keys
`(parent_id is a and key is k) or ...`. SQLite would plan each alternative by itself. What follows means the same:

- alternatives that compare one attribute for equality become one list;
- alternatives that ask for a related entity each (`parent.name like a or parent has (...)`) become one question with
  alternatives inside, since whether there is such an item is asked of each alone;
- `not a and not b` becomes `not (a or b)`, and `not not a` becomes `a`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ftrack_core.query import And, Comparison, Membership, Not, Operator, Or, Path, Quantified, Quantifier, Query

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from ftrack_core.query import Step, Value
    from ftrack_core.query._tree import Condition

__all__ = ["FEW", "simplified", "tupled"]

FEW = 8
"""Conditions side by side that are left as they are."""


def simplified(query: Query) -> Query:
    """Give a query that means the same with fewer conditions; the same one where there is nothing to merge."""
    if query.condition is None:
        return query
    condition = _simplified(query.condition)
    return query if condition is query.condition else attrs.evolve(query, condition=condition)


def tupled(condition: Or) -> tuple[tuple[Path, ...], tuple[tuple[Value, ...], ...]] | None:
    """Read alternatives that are all of the form `a is 1 and b is 2`, with the same attributes.

    Returns:
        The attributes, and a tuple of values for each alternative; None for alternatives of another form.
    """
    paths: tuple[Path, ...] | None = None
    values: list[tuple[Value, ...]] = []
    for one in condition.conditions:
        equalities = [each for each in one.conditions if _is_plain(each)] if isinstance(one, And) else []
        found = tuple(each.path for each in equalities if isinstance(each, Comparison))
        if not isinstance(one, And) or len(found) < len(one.conditions) or (paths or found) != found:
            return None
        paths = found
        values.append(tuple(each.value for each in equalities if isinstance(each, Comparison)))
    return (paths, tuple(values)) if paths else None


def _simplified(condition: Condition) -> Condition:
    if isinstance(condition, (And, Or)):
        parts = tuple(_simplified(one) for one in condition.conditions)
        same = all(new is old for new, old in zip(parts, condition.conditions, strict=True))
        return _merged(condition if same else type(condition)(parts))
    if isinstance(condition, Not):
        inner = _simplified(condition.condition)
        if isinstance(inner, Not):
            return inner.condition
        return condition if inner is condition.condition else Not(inner)
    if isinstance(condition, Quantified) and condition.condition is not None:
        inner = _simplified(condition.condition)
        return condition if inner is condition.condition else attrs.evolve(condition, condition=inner)
    if isinstance(condition, Membership) and isinstance(condition.choices, Query):
        choices = simplified(condition.choices)
        return condition if choices is condition.choices else attrs.evolve(condition, choices=choices)
    return condition


def _merged(condition: And | Or) -> Condition:
    if len(condition.conditions) <= FEW:
        return condition
    if isinstance(condition, And):
        parts = _grouped(condition.conditions, _kind_among_all, _all_merged)
    else:
        parts = _grouped(condition.conditions, _kind_among_any, _any_merged)
    if len(parts) == len(condition.conditions):
        return condition
    return parts[0] if len(parts) == 1 else type(condition)(tuple(parts))


def _is_plain(condition: Condition) -> bool:
    return (
        isinstance(condition, Comparison)
        and condition.operator is Operator.EQUAL
        and condition.value.literal is not None
        and len(condition.path.steps) == 1
    )


def _grouped(
    conditions: Iterable[Condition],
    kind: Callable[[Condition], Hashable],
    together: Callable[[Hashable, list[Condition]], Condition],
) -> list[Condition]:
    groups: dict[Hashable, list[Condition]] = {}
    for place, one in enumerate(conditions):
        found = kind(one)
        groups.setdefault(place if found is None else found, []).append(one)
    return [together(key, group) if len(group) > 1 else group[0] for key, group in groups.items()]


def _kind_among_any(condition: Condition) -> Hashable:
    """Say which alternatives belong together; None for one that stays by itself."""
    if isinstance(condition, (Comparison, Membership)):
        if len(condition.path.steps) > 1:
            return condition.path.steps[0]
        return condition.path if _values(condition, Operator.EQUAL, negated=False) is not None else None
    if isinstance(condition, Quantified) and condition.condition is not None:
        return condition.path.steps[0]
    return None


def _any_merged(key: Hashable, group: list[Condition]) -> Condition:
    if isinstance(key, Path):
        return Membership(key, tuple(_listed(group, Operator.EQUAL, negated=False)))
    inner = tuple(_inside(one) for one in group)
    step: Step = key  # type: ignore[assignment]  # the other kind of key
    return Quantified(Path((step,)), Quantifier.ANY, _merged(Or(inner)))


def _inside(condition: Condition) -> Condition:
    """Give what is asked of the entity that the first step of a condition leads to."""
    assert isinstance(condition, (Comparison, Membership, Quantified))  # noqa: S101 - by its kind, for mypy
    rest = Path(condition.path.steps[1:])
    if isinstance(condition, Comparison):
        return Comparison(rest, condition.operator, condition.value)
    if isinstance(condition, Membership):
        return Membership(rest, condition.choices, condition.negated)
    assert condition.condition is not None  # noqa: S101 - by its kind, for mypy
    return Quantified(rest, condition.quantifier, condition.condition) if rest.steps else condition.condition


def _kind_among_all(condition: Condition) -> Hashable:
    if isinstance(condition, Not):
        return Not
    if isinstance(condition, (Comparison, Membership)) and len(condition.path.steps) == 1:
        return condition.path if _values(condition, Operator.NOT_EQUAL, negated=True) is not None else None
    return None


def _all_merged(key: Hashable, group: list[Condition]) -> Condition:
    if isinstance(key, Path):
        return Membership(key, tuple(_listed(group, Operator.NOT_EQUAL, negated=True)), negated=True)
    return Not(_merged(Or(tuple(one.condition for one in group if isinstance(one, Not)))))


def _listed(group: Iterable[Condition], operator: Operator, *, negated: bool) -> Iterable[Value]:
    for one in group:
        yield from _values(one, operator, negated=negated) or ()


def _values(condition: Condition, operator: Operator, *, negated: bool) -> tuple[Value, ...] | None:
    """Give the values of a condition that is a list, or a comparison that could stand in one."""
    if isinstance(condition, Comparison):
        return (condition.value,) if condition.operator is operator else None
    if isinstance(condition, Membership) and not isinstance(condition.choices, Query):
        return condition.choices if condition.negated == negated else None
    return None

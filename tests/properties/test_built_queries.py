"""Properties of built queries: what holds for every sequence of calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ftrack_core import errors
from ftrack_core.query import (
    And,
    AttributePath,
    Comparison,
    Condition,
    Filter,
    Membership,
    Not,
    Operator,
    Or,
    Quantified,
    Query,
    Selection,
    attr,
    parse,
    reduced,
    render,
    select,
)
from ftrack_core.testing.strategies import queries, query_names, query_paths
from ftrack_core.values import EntityIdentity

SCALARS = (
    st.text(max_size=20)
    | st.text(alphabet="\\\"' %a\n()", max_size=8)
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.datetimes()
    | st.dates()
)
ENTITIES = st.text(min_size=1, max_size=8).map(lambda key: EntityIdentity("Shot", (key,)))
VALUES = st.none() | SCALARS | ENTITIES
CHOICES = st.lists(st.none() | SCALARS, max_size=4) | st.lists(st.none() | ENTITIES, max_size=4)
COMPARE = st.sampled_from(["__eq__", "__ne__", "is_", "is_not"])
RANK = st.sampled_from(["__lt__", "__le__", "__gt__", "__ge__"])


def called(method: str, *arguments: Any) -> Any:
    """Call a method of the first argument with the others."""
    return getattr(arguments[0], method)(*arguments[1:])


ATTRIBUTES = query_paths().map(AttributePath)
TESTS = (
    st.builds(called, COMPARE, ATTRIBUTES, VALUES)
    | st.builds(called, RANK, ATTRIBUTES, SCALARS)
    | st.builds(called, st.sampled_from(["like", "not_like"]), ATTRIBUTES, st.text(max_size=8))
    | st.builds(called, st.sampled_from(["in_", "not_in"]), ATTRIBUTES, CHOICES)
    | st.builds(called, st.sampled_from(["has", "any"]), ATTRIBUTES)
)


def composed(filters: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    """Conditions made of conditions."""
    return (
        st.builds(called, st.sampled_from(["__and__", "__or__"]), filters, filters)
        | st.builds(called, st.just("__invert__"), filters)
        | st.builds(called, st.sampled_from(["has", "any"]), ATTRIBUTES, filters, filters)
        | st.builds(
            called, st.sampled_from(["in_", "not_in"]), ATTRIBUTES, st.builds(narrowed, query_names(), filters)
        )
    )


def narrowed(entity_type: str, condition: Filter) -> Selection:
    """A query with one condition."""
    return select(entity_type).where(condition)


FILTERS = st.recursive(TESTS, composed, max_leaves=8)
NUMBERS = st.none() | st.integers(min_value=0, max_value=10**18 - 1)
STEPS: st.SearchStrategy[Callable[[Selection], Selection]] = (
    FILTERS.map(lambda condition: lambda query: query.where(condition))
    | ATTRIBUTES.map(lambda path: lambda query: query.order_by(path.descending(), path))
    | NUMBERS.map(lambda rows: lambda query: query.offset(rows))
    | NUMBERS.map(lambda rows: lambda query: query.limit(rows))
)


@given(query_names(), st.lists(ATTRIBUTES, max_size=3), st.lists(STEPS, max_size=5))
def test_the_text_of_every_built_query_is_read_as_its_tree(
    entity_type: str, projections: list[AttributePath], steps: list[Callable[[Selection], Selection]]
) -> None:
    """Whatever is built asks the server for just that: no value becomes a piece of the language."""
    query = select(entity_type, *projections)
    for step in steps:
        before = query
        text = str(before)
        query = step(before)
        assert str(before) == text
    assert parse(str(query)) == query.tree
    assert parse(render(query.written)) == query.written


@given(queries())
def test_reducing_twice_is_reducing_once(query: Query) -> None:
    """What is left holds nothing that is certain."""
    once = reduced(query)
    assert reduced(once) == once
    assert Selection(query).tree == once


@given(st.text(max_size=30))
def test_any_text_is_a_path_or_refused(text: str) -> None:
    """A path that comes from outside must not bring anything else along."""
    try:
        path = attr(text).path
    except errors.ParseError:
        return
    assert parse(f"select {text} from Task").projections == (path,)


BITS = st.sampled_from([0, 1])
SMALL = st.builds(called, COMPARE, st.sampled_from("ab").map(attr), BITS) | st.builds(
    called, st.sampled_from(["in_", "not_in"]), st.sampled_from("ab").map(attr), st.lists(BITS, max_size=1)
)
JOINED = st.recursive(
    SMALL,
    lambda inner: (
        st.builds(called, st.sampled_from(["__and__", "__or__"]), inner, inner)
        | st.builds(called, st.just("__invert__"), inner)
        | st.builds(called, st.just("any"), st.just(attr("a")), inner)
    ),
    max_leaves=12,
)
ROWS = [{"a": a, "b": b, "items": a} for a in (0, 1) for b in (0, 1)]


@given(JOINED)
def test_what_is_left_means_what_was_written(condition: Filter) -> None:
    """Leaving out what is certain must never change the answer."""
    tree = select("Task").where(condition).tree
    for row in ROWS:
        assert (tree.condition is None or holds(tree.condition, row)) == holds(condition.condition, row)


def holds(condition: Condition, row: Mapping[str, int]) -> bool:
    """Whether a row meets a condition; `a any (...)` is asked of as many copies of the row as `a` says."""
    if isinstance(condition, And):
        return all(holds(each, row) for each in condition.conditions)
    if isinstance(condition, Or):
        return any(holds(each, row) for each in condition.conditions)
    if isinstance(condition, Not):
        return not holds(condition.condition, row)
    if isinstance(condition, Quantified):
        return bool(row["items"]) and (condition.condition is None or holds(condition.condition, row))
    held = row.get(condition.path.steps[0].name)
    if isinstance(condition, Comparison):
        return (held == condition.value.literal) is (condition.operator is Operator.EQUAL)
    assert isinstance(condition, Membership)
    assert not isinstance(condition.choices, Query)
    return (held in [choice.literal for choice in condition.choices]) is not condition.negated

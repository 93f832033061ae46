"""Hypothesis strategies for values of this project, for tests of backends that must take any of them.

from hypothesis import given
from ftrack_core.testing.strategies import queries

@given(queries())
def test_it_compiles_every_query(query): ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from ftrack_core.query import (
    Aggregate,
    And,
    Comparison,
    Condition,
    Membership,
    Not,
    Operator,
    Or,
    Ordering,
    Path,
    Quantified,
    Quantifier,
    Query,
    Step,
    Value,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["queries", "query_conditions", "query_names", "query_paths", "query_values"]

_CONFUSING = (
    *("select", "from", "where", "and", "or", "in", "not_in", "is", "is_not", "like", "not_like", "has", "any"),
    *("after", "before", "group", "order", "by", "limit", "offset", "asc", "ascending", "desc", "descending", "count"),
    *("none", "true", "key", "value", "type", "name", "id", "NOT_STARTED", "notes", "inputs", "issue"),
)
"""Words of the language, and words that begin like one: by position each of them may be a name or a value."""
_BARE = (
    "ann@example.com",
    "a+b",
    "0123abcd-89ab-cdef-0123-456789abcdef",
    "2015-06-01",
    "10:30",
    "-1.5e+3",
    "é%_",
    "\\",
)


def query_names() -> SearchStrategy[str]:
    """Return names of attributes and entity types, those that look like keywords among them.

    `not` is left out: it is the one name that cannot stand at the start of a condition.
    """
    invented = st.text(alphabet="abZ09_é", min_size=1, max_size=6)
    return st.sampled_from((*_CONFUSING, "task-type")) | invented


def query_values() -> SearchStrategy[Value]:
    """Return values: any text in quotes, and bare words of any kind."""
    words = st.text(alphabet="aZ0-._@+:/%\\{}|;!é", min_size=1, max_size=6)
    bare = st.sampled_from((*_CONFUSING, "not", *_BARE)) | words
    texts = st.text(max_size=20) | st.text(alphabet="\\\"' %a\n()", max_size=8)
    return bare.map(lambda text: Value(text, quoted=False)) | texts.map(lambda text: Value(text, quoted=True))


def query_paths() -> SearchStrategy[Path]:
    """Return paths of one to four names, some with casts."""
    steps = st.builds(Step, query_names(), st.none() | query_names())
    return st.lists(steps, min_size=1, max_size=4).map(lambda steps: Path(tuple(steps)))


def query_conditions() -> SearchStrategy[Condition]:
    """Return conditions, nested ones and such with sub-queries too."""
    return st.recursive(_tests(), _composed, max_leaves=10)


def queries() -> SearchStrategy[Query]:
    """Return whole queries, each of which can be written as text."""
    return _queries(query_conditions())


def _tests() -> SearchStrategy[Condition]:
    choices = st.lists(query_values(), max_size=3).map(tuple)
    compared: SearchStrategy[Condition] = st.builds(
        Comparison, query_paths(), st.sampled_from(Operator), query_values()
    )
    contained: SearchStrategy[Condition] = st.builds(Membership, query_paths(), choices, st.booleans())
    existing: SearchStrategy[Condition] = st.builds(Quantified, query_paths(), st.sampled_from(Quantifier))
    return compared | contained | existing


def _composed(conditions: SearchStrategy[Condition]) -> SearchStrategy[Condition]:
    several = st.lists(conditions, min_size=2, max_size=3).map(tuple)
    joined: SearchStrategy[Condition] = st.builds(And, several) | st.builds(Or, several) | st.builds(Not, conditions)
    related: SearchStrategy[Condition] = st.builds(Quantified, query_paths(), st.sampled_from(Quantifier), conditions)
    chosen: SearchStrategy[Condition] = st.builds(Membership, query_paths(), _queries(conditions), st.booleans())
    return joined | related | chosen


def _queries(conditions: SearchStrategy[Condition]) -> SearchStrategy[Query]:
    functions = st.sampled_from(["count", "sum", "avg", "min", "max"])
    projections = query_paths() | st.builds(Aggregate, functions, query_paths())
    numbers = st.none() | st.integers(min_value=0, max_value=10**18 - 1)
    return st.builds(
        Query,
        entity_type=query_names(),
        projections=st.lists(projections, max_size=3).map(tuple),
        condition=st.none() | conditions,
        group_by=st.lists(query_paths(), max_size=2).map(tuple),
        order_by=st.lists(st.builds(Ordering, query_paths(), st.booleans()), max_size=2).map(tuple),
        offset=numbers,
        limit=numbers,
    )

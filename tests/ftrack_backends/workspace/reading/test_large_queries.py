"""Queries that are very long, wide or deep: answered soon, or refused soon and as what they are."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrack_backends.workspace._faults import QueryFault
from ftrack_backends.workspace.reading._merging import FEW, simplified
from ftrack_core.query import parse, render

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftrack_backends.workspace.reading import Reader
    from ftrack_backends.workspace.store import Store

    Ids: TypeAlias = Callable[[str], list[str]]

MANY = 10_000
SOON_SECONDS = 30
"""Far more than it takes, and far less than what it took to plan so many alternatives one by one."""

ALTERNATIVES = {
    "id is x{}": ("id is t1", "t1"),
    'name is "x{}"': ('name in ("Anim", anim)', "t1 t3"),
    'name like "x{}%"': ('name like "an%"', "t1 t3"),
    'parent.name is "x{}"': ("parent.parent.name is sq010", "t1 t2 t3"),
    'assignments any (resource.username is "x{}")': ("assignments.resource.username is bob", "t1"),
    '(parent_id is "x{}"and name is "b")': ("(parent_id is sh010 and name is Anim)", "t1"),
    'metadata any (key is "x{}" and value is y)': ("metadata any (key is hex and value is keep)", "t2"),
    'start_date is "2019-01-01"': ("start_date is '2020-01-02T10:00:00'", "t1 t2"),
    "bid is {}.25": ("bid is 3600", "t1"),
    "status has (name is x{})": ("not status has ()", "t4"),
}


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_ten_thousand_alternatives_are_answered_soon(alternative: str, ids: Ids) -> None:
    """Without it, a client that asks for its whole selection at once would wait for minutes, or meet a limit."""
    last, expected = ALTERNATIVES[alternative]
    begun = time.perf_counter()
    assert ids(f"Task where {' or '.join(map(alternative.format, range(MANY)))} or {last}") == expected.split()
    assert time.perf_counter() - begun < SOON_SECONDS


@pytest.mark.parametrize("condition", ['name is_not "x{}"', 'not name is "x{}"', 'not parent.name is "x{}"'])
def test_ten_thousand_exceptions_are_answered_soon(condition: str, ids: Ids) -> None:
    """Without it, leaving out what a tool has seen already would meet a limit."""
    assert ids(f"Task where {' and '.join(map(condition.format, range(MANY)))} and not name is anim") == [
        "t1",
        "t2",
        "t4",
    ]


@pytest.mark.parametrize("word", ["in", "not_in"])
@pytest.mark.parametrize("attribute", ["id", "start_date"])
def test_thirty_thousand_values_are_no_matter(attribute: str, word: str, ids: Ids) -> None:
    """Without it, a sync of a whole show would have to be cut into pieces."""
    one = "2019-01-01" if attribute == "start_date" else "x{}"
    found = ids(f"Task where {attribute} {word} ({', '.join(map(one.format, range(30_000)))})")
    assert bool(found) == (word == "not_in")


@pytest.mark.parametrize(
    "alternative",
    ["(parent.name is x{} and name is y)", "not parent.name is x{}"],
)
def test_what_cannot_be_put_together_is_refused_soon(alternative: str, reader: Reader) -> None:
    """Without it, one odd query would keep the workspace busy for everybody."""
    begun = time.perf_counter()
    with pytest.raises(QueryFault, match=r"^ParseError.*too large.*10000 questions"):
        reader.query(f"Task where {' or '.join(map(alternative.format, range(MANY)))}")
    assert time.perf_counter() - begun < SOON_SECONDS


DEEP = {
    "parentheses": ("(", ")", True),
    "or": ("(name is a or ", ")", False),
    "and": ("(name is_not a and ", ")", True),
    "not": ("not ", "", True),
    "in": ("parent_id in (select parent_id from Context where ", ")", False),
    "has": ("parent has (", ")", False),
    "any": ("children any (", ")", False),
    "ancestors": ("ancestors any (", ")", False),
    "both": ("not (assignments any (context has (", ")))", False),
}


@pytest.mark.parametrize("levels", [1, 10, 60, 64, 65, 5_000])
@pytest.mark.parametrize("kind", DEEP)
def test_deep_queries_are_answered_or_refused_and_nothing_breaks(kind: str, levels: int, reader: Reader) -> None:
    """Without it, a query that a program nests too deep would look like a crash of the server."""
    opening, closing, always = DEEP[kind]
    operator = "is" if kind == "not" and levels % 2 else "is_not"
    text = f"Task where {opening * levels}id {operator} None{closing * levels}"
    fault, rows = asked(reader, text)
    if fault is None:
        assert levels <= 64
        assert not always or rows == 4
    else:
        assert fault.exception == "ParseError"
        assert levels >= 10
        assert not always or levels > 60
    assert len(reader.query("Task").rows) == 4


def asked(reader: Reader, expression: str) -> tuple[QueryFault | None, int]:
    """Ask, and give what was said against it, or how many rows there are."""
    try:
        return None, len(reader.query(expression).rows)
    except QueryFault as fault:
        return fault, 0


LEAVES = st.sampled_from(
    """name is Anim|name is_not anim|name like "an%"|name is None|description is_not None|name in (anim, None)|
    name not_in (Anim)|status.name is Done|status.name is_not Done|parent.name like "sh%"|parent has (name is sh010)|
    parent has (status has ())|status has ()|assignments any ()|metadata any (key is hex)|metadata.key is note|
    metadata any (key is hex and value is keep)|metadata.value not_in (keep)|parent[Shot].name is sh020|bid > 4000|
    (parent_id is sh010 and name is Anim)|(parent_id is sh020 and name is anim)|
    parent_id in (select id from Shot where name is sh010)""".replace("\n", "").split("|")
).map(str.strip)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"),
        st.lists(inner, min_size=2, max_size=2 * FEW).map(lambda many: f"({' or '.join(many)})"),
        st.lists(inner, min_size=2, max_size=2 * FEW).map(lambda many: f"({' and '.join(many)})"),
    ),
    max_leaves=4 * FEW,
)


def test_a_query_made_short_finds_the_same(reader: Reader) -> None:
    """Without it, a long filter would find other entities than the same filter in two halves."""

    @given(CONDITIONS)
    def check(condition: str) -> None:
        query = parse(f"select id from Task where {condition}")
        statements = reader._statements
        plain, short = statements.rows(query, '"id"'), statements.rows(simplified(query), '"id"')
        with reader._store.reading() as connection:
            found = [connection.execute(one.text, one.values).fetchall() for one in (plain, short)]
        assert found[0] == found[1]

    check()


def test_long_filters_are_really_made_short() -> None:
    """Without it, the comparison above would compare a thing with itself."""
    either = " or ".join(f"parent.name is x{number}" for number in range(2 * FEW))
    assert render(simplified(parse(f"Task where {either}"))).startswith("Task where parent any (name in (x0, x1")
    pairs = " or ".join(f"name is x{number}" for number in range(FEW))
    assert simplified(parse(f"Task where {pairs}")) == parse(f"Task where {pairs}")


def test_a_short_list_still_finds_its_rows_by_index(store: Store, reader: Reader) -> None:
    """Without it, asking for a few ids would read the whole table of a big show."""
    either = " or ".join(f"id is x{number}" for number in range(20))
    statement = reader._statements.rows(simplified(parse(f"Task where {either}")), '"id"')
    with store.reading() as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", statement.values).fetchall()
    assert any("SEARCH t0 USING" in row[3] for row in plan)

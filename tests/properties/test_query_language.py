"""Properties of the query language: what holds for every text and every tree."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from ftrack_core import errors
from ftrack_core.query import (
    And,
    Comparison,
    Operator,
    Path,
    Query,
    Step,
    entity_type_of,
    has_select,
    literal,
    parse,
    quote,
    render,
    split_paging,
    with_page,
    with_projections,
)
from ftrack_core.testing.strategies import queries

FRAGMENTS = st.lists(
    st.sampled_from(
        r"""select from Task where name is "a \" b" 'x' ( ) , [ ] . = != < >= and or not in any has order by
        group limit offset 5 500 None é \ " ' desc count(id) a.b parent[Shot].id -""".split(" ")  # noqa: SIM905
    ),
    max_size=25,
).map(" ".join)
NAME, ID = Path((Step("name"),)), Path((Step("id"),))
NUMBERS = st.none() | st.integers(min_value=0, max_value=10**18 - 1)


def parsed(text: str) -> Query | errors.ParseError:
    """Return the tree of *text*, or the error that it gives."""
    try:
        return parse(text)
    except errors.ParseError as error:
        return error


@given(queries())
def test_every_tree_is_read_back_from_its_text(query: Query) -> None:
    """A tree that changes on its way through text would ask the server something else."""
    assert parse(render(query)) == query


@given(queries())
def test_rendering_is_canonical(query: Query) -> None:
    """One query has one canonical text, so texts can serve as keys and be compared."""
    text = render(query)
    assert render(parse(text)) == text


@given(st.text() | FRAGMENTS)
@example("(" * 5000)
@example("Task where " + "not " * 5000)
@example("Task where a in (" * 2000)
@example("Task limit " + "9" * 5000)
@example('Task where name is "' + "\\" * 5001)
def test_any_text_gives_a_tree_or_a_parse_error(text: str) -> None:
    """A crash of the parser would take the tool, or the server that compiles queries, with it."""
    result = parsed(text)
    if isinstance(result, Query):
        assert parse(render(result)) == result
    else:
        assert result.text == text
        assert result.position is not None
        assert 0 <= result.position <= len(text)
        assert "^" in str(result)


@given(st.text() | st.text(alphabet="\\\"'a %\n"))
def test_any_string_survives_quoting(value: str) -> None:
    """A name with a quote or backslash in it must find exactly the entity of that name."""
    name, five = literal(value), literal(5)
    expected = And((Comparison(NAME, Operator.EQUAL, name), Comparison(ID, Operator.EQUAL, five)))
    assert parse(f"Task where name is {quote(value)}and id is 5").condition == expected


@given(queries(), NUMBERS, NUMBERS)
def test_a_page_that_is_put_on_comes_off_again(query: Query, offset: int | None, limit: int | None) -> None:
    """Paging must never change what is asked for, whatever stands in the query."""
    text = render(query)
    bare = split_paging(text)
    assert (bare.offset, bare.limit) == (query.offset, query.limit)
    assert text.startswith(bare.text)
    paged = split_paging(with_page(bare.text, offset, limit))
    assert (paged.text, paged.offset, paged.limit) == (bare.text, offset, limit)


@given(st.text() | FRAGMENTS)
def test_paging_leaves_every_text_as_it_was_written(text: str) -> None:
    """The server may understand more than we do; what is sent to it is what the user wrote."""
    try:
        paged = split_paging(text)
    except errors.ParseError:
        return
    removed = text[len(paged.text) :]
    assert text.startswith(paged.text)
    assert re.fullmatch(r"(\s+(offset|limit)\s+\d+){0,2}\s*", removed, re.IGNORECASE)


@given(queries())
def test_the_type_and_select_are_seen_without_parsing(query: Query) -> None:
    """The session looks up default projections by the type it finds in the text."""
    text = render(query)
    assert entity_type_of(text) == query.entity_type
    assert has_select(text) == bool(query.projections)
    selecting = with_projections(text, ["id", "name"])
    assert entity_type_of(selecting) == query.entity_type
    assert parse(selecting).projections == (query.projections or parse("select id, name from Task").projections)


@given(st.text() | FRAGMENTS)
def test_the_type_of_any_text_is_the_parsers(text: str) -> None:
    """Two readings of one text that disagree would check one type and ask for another."""
    try:
        tree = parse(text)
    except errors.ParseError:
        return
    assert entity_type_of(text) == tree.entity_type

"""Paging: only a real page is taken off a text, and the text stays the user's own."""

from __future__ import annotations

import pytest

from ftrack_core import errors
from ftrack_core.query import PagedText, entity_type_of, has_select, split_paging, with_page, with_projections


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Task", PagedText("Task")),
        ("Task limit 5", PagedText("Task", None, 5)),
        ("Task offset 5", PagedText("Task", 5, None)),
        ("Task offset 5 limit 10", PagedText("Task", 5, 10)),
        ("Task limit 10 offset 5 ", PagedText("Task", 5, 10)),
        ("Task  where a is 'x'\n LIMIT 10\tOffset 0\n", PagedText("Task  where a is 'x'", 0, 10)),
        ("Task limit 5 limit 6", PagedText("Task limit 5", None, 6)),
        ("Task where (a is 1)limit 5", PagedText("Task where (a is 1)", None, 5)),
    ],
)
def test_a_page_at_the_end_is_taken_off(text: str, expected: PagedText) -> None:
    """The session pages by itself and must honour the page that was asked for."""
    assert split_paging(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        'Task where name is "limit 5"',
        "Task where name is 'a offset 2 limit 5'",
        'Task where name is "a \\" limit 5"',
        "Task where id in (select id from Shot limit 5)",
        "Task where limit is 5",
        "Task where limit > 5",
        "Task where offset=5",
        "Task order by limit",
        "Task where name is limit",
        "Task where name in (limit, 5)",
        "Task limit 5 and something",
        "Task limit five",
        "Task limit '5'",
        "Task limit 9999999999999999999",
        "limit 5",
        "",
        "  Task ",
    ],
)
def test_what_only_looks_like_a_page_stays(text: str) -> None:
    """The official client rewrites such queries, and finds other rows."""
    assert split_paging(text) == PagedText(text)


def test_a_page_behind_something_that_looks_like_one() -> None:
    """The values named limit and offset belong to the condition."""
    assert split_paging("T where a is limit limit 5") == PagedText("T where a is limit", None, 5)
    assert split_paging("T where a is offset limit 3 offset 4") == PagedText("T where a is offset", 4, 3)
    assert split_paging('T where a is "limit 5" limit 7') == PagedText('T where a is "limit 5"', None, 7)
    assert split_paging("T order by limit limit 5") == PagedText("T order by limit", None, 5)


def test_texts_that_the_parser_refuses_are_paged_too() -> None:
    """A server may know more than our parser does."""
    assert split_paging("select * from T where a ~ b ; limit 5") == PagedText("select * from T where a ~ b ;", None, 5)
    assert entity_type_of("select *, a as b from T where a ~ b") == "T"


def test_a_text_without_an_end_is_refused() -> None:
    """A page behind an open quote would become part of the value."""
    with pytest.raises(errors.ParseError, match="never closed"):
        split_paging("T where a is 'x limit 5")


def test_a_page_is_put_behind_the_text() -> None:
    """What was not given is not written."""
    assert with_page("T where a is 1", 0, 500) == "T where a is 1 offset 0 limit 500"
    assert with_page("T", limit=1) == "T limit 1"
    assert with_page("T", offset=3) == "T offset 3"
    assert with_page("T") == "T"


@pytest.mark.parametrize(
    ("text", "entity_type", "selects"),
    [
        ("Task", "Task", False),
        (" \nTask where a is 1", "Task", False),
        ("from Task limit 5", "Task", False),
        ("select id from Task", "Task", True),
        ("  SELECT id,name FROM Task", "Task", True),
        ("select from Task", "Task", True),
        ("select from, to from Link", "Link", True),
        ("select id, from from Link", "Link", True),
        ("select from from Link", "Link", True),
        ("select a[from].b, count(from) from Link", "Link", True),
        ("selection where select is 5", "selection", False),
    ],
)
def test_the_type_and_the_select_of_a_text(text: str, entity_type: str, selects: bool) -> None:
    """Default projections are chosen by the type, and only where there are none."""
    assert entity_type_of(text) == entity_type
    assert has_select(text) is selects


@pytest.mark.parametrize(
    "text", ["", "   ", "select", "select id", "select id from", "from", "'Task'", "(Task)", "a.b"]
)
def test_a_text_without_a_type_is_refused(text: str) -> None:
    """There is nothing to ask the server for."""
    with pytest.raises(errors.ParseError, match="expected an entity type"):
        entity_type_of(text)


def test_projections_are_put_in_front_where_there_are_none() -> None:
    """The text behind them stays as it was written."""
    assert with_projections(" Task  where a is 1", ["id", "name"]) == "select id, name from Task  where a is 1"
    assert with_projections("from Task limit 5", ["id"]) == "select id from Task limit 5"
    assert with_projections(" select a from Task", ["id"]) == " select a from Task"
    assert with_projections("Task", []) == "Task"

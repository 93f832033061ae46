"""Any text as a query: a result, or an error that says it is none, in linear time and without a call."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftrack_core import Session, errors
from ftrack_core.query import Query, entity_type_of, parse, split_paging
from ftrack_core.session.queries import _expressions

REAL = (
    "select id, name, status.name from Task where (name like 'a%' and not status.name in (x, 'y')) or "  # noqa: ISC004
    'parent[Shot].name is "sh 010" order by name desc, id offset 3 limit 10',
    "Task where assignments any (resource.username = ann) and end_date >= 2020-01-01 and not notes any ()",
    "select count(id) from Task where id in (select context_id from Timelog where user.username is 'a\\'b') "  # noqa: ISC004
    "group by status.name",
)
JUNK = (
    *"""\"'()[],.\\=!<>-%{}~""",
    *("\0", "\ud800", "\u2028", "é", "🙂", "\t\n"),
    *("not ", " in ", " select ", " from ", " where ", " is ", " limit ", "9" * 30, "None"),
)


def asked(session: Session, text: str) -> None:
    """Make a query of a text, which may be refused, as a query, in a few words."""
    for read in (parse, split_paging, entity_type_of, session.query):
        assert len(_refusal(read, text)) < 2000


def _refusal(read: Callable[[str], object], text: str) -> str:
    try:
        read(text)
    except (errors.ParseError, errors.UnrecognisedEntityTypeError) as error:
        return str(error)
    return ""


@pytest.mark.parametrize("text", REAL)
def test_a_query_that_is_broken_anywhere_is_a_query_or_an_error_of_ours(quiet: Session, text: str) -> None:
    """A half-typed query in a tool's search field never shows a traceback of ours."""
    for place in range(len(text) + 1):
        asked(quiet, text[:place])
        asked(quiet, text[place:])
        asked(quiet, text[:place] + text[place + 1 :])
        for junk in JUNK[place % 4 :: 4]:  # each of them somewhere in each word
            asked(quiet, text[:place] + junk + text[place:])
    assert quiet.statistics().calls == 2


@pytest.fixture
def quiet(make_session: Callable[..., Session]) -> Session:
    """A session that has sent nothing but its start."""
    return make_session()


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(pieces=st.lists(st.sampled_from([*JUNK, *" ".join(REAL).split(" ")]) | st.text(max_size=5), max_size=30))
def test_any_words_are_a_query_or_an_error_of_ours(quiet: Session, pieces: list[str]) -> None:
    """Whatever somebody types."""
    asked(quiet, " ".join(pieces))
    asked(quiet, "".join(pieces))
    assert quiet.statistics().calls == 2


DEEP = [
    "(",
    "Task where (",
    "Task where not ",
    "Task where parent has (",
    "Task where id in (",
    "Task where notes any (",
]


@pytest.mark.parametrize(
    ("opening", "depth"),
    [
        *((opening, depth) for opening in DEEP for depth in (63, 65, 2000)),
        *((opening, 10_000) for opening in DEEP[:2]),
    ],
)
def test_depth_is_no_danger(quiet: Session, opening: str, depth: int) -> None:
    """Ten thousand parentheses end in an error, not in the host's stack."""
    repeated = opening.removeprefix("Task where ")
    asked(quiet, opening + repeated * depth)
    asked(quiet, f"{opening}{repeated * depth}name is a{')' * depth}")
    assert quiet.statistics().calls == 2


LONG: dict[str, Callable[[int], str]] = {
    "blanks": lambda size: f"Task{' ' * size}where name is a",
    "word": lambda size: f"Task where name is {'a' * size}",
    "string": lambda size: f"Task where name is '{'a' * size}'",
    "backslashes": lambda size: "Task where name is '" + "\\" * size,
    "escaped quotes": lambda size: "Task where name is '" + "\\'" * (size // 2),
    "open strings": lambda size: '"a' * (size // 2),
    "dots": lambda size: f"Task where {'parent.' * (size // 7)}name is a",
    "casts": lambda size: f"Task where parent{'[Shot]' * (size // 6)} is 1",
    "conditions": lambda size: "Task where " + " and ".join(["name is a"] * (size // 13)),
    "list": lambda size: f"Task where name in ({','.join(['a'] * (size // 2))})",
    "projections": lambda size: f"select {'name,' * (size // 5)}id from Task",
    "orders": lambda size: f"Task order by {'name,' * (size // 5)}id",
    "commas": lambda size: "," * size,
    "froms": lambda size: f"select {'from ' * (size // 5)}",
    "limits": lambda size: f"Task {'limit 5 ' * (size // 8)}",
    "number": lambda size: f"Task limit {'9' * size}",
    "value": lambda size: f"Task where bid is {'9' * size}",
    "zeros": lambda size: "\0" * size,
    "newlines": lambda size: f"Task where name is a{chr(10) * size}nonsense",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_long_text_takes_time_in_proportion(quiet: Session, text: Callable[[int], str]) -> None:
    """A file by mistake is told in a moment; an expression that backtracks would take until tomorrow."""
    small, large = _seconds(quiet, text(4_000)), _seconds(quiet, text(40_000))
    assert large < 25 * small + 0.5


def _seconds(session: Session, text: str) -> float:
    began = time.process_time()
    asked(session, text)
    return time.process_time() - began


@pytest.mark.parametrize("text", ["Task where name is '\ud800'", "Task where name is '\0'", "Task where name is '🙂'"])
def test_strange_characters_go_to_the_server(session: Session, text: str) -> None:
    """It finds nothing, or refuses; nothing else happens."""
    with contextlib.suppress(errors.ServerError):
        assert session.query(text).all() == []
    assert session.query("Task").first() is not None


def test_trees_of_long_texts_are_not_kept(session: Session) -> None:
    """A listener that asks for five hundred ids, each time others, keeps none of them."""
    before = _expressions._remembered.cache_info().currsize
    for number in range(20):
        session.query(f"Task where id in ({', '.join(f'{number}-{each}' for each in range(500))})")
    assert _expressions._remembered.cache_info().currsize == before


def test_numbers_without_end_are_text() -> None:
    """Python itself refuses to read them as numbers."""
    tree: Any = parse(f"Task where bid is {'9' * 5000}")
    assert isinstance(tree, Query)
    assert tree.condition.value.literal == "9" * 5000  # type: ignore[union-attr]

"""Results of queries: lazy, paged, indexed, and honest about errors."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.values import Response

NAMES = ["animation", "animation", "animation", "layout", "layout", "layout"]


def names(found: Any) -> list[str]:
    """Names of entities."""
    return [entity["name"] for entity in found]


def test_nothing_is_sent_before_the_first_entity_is_read(session: Session, wire: Any) -> None:
    """Making a query is free, and so is looking at it."""
    found = session.query("select name from Task order by name")
    assert "0 fetched and more" in repr(found)
    assert wire.calls == 0
    assert names(found) == NAMES
    assert wire.calls == 1
    assert names(found) == NAMES
    assert wire.calls == 1


def test_the_text_goes_to_the_server_as_it_was_written(session: Session, wire: Any) -> None:
    """A server's own dialect survives us."""
    session.query("select name  from Task where   name is 'layout'  order by name").all()
    session.query("Task where name is 'layout'").all()
    assert wire.expressions()[0].startswith("select name  from Task where   name is 'layout'  order by name offset 0")
    assert wire.expressions()[1].startswith("select ")
    assert " from Task where name is 'layout' offset 0 limit 500" in wire.expressions()[1]


def test_pages_come_as_they_are_needed(session: Session, wire: Any) -> None:
    """Looking at the first rows of a big table does not fetch the table."""
    found = session.query("select name from Task order by name", page_size=2)
    assert found[0]["name"] == "animation"
    assert wire.calls == 1
    assert found[3]["name"] == "layout"
    assert wire.calls == 2
    assert len(found) == 6
    assert names(found) == NAMES
    assert wire.calls == 3


def test_walking_fetches_page_by_page(session: Session, wire: Any) -> None:
    """A loop that breaks early stops asking."""
    for position, _ in enumerate(session.query("Task", page_size=2)):
        if position == 2:
            break
    assert wire.calls == 2


@pytest.mark.parametrize(
    "index", [0, 5, -1, -6, slice(None), slice(1, 3), slice(-2, None), slice(None, None, -1), slice(4, 1, -1),
              slice(2, 2), slice(5, 2), slice(None, None, 2), slice(1, 99), slice(None, -1)],
)  # fmt: skip
@pytest.mark.parametrize("page_size", [1, 4, 500])
def test_indexes_and_slices_are_those_of_a_list(session: Session, index: Any, page_size: int) -> None:
    """`results[-1]` and slices mean what they mean everywhere in Python, whatever has been fetched."""
    everything = session.query("select name from Task order by id").all()
    assert session.query("select name from Task order by id", page_size=page_size)[index] == everything[index]


@pytest.mark.parametrize("index", [6, -7, 99])
def test_an_index_beyond_the_end_is_an_index_error(session: Session, index: int) -> None:
    """As for a list."""
    with pytest.raises(IndexError):
        session.query("Task", page_size=4)[index]


def test_slices_ask_for_no_more_than_they_need(session: Session, wire: Any) -> None:
    """The first ten of ten thousand are one call; nothing of them is none."""
    found = session.query("Task", page_size=2)
    assert found[:0] == []
    assert wire.calls == 0
    assert len(found[:3]) == 3
    assert wire.calls == 2


def test_truth_and_membership(session: Session) -> None:
    """`if results:` works, and `in` compares identities."""
    assert session.query("Task")
    assert not session.query("Task where name is 'nothing'")
    task = session.query("Task").first()
    assert task in session.query("Task")
    assert session.query("Project").one() not in session.query("Task")
    assert len(session.query("Task where name is 'nothing'")) == 0
    assert list(reversed(session.query("Task"))) == session.query("Task").all()[::-1]


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("limit 2", NAMES[:2]),
        ("offset 4", NAMES[4:]),
        ("offset 1 limit 3", NAMES[1:4]),
        ("limit 3 offset 1", NAMES[1:4]),
        ("limit 0", []),
        ("limit 99", NAMES),
        ("offset 99", []),
    ],
)
@pytest.mark.parametrize("page_size", [1, 2, 500])
def test_paging_in_the_text_is_honoured(session: Session, tail: str, expected: list[str], page_size: int) -> None:
    """Whoever writes a limit gets no row more, however the pages fall."""
    assert names(session.query(f"select name from Task order by name {tail}", page_size=page_size)) == expected


def test_paging_inside_quotes_is_text(session: Session) -> None:
    """A shot may be called `limit 5`."""
    parent = session.query("Project").one()
    session.create("Task", {"name": "limit 5 offset 2", "parent": parent})
    session.commit()
    assert names(session.query("select name from Task where name is 'limit 5 offset 2'")) == ["limit 5 offset 2"]


def test_one_gives_the_only_one(session: Session, wire: Any) -> None:
    """It asks for two rows at most, each time anew."""
    found = session.query("Project")
    assert found.one() is found.one()
    assert wire.calls == 2
    assert wire.expressions()[0].endswith(" limit 2")


def test_one_refuses_none_and_several(session: Session) -> None:
    """The two cases are told apart, and the query is in the message."""
    with pytest.raises(errors.NoResultFoundError, match="name is 'x'"):
        session.query("Task where name is 'x'").one()
    with pytest.raises(errors.MultipleResultsFoundError, match="from Task"):
        session.query("Task").one()


@pytest.mark.parametrize("tail", ["limit 1", "offset 1", "offset 1 limit 1"])
def test_one_refuses_paging_of_its_own(session: Session, tail: str) -> None:
    """One of a page is not the only one."""
    with pytest.raises(ValueError, match="take it out"):
        session.query(f"Task {tail}").one()


def test_first_gives_the_first_or_none(session: Session, wire: Any) -> None:
    """It asks for one row, from where the text begins."""
    first = session.query("select name from Task order by name").first()
    later = session.query("select name from Task order by name offset 3").first()
    assert first is not None
    assert later is not None
    assert (first["name"], later["name"]) == ("animation", "layout")
    assert session.query("Task where name is 'x'").first() is None
    assert wire.expressions()[1].endswith("offset 3 limit 1")
    with pytest.raises(ValueError, match="limit"):
        session.query("Task limit 3").first()


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("Tsk", errors.UnrecognisedEntityTypeError, "did you mean 'Task'"),
        ("select name from Shoot", errors.UnrecognisedEntityTypeError, "did you mean 'Shot'"),
        ("Task where nmae is 'x'", errors.UnknownNameError, "did you mean 'name'"),
        ("select status.nmae from Task", errors.UnknownNameError, "did you mean 'name'"),
        ("Task where parent.project.nmae is 'x'", errors.UnknownNameError, "name"),
        ("Task order by nmae", errors.UnknownNameError, "name"),
        ("", errors.ParseError, "entity type"),
        ("   ", errors.ParseError, "entity type"),
        ("Task where name is 'x", errors.ParseError, "never closed"),
        ("select name", errors.ParseError, "entity type"),
        (None, errors.ParseError, "text"),
        (7, errors.ParseError, "text"),
    ],
)
def test_a_wrong_query_is_told_before_anything_is_sent(
    session: Session, wire: Any, text: Any, error: type[Exception], message: str
) -> None:
    """With the nearest right name, and without a round trip."""
    with pytest.raises(error, match=message):
        session.query(text)
    assert wire.calls == 0


def test_names_of_subtypes_may_be_used_on_a_base_type(session: Session) -> None:
    """`TypedContext` finds tasks and shots; what only a task has may be asked for."""
    found = session.query("select name, type.name, status.name from TypedContext where type.name is 'Layout'")
    assert {entity.entity_type for entity in found} == {"Task"}


def test_what_our_parser_refuses_is_for_the_server_to_judge(session: Session, wire: Any) -> None:
    """A newer server may understand more than we do."""
    wire.before = lambda _: Response(200, {}, b'[{"data": [], "metadata": {"next": {"offset": null}}}]')
    assert session.query("Task where name frobnicates ~~ [1, 2]").all() == []
    assert "frobnicates ~~ [1, 2]" in wire.expressions()[0]


def test_checking_can_be_turned_off(make_session: Callable[..., Session]) -> None:
    """For a server that knows names its schema does not tell."""
    session = make_session(settings={"check_queries": False})
    with pytest.raises(errors.QueryRefusedError):
        session.query("Task where nmae is 'x'").all()


def test_a_refused_query_can_be_read_again(session: Session, wire: Any) -> None:
    """An error leaves the result where it was."""
    found = session.query("select name from Task order by name", page_size=4)
    assert found[0]
    wire.before = lambda _: Response(200, {}, b'{"exception": "ParseError", "content": "{no} idea", "error_code": 7}')
    with pytest.raises(errors.QueryRefusedError, match=r"\{no\} idea"):
        len(found)
    wire.before = lambda _: None
    assert names(found) == NAMES


@pytest.mark.parametrize(
    "page",
    [
        {"data": [{"__entity_type__": "Task", "id": "t", "name": "new"}, {"__entity_type__": "Task"}]},
        {"data": [{"__entity_type__": "Task", "id": "t", "name": "new"}, {"__entity_type__": "Tusk", "id": "x"}]},
        {"data": [{"__entity_type__": "Task", "id": "t", "name": "new"}, "row"]},
        {"data": {"__entity_type__": "Task", "id": "t", "name": "new"}},
        {"data": [{"__entity_type__": "Task", "id": "t", "name": "new"}], "metadata": {"next": {"offset": 0}}},
        {"data": [{"__entity_type__": "Task", "id": "t", "name": "new"}], "metadata": {"next": {"offset": "9"}}},
        {"data": [{"__entity_type__": "Task", "id": "t", "name": "new"}], "metadata": {"next": 3}},
        {"data": [{"__entity_type__": "Task", "id": "t", "name": "new"}], "metadata": [1]},
        {"data": None},
        {},
        "rows",
        None,
    ],
)
def test_a_page_that_is_wrong_raises_an_error_of_ours(session: Session, wire: Any, page: Any) -> None:
    """Whatever a server sends, a program needs to catch one tree of errors."""
    found = session.query("Task")
    wire.before = lambda _: Response(200, {}, json.dumps([page]).encode())
    with pytest.raises(errors.Error):
        len(found)
    wire.before = lambda _: None
    assert len(session.query("Task")) == 6
    assert len(found) == 6


def test_a_page_that_is_half_wrong_reaches_nothing(session: Session, wire: Any) -> None:
    """Entities keep what they were: a page is checked before the first of it is merged."""
    task = session.query("select id, name from Task").all()[0]
    rows = [{"__entity_type__": "Task", "id": task["id"], "name": "poisoned"}, {"__entity_type__": "Task"}]
    wire.before = lambda _: Response(200, {}, json.dumps([{"data": rows}]).encode())
    with pytest.raises(errors.MalformedReplyError):
        session.query("Task").all()
    assert task["name"] != "poisoned"


def test_rows_that_are_nested_without_end_are_told(session: Session, wire: Any) -> None:
    """A hostile server cannot bring a host's stack down with an error of another tree."""
    row = '{"__entity_type__": "Task", "id": "t", "parent": ' * 700 + "null" + "}" * 700
    wire.before = lambda _: Response(200, {}, f'[{{"data": [{row}]}}]'.encode())
    found = session.query("Task")
    try:
        assert len(found) == 1
    except errors.MalformedReplyError as error:
        assert "nested too deeply" in str(error)  # noqa: PT017 - either is right: it depends on how deep the stack is


def test_one_result_may_be_read_by_many_threads(session: Session, wire: Any) -> None:
    """Each page is fetched once, and nobody sees the end before the end."""
    found = session.query("select id from Task", page_size=1)
    seen: list[int] = []
    begin = threading.Barrier(6)

    def read() -> None:
        begin.wait(10)
        seen.append(len(list(iter(found))))

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert seen == [6] * 6
    assert wire.calls == 6


def test_a_page_size_below_one_is_one(session: Session) -> None:
    """Nonsense does not make an endless loop."""
    assert len(session.query("Task", page_size=0)) == 6


@pytest.mark.parametrize("page_size", ["50", None, 1.5])
def test_a_page_size_that_is_no_number_is_told_at_once(session: Session, page_size: Any) -> None:
    """A setting that was read as text would fail in the middle of a loop, in other words."""
    with pytest.raises(errors.InvalidValueError, match="page_size"):
        session.query("Task", page_size=page_size)


def test_an_open_quote_is_shown_in_the_text_that_was_written(session: Session) -> None:
    """The mark would stand under a text with a projection that nobody wrote."""
    with pytest.raises(errors.ParseError, match="at character 20") as caught:
        session.query('Task where name is "x')
    assert "select" not in str(caught.value)


def test_values_of_a_new_entity_that_are_no_mapping_are_told(session: Session) -> None:
    """A list of pairs would end in an AttributeError of ours."""
    with pytest.raises(errors.InvalidValueError, match="mapping"):
        session.create("Task", [("name", "layout")])  # type: ignore[arg-type]
    assert not session.recorded_operations

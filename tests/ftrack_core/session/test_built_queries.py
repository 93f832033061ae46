"""Built queries in a session: sent once, checked before, and not sent where the answer is certain."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import Session, attr, errors, select
from ftrack_core.query import Filter, Query, parse

SHOTS = select("Shot", "name").order_by("name")
NAMED = attr("name") == "layout"
NOTHING, EVERYTHING = attr("id").in_([]), attr("id").not_in([])


def test_a_built_query_finds_what_its_text_finds(session: Session) -> None:
    """Which way a query is written is a matter of taste."""
    built = select("Task", "name").where(attr("assignments").any(attr("resource.username") == "ann")).order_by("id")
    found = session.query(built).all()
    assert [task["name"] for task in found] == ["layout"] * 3
    assert found == session.query(str(built)).all() == session.query(built.tree).all()


def test_what_is_sent_is_its_text_with_default_projections(session: Session, wire: Any) -> None:
    """Built queries load what texts load."""
    session.query(select("Task").where(NAMED)).all()
    session.query('Task where name is "layout"').all()
    first, second = wire.expressions()
    assert first == second
    assert first.startswith("select ")


def test_a_query_serves_several_sessions(make_session: Callable[..., Session]) -> None:
    """It belongs to none: a module may keep it as a constant."""
    names = [[shot["name"] for shot in make_session(user=user).query(SHOTS)] for user in (0, 1)]
    assert names == [["sh010", "sh020", "sh030"]] * 2


def test_entities_are_compared_by_id_without_a_call(session: Session, wire: Any) -> None:
    """Writing a query must not load anything."""
    shots = session.query(SHOTS).all()
    wire.forget()
    one = select("Task", "id").where(parent=shots[0])
    two = select("Task", "id").where(attr("parent").in_(shots[:2]))
    assert wire.calls == 0
    assert len(session.query(one).all()) == 2
    assert len(session.query(two).all()) == 4
    assert session.query(select("Shot").where(id=shots[0])).one() is shots[0]


def test_an_entity_that_is_not_committed_has_an_id_too(session: Session) -> None:
    """It finds nothing yet, and everything after the commit, with the same query."""
    shot = session.create("Shot", {"name": "sh040", "parent": session.query("Sequence").one()})
    found = select("Task").where(parent=shot)
    assert session.query(found).all() == []
    task = session.create("Task", {"name": "new", "parent": shot})
    session.commit()
    assert session.query(found).one() is task


def test_entities_of_collections_can_be_looked_for(session: Session) -> None:
    """`in_` takes whatever gives entities."""
    sequence = session.query("Sequence").one()
    assert len(session.query(select("Task").where(attr("parent").in_(sequence["children"]))).all()) == 6


def test_an_entity_with_a_key_of_two_parts_is_refused(session: Session) -> None:
    """Comparing one part of its key would find others."""
    shot = session.query(SHOTS)[0]
    shot["metadata"]["k"] = "v"
    session.commit()
    metadata = session.query("Metadata").one()
    with pytest.raises(errors.InvalidValueError, match=r"a Metadata .* 2 parts \(parent_id, key\)"):
        select("Shot").where(metadata=metadata)


@pytest.mark.parametrize(
    "text", ['say "hi"', "C:\\temp\\", "\\\\server\\share\\\"'", "two\nlines", "it's", "100%", "ü"]
)
def test_any_text_finds_exactly_its_own(session: Session, text: str) -> None:
    """Names that artists type are text, whatever is in them."""
    task = session.create("Task", {"name": text, "parent": session.query(SHOTS)[0]})
    session.commit()
    assert session.query(select("Task").where(name=text)).one() is task
    assert session.query(select("Task").where(attr("name").in_([text, "other"]))).one() is task


def test_dates_are_compared_as_moments(session: Session) -> None:
    """A zone counts: noon in Berlin is not noon in UTC."""
    task = session.query(select("Task").where(NAMED))[0]
    task["start_date"] = datetime.datetime(2024, 5, 1, 11, tzinfo=datetime.timezone.utc)
    session.commit()
    noon = datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    started = select("Task").where(attr("start_date") > noon)
    assert session.query(started).all() == [task]
    assert session.query(started.where(attr("start_date") < noon)).all() == []


def test_sub_queries_take_one_call(session: Session, wire: Any) -> None:
    """No list of ids goes to and fro."""
    shots = select("Shot").where(name="sh010")
    for choices in (shots, str(select("Shot", "id").where(name="sh010"))):
        wire.forget()
        assert len(session.query(select("Task", "name").where(attr("parent_id").in_(choices))).all()) == 2
        assert wire.calls == 1


EMPTY = [
    NOTHING,
    NAMED & NOTHING,
    ~EVERYTHING,
    NOTHING | (NAMED & NOTHING),
    attr("assignments").any(NOTHING),
    attr("parent_id").in_(select("Shot").where(NOTHING)),
]


@pytest.mark.parametrize("condition", EMPTY, ids=str)
def test_what_cannot_match_is_not_asked(session: Session, wire: Any, condition: Filter) -> None:
    """A tool with nothing selected must neither wait nor be refused."""
    found = session.query(select("Task").where(condition).order_by("name").limit(20), page_size=3)
    assert (found.all(), list(found), len(found), bool(found), found[:5]) == ([], [], 0, False, [])
    again = session.query(select("Task").where(condition))
    assert again.first() is None
    assert again.one_or_none() is None
    with pytest.raises(errors.NoResultFoundError):
        again.one()
    assert wire.calls == 0


@pytest.mark.parametrize(
    ("condition", "count"),
    [(EVERYTHING, 6), (~NOTHING, 6), (NAMED | NOTHING, 3), (NAMED & EVERYTHING, 3), (NAMED | EVERYTHING, 6)],
    ids=str,
)
def test_what_is_certain_falls_away(session: Session, wire: Any, condition: Filter, count: int) -> None:
    """`in ()` never reaches a server, which may not know it."""
    assert len(session.query(select("Task", "id").where(condition)).all()) == count
    assert "()" not in wire.expressions()[0]


def test_a_parsed_tree_is_treated_alike(session: Session, wire: Any) -> None:
    """Text, tree and builder are one thing."""
    assert session.query(parse("Task where id in () and name is x")).all() == []
    assert wire.calls == 0
    assert len(session.query(parse("Task where id not_in () and name is layout")).all()) == 3


def test_text_goes_to_the_server_as_it_was_written(session: Session, wire: Any) -> None:
    """What a server makes of a text is the server's business."""
    session.query("Task where id in ()").all()
    assert wire.calls == 1


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (select("Task").where(nmae="x"), "Task has no attribute 'nmae'; did you mean 'name'"),
        (select("Task", "status.nmae"), "did you mean 'name'"),
        (select("Task").order_by("nmae"), "did you mean 'name'"),
        (select("Task").where(attr("assignments").any(attr("resource.usrname") == "x")), "did you mean 'username'"),
        (select("Task").where(attr("parent_id").in_(select("Shot").where(nmae="x"))), "did you mean 'name'"),
        (select("Task").where(attr("nmae").in_([])), "did you mean 'name'"),
    ],
    ids=str,
)
def test_names_are_checked_before_anything_is_sent(session: Session, wire: Any, query: Any, message: str) -> None:
    """Also where the list happens to be empty: a typo must not wait for the first selection."""
    with pytest.raises(errors.UnknownNameError, match=message) as caught:
        session.query(query)
    assert "^" in str(caught.value)
    assert wire.calls == 0


def test_types_are_checked_too(session: Session) -> None:
    """The nearest type is told."""
    for query in (select("Tsk"), Query("Tsk"), select("Task").where(attr("parent").as_("Sht").attr("name") == "x")):
        with pytest.raises(errors.UnrecognisedEntityTypeError, match="did you mean"):
            session.query(query)


def test_the_check_can_be_left_to_the_server(make_session: Callable[..., Session]) -> None:
    """As for text."""
    session = make_session(settings={"check_queries": False})
    with pytest.raises(errors.ServerError):
        session.query(select("Task").where(nmae="x")).all()


@pytest.mark.parametrize("given", [None, 5, ["Task"], attr("name"), NAMED], ids=repr)
def test_what_is_no_query_is_refused(session: Session, given: Any) -> None:
    """`session.query(condition)` is an easy slip."""
    with pytest.raises(errors.QueryBuildError, match="a text or select"):
        session.query(given)


def test_a_closed_session_says_so(make_session: Callable[..., Session]) -> None:
    """Even where nothing would be sent."""
    session = make_session()
    session.close()
    with pytest.raises(errors.ConnectionClosedError):
        session.query(select("Task").where(NOTHING))

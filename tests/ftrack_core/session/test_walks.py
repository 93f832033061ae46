"""Walks that miss nothing, and several things asked for in one call: rows and calls are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_core import Session
from ftrack_core.entity import Entity
from ftrack_core.errors import InvalidValueError, QueryRefusedError
from ftrack_core.values import Response

ROWS = 1200
APPROVED = 'Task where status.name is "Approved"'
REFUSED = Response(200, {}, b'{"exception": "ParseError", "content": "no", "error_code": null}')


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A workspace with one show of 1,200 shots, each with an approved task."""
    people = [{"username": "ann", "first_name": "Ann", "email": "ann@show.invalid"}]
    tasks = [{"name": "layout", "type": "Layout", "statuses": ["Approved"], "people": ["ann"], "bid_days": 1}]
    sequences = [{"name": "sq010", "shots": ROWS}]
    show = {"name": "show", "full_name": "The show", "project_schema": "VFX", "tasks": tasks, "sequences": sequences}
    with Workspace.open(seed={"User": people, "show": [show]}) as opened:
        yield opened


def restarted(session: Session, walk: Iterable[Entity]) -> list[str]:
    """The keys a walk gives, while the loop takes each row out of what is walked over and commits now and then."""
    status = session.query('select name from Status where name is "Not started"').one()
    seen = []
    for number, task in enumerate(walk, start=1):
        seen.append(task["id"])
        task["status"] = status
        if number % 150 == 0:
            session.commit()
    session.commit()
    return seen


WALKS: dict[str, Callable[[Session], Iterable[Entity]]] = {
    "iteration": lambda session: session.query(APPROVED),
    "ordered": lambda session: session.query(f"{APPROVED} order by name desc, id"),
    "stream": lambda session: session.query(APPROVED).stream(),
    "ordered stream": lambda session: session.query(f"{APPROVED} order by parent.name").stream(),
    "begun by index": lambda session: _begun(session.query(APPROVED)),
    "small pages": lambda session: session.query(APPROVED, page_size=170),
}


def _begun(result: Any) -> Any:
    assert result[0]
    return result


@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
def test_a_loop_that_changes_what_it_queries_sees_every_row_once(
    session: Session, walk: Callable[[Session], Iterable[Entity]]
) -> None:
    """Nobody has to collect everything first, out of fear of skipping rows."""
    seen = restarted(session, walk(session))
    assert len(seen) == len(set(seen)) == ROWS
    assert session.query(APPROVED).first() is None


@pytest.mark.parametrize("paging", ["offset 100 limit 1000", "limit 1000 offset 100"])
def test_paging_of_its_own_is_kept(session: Session, paging: str) -> None:
    """A walk over a part of the rows walks over that part."""
    expected = [task["id"] for task in session.query(f"select id from Task order by id {paging}").all()]
    assert [task["id"] for task in session.query(f"select id from Task order by id {paging}")] == expected
    assert [task["id"] for task in session.query(f"select id from Task order by id {paging}").stream()] == expected
    assert len(expected) == 1000


@pytest.mark.parametrize("way", ["iteration", "stream"])
def test_rows_that_others_delete_meanwhile_disturb_nothing(
    make_session: Callable[..., Session], session: Session, way: str
) -> None:
    """A row behind is left out, a row before makes no other one vanish."""
    other = make_session()
    names = [shot["name"] for shot in session.query("select name from Shot order by name").all()]
    gone = [names[3], names[4], names[1100]]
    result = session.query("select name from Shot order by name")
    seen = []
    for number, shot in enumerate(iter(result) if way == "iteration" else result.stream()):
        seen.append(shot["name"])
        if number == 10:
            listed = ", ".join(f'"{name}"' for name in gone)
            for each in other.query(f"Shot where name in ({listed})").all():
                other.delete(each)
            other.commit()
    assert seen == [name for name in names if name != names[1100]]


def test_a_short_walk_costs_one_call_and_a_long_one_a_call_a_page(session: Session, wire: Any) -> None:
    """Being safe costs nothing where there is nothing to fear."""
    assert len(list(session.query("Task limit 400"))) == 400
    assert wire.calls == 1
    wire.forget()
    assert len(list(session.query("Task"))) == ROWS
    assert wire.calls == 3


def test_a_type_whose_key_has_parts_is_walked_by_offset(session: Session) -> None:
    """Composite keys walk too."""
    found = [link["schema_id"] for link in session.query("SchemaStatus", page_size=3)]
    assert len(found) == len(session.query("SchemaStatus").all()) > 3


def test_a_stream_keeps_nothing(session: Session) -> None:
    """A query of any length is walked in flat memory."""
    result = session.query("Task")
    assert sum(1 for _ in result.stream()) == ROWS
    assert not result._entities


def test_several_queries_take_one_call(session: Session, wire: Any) -> None:
    """A panel that shows three lists asks once."""
    shots, tasks, none = session.query_many(["Shot limit 3", "Task", "Task where name is nothing"])
    assert wire.calls == 1
    assert (len(shots), bool(none), wire.calls) == (3, False, 1)
    assert len(tasks) == ROWS


def test_a_refused_query_among_several_raises_and_leaves_the_session_usable(session: Session, wire: Any) -> None:
    """One batch is one answer."""
    wire.before = lambda _batch: REFUSED
    with pytest.raises(QueryRefusedError):
        session.query_many(["Shot limit 3", "Task limit 3"])
    wire.before = lambda _batch: None
    assert len(session.query("Shot limit 3").all()) == 3


def test_many_keys_take_few_calls_and_keep_their_order(session: Session, wire: Any) -> None:
    """Hundreds of ids from somewhere else become entities at once; those that are none are None."""
    ids = [shot["id"] for shot in session.query("Shot").all()]
    session.reset()
    wire.forget()
    live = session.get("Shot", ids[5])
    found = session.get_many("Context", [*reversed(ids), "no-such-id", ids[5]])
    assert wire.calls == 1 + 3
    assert [entity and entity["id"] for entity in found] == [*reversed(ids), None, ids[5]]
    assert found[-1] is live
    assert session.get_many("Shot", []) == []
    with pytest.raises(InvalidValueError):
        session.get_many("Shot", [("a", "b")])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Task", ROWS),
        ("Task limit 7", 7),
        ("Task offset 1195 limit 10", 5),
        ("Task where name is nothing", 0),
        ("Task order by name offset 5000", 0),
    ],
)
def test_counting_loads_nothing(session: Session, wire: Any, text: str, expected: int) -> None:
    """How many there are is known before the first one is loaded."""
    assert session.query(text).count() == expected
    assert len(session.query(text)) == expected
    assert wire.batches[0][0]["expression"].startswith("select count(id)")


def test_counting_an_entity_is_that_of_any_sequence(session: Session) -> None:
    """A query result is a sequence in this too."""
    result = session.query("Task limit 3")
    assert result.count(result[0]) == 1


def test_refreshing_asks_again_for_what_is_loaded(
    make_session: Callable[..., Session], session: Session, wire: Any
) -> None:
    """A tool that stays open shows what others changed; its own changes stay."""
    tasks = session.query("select name, description, status.name from Task limit 3").all()
    tasks[1]["description"] = "mine"
    other = make_session()
    for task in other.query("Task limit 3").all():
        task["description"] = "theirs"
        task["status"] = other.query('Status where name is "Not started"').one()
    other.commit()
    wire.forget()
    session.refresh(tasks)
    assert wire.calls == 1
    assert [task["description"] for task in tasks] == ["theirs", "mine", "theirs"]
    assert tasks[0]["status"]["name"] == "Not started"
    session.refresh(tasks[0], "bid")
    assert wire.calls == 2

"""Entities that came together are loaded together: calls and rows are counted, never seconds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_core import Session
from ftrack_core.errors import InvalidValueError, QueryRefusedError
from ftrack_core.values import NOT_SET, Response

REFUSED = Response(200, {}, b'{"exception": "ParseError", "content": "no", "error_code": null}')


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A workspace with one show of 1,030 tasks in 515 shots."""
    people = [{"username": "ann", "first_name": "Ann", "email": "ann@show.invalid"}]
    tasks = [
        {"name": "layout", "type": "Layout", "statuses": ["Approved"], "people": ["ann"], "bid_days": 1},
        {"name": "animation", "type": "Animation", "statuses": ["In progress"], "people": ["ann"]},
    ]
    shown = {"name": "show", "full_name": "The show", "project_schema": "VFX", "tasks": tasks}
    sequences = [{"name": "sq010", "shots": 515}]
    with Workspace.open(seed={"User": people, "show": [{**shown, "sequences": sequences}]}) as opened:
        yield opened


@pytest.fixture
def show(session: Session) -> Session:
    """A session over the big show; nothing is loaded."""
    return session


def loaded(entities: Any, name: str) -> int:
    """How many of the entities have a value for an attribute."""
    return sum(entity._stored(name) is not NOT_SET for entity in entities)


def test_a_loop_over_a_thousand_tasks_costs_a_handful_of_calls(show: Session, wire: Any) -> None:
    """The loop that everybody writes is as cheap as the query that nobody writes."""
    read = [(task["status"]["name"], task["type"]["name"]) for task in show.query("Task limit 1000")]
    assert len(read) == 1000
    assert all(status and kind for status, kind in read)
    assert wire.calls <= 6


def test_one_click_on_one_collection_loads_one(show: Session, wire: Any) -> None:
    """Reading the notes of one of 500 shots fetches one shot's notes."""
    shots = show.query("Shot limit 500").all()
    wire.forget()
    assert not list(shots[7]["notes"])
    assert wire.calls == 1
    assert loaded(shots, "notes") == 1


def test_a_loop_over_collections_takes_growing_steps(show: Session, wire: Any) -> None:
    """The second shot's notes bring a few more, the next ones a page."""
    shots = show.query("Shot limit 500").all()
    wire.forget()
    seen = []
    for shot in shots:
        len(shot["notes"])
        seen.append(loaded(shots, "notes"))
    assert sorted(set(seen)) == [1, 9, 73, 500]
    assert wire.calls == 4


def test_computed_attributes_are_loaded_for_the_one_that_was_asked(show: Session, wire: Any) -> None:
    """What the server has to work out is never asked for others."""
    tasks = show.query("Task limit 500").all()
    wire.forget()
    assert tasks[0]["time_logged"] == 0
    assert (wire.calls, loaded(tasks, "time_logged")) == (1, 1)


def test_what_is_loaded_or_changed_already_is_not_asked_for_again(show: Session, wire: Any) -> None:
    """Only those who lack a value go along, and local values stay."""
    tasks = show.query("Task limit 20").all()
    show.populate(tasks[:10], "description")
    tasks[15]["description"] = "mine"
    wire.forget()
    assert tasks[12]["description"] is None
    [expression] = wire.expressions()
    assert expression.count('"') == 2 * 9
    assert tasks[15]["description"] == "mine"


def test_nested_entities_are_cohorts_too(show: Session, wire: Any) -> None:
    """All parents of a page's tasks are loaded at once, whatever their number."""
    tasks = show.query("select parent from Task limit 500").all()
    wire.forget()
    assert all("sort" in task["parent"] and task["parent"]["description"] is None for task in tasks)
    assert wire.calls == len({type(task["parent"]) for task in tasks})


def test_a_refused_load_for_many_is_asked_for_one(show: Session, wire: Any) -> None:
    """A server that chokes on the many still answers for the one; it is not tried again for the others."""
    tasks = show.query("Task limit 50").all()
    wire.forget()
    wire.before = lambda batch: REFUSED if batch[0]["expression"].count('"') > 2 else None
    assert tasks[0]["description"] is None
    assert tasks[1]["description"] is None
    assert wire.calls == 3


def test_a_load_that_is_refused_for_one_raises(show: Session, wire: Any) -> None:
    """An error is an error; the entity is as before."""
    task = show.query("Task").first()
    assert task is not None
    wire.before = lambda _batch: REFUSED
    with pytest.raises(QueryRefusedError):
        task["description"]
    wire.before = lambda _batch: None
    assert task["description"] is None


@pytest.mark.parametrize(
    ("what", "scalars", "notes"), [("off", 1, [1, 2]), ("references", 20, [1, 2]), ("all", 20, [1, 9])]
)
def test_cohort_loading_can_be_narrowed(show: Session, what: str, scalars: int, notes: list[int]) -> None:
    """A program that knows better says so, for a block."""
    shots = show.query("Shot limit 20").all()
    with show.cohort_loading(what):
        shots[0]["description"]
        assert loaded(shots, "description") == scalars
        steps = []
        for shot in shots[:2]:
            len(shot["notes"])
            steps.append(loaded(shots, "notes"))
        assert steps == notes


def test_a_word_that_cohort_loading_does_not_know_is_refused(session: Session) -> None:
    """A typing mistake is told with the words there are."""
    with pytest.raises(InvalidValueError, match="'off', 'references', 'all'"), session.cohort_loading("none"):
        pass


def test_the_setting_is_part_of_the_config(make_session: Callable[..., Session], wire: Any) -> None:
    """A farm profile may turn it off for everybody."""
    session = make_session(settings={"cohort_loading": "off"})
    tasks = session.query("Task").all()
    wire.forget()
    [task["description"] for task in tasks]
    assert wire.calls == len(tasks)


def test_a_cohort_keeps_no_entity_alive_and_survives_deletes(show: Session) -> None:
    """Who is gone is passed over."""
    tasks = show.query("Task limit 10").all()
    show.delete(tasks[3])
    show.commit()
    assert tasks[0]["description"] is None
    assert loaded(tasks, "description") == 9


def test_warnings_name_the_line_that_loads(show: Session, caplog: pytest.LogCaptureFixture) -> None:
    """A person finds the loop that should have been a query."""
    task = show.query("Task").first()
    assert task is not None
    with caplog.at_level(logging.WARNING), show.auto_populating("warn"):
        task["description"]
        dict(task.items())
    lines = [record.getMessage() for record in caplog.records]
    assert all("test_cohorts.py:" in line for line in lines)
    assert "loads description of" in lines[0]
    assert show.auto_populate is True

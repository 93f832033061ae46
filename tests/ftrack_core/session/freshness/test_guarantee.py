"""The sentences of docs/explanation/freshness.md, each as two users would see it."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_backends.caches import memory
from ftrack_core import Session
from ftrack_core.testing import FakeBackendContext
from ftrack_core.values import Event

TASKS = "select name, status_id, description, bid, status.name, parent.name from Task order by id"


def change(session: Any, entity: Any, **values: Any) -> Callable[[], None]:
    """Somebody's change of an entity."""

    def work() -> None:
        there = session.query(f"{entity.entity_type} where id is {entity['id']}").one()
        for name, value in values.items():
            there[name] = value
        session.commit()

    return work


def create(session: Any, kind: str, **values: Any) -> Callable[[], Any]:
    """Somebody's new entity."""

    def work() -> Any:
        made = session.create(kind, values)
        session.commit()
        return made

    return work


def test_f1_get_reads_anew_what_an_event_says_is_changed(desk: Any, other: Any) -> None:
    """A tool that looks a task up twice would see the same old status for as long as it runs."""
    task = desk.session.query(TASKS).first()
    done = other.query("Status where name is 'Completed'").one()
    desk.hears(change(other, task, description="new", status=done))
    calls = desk.calls
    assert desk.session.get("Task", task["id"]) is task
    assert (task["description"], task["status"]["name"], task["status_id"]) == ("new", "Completed", done["id"])
    assert desk.calls == calls + 1
    assert desk.session.get("Task", task["id"])["name"]
    assert desk.calls == calls + 1, "what nobody changed since is not asked for again"


def test_f1_many_entities_are_read_anew_in_one_call(desk: Any, other: Any) -> None:
    """A batch edit of a thousand tasks would cost a thousand calls."""
    tasks = desk.session.query(TASKS).all()

    def change_all() -> None:
        for task in other.query("Task"):
            task["description"] = "all"
        other.commit()

    desk.hears(change_all)
    calls = desk.calls
    found = desk.session.get_many("Task", [task["id"] for task in tasks])
    assert [task["description"] for task in found] == ["all"] * len(tasks)
    assert desk.calls == calls + 1


def test_f2_a_query_leaves_nothing_stale_on_what_it_finds(desk: Any, other: Any) -> None:
    """Also not in attributes that it does not select: these are loaded when they are read."""
    task = desk.session.query(TASKS).first()
    desk.hears(change(other, task, description="new", bid=7200.0))
    desk.session.query("select name from Task").all()
    assert task["description"] == "new"
    assert task["bid"] == 7200.0


def test_f3_what_running_code_holds_stays_as_it_is_until_asked(desk: Any, other: Any) -> None:
    """A value that changes between two lines of a function is a bug that nobody finds."""
    task = desk.session.query(TASKS).first()
    before, calls = task["description"], desk.calls
    desk.hears(change(other, task, description="new"))
    assert task["description"] == before
    assert task["type"]["name"], "loading another attribute changes nothing that is loaded"
    assert task["description"] == before
    assert desk.calls == calls + 1
    with desk.session.fresh():
        assert task["description"] == "new"
    desk.hears(change(other, task, description="newer"))
    desk.session.refresh(task)
    assert task["description"] == "newer"
    calls = desk.calls
    assert desk.session.get("Task", task["id"]) is task
    assert desk.calls == calls, "a refresh is no less fresh than a get"


def test_f4_a_handler_finds_what_its_event_tells(desk: Any, other: Any) -> None:
    """A handler of a status change would act on the status before."""
    task = desk.session.query(TASKS).first()
    seen: list[Any] = []
    hub = desk.session.event_hub
    hub.subscribe(
        "topic=ftrack.update", lambda _event: seen.append(desk.session.get("Task", task["id"])["description"])
    )
    hub.publish_acknowledged(_event())
    desk.hears(change(other, task, description="new"))
    hub.wait(0)
    assert seen == ["new"]


def test_f5_what_was_deleted_is_not_given(desk: Any, other: Any) -> None:
    """A listener would go on working on a task that is no more, and fail when it commits."""
    task, kept = desk.session.query(TASKS).all()[:2]
    desk.hears(lambda: (other.delete(other.get("Task", task["id"])), other.commit()))
    assert desk.session.get("Task", task["id"]) is None
    assert desk.session.get("Task", kept["id"]) is kept
    assert task["name"], "what the program holds keeps its values"


def test_f5_also_where_nothing_of_it_was_loaded(desk: Any, other: Any) -> None:
    """A bare reference is given by `get` without asking."""
    child = desk.session.query("select parent_id, parent from Task").first()
    task = desk.session.query("select id from Task").all()[0]
    assert child is not None
    desk.hears(lambda: (other.delete(other.get("Task", task["id"])), other.commit()))
    assert desk.session.get("Task", task["id"]) is None


def test_f6_what_comes_and_goes_makes_collections_stale(desk: Any, other: Any) -> None:
    """A shot would have its old tasks, and a user the old assignments, for ever."""
    shot = desk.session.query("select name, children, notes, descendants from Shot order by name").first()
    user = desk.session.query("select username, assignments from User where username is ben").one()
    sequence = desk.session.query("select name, descendants from Sequence").one()
    sizes = len(shot["children"]), len(user["assignments"]), len(sequence["descendants"])
    made: list[Any] = []

    def add() -> None:
        task = other.create("Task", {"name": "extra", "parent": other.merge(shot)})
        other.create("Appointment", {"context": task, "resource": other.merge(user), "type": "assignment"})
        other.commit()
        made.append(task)

    desk.hears(add)
    desk.session.get_many("TypedContext", [shot["id"], sequence["id"]])
    desk.session.get("User", user["id"])
    assert (len(shot["children"]), len(user["assignments"]), len(sequence["descendants"])) == tuple(
        size + 1 for size in sizes
    )
    desk.hears(lambda: (other.delete(made[0]), other.commit()))
    desk.session.get("Shot", shot["id"])
    assert len(shot["children"]) == sizes[0]


def test_f6_a_move_changes_both_places(desk: Any, other: Any) -> None:
    """The task would stand in two shots."""
    first, second = desk.session.query("select name, children from Shot order by name limit 2").all()
    task = first["children"][0]
    before = len(first["children"]), len(second["children"])
    there = other.get("Shot", second["id"])
    desk.hears(change(other, task, parent=there, name="moved"))
    desk.session.get_many("Shot", [first["id"], second["id"]])
    assert (len(first["children"]), len(second["children"])) == (before[0] - 1, before[1] + 1)
    assert desk.session.get("Task", task["id"])["parent"] is second


def test_f6_metadata_and_values_that_the_server_works_out(desk: Any, other: Any) -> None:
    """Keys and values are entities of their own, and logged time is a sum."""
    task = desk.session.query("select name, metadata, time_logged, link from Task").first()
    assert dict(task["metadata"]) == {}

    def describe() -> None:
        there = other.get("Task", task["id"])
        there["metadata"]["take"] = "3"
        there["name"] = "renamed"
        other.create("Timelog", {"context": there, "user": other.query("User").first(), "duration": 600.0})
        other.commit()

    desk.hears(describe)
    desk.session.get("Task", task["id"])
    assert dict(task["metadata"]) == {"take": "3"}
    assert task["time_logged"] == 600.0
    assert "renamed" in str(task["link"])
    desk.hears(lambda: (other.get("Task", task["id"])["metadata"].update(take="4"), other.commit()))
    desk.session.get("Task", task["id"])
    assert task["metadata"]["take"] == "4"


def test_f6_custom_attributes(desk: Any, other: Any) -> None:
    """An event names them by their keys, as if they were attributes of the entity."""
    kind = other.query('CustomAttributeType where name is "number"').one()
    shot_type = other.types["Shot"].attributes["object_type_id"].default
    data = {"key": "fstart", "type": kind, "config": "{}", "entity_type": "task", "object_type_id": shot_type}
    desk.hears(create(other, "CustomAttributeConfiguration", default=1001, **data))
    shot = desk.session.query("select name, custom_attributes from Shot order by name").first()
    assert shot["custom_attributes"]["fstart"] == 1001

    def start_later() -> None:
        other.query(f"select custom_attributes from Shot where id is {shot['id']}").one()["custom_attributes"][
            "fstart"
        ] = 5
        other.commit()

    desk.hears(start_later)
    assert shot["custom_attributes"]["fstart"] == 1001
    desk.session.get("Shot", shot["id"])
    assert shot["custom_attributes"]["fstart"] == 5


def test_f7_an_own_commit_asks_for_nothing_that_its_reply_told(desk: Any) -> None:
    """Each commit would be paid for twice."""
    task = desk.session.query(TASKS).first()
    task["description"] = "mine"
    task["name"] = "also mine"
    desk.hears(desk.session.commit)
    calls = desk.calls
    assert desk.session.get("Task", task["id"]) is task
    assert (task["description"], task["name"]) == ("mine", "also mine")
    assert desk.calls == calls


def test_f7_what_an_own_reply_did_not_tell_is_stale(desk: Any) -> None:
    """A new task would be missing among the children that were loaded before."""
    shot = desk.session.query("select name, children from Shot order by name").first()
    before = len(shot["children"])
    desk.hears(create(desk.session, "Task", name="new", parent=shot))
    desk.session.get("Shot", shot["id"])
    assert len(shot["children"]) == before + 1


def test_f7_another_session_of_the_same_user_counts_as_somebody_else(desk: Any, stage: Any) -> None:
    """Two tools of one artist in one process do not know of each other."""
    second = stage.session()
    task = desk.session.query(TASKS).first()
    desk.hears(change(second, task, description="from next door"))
    assert desk.session.get("Task", task["id"])["description"] == "from next door"


def gap(desk: Any, stage: Any, meanwhile: Callable[[], object]) -> None:
    """Cut a line, have something happen, and wait until the session hears of changes again."""
    echoes, lost = desk.came.count("ftrack.core.following"), desk.came.count("ftrack.meta.disconnected")
    stage.cut()
    desk.session.event_hub.publish(_event())
    desk.until(lambda: desk.came.count("ftrack.meta.disconnected") > lost)
    meanwhile()
    desk.until(lambda: desk.came.count("ftrack.core.following") > echoes)


def test_f8_after_a_reconnect_nothing_is_taken_for_granted(desk: Any, stage: Any, other: Any) -> None:
    """Whatever changed while the line was down would never be heard of."""
    task = desk.session.query(TASKS).first()
    gap(desk, stage, change(other, task, description="unheard"))
    assert desk.session.get("Task", task["id"])["description"] == "unheard"

    def costs_nothing() -> bool:
        calls = desk.calls
        assert desk.session.get("Task", task["id"]) is task
        return bool(desk.calls == calls)

    desk.until(costs_nothing)  # if the line stood again before the change, its event comes too, at some time


def test_f8_nor_is_what_stands_in_the_caches_below(stage: Any, other: Any) -> None:
    """The gap is the same for records: nobody took them away."""
    shared = memory.create(memory.options(), FakeBackendContext())
    settings = {"freshness": {"Task": "1d"}}
    deaf = stage.session(settings=settings, cache=shared)
    first, second = deaf.query(TASKS).all()[:2]
    desk = stage.desk(settings=settings, cache=shared)
    calls = desk.calls
    assert desk.session.get("Task", second["id"])["name"]
    assert desk.calls == calls, "before the first connection an age is an age"
    gap(desk, stage, change(other, first, description="unheard"))
    assert desk.session.get("Task", first["id"])["description"] == "unheard"


def test_f8_what_was_read_before_the_hub_was_connected_counts_as_stale_too(stage: Any, other: Any) -> None:
    """A program reads first and connects later; nobody told it of what happened between."""
    late = stage.session()
    task = late.query(TASKS).first()
    change(other, task, description="before")()
    stage.seated(late)
    assert late.get("Task", task["id"])["description"] == "before"


def test_f10_caches_below_lose_what_was_changed(stage: Any, other: Any) -> None:
    """A shared cache would hand the old value to the next process for a day."""
    shared = memory.create(memory.options(), FakeBackendContext())
    settings = {"freshness": {"Task": "1d"}}
    desk = stage.desk(settings=settings, cache=shared)
    task = desk.session.query(TASKS).first()
    assert any(task["id"] in str(record.identity) for record in shared.values())
    desk.hears(change(other, task, description="new"))
    assert not any(task["id"] in str(record.identity) for record in shared.values())
    unaware = stage.session(settings=settings, cache=shared)
    assert unaware.get("Task", task["id"])["description"] == "new"


def test_f12_without_a_connected_hub_ages_are_all_there_is(stage: Any, other: Any) -> None:
    """What is not promised should not be believed."""
    alone = stage.session()
    task = alone.query(TASKS).first()
    change(other, task, description="unheard")()
    calls = alone.statistics().calls
    assert alone.get("Task", task["id"])["description"] != "unheard"
    assert alone.statistics().calls == calls
    alone.refresh(task)
    assert task["description"] == "unheard"


def test_f13_what_is_remembered_of_events_is_bounded(desk: Any, other: Any) -> None:
    """A listener runs for months."""
    stale = desk.session._parts.live.stale
    for _ in range(3):
        desk.session.query(TASKS).all()

        def rename() -> None:
            for task in other.query("Task"):
                task["name"] = task["name"] + "x"
            other.commit()

        desk.hears(rename)
    desk.session.cache.clear()
    gc.collect()
    stale._sweep = 0
    desk.hears(create(other, "Task", name="one", parent=other.query("Shot").first()))
    assert len(stale._marks) <= 3


def test_local_values_win_over_what_others_did(desk: Any, other: Any) -> None:
    """Nobody's unsaved work is lost by an event."""
    task = desk.session.query(TASKS).first()
    task["description"] = "mine"
    desk.hears(change(other, task, description="theirs", name="theirs too"))
    assert desk.session.get("Task", task["id"]) is task
    assert (task["description"], task["name"]) == ("mine", "theirs too")
    desk.session.commit()
    assert other.query(f"select description from Task where id is {task['id']}").one()["description"] == "mine"


def test_an_event_nobody_understands_makes_everything_stale(
    desk: Any, other: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever it meant, old values must not survive it; nor may it break the hub."""
    task = desk.session.query(TASKS).first()
    change(other, task, description="new")
    with caplog.at_level(logging.WARNING):
        desk.hears(lambda: desk.session.event_hub.publish(Event("ftrack.update", data={"entities": [7]})))
    assert "all that is loaded is stale" in caplog.text
    calls = desk.calls
    desk.session.get("Task", task["id"])
    assert desk.calls == calls + 1


def test_a_closed_session_hears_nothing_more(stage: Any) -> None:
    """A hub that is shared outlives the session, and would call it for ever."""
    from ftrack_core.assembly import assemble
    from ftrack_core.config import resolve

    who = stage.workspace.users[0]
    given = {"server_url": stage.url, "api_key": who.api_key, "api_user": who.username, "schema_cache_path": False}
    backends = assemble(resolve(given, environment={}))
    try:
        hub: Any = backends.event_hub
        hub.connect()
        first, second = Session(backends=backends), Session(backends=backends)
        taps = len(hub._taps)
        first.close()
        second.close()
        assert len(hub._taps) < taps
        assert not hub._taps
        assert not hub._subscriptions.all()
    finally:
        backends.close()


def _event() -> Event:
    return Event("known")

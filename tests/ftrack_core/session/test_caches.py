"""What enters the caches below a session, what comes out of them, and `session.cache` itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from zope.interface import implementer

from ftrack_backends.caches import memory
from ftrack_core import Session
from ftrack_core.interfaces import ICache
from ftrack_core.testing import FakeBackendContext
from ftrack_core.values import MISSING, EntityRecord, Missing

STATUS = {"freshness": {"Status": "1d"}}


@implementer(ICache)
class Broken:
    """A cache on a network share that went away."""

    def __init__(self) -> None:
        self.asked = 0

    def _fail(self) -> Any:
        self.asked += 1
        raise OSError("the share is gone")

    def get(self, key: str | bytes) -> EntityRecord | Missing:
        """Fail."""
        return self._fail()  # type: ignore[no-any-return]

    def set(self, key: str | bytes, record: EntityRecord) -> None:
        """Fail."""
        self._fail()

    def remove(self, key: str | bytes) -> bool:
        """Fail."""
        return self._fail()  # type: ignore[no-any-return]

    def keys(self) -> list[str | bytes]:
        """Fail."""
        return self._fail()  # type: ignore[no-any-return]

    def values(self) -> list[EntityRecord]:
        """Fail."""
        return self._fail()  # type: ignore[no-any-return]

    def clear(self, pattern: str | None = None) -> None:
        """Fail."""
        self._fail()

    def close(self) -> None:
        """Nothing."""


@pytest.fixture
def shared() -> Any:
    """One memory cache that several sessions are given."""
    return memory.create(memory.options(), FakeBackendContext())


def read_statuses(session: Session) -> list[Any]:
    """Ids of all statuses, read with their names."""
    return [status["id"] for status in session.query("select name, color from Status")]


@pytest.mark.parametrize("freshness", [{}, {"Status": "off"}, {"Status": 0}, {"Task": "1d"}])
def test_nothing_enters_a_lower_cache_unless_asked(
    make_session: Callable[..., Session], shared: Any, freshness: dict[str, Any]
) -> None:
    """Stale data is worse than slow data: the policy names what may be kept."""
    session = make_session(cache=shared, settings={"freshness": freshness})
    read_statuses(session)
    session.query("select name from Project").all()
    assert list(shared.keys()) == []


@pytest.mark.parametrize("given", ["instance", "list", "callable"])
def test_a_second_session_reads_from_the_cache(
    make_session: Callable[..., Session], wire: Any, shared: Any, given: str
) -> None:
    """Statuses come over the network once a day, not once a process."""
    cache: Any = {"instance": shared, "list": [shared], "callable": lambda _session: shared}[given]
    [key, *_] = read_statuses(make_session(cache=cache, settings=STATUS))
    second = make_session(cache=cache, settings=STATUS)
    wire.forget()
    status = second.get("Status", key)
    assert status is not None
    assert status["name"]
    assert status["color"]
    assert wire.calls == 0
    assert status["sort"] is not None  # what the record lacks is asked for
    assert wire.calls == 1


def test_references_and_attributes_are_served_from_the_cache(
    make_session: Callable[..., Session], wire: Any, shared: Any
) -> None:
    """`task["status"]["name"]` in a loop over ids."""
    read_statuses(make_session(cache=shared, settings=STATUS))
    second = make_session(cache=shared, settings=STATUS)
    task = second.query("select status_id, status from Task").first()
    assert task is not None
    wire.forget()
    assert task["status"]["color"]
    assert wire.calls == 0


def test_what_came_out_of_a_cache_together_is_loaded_together(
    make_session: Callable[..., Session], wire: Any, shared: Any
) -> None:
    """A farm with a shared cache would ask more often than one without: once for each shot."""
    settings = {"freshness": {"Task": "1d"}}
    first = make_session(cache=shared, settings=settings)
    ids = [task["id"] for task in first.query("select name from Task")]
    session = make_session(cache=shared, settings=settings)
    wire.forget()
    tasks = session.get_many("Task", ids)
    assert wire.calls == 0
    assert len([(task["description"], len(task["notes"])) for task in tasks if task is not None]) == len(ids) > 5
    assert wire.calls <= 3, "one for the descriptions, two for the notes"


def test_a_name_for_the_cache_is_enough(make_session: Callable[..., Session]) -> None:
    """`cache="memory"`, and several of them from fast to slow."""
    for cache in ("memory", ["memory", "memory"]):
        session = make_session(cache=cache, settings=STATUS)
        read_statuses(session)
        assert session.cache.keys()


def test_users_and_keys_do_not_share_records(make_session: Callable[..., Session], wire: Any, shared: Any) -> None:
    """Permissions follow the key, so what one user read is not shown to another."""
    [key, *_] = read_statuses(make_session(user=0, cache=shared, settings=STATUS))
    other = make_session(user=1, cache=shared, settings=STATUS)
    wire.forget()
    assert other.get("Status", key)
    assert wire.calls == 1


def test_an_old_record_is_not_served(
    make_session: Callable[..., Session], wire: Any, shared: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day is a day; and a record is as old as the oldest part of it."""
    now = [1_000_000.0]
    monkeypatch.setattr("ftrack_core.session._parts.time.time", lambda: now[0])
    first = make_session(cache=shared, settings=STATUS)
    [key, *_] = read_statuses(first)
    now[0] += 80_000
    first.query("select sort from Status").all()
    now[0] += 10_000
    second = make_session(cache=shared, settings=STATUS)
    wire.forget()
    assert second.get("Status", key)
    assert wire.calls == 1


def test_what_is_read_from_a_cache_and_written_again_keeps_its_age(
    make_session: Callable[..., Session], shared: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither made young by passing through a session, nor made ancient."""
    now = [1_000_000.0]
    monkeypatch.setattr("ftrack_core.session._parts.time.time", lambda: now[0])
    read_statuses(make_session(cache=shared, settings=STATUS))
    now[0] += 100
    second = make_session(cache=shared, settings=STATUS)
    task = second.query("select status from Task").first()
    assert task is not None
    assert task["status"]["color"]
    now[0] += 100
    assert task["status"]["sort"] is not None
    [record] = [each for each in shared.values() if "sort" in each.values]
    assert record.fetched_at == 1_000_000.0
    assert record.values["color"] == task["status"]["color"]


def test_a_poorer_page_does_not_impoverish_a_record(
    make_session: Callable[..., Session], wire: Any, shared: Any
) -> None:
    """A tool that reads one column does not take the others away from all other tools."""
    [key, *_] = read_statuses(make_session(cache=shared, settings=STATUS))
    make_session(cache=shared, settings=STATUS).query("select sort from Status").all()
    third = make_session(cache=shared, settings=STATUS)
    wire.forget()
    status = third.get("Status", key)
    assert status is not None
    assert status["color"]
    assert status["sort"] is not None
    assert wire.calls == 0


def test_a_commit_leaves_nothing_stale_in_a_record(
    make_session: Callable[..., Session], session: Session, shared: Any
) -> None:
    """A reference that was set takes the old key of it out of the cache too."""
    settings = {"freshness": {"Task": "1h"}}
    make_session(cache=shared, settings=settings).query("select name, status_id, type_id from Task").all()
    second = make_session(cache=shared, settings=settings)
    task = second.query("select name from Task order by id").all()[0]
    done = second.query("Status where name is 'Completed'").one()
    task["status"] = done
    second.commit()
    third = make_session(cache=shared, settings=settings).get("Task", task["id"])
    assert third is not None
    assert third["status_id"] == done["id"]


def test_a_commit_keeps_the_cache_right(make_session: Callable[..., Session], shared: Any) -> None:
    """What was changed is kept as it is now, what was deleted is gone, what was only set locally never enters."""
    settings = {"freshness": {"Task": "1h"}}
    session = make_session(cache=shared, settings=settings)
    tasks = session.query("select name, description from Task order by id").all()
    tasks[0]["description"] = "new"
    session.delete(tasks[1])
    assert not any("new" in each.values.values() for each in shared.values())
    session.commit()
    known = {each.identity.key[0]: each.values for each in shared.values()}
    assert known[tasks[0]["id"]]["description"] == "new"
    assert tasks[1]["id"] not in known


def test_a_cache_that_raises_does_not_break_the_session(
    make_session: Callable[..., Session], caplog: pytest.LogCaptureFixture
) -> None:
    """A share that goes away costs speed, not work; the log says so and does not drown in it."""
    broken = Broken()
    session = make_session(cache=broken, settings={"freshness": {"Status": "1d", "Task": "1d"}})
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            task = session.query("select status from Task").all()[0]
            assert task["status"]["name"]
            task["description"] = "x"
            session.commit()
        session.delete(task)
        session.commit()
    assert broken.asked
    assert 1 <= len([each for each in caplog.records if "cache" in each.getMessage()]) <= 2


def test_the_sessions_cache_shows_what_is_live(session: Session) -> None:
    """Keys, records and values are those of live entities; local values and new entities show nowhere in it."""
    task = session.query("select name, status from Task").first()
    assert task is not None
    task["name"] = "local"
    [key] = [key for key in session.cache.keys() if task["id"] in str(key)]  # noqa: SIM118 - a cache is no mapping
    record = session.cache.get(key)
    assert isinstance(record, EntityRecord)
    assert record.identity == ("Task", (task["id"],))
    assert record.values["name"] != "local"
    assert record.values["status"] == task["status"]._identity
    assert session.cache.get("nothing") is MISSING
    assert len(session.cache.values()) == len(session.cache.keys())


def test_clearing_the_cache_keeps_what_a_commit_needs(session: Session, wire: Any) -> None:
    """Nobody's changes, plain attributes or mixins are lost by making room."""
    plain, changed, doomed, tagged = session.query("select name from Task order by id limit 4").all()
    changed["description"] = "x"
    session.delete(doomed)
    tagged.accessor = "mine"  # type: ignore[attr-defined]
    new = session.create("Task", {"name": "new", "parent": session.query("Shot").first()})
    session.cache.clear()
    assert {each.identity for each in session.cache.values()} == {
        each._identity for each in (changed, doomed, tagged, new)
    }
    wire.forget()
    assert session.get("Task", plain["id"]) is not plain
    assert session.get("Task", tagged["id"]) is tagged
    assert wire.calls == 1
    session.commit()
    assert changed["description"] == "x"


def test_one_entry_can_be_forgotten(session: Session, wire: Any) -> None:
    """By key, or by a pattern that is found in it."""
    task, user = session.query("select name from Task").first(), session.query("User").first()
    assert task is not None
    assert user is not None
    [key] = [each for each in session.cache.keys() if task["id"] in str(each)]  # noqa: SIM118 - a cache is no mapping
    assert session.cache.remove(key)
    assert not session.cache.remove(key)
    session.cache.clear("Us[e]r")
    wire.forget()
    assert session.get("Task", task["id"])
    assert session.get("User", user["id"])
    assert wire.calls == 2


def test_few_are_held_strongly_and_what_is_held_stays_unique(make_session: Callable[..., Session]) -> None:
    """A walk over a hundred thousand entities does not fill the memory, and never doubles one."""
    session = make_session(settings={"memory_cache_size": 2})
    held = session.query("Task order by id").all()[0]
    changed = session.query("Task order by id").all()[1]
    changed["description"] = "x"
    key = changed["id"]
    del changed
    for _ in range(3):
        session.query("select id from Status").all()
        session.query("select id from Type").all()
    assert session.query("Task order by id").all()[0] is held
    found = session.get("Task", key)
    assert found is not None
    assert found["description"] == "x"
    assert session.modified == [found]

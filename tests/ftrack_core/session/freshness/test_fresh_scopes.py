"""`session.fresh()`: what is read in it, at what price, and what it leaves alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import Session
from ftrack_core.entity import mixin
from ftrack_core.values import NOT_SET

ORDERED = "select name, status.name, parent.name from Task order by id"


@pytest.fixture
def other(make_session: Callable[..., Session]) -> Session:
    """Somebody else's session."""
    return make_session(user=1)


def rename(other: Session, entity: Any, name: str, attribute: str = "name") -> None:
    """Have somebody else change an entity."""
    there = other.query(f"{entity.entity_type} where id is {entity['id']}").one()
    there[attribute] = name
    other.commit()


def test_f11_a_scalar_of_an_entity_that_is_held_is_read_anew(session: Session, other: Session) -> None:
    """A listener would act on what was so an hour ago."""
    task = session.query(ORDERED).first()
    assert task is not None
    old = task["name"]
    rename(other, task, "new")
    assert task["name"] == old
    with session.fresh():
        assert task["name"] == "new"
    assert task["name"] == "new"


def test_f11_references_and_collections_are_read_anew(session: Session, other: Session) -> None:
    """The name of a shot through its task, and who stands in a view that was made before the block."""
    task = session.query(ORDERED).first()
    assert task is not None
    shot = task["parent"]
    children = shot["children"]
    before = len(children)
    there = other.query(f"Shot where id is {shot['id']}").one()
    there["name"] = "sh999"
    there["status"] = other.query("Status where name is 'On Hold'").first() or other.query("Status").first()
    other.create("Task", {"name": "one more", "parent": there})
    other.commit()
    assert len(children) == before
    with session.fresh():
        assert task["parent"]["name"] == "sh999"
        assert shot["status"]["name"] == there["status"]["name"]
        assert len(children) == before + 1


def test_what_a_block_has_read_it_reads_once(session: Session, wire: Any) -> None:
    """Freshness is for the block, not for each line of it; and a loop goes by cohort."""
    tasks = session.query(ORDERED).all()
    with session.fresh():
        wire.forget()
        for _ in range(2):
            assert all(task["name"] and task["status"]["name"] for task in tasks)
        assert wire.calls == 2
        assert session.get("Task", tasks[0]["id"]) is tasks[0]
        assert wire.calls == 2
    wire.forget()
    assert all(task["name"] for task in tasks)
    assert wire.calls == 0


def test_f11_get_asks_anew_and_does_not_serve_what_is_gone(session: Session, other: Session) -> None:
    """A deleted entity would be served for as long as the listener lives."""
    gone, kept = session.query(ORDERED).all()[:2]
    other.delete(other.get("Task", gone["id"]))  # type: ignore[arg-type]
    other.commit()
    with session.fresh():
        assert session.get_many("Task", [gone["id"], kept["id"]]) == [None, kept]
        assert gone["name"] is NOT_SET
    assert gone["name"]


def test_other_threads_lose_nothing(session: Session, wire: Any) -> None:
    """A handler's fresh reads must not empty what the host's other threads hold."""
    tasks = session.query(ORDERED).all()
    seen: list[Any] = []

    def read() -> None:
        with session.auto_populating(auto_populate=False):
            seen.extend(task["name"] for task in tasks)

    with session.fresh():
        wire.forget()
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
        assert wire.calls == 0
        assert all(isinstance(name, str) for name in seen)
        assert len(seen) == len(tasks)


def test_local_values_created_entities_and_plain_attributes_stay(session: Session, other: Session) -> None:
    """Nobody's unsaved work is lost by looking at what others did."""

    class Extra:
        def greet(self) -> str:
            return "hello"

    task, second = session.query("select name, description from Task order by id").all()[:2]
    made = session.create("Task", {"name": "made", "parent": session.query("Shot").first()})
    task["description"] = "mine"
    second.note = "kept"  # type: ignore[attr-defined]
    mixin(second, Extra)
    rename(other, task, "theirs", "description")
    with session.fresh():
        assert task["description"] == "mine"
        assert made["name"] == "made"
        assert second["name"]
        assert second.note == "kept"  # type: ignore[attr-defined]
        assert second.greet() == "hello"  # type: ignore[attr-defined]
        session.commit()
        assert task["description"] == "mine"
        assert made["name"] == "made"
    assert other.query(f"select description from Task where id is {task['id']}").one()["description"] == "mine"


def test_where_nothing_is_loaded_by_itself_old_values_are_not_set(session: Session, wire: Any) -> None:
    """A promise of fresh values that quietly gives old ones is none."""
    task = session.query(ORDERED).first()
    assert task is not None
    shot = task["parent"]
    count = len(shot["children"])
    with session.fresh(), session.auto_populating(auto_populate=False):
        wire.forget()
        assert task["name"] is NOT_SET
        assert task["id"]
        assert list(shot["children"]) == []
        assert wire.calls == 0
        session.query(f"select name from Task where id is {task['id']}").all()
        assert task["name"] is not NOT_SET
        children = shot["children"]
        children.append(session.create("Task", {"name": "new", "project": shot["project"]}))
        assert len(children) == count + 1  # a change of a list that is not known would remove the rest of it
        session.rollback()


def test_each_load_of_a_block_is_told_where_that_is_wanted(session: Session, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever looks for hidden calls finds these too."""
    task = session.query(ORDERED).first()
    assert task is not None
    with session.fresh(), session.auto_populating("warn"):
        assert task["name"]
    assert "test_fresh_scopes.py" in caplog.text


def test_blocks_may_be_nested(session: Session, other: Session, wire: Any) -> None:
    """A function that reads afresh is called by one that does too."""
    task = session.query(ORDERED).first()
    assert task is not None
    with session.fresh():
        assert task["name"]
        rename(other, task, "new")
        assert task["name"] != "new"
        with session.fresh():
            assert task["name"] == "new"
        wire.forget()
        assert task["name"] == "new"
        assert wire.calls == 0


def test_all_scalars_at_once_are_one_call(session: Session, other: Session, wire: Any) -> None:
    """A loop over `task.items()` in a handler."""
    task = session.query(ORDERED).first()
    assert task is not None
    rename(other, task, "new")
    with session.fresh():
        wire.forget()
        task.items()
        assert task["name"] == "new"
        assert task["description"] is not NOT_SET
        assert wire.calls == 1

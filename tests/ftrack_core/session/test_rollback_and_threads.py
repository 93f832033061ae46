"""Rollback, and what other threads do while a commit is under way."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.entity import inspection
from ftrack_core.unit_of_work import RecordedOperations, UpdateEntityOperation
from ftrack_core.values import NOT_SET


@pytest.fixture
def task(session: Session) -> Any:
    """A task."""
    return session.query("select name, description, parent from Task where name is 'layout' order by id").first()


@pytest.fixture
def during_commit(session: Session, during: Callable[..., None]) -> Callable[[Callable[[], object]], None]:
    """Commits in a thread of its own, does something while the server is at it, and waits for the end."""
    return lambda meanwhile: during(session.commit, meanwhile)


def test_rollback_restores(session: Session, wire: Any, task: Any) -> None:
    """Created entities are gone, deleted ones are back, local values are forgotten; no call is made."""
    doomed, before = task["parent"], (task["description"], set(task["assignments"]))
    new = session.create("Task", {"name": "new", "parent": doomed})
    task.update(description="x", assignments=[])
    task["metadata"]["a"] = "b"
    session.delete(doomed)
    wire.forget()
    session.rollback()
    assert (task["description"], set(task["assignments"])) == before
    assert session.created == session.modified == session.deleted == []
    assert len(session.recorded_operations) == 0
    assert inspection.states([new, task, doomed]) == [NOT_SET] * 3
    assert session.get("Shot", doomed["id"]) is doomed
    assert wire.calls == 0
    assert session.get("Task", new["id"]) is None
    assert dict(task["metadata"]) == {}


def test_rollback_of_what_was_created_and_deleted(session: Session, task: Any) -> None:
    """Neither comes back."""
    made = session.create("Task", {"name": "x", "parent": task["parent"]})
    session.delete(made)
    session.rollback()
    assert session.get("Task", made["id"]) is None
    assert session.created == session.deleted == []


def test_rollback_after_a_refusal_leaves_a_usable_session(session: Session, task: Any) -> None:
    """The common shape of a publisher: try, roll back, tell, go on."""
    session.create("Task", {"name": "layout", "parent": task["parent"]})
    with pytest.raises(errors.IntegrityRefusedError):
        session.commit()
    session.rollback()
    task["description"] = "after"
    session.commit()
    assert task["description"] == "after"


def test_what_another_thread_records_meanwhile_survives(
    session: Session, task: Any, during_commit: Callable[[Callable[[], object]], None]
) -> None:
    """A commit clears what it sent, and nothing that was recorded while it was under way."""
    made: list[Any] = []

    def meanwhile() -> None:
        task["bid"] = 77
        made.append(session.create("Task", {"name": "meanwhile", "parent": task["parent"]}))

    task["description"] = "first"
    during_commit(meanwhile)
    assert (task["description"], task["bid"]) == ("first", 77)
    assert (session.modified, session.created) == ([task], made)
    assert len(session.plan()) == 2
    session.commit()
    assert session.query(f"select bid from Task where id is {task['id']}").one()["bid"] == 77
    assert made[0]["status"]["name"]


def test_a_value_that_changes_meanwhile_stays_changed(
    session: Session, task: Any, during_commit: Callable[[Callable[[], object]], None]
) -> None:
    """The newer value is shown and still to be sent; the older one is not what comes out in the end."""
    task["description"] = "older"
    during_commit(lambda: task.update(description="newer"))
    assert task["description"] == "newer"
    assert session.modified == [task]
    session.commit()
    assert session.query(f"select description from Task where id is {task['id']}").one()["description"] == "newer"


def test_a_collection_that_changes_meanwhile_stays_changed(
    session: Session, task: Any, during_commit: Callable[[Callable[[], object]], None]
) -> None:
    """As for a single value."""
    lists = [session.create("TypedContextList", _list(session, name)) for name in ("one", "two")]
    session.commit()
    task["lists"].append(lists[0])
    during_commit(lambda: task["lists"].append(lists[1]))
    assert set(task["lists"]) == set(lists)
    session.commit()
    session.populate(task, "lists")
    assert set(task["lists"]) == set(lists)


def _list(session: Session, name: str) -> dict[str, Any]:
    return {"name": name, "project": session.query("Project").one(), "category": session.query("ListCategory").first()}


def test_reading_goes_on_meanwhile(
    session: Session, task: Any, during_commit: Callable[[Callable[[], object]], None]
) -> None:
    """A slow commit in the background does not freeze the user interface."""
    task["description"] = "x"
    during_commit(lambda: (session.query("select username from User").all(), task["status"]["name"]))


def test_an_entity_deleted_meanwhile_is_deleted_next(
    session: Session, task: Any, during_commit: Callable[[Callable[[], object]], None]
) -> None:
    """The commit of its update does not undo the delete that was recorded after it."""
    task["description"] = "x"
    during_commit(lambda: session.delete(task))
    assert session.deleted == [task]
    session.commit()
    assert session.get("Task", task["id"]) is None


def test_a_rollback_meanwhile_waits_for_the_commit(
    session: Session, task: Any, during_commit: Callable[[Callable[[], object]], None]
) -> None:
    """What was sent was sent: the entity that the program holds stays the session's own."""
    made = session.create("Task", {"name": "made", "parent": task["parent"]})
    other = threading.Thread(target=session.rollback)
    during_commit(other.start)
    other.join(30)
    assert session.get("Task", made["id"]) is made
    assert made["status"]["name"]


def test_two_commits_at_once_send_everything_once(session: Session, wire: Any, task: Any) -> None:
    """Whoever comes second finds nothing left to send."""
    for number in range(20):
        session.create("Task", {"name": f"t{number}", "parent": task["parent"]})
    wire.forget()
    threads = [threading.Thread(target=session.commit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(operation["action"] == "create" for batch in wire.batches for operation in batch) == 20
    assert len(session.recorded_operations) == 0


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_forgetting_loses_no_operation_of_another_thread(hasty_threads: None) -> None:
    """However fast somebody pushes."""
    operations = RecordedOperations()
    pushed = [UpdateEntityOperation("Task", {"id": str(number)}, "name") for number in range(4000)]
    taken: list[Any] = []

    def push() -> None:
        for each in pushed:
            operations.push(each)

    thread = threading.Thread(target=push)
    thread.start()
    while thread.is_alive():
        snapshot = operations.snapshot()
        taken += snapshot
        operations.forget(snapshot)
    thread.join()
    assert [*taken, *operations] == pushed


def test_forgetting_after_a_pop_keeps_what_is_new() -> None:
    """Operations are told by what they are, not by their number."""
    first, second, third = (UpdateEntityOperation("Task", {"id": "x"}, "name", NOT_SET, value) for value in "abc")
    operations = RecordedOperations([first, second])
    snapshot = operations.snapshot()
    assert operations.pop() is second
    operations.push(third)
    operations.forget(snapshot)
    assert list(operations) == [third]
    operations.clear()
    with pytest.raises(errors.OperationError):
        operations.pop()


def test_threads_that_read_and_write_at_once(session: Session, hasty_threads: None) -> None:
    """Loading, changing and committing from many threads ends with one object each and nothing pending."""
    failures: list[BaseException] = []
    found: list[list[Any]] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                tasks = session.query("select name, status.name from Task order by id").all()
                tasks[number]["description"] = f"{number} {turn}"
                session.commit()
            found.append(tasks)
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures, failures
    assert all(one is other for tasks in found for one, other in zip(tasks, found[0], strict=True))
    assert (session.modified, len(session.recorded_operations)) == ([], 0)
    told = [each["description"] for each in session.query("select description from Task order by id")]
    assert told == [f"{number} 4" for number in range(6)]

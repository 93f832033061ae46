"""What other threads record while a commit is under way, each in a unit of work of its own."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import NOT_SET, Session, errors
from ftrack_core.unit_of_work import RecordedOperations, UpdateEntityOperation
from ftrack_core.values import Response

WRITES = {"create", "update", "delete"}


@pytest.fixture
def task(session: Session) -> Any:
    """A task."""
    return session.query("select name, description, bid, parent from Task where name is 'layout' order by id").first()


def test_what_is_recorded_outside_during_the_commit_of_a_block_stays(
    session: Session, task: Any, during: Callable[..., None]
) -> None:
    """The artist types on while a handler saves."""

    def handle() -> None:
        with session.unit_of_work():
            task["description"] = "handler"

    made: list[Any] = []

    def meanwhile() -> None:
        task["description"] = "artist"
        task["bid"] = 5
        made.append(session.create("Task", {"name": "artist", "parent": task["parent"]}))

    during(handle, meanwhile)
    assert (task["description"], task["bid"]) == ("artist", 5)
    assert (session.modified, session.created) == ([task], made)
    session.commit()
    session.refresh(task, "description, bid")
    assert (task["description"], task["bid"]) == ("artist", 5)


def test_what_is_recorded_in_a_block_during_the_sessions_own_commit_stays_there(
    session: Session, wire: Any, task: Any, during: Callable[..., None]
) -> None:
    """And is not sent with it."""
    task["bid"] = 5
    with session.unit_of_work():

        def meanwhile() -> None:
            task["bid"] = 6

        unit = session.recorded_operations
        during(session.commit, meanwhile)
        assert (task["bid"], len(unit), session.modified) == (6, 1, [task])
        session.rollback()
        assert task["bid"] == 5
    assert len([batch for batch in wire.batches if batch[0]["action"] in WRITES]) == 1


def test_operations_pushed_during_a_commit_stay(session: Session, task: Any, during: Callable[..., None]) -> None:
    """Also by hand, and for the same attribute."""
    task["description"] = "first"
    push = UpdateEntityOperation("Task", {"id": task["id"]}, "description", NOT_SET, "pushed")
    during(session.commit, lambda: session.recorded_operations.push(push))
    assert session.recorded_operations.snapshot() == (push,)
    session.commit()
    assert task["description"] == "pushed"


def test_a_value_that_is_withdrawn_meanwhile_is_what_the_server_has(
    session: Session, task: Any, during: Callable[..., None]
) -> None:
    """It was sent; taking it back came too late, and the entity shows what is true."""
    task["description"] = "sent"

    def withdraw() -> None:
        del task["description"]

    during(session.commit, withdraw)
    assert (task["description"], session.modified) == ("sent", [])
    session.commit()
    session.refresh(task, "description")
    assert task["description"] == "sent"


def test_two_blocks_may_change_one_attribute(session: Session, task: Any, during: Callable[..., None]) -> None:
    """The one that commits last wins on the server, and everybody sees that."""

    def handle(value: str) -> None:
        with session.unit_of_work():
            task["description"] = value

    second = threading.Thread(target=handle, args=("second",))
    during(lambda: handle("first"), second.start)
    second.join(30)
    assert (task["description"], session.modified) == ("second", [])
    session.refresh(task, "description")
    assert task["description"] == "second"


def test_what_is_pushed_while_a_block_is_left_is_committed_too(
    session: Session, wire: Any, task: Any, during: Callable[..., None], make_session: Callable[..., Session]
) -> None:
    """A helper thread that holds the block's operations is a moment late, and its change still arrives."""
    work = session.unit_of_work()
    kept: list[Any] = []

    def handle() -> None:
        with work:
            kept.append(session.recorded_operations)
            task["description"] = "handler"

    def meanwhile() -> None:
        kept[0].push(UpdateEntityOperation("Task", {"id": task["id"]}, "bid", NOT_SET, 7))

    during(handle, meanwhile)
    with pytest.raises(errors.UnitOfWorkError):
        meanwhile()
    stored: Any = make_session().query(f"select bid, description from Task where id is {task['id']}").one()
    assert (stored["bid"], stored["description"]) == (7, "handler")


def test_what_is_pushed_at_the_very_end_is_committed_or_refused(session: Session, task: Any) -> None:
    """However the threads of a block race with its end, no operation disappears."""
    accepted: list[int] = []
    with session.unit_of_work() as outer:
        for _ in range(20):
            with session.unit_of_work():
                operations, ended = session.recorded_operations, threading.Event()

                def push(operations: Any = operations, ended: threading.Event = ended) -> None:
                    try:
                        while not ended.is_set():
                            operations.push(UpdateEntityOperation("Task", {"id": task["id"]}, "bid", NOT_SET, 1))
                            accepted.append(1)
                            ended.wait(0.001)
                    except errors.UnitOfWorkError:
                        pass

                thread = threading.Thread(target=push)
                thread.start()
            ended.set()
            thread.join(30)
            assert len(operations) == 0
        assert len(outer.recorded_operations) == 0
    assert accepted


def test_a_change_in_a_block_that_ends_that_moment_is_refused_and_taken_back(session: Session, task: Any) -> None:
    """An entity does not show a value that nothing will ever commit."""
    task["description"]
    with session.unit_of_work():
        context, operations = contextvars.copy_context(), session.recorded_operations
        operations.end()
        with pytest.raises(errors.UnitOfWorkError):
            context.run(task.update, description="late")
        assert task["description"] != "late"


def test_a_commit_takes_all_of_a_creation_or_nothing(
    session: Session, wire: Any, task: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker thread's autosave does not send a task whose parent is about to be recorded."""
    parent = task["parent"]
    push, savers = RecordedOperations.push, []

    def pushed(operations: RecordedOperations, operation: Any) -> None:
        push(operations, operation)
        savers.append(threading.Thread(target=session.commit))
        savers[-1].start()
        savers[-1].join(0.1)  # a commit that takes half of it has come through by then

    wire.forget()
    monkeypatch.setattr(RecordedOperations, "push", pushed)
    made = session.create("Task", {"name": "new", "parent": parent, "metadata": {"a": "b"}})
    for saver in savers:
        saver.join(30)
    monkeypatch.undo()
    session.commit()
    written = [batch for batch in wire.batches if batch[0]["action"] in WRITES]
    assert written[0][0]["action"] == "create"
    assert written[0][0]["entity_data"]["parent"]["id"] == parent["id"]
    assert (made["metadata"]["a"], session.created, len(session.recorded_operations)) == ("b", [], 0)


def test_what_is_withdrawn_while_a_lost_batch_is_looked_for_is_not_sent_again(
    session: Session, wire: Any, task: Any
) -> None:
    """Somebody empties the list during the search: sending the batch again would do what nobody wants any more."""
    written: list[str] = []

    def step(batch: Any) -> None:
        if batch[0]["action"] in WRITES:
            written.append(batch[0]["action"])
            raise errors.ConnectionLostError("cut")
        session.recorded_operations.clear()

    task["description"] = "withdrawn"
    wire.before = step
    session.commit()
    wire.before = lambda _: None
    assert written == ["update"]
    session.refresh(task, "name")
    session.rollback()
    assert task["description"] != "withdrawn"


def test_a_refusal_that_nobody_can_look_behind_stays_in_doubt(session: Session, wire: Any, task: Any) -> None:
    """The first try may have come through: the next commit looks before it sends anything, and finds it."""
    actions: list[str] = []
    refusal = Response(200, {}, b'{"exception": "IntegrityError", "content": "taken", "error_code": null}')

    def step(batch: Any) -> Response | None:
        actions.append(batch[0]["action"])
        if actions == ["create"]:
            raise errors.ConnectionLostError("cut")  # and yet it arrives, but late
        if actions[-1] == "create":
            assert wire.workspace.exchange(late[0])
            return refusal
        if actions.count("create") == 2:
            raise errors.NotSentError("away")
        return None

    late: list[Any] = []
    exchange = type(wire).exchange

    def kept(self: Any, request: Any) -> Any:
        if b'"create"' in request.body and not late:
            late.append(request)
        return exchange(self, request)

    wire.before = step
    made = session.create("Task", {"name": "late", "parent": task["parent"]})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(wire), "exchange", kept)
        with pytest.raises(errors.CommitUncertain):
            session.commit()
    wire.before = lambda _: None
    wire.forget()
    session.commit()
    assert wire.calls > 0
    assert all(operation["action"] == "query" for batch in wire.batches for operation in batch)
    assert len(session.query(f"Task where id is {made['id']}")) == 1

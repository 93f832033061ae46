"""Units of work: each with its own operations, and nobody touches another one's."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.entity import inspection
from ftrack_core.unit_of_work import UpdateEntityOperation
from ftrack_core.values import NOT_SET, Response, State

WRITES = {"create", "update", "delete"}


@pytest.fixture
def task(session: Session, wire: Any) -> Any:
    """A task with name, description and status loaded."""
    asked = "select name, description, bid, status, status_id, parent from Task where name is 'layout' order by id"
    found = session.query(asked).first()
    wire.forget()
    return found


@pytest.fixture
def stored(make_session: Callable[..., Session]) -> Callable[[Any, str], Any]:
    """What the server really has for an attribute of an entity; None when it has no such entity."""
    other = make_session()

    def read(entity: Any, name: str) -> Any:
        found = other.query(f"select {name} from {entity.entity_type} where id is {entity['id']}").one_or_none()
        return None if found is None else found[name]

    return read


def writes(wire: Any) -> list[list[tuple[str, str]]]:
    """Actions and types of every batch of writes."""
    found = [[(each["action"], each.get("entity_type", "")) for each in batch] for batch in wire.batches]
    return [batch for batch in found if batch[0][0] in WRITES]


# One within the other.


def test_a_commit_inside_sends_what_was_recorded_inside(
    session: Session, wire: Any, task: Any, stored: Callable[[Any, str], Any]
) -> None:
    """A publish within a tool that has changes of its own does not publish these."""
    task["description"] = "outside"
    with session.unit_of_work() as work:
        made = session.create("Task", {"name": "inside", "parent": task["parent"]})
        assert (session.created, session.modified, work.created) == ([made], [], [made])
        assert [write.entity for write in session.plan().writes] == [inspection.identity(made)]
        session.commit()
        assert (len(session.recorded_operations), len(work.recorded_operations)) == (0, 0)
    assert writes(wire) == [[("create", "Task")]]
    assert session.modified == [task]
    assert stored(task, "description") != "outside"
    session.commit()
    assert stored(task, "description") == "outside"


def test_leaving_commits_the_rest(session: Session, wire: Any, task: Any, stored: Callable[[Any, str], Any]) -> None:
    """Nobody forgets the commit at the end of the block; a block that changed nothing costs no call."""
    with session.unit_of_work():
        task["description"] = "left"
    assert stored(task, "description") == "left"
    wire.forget()
    with session.unit_of_work():
        pass
    assert wire.calls == 0


def test_an_exception_rolls_back_what_was_recorded_inside_and_goes_on(session: Session, wire: Any, task: Any) -> None:
    """A step that fails leaves nothing behind, and takes nothing of the others along."""
    before = task["description"]
    task["bid"] = 7
    made: list[Any] = []

    def fail() -> None:
        with session.unit_of_work():
            task["description"] = "inside"
            made.append(session.create("Task", {"name": "inside", "parent": task["parent"]}))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (task["description"], task["bid"]) == (before, 7)
    assert session.get("Task", made[0]["id"]) is None
    assert (session.modified, session.created, inspection.state(made[0])) == ([task], [], NOT_SET)
    assert writes(wire) == []


def test_a_rollback_gives_an_outer_value_back(session: Session, task: Any, stored: Callable[[Any, str], Any]) -> None:
    """What the artist typed before the tool ran is there again when the tool gives up."""
    done, started = (session.query(f"Status where name is '{name}'").one() for name in ("Completed", "In progress"))
    task["description"] = "outside"
    task["status_id"] = done["id"]
    with session.unit_of_work():
        task["description"] = "inside"
        task["status"] = started
        assert (task["description"], task["status"], task["status_id"]) == ("inside", started, started["id"])
        session.rollback()
        assert (task["description"], task["status"], task["status_id"]) == ("outside", done, done["id"])
    session.commit()
    assert (stored(task, "description"), stored(task, "status_id")) == ("outside", done["id"])


def test_a_value_that_was_withdrawn_inside_is_what_the_outside_wants(session: Session, task: Any) -> None:
    """`del` takes back what this block set; it cannot take back what another one did."""
    task["description"] = "outside"
    with session.unit_of_work():
        task["description"] = "inside"
        del task["description"]
    assert (task["description"], session.modified) == ("outside", [task])


def test_a_value_committed_inside_does_not_hide_what_waits_outside(
    session: Session, task: Any, stored: Callable[[Any, str], Any]
) -> None:
    """The entity shows what the next commit of the outer one is going to make it."""
    task["description"] = "outside"
    with session.unit_of_work():
        task["description"] = "inside"
    assert (stored(task, "description"), task["description"]) == ("inside", "outside")
    session.rollback()
    assert task["description"] == "inside"


def test_a_delete_is_withdrawn_unless_another_one_deletes_too(session: Session, task: Any) -> None:
    """The state says what will happen, whoever wants it."""
    other = session.query("Task where name is 'animation'").first()
    assert other is not None
    session.delete(task)
    with session.unit_of_work():
        session.delete(task)
        session.delete(other)
        session.rollback()
    assert inspection.states([task, other]) == [State.DELETED, NOT_SET]
    session.rollback()
    assert inspection.state(task) is NOT_SET


def test_a_delete_inside_of_what_was_created_outside_is_withdrawn(session: Session, task: Any) -> None:
    """It is to be created again, as before."""
    made = session.create("Task", {"name": "made", "parent": task["parent"]})
    with session.unit_of_work() as work:
        session.delete(made)
        work.rollback()
    assert (inspection.state(made), made["name"], session.created) == (State.CREATED, "made", [made])
    session.commit()
    assert made["status"]["name"]


def test_an_outer_rollback_leaves_what_is_inside(
    session: Session, task: Any, stored: Callable[[Any, str], Any]
) -> None:
    """The panel's cancel button does not undo what the running export has recorded."""
    bid = task["bid"]
    with session.unit_of_work() as outer:
        task["bid"] = 5
        task["description"] = "outer"
        with session.unit_of_work():
            task["description"] = "inner"
            made = session.create("Task", {"name": "inner", "parent": task["parent"]})
            outer.rollback()
            assert (task["description"], session.modified, session.created) == ("inner", [task], [made])
            assert (task["bid"], outer.modified) == (bid, [])
    assert (stored(task, "description"), stored(made, "name")) == ("inner", "inner")


def test_the_sessions_own_rollback_from_another_thread_leaves_what_is_inside(session: Session, task: Any) -> None:
    """Another thread has no part in this block, not even when it rolls everything back."""
    bid = task["bid"]
    task["bid"] = 5
    with session.unit_of_work():
        task["description"] = "inner"
        doomed = session.query("Task where name is 'animation'").first()
        session.delete(doomed)  # type: ignore[arg-type]
        run(session.rollback)
        assert (task["description"], task["bid"], session.deleted) == ("inner", bid, [doomed])
        session.rollback()
    assert (session.modified, session.deleted) == ([], [])


def test_ensure_commits_its_own_unit_of_work(session: Session, wire: Any, task: Any) -> None:
    """It commits everything pending around it: in this block, and nowhere else."""
    task["description"] = "outside"
    with session.unit_of_work():
        task["bid"] = 4
        session.ensure("Task", {"name": "ensured", "parent": task["parent"]}, ["name"])
        assert len(session.recorded_operations) == 0
    assert writes(wire) == [[("update", "Task"), ("create", "Task")]]
    assert len(session.recorded_operations) == 1


def test_operations_pushed_by_hand_belong_to_the_block(session: Session, wire: Any, task: Any) -> None:
    """As everything else that is recorded."""
    push = UpdateEntityOperation("Task", {"id": task["id"]}, "description", NOT_SET, "pushed")
    with session.unit_of_work() as work:
        session.recorded_operations.push(push)
        assert len(work.recorded_operations) == 1
    assert writes(wire) == [[("update", "Task")]]
    with session.unit_of_work() as work:
        work.recorded_operations.push(push)
        session.rollback()
    assert len(writes(wire)) == 1


def test_what_another_one_created_must_be_committed_first(
    session: Session, wire: Any, task: Any, stored: Callable[[Any, str], Any]
) -> None:
    """The server has no such entity yet: that is said before anything is sent, and nothing is lost."""
    shot = session.create("Shot", {"name": "new", "parent": task["parent"]["parent"]})
    wire.forget()
    for refer in (
        lambda: session.create("Task", {"name": "inside", "parent": shot}),
        lambda: session.create("Task", {"name": "inside", "parent_id": shot["id"]}),
        lambda: shot.update(description="inside"),
        lambda: session.delete(shot),
        lambda: task["metadata"].update(a="b") or task.update(parent=shot),
    ):
        with session.unit_of_work():
            refer()
            recorded = session.recorded_operations.snapshot()
            with pytest.raises(errors.UnitOfWorkError, match="Commit that one first") as caught:
                session.commit()
            assert inspection.identity(shot) in caught.value.details["entities"]  # type: ignore[operator]
            assert session.recorded_operations.snapshot() == recorded
            session.rollback()
    assert (writes(wire), session.created) == ([], [shot])
    session.commit()
    with session.unit_of_work():
        session.create("Task", {"name": "inside", "parent": shot})
    assert stored(shot, "name") == "new"


def test_what_is_created_inside_keeps_the_outside_waiting_too(session: Session, wire: Any, task: Any) -> None:
    """It goes both ways."""
    with session.unit_of_work() as outer, session.unit_of_work():
        made = session.create("Shot", {"name": "new", "parent": task["parent"]["parent"]})
        outer.recorded_operations.push(
            UpdateEntityOperation("Task", {"id": task["id"]}, "parent_id", NOT_SET, made["id"])
        )
        with pytest.raises(errors.UnitOfWorkError):
            outer.commit()
        assert writes(wire) == []
    assert writes(wire) == [[("create", "Shot")], [("update", "Task")]]


# Beginning and end.


def test_a_unit_of_work_that_is_over_says_so(session: Session, task: Any) -> None:
    """Whoever keeps the object does not lose changes in it."""
    with session.unit_of_work() as work:
        context, operations = contextvars.copy_context(), session.recorded_operations
        task["description"] = "x"
    for use in (
        work.commit,
        work.rollback,
        work.plan,
        lambda: work.recorded_operations,
        lambda: work.modified,
        work.__enter__,
        lambda: operations.push(UpdateEntityOperation("Task", {"id": "x"}, "bid", 1, 2)),
        lambda: context.run(session.commit),
        lambda: context.run(session.delete, task),
        lambda: context.run(task.update, description="y"),
        lambda: context.run(session.create, "Task", {"name": "late"}),
    ):
        with pytest.raises(errors.UnitOfWorkError):
            use()
    assert "over" in repr(work)
    assert (task["description"], session.modified, session.created) == ("x", [], [])


def test_a_unit_of_work_that_was_not_entered_says_so(session: Session) -> None:
    """It is a block."""
    work = session.unit_of_work()
    with pytest.raises(errors.UnitOfWorkError, match="with session"):
        work.commit()
    assert "not entered" in repr(work)


def test_reset_empties_all_of_them(session: Session, wire: Any, task: Any, caplog: pytest.LogCaptureFixture) -> None:
    """What was recorded is lost and said so; the block goes on, as the session does."""
    task["description"] = "outside"
    with session.unit_of_work():
        task["bid"] = 3
        session.reset()
        assert len(session.recorded_operations) == 0
        session.create("Task", {"name": "after", "parent_id": task["parent"]["id"]})
    assert "2 operations" in caplog.text
    assert writes(wire) == [[("create", "Task")]]


def test_a_session_closed_within_one_loses_it_and_says_so(
    make_session: Callable[..., Session], wire: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Leaving the block afterwards is quiet; recording in it is refused as everywhere."""
    session = make_session()
    task: Any = session.query("Task").first()
    with session.unit_of_work() as work:
        task["description"] = "x"
        session.close()
        with pytest.raises(errors.ConnectionClosedError):
            task["description"] = "y"
        with pytest.raises(errors.ConnectionClosedError):
            work.commit()
    assert "loses 1 operation" in caplog.text
    assert writes(wire) == []


def test_a_refusal_at_the_end_rolls_the_block_back(session: Session, wire: Any, task: Any) -> None:
    """The block is over, so nobody could mend it; the session is as before it."""
    task["bid"] = 3
    with pytest.raises(errors.IntegrityRefusedError), session.unit_of_work():
        twin = session.create("Shot", {"name": task["parent"]["name"], "parent": task["parent"]["parent"]})
    assert (session.created, session.modified) == ([], [task])
    assert session.get("Shot", twin["id"]) is None


def test_it_belongs_to_an_asyncio_task(session: Session, wire: Any, task: Any) -> None:
    """Tasks of one loop take turns within their blocks, and do not get into each other's."""
    gate = asyncio.Event()

    async def first() -> None:
        with session.unit_of_work() as work:
            session.create("Task", {"name": "first", "parent": task["parent"]})
            gate.set()
            await asyncio.sleep(0)
            assert session.created == work.created
            assert len(work.created) == 1

    async def second() -> None:
        await gate.wait()
        with session.unit_of_work() as work:
            made = session.create("Task", {"name": "second", "parent": task["parent"]})
            assert work.created == [made]

    async def both() -> None:
        await asyncio.gather(first(), second())

    asyncio.run(both())
    assert writes(wire) == [[("create", "Task")]] * 2
    assert len(session.recorded_operations) == 0


# Threads.


def run(step: Callable[[], object]) -> None:
    """Do something in another thread."""
    failures: list[BaseException] = []

    def work() -> None:
        try:
            step()
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert not failures, failures


def test_another_thread_records_elsewhere(session: Session, task: Any) -> None:
    """A new thread begins in the session's own unit of work."""
    with session.unit_of_work():
        run(lambda: task.update(description="elsewhere"))
        assert len(session.recorded_operations) == 0
    assert session.modified == [task]


def test_another_thread_that_holds_it_can_end_it(session: Session, wire: Any, task: Any) -> None:
    """A cancel button rolls the running job back, a save button commits what there is."""
    with session.unit_of_work() as work:
        task["description"] = "saved"
        run(work.commit)
        task["description"] = "cancelled"
        run(work.rollback)
    assert task["description"] == "saved"
    assert len(writes(wire)) == 1


def test_eight_threads_with_one_each_do_not_see_each_other(
    session: Session, wire: Any, make_session: Callable[..., Session]
) -> None:
    """Handlers of a busy listener: seven publish, one fails; each batch is one thread's own."""
    shots = session.query("select name, parent.name from Shot").all()
    gate = threading.Barrier(8)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(4):
                gate.wait(30)
                publish(number, turn)
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)
            gate.abort()

    def publish(number: int, turn: int) -> None:
        try:
            with session.unit_of_work() as mine:
                made = [
                    session.create("Task", {"name": f"t{number} {turn} {each}", "parent": shots[0]}) for each in "ab"
                ]
                gate.wait(30)
                assert session.created == made == mine.created
                assert len(session.plan()) == 2
                if number == 5:
                    raise KeyError(number)
        except KeyError:
            assert number == 5

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures, failures
    batches = [batch for batch in wire.batches if batch[0]["action"] == "create"]
    assert len(batches) == 28
    assert all(len({each["entity_data"]["name"][:-2] for each in batch}) == 1 for batch in batches)
    names = {each["name"] for each in make_session().query("select name from Task")}
    assert len([name for name in names if name.startswith("t") and name[1].isdigit()]) == 56
    assert (session.created, len(session.recorded_operations)) == ([], 0)


# In doubt.


def lose(wire: Any, *, arrives: bool) -> None:
    """The next batch of writes loses its reply, and nobody can look afterwards."""

    def drop(batch: Any, answer: Response) -> Response:
        if batch[0]["action"] in WRITES:
            wire.before = away
            raise errors.ReadTimeoutError("nothing came")
        return answer

    def before(batch: Any) -> None:
        if batch[0]["action"] in WRITES and not arrives:
            wire.before = away
            raise errors.ConnectionLostError("cut")

    def away(batch: Any) -> Response:
        raise errors.NotSentError("away")

    wire.before, wire.after = before, drop


def back(wire: Any) -> None:
    """The server is there again."""
    wire.before, wire.after = lambda _: None, lambda _, answer: answer
    wire.forget()


def changed(session: Session, task: Any) -> Any:
    """A change and a new task; gives the new one."""
    task["description"] = "inside"
    return session.create("Task", {"name": "inside", "parent": task["parent"]})


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize("finish", ["settle", "commit of another", "commit of the session"])
def test_a_block_left_in_doubt_is_finished_later(
    session: Session, wire: Any, task: Any, stored: Callable[[Any, str], Any], arrives: bool, finish: str
) -> None:
    """Its operations stay, nothing of the others is mixed in, and whoever commits next finishes it first."""
    task["bid"] = 9
    lose(wire, arrives=arrives)
    work = session.unit_of_work()
    with pytest.raises(errors.CommitUncertain), work:
        made = changed(session, task)
    assert (work.created, work.modified, len(session.recorded_operations)) == ([made], [task], 1)
    back(wire)
    if finish == "settle":
        session.settle()
        assert session.modified == [task]
    elif finish == "commit of another":
        with session.unit_of_work():
            session.create("Task", {"name": "other", "parent": task["parent"]})
        assert session.modified == [task]
    else:
        session.commit()
    assert (stored(task, "description"), stored(made, "name"), made["context_type"]) == ("inside", "inside", "task")
    assert len([batch for batch in writes(wire) if ("create", "Task") in batch and len(batch) == 2]) == (not arrives)
    with pytest.raises(errors.UnitOfWorkError):
        work.commit()
    session.commit()
    assert (stored(task, "bid"), len(session.recorded_operations)) == (9, 0)


@pytest.mark.parametrize("who", ["the block", "the session"])
def test_a_block_left_in_doubt_is_given_up_by_a_rollback(session: Session, wire: Any, task: Any, who: str) -> None:
    """Of itself, or of what is around it."""
    lose(wire, arrives=False)
    with pytest.raises(errors.CommitUncertain), session.unit_of_work() as work:
        made = session.create("Task", {"name": "inside", "parent": task["parent"]})
    back(wire)
    (work if who == "the block" else session).rollback()
    session.commit()
    session.settle()
    assert (writes(wire), session.get("Task", made["id"])) == ([], None)


def test_a_rollback_elsewhere_does_not_give_it_up(session: Session, wire: Any, task: Any) -> None:
    """A handler that fails must not decide about another one's publish."""
    lose(wire, arrives=True)
    with pytest.raises(errors.CommitUncertain), session.unit_of_work():
        made = session.create("Task", {"name": "inside", "parent": task["parent"]})
    with pytest.raises(ZeroDivisionError), session.unit_of_work():
        raise ZeroDivisionError
    nothing = pytest.raises(errors.CommitUncertain, match="Nothing of this unit of work was sent")
    with nothing, session.unit_of_work():
        other = session.create("Task", {"name": "other", "parent": task["parent"]})
    back(wire)
    session.settle()
    assert made["context_type"] == "task"
    assert session.get("Task", other["id"]) is None


def go_on(work: Any, task: Any, error: type[Exception] | None) -> None:
    """Record more after a commit that is in doubt, and fail or not."""
    task["description"] = f"sent {error}"
    with pytest.raises(errors.CommitUncertain):
        work.commit()
    task["bid"] = 11
    if error is not None:
        raise error


def test_what_was_recorded_after_the_doubt_goes_the_way_of_the_block(
    session: Session, wire: Any, task: Any, stored: Callable[[Any, str], Any]
) -> None:
    """With an exception it is rolled back, while what was sent before is kept; left quietly it is committed too."""
    before = task["bid"]
    for error in (ZeroDivisionError, None):
        lose(wire, arrives=True)
        with pytest.raises(error or errors.CommitUncertain), session.unit_of_work() as work:
            go_on(work, task, error)
        assert (task["description"], task["bid"]) == (f"sent {error}", before if error else 11)
        back(wire)
        session.settle()
        assert stored(task, "description") == f"sent {error}"
        assert stored(task, "bid") == (before if error else 11)


def test_a_value_of_the_outside_does_not_put_the_inside_in_doubt(
    session: Session, wire: Any, task: Any, stored: Callable[[Any, str], Any]
) -> None:
    """What the server had before is what it is held against, not what somebody else merely wants."""
    task["description"] = "outside"
    with session.unit_of_work() as work:
        task["description"] = "inside"

        def cut(batch: Any) -> None:
            if batch[0]["action"] in WRITES:
                wire.before = lambda _: None
                raise errors.ConnectionLostError("cut")

        wire.before = cut
        work.commit()
        assert stored(task, "description") == "inside"

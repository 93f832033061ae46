"""Plans as values: made here, committed there, and never done twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.workspace import front
from ftrack_backends.workspace._workspace import Workspace
from ftrack_core import Session, errors
from ftrack_core.entity import inspection
from ftrack_core.unit_of_work import Plan, PlannedWrite, UpdateEntityOperation
from ftrack_core.values import NOT_SET, EntityIdentity

WRITES = {"create", "update", "delete"}


@pytest.fixture
def task(session: Session) -> Any:
    """A task with name, description and parent loaded."""
    return session.query("select name, description, bid, parent from Task where name is 'layout' order by id").first()


@pytest.fixture
def other(make_session: Callable[..., Session], session: Session, wire: Any) -> Session:
    """The session that commits what the first one worked out."""
    made = make_session(1)
    wire.forget()
    return made


def writes(wire: Any) -> list[list[str]]:
    """The actions of every batch of writes."""
    batches = [[each["action"] for each in batch] for batch in wire.batches]
    return [batch for batch in batches if batch[0] in WRITES]


def carried(session: Session) -> Plan:
    """What a session would commit, over a file and out of its own hands."""
    plan = Plan.from_json(session.plan().to_json())
    session.rollback()
    return plan


def test_a_plan_is_committed_by_another_session(session: Session, other: Session, wire: Any, task: Any) -> None:
    """One batch; the other session's entities know of it, and its own changes still wait."""
    mine: Any = other.get("Task", task["id"])
    mine["bid"] = 12
    shot = other.query("Shot where name is sh0020").one_or_none() or other.query("Shot").first()
    task["description"] = "planned"
    task["assignments"] = []
    made = session.create("Task", {"name": "planned", "parent": task["parent"]})
    doomed = session.query("Task where name is 'animation'").first()
    session.delete(doomed)  # type: ignore[arg-type]
    made_id, doomed_id = made["id"], doomed["id"]  # type: ignore[index]
    plan = carried(session)
    wire.forget()
    other.commit_plan(plan)
    assert writes(wire) == [["update", "create", "delete"]]
    with other.auto_populating(auto_populate=False):
        assert mine["description"] == "planned"
    assert (mine["bid"], other.modified, len(other.recorded_operations)) == (12, [mine], 1)
    assert other.get("Task", made_id)["status"]["name"]  # type: ignore[index]
    assert other.get("Task", doomed_id) is None
    assert shot is not None


def test_committing_a_plan_twice_does_it_once(session: Session, other: Session, wire: Any, task: Any) -> None:
    """A farm job that is restarted asks first, and finds it done."""
    for change in (
        lambda: session.create("Task", {"name": "planned", "parent": task["parent"]}),
        lambda: task.update(description="planned"),
        lambda: session.delete(session.query("Task where name is 'animation'").first()),  # type: ignore[arg-type]
    ):
        change()
        plan = carried(session)
        wire.forget()
        other.commit_plan(plan)
        other.commit_plan(plan)
        session.commit_plan(plan)
        assert len(writes(wire)) == 1
    session.refresh(task, "description")
    assert task["description"] == "planned"


def test_a_plan_does_not_run_over_what_was_changed_since(
    session: Session, other: Session, wire: Any, task: Any
) -> None:
    """It is told what has changed, and nothing is sent unless that is wanted."""
    task["description"] = "planned"
    plan = carried(session)
    theirs: Any = other.get("Task", task["id"])
    theirs["description"] = "theirs"
    other.commit()
    wire.forget()
    with pytest.raises(errors.PlanError, match="description is neither") as caught:
        other.commit_plan(plan)
    assert len(caught.value.faults) == 1
    assert (writes(wire), theirs["description"]) == ([], "theirs")
    other.commit_plan(plan, overwrite=True)
    assert (len(writes(wire)), theirs["description"]) == (1, "planned")


def test_a_plan_for_what_is_gone_is_told(session: Session, other: Session, wire: Any, task: Any) -> None:
    """An update of a deleted task, a delete of one of two, a key of metadata that was made since."""

    def replaced() -> None:
        session.delete(task)
        session.create("Task", {"name": "p", "parent": task["parent"]})

    changes: list[Callable[[], object]] = [lambda: task.update(description="planned"), replaced]
    for change in changes:
        change()
        plan = carried(session)
        theirs = other.get("Task", task["id"])
        if theirs is not None:
            other.delete(theirs)
            other.commit()
        wire.forget()
        with pytest.raises(errors.PlanError, match="is gone"):
            other.commit_plan(plan)
        assert writes(wire) == []


def test_values_that_were_never_loaded_are_no_conflict(session: Session, other: Session, wire: Any, task: Any) -> None:
    """Nobody knows what they were; the plan says what they shall be."""
    push = session.recorded_operations.push
    push(UpdateEntityOperation("Task", {"id": task["id"]}, "description", NOT_SET, "pushed"))
    session.recorded_operations.pop()
    push(UpdateEntityOperation("Shot", {"id": task["parent"]["id"]}, "description", NOT_SET, "pushed"))
    plan = carried(session)
    wire.forget()
    other.commit_plan(plan)
    assert len(writes(wire)) == 1


def test_a_plan_that_is_still_recorded_here_is_refused(session: Session, wire: Any, task: Any) -> None:
    """`commit()` is what sends it; as a plan besides it would be done twice."""
    task["description"] = "planned"
    wire.forget()
    with pytest.raises(errors.UnitOfWorkError, match="commit\\(\\) sends it"):
        session.commit_plan(session.plan())
    session.create("Task", {"name": "planned", "parent": task["parent"]})
    with pytest.raises(errors.UnitOfWorkError, match="commit\\(\\) sends it"):
        session.commit_plan(Plan.from_json(session.plan().to_json()))
    assert wire.calls == 0
    assert len(session.recorded_operations) > 1


def test_a_plan_of_a_unit_of_work_is_of_that_only(session: Session, other: Session, wire: Any, task: Any) -> None:
    """Collect in a block, look at it, roll back, and have somebody else commit it."""
    task["description"] = "not planned"
    with session.unit_of_work() as work:
        task["bid"] = 33
        plan = Plan.from_json(work.plan().to_json())
        work.rollback()
    wire.forget()
    other.commit_plan(plan)
    assert [list(each["entity_data"]) for each in wire.batches[-1]] == [["__entity_type__", "bid"]]
    assert session.modified == [task]


@pytest.mark.parametrize(
    ("write", "fault"),
    [
        (PlannedWrite("update", EntityIdentity("Tusk", ("a",)), {"name": "x"}), "no entity type 'Tusk'"),
        (PlannedWrite("update", EntityIdentity("Task", ("a",)), {"descripton": "x"}), "did you mean 'description'"),
        (PlannedWrite("update", EntityIdentity("Task", ("a", "b")), {"name": "x"}), "2 parts"),
        (PlannedWrite("update", EntityIdentity("Task", ("a",)), {"parent": EntityIdentity("Shto", ("a",))}), "Shto"),
        (
            PlannedWrite("create", EntityIdentity("Note", ("a",)), {"recipients": (EntityIdentity("X", ("a",)),)}),
            "'X'",
        ),
    ],
)
def test_a_plan_for_another_schema_is_told_before_anything_is_sent(
    session: Session, wire: Any, write: PlannedWrite, fault: str
) -> None:
    """A plan of the test server that names what production has not."""
    good = PlannedWrite("delete", EntityIdentity("Nothing", ("a",)))
    with pytest.raises(errors.PlanError, match="does not fit the schema") as caught:
        session.commit_plan(Plan((write, good)))
    assert len(caught.value.faults) == 2
    assert fault in caught.value.faults[0]
    assert wire.calls == 0


def test_what_is_no_plan_is_refused(session: Session, wire: Any) -> None:
    """The text itself, for one."""
    with pytest.raises(errors.PlanError, match="from_json"):
        session.commit_plan("{}")  # type: ignore[arg-type]
    session.commit_plan(Plan(()))
    assert wire.calls == 0


def test_a_refused_plan_leaves_the_session_as_it_was(session: Session, other: Session, wire: Any, task: Any) -> None:
    """What waits there still waits."""
    session.create("Shot", {"name": task["parent"]["name"], "parent": task["parent"]["parent"]})
    plan = carried(session)
    mine: Any = other.get("Task", task["id"])
    mine["bid"] = 12
    with pytest.raises(errors.IntegrityRefusedError):
        other.commit_plan(plan)
    assert (other.modified, other.created, mine["bid"]) == ([mine], [], 12)
    other.commit()


@pytest.mark.parametrize("arrives", [True, False])
def test_a_plan_whose_reply_is_lost_is_settled(
    session: Session, other: Session, wire: Any, task: Any, arrives: bool
) -> None:
    """As any commit: what it was before is in the plan, so that it can be told."""
    task["description"] = "planned"
    plan = carried(session)

    def cut(batch: Any) -> None:
        if batch[0]["action"] in WRITES:
            wire.before = lambda _: None
            raise errors.ConnectionLostError("cut")

    def drop(batch: Any, answer: Any) -> Any:
        if batch[0]["action"] in WRITES:
            raise errors.ReadTimeoutError("nothing came")
        return answer

    wire.forget()
    if arrives:
        wire.after = drop
    else:
        wire.before = cut
    other.commit_plan(plan)
    assert len(writes(wire)) == (1 if arrives else 2)
    assert other.get("Task", task["id"])["description"] == "planned"  # type: ignore[index]


def test_a_plan_in_doubt_is_finished_or_given_up(session: Session, other: Session, wire: Any, task: Any) -> None:
    """`settle()` and `rollback()` mean what they always mean, and nothing else of the session is touched."""
    mine: Any = other.get("Task", task["id"])
    mine["bid"] = 12
    for finish in ("settle", "rollback"):
        task["description"] = finish
        plan = carried(session)

        def drop(batch: Any, answer: Any) -> Any:
            if batch[0]["action"] in WRITES:
                wire.before = away
                raise errors.ReadTimeoutError("nothing came")
            return answer

        def away(batch: Any) -> Any:
            raise errors.NotSentError("away")

        wire.after = drop
        with pytest.raises(errors.CommitUncertain):
            other.commit_plan(plan)
        wire.before, wire.after = lambda _: None, lambda _, answer: answer
        if finish == "settle":
            other.settle()
            assert (mine["description"], mine["bid"]) == (finish, 12)
        else:
            other.rollback()
            other.commit()
        session.refresh(task, "description")
        assert other.unit_of_work() is not None
        assert inspection.state(task) is NOT_SET


MAKER = """
import json, pathlib, sys
from ftrack_core import Session
with Session() as session:
    task = session.query("Task where name is layout").first()
    task["description"] = "planned in another process"
    made = task.create_note("planned", session.query("User").first())
    task["metadata"]["plan"] = "made"
    pathlib.Path(sys.argv[1]).write_text(session.plan().to_json())
    session.rollback()
    print(json.dumps([task["id"], made["id"]]))
"""
COMMITTER = """
import pathlib, sys
from ftrack_core import Session
from ftrack_core.unit_of_work import Plan
with Session() as session:
    plan = Plan.from_json(pathlib.Path(sys.argv[1]).read_text())
    print(plan)
    for turn in range(2):
        session.commit_plan(plan)
"""


def test_a_plan_goes_from_process_to_process(workspace: Workspace, tmp_path: Path) -> None:
    """Worked out on a workstation, written to a file, committed by a farm job, over HTTP."""
    pytest.importorskip("uvicorn", reason="the front needs the `server` extra")
    user = workspace.users[0]
    folder = Path(__file__).parents[3]
    with front.serve(workspace) as server:
        environment = {
            "FTRACK_SERVER": server.url,
            "FTRACK_API_KEY": user.api_key,
            "FTRACK_API_USER": user.username,
            "PYTHONPATH": str(folder),
            "HOME": str(tmp_path),
        }

        def run(program: str) -> str:
            command = [sys.executable, "-W", "error", "-c", program, str(tmp_path / "plan.json")]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 0, done.stderr
            return done.stdout

        task_id, note_id = json.loads(run(MAKER))
        workspace.requests.clear()
        assert "planned in another process" in run(COMMITTER)
        assert workspace.requests.count("create") == 2
        config = {"schema_cache_path": False}
        with Session(server.url, user.api_key, user.username, config=config) as session:
            task: Any = session.get("Task", task_id)
            assert (task["description"], dict(task["metadata"])) == ("planned in another process", {"plan": "made"})
            assert session.get("Note", note_id)["content"] == "planned"  # type: ignore[index]


def test_a_plan_knows_that_a_reference_was_empty_by_its_key(session: Session) -> None:
    """Filling in a thumbnail is safe to repeat and to check only if it is known that there was none."""
    task: Any = session.query("select thumbnail_id from Task").first()
    image = session.create("FileComponent", {"name": "image", "file_type": ".jpg"})
    session.commit()
    task["thumbnail"] = image
    assert list(session.plan().before.values()) == [None]
    session.rollback()

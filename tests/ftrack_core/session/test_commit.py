"""What a commit sends, what it changes, and what a refused one leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.entity import inspection
from ftrack_core.unit_of_work import (
    CreateEntityOperation,
    DeleteEntityOperation,
    UpdateEntityOperation,
)
from ftrack_core.values import NOT_SET, Response, State


def sent(wire: Any) -> list[tuple[str, str]]:
    """Actions and types of the last batch."""
    return [(operation["action"], operation["entity_type"]) for operation in wire.batches[-1]]


@pytest.fixture
def task(session: Session, wire: Any) -> Any:
    """A task with name and status loaded."""
    found = session.query("select name, status, status_id, description from Task where name is 'layout'").first()
    wire.forget()
    return found


@pytest.fixture
def elsewhere(make_session: Callable[..., Session]) -> Callable[[str], Any]:
    """Reads a query's only entity in another session: what is really on the server."""
    return lambda text: make_session().query(text).one()


def test_create_update_and_delete_make_a_round_trip(
    session: Session, wire: Any, task: Any, elsewhere: Callable[[str], Any]
) -> None:
    """The whole of a unit of work is one call, and another session sees all of it."""
    doomed = session.query("Task where name is 'animation'").first()
    assert doomed is not None
    task["description"] = "done"
    session.create("Task", {"name": "new", "parent": task["parent"]})
    session.delete(doomed)
    wire.forget()
    session.commit()
    assert wire.calls == 1
    assert sent(wire) == [("update", "Task"), ("create", "Task"), ("delete", "Task")]
    assert elsewhere(f"select description from Task where id is {task['id']}")["description"] == "done"
    assert elsewhere("Task where name is new")
    with pytest.raises(errors.NoResultFoundError):
        elsewhere(f"Task where id is {doomed['id']}")


def test_entities_that_lead_to_each_other_are_made_in_one_batch(session: Session, wire: Any) -> None:
    """A sequence, its shots and their tasks need no commit in between."""
    project = session.query("Project").one()
    sequence = session.create("Sequence", {"name": "sq999", "parent": project})
    shots = [session.create("Shot", {"name": f"sh{number}", "parent": sequence}) for number in range(3)]
    tasks = [session.create("Task", {"name": "anim", "parent": shot}) for shot in shots]
    wire.forget()
    session.commit()
    assert wire.calls == 1
    assert sent(wire) == [("create", "Sequence")] + [("create", "Shot")] * 3 + [("create", "Task")] * 3
    assert tasks[2]["parent"] is shots[2]
    assert set(sequence["children"]) == set(shots)


def test_what_the_server_fills_in_can_be_read_after_the_commit(session: Session) -> None:
    """Status, link, version number and dates are the server's business, and there once it has spoken."""
    shot = session.query("Shot").first()
    made: Any = session.create("Task", {"name": "new", "parent": shot})
    assert [made["status"]] == [NOT_SET]
    session.commit()
    assert made["status"]["name"] == "Not started"
    assert [each["name"] for each in made["link"]] == ["show", "sq010", shot["name"] if shot else "", "new"]
    assert made["created_at"].tzinfo is not None
    asset = session.create("Asset", {"name": "a", "parent": shot, "type": session.query("AssetType").first()})
    versions = [session.create("AssetVersion", {"asset": asset, "task": made}) for _ in range(2)]
    session.commit()
    assert [version["version"] for version in versions] == [1, 2]
    assert versions[0]["user"] is session.query("User where username is ann").one()


def test_states_follow_the_unit_of_work(session: Session, task: Any) -> None:
    """`created`, `modified` and `deleted` say what a commit would do; afterwards they are empty."""
    doomed = session.query("Task where name is 'animation'").first()
    assert doomed is not None
    new = session.create("Task", {"name": "new", "parent": task["parent"]})
    new["description"] = "still new"
    task["description"] = "x"
    doomed["description"] = "y"
    session.delete(doomed)
    assert (session.created, session.modified, session.deleted) == ([new], [task], [doomed])
    states = inspection.states([new, task, doomed, task["parent"]])
    assert states == [State.CREATED, State.MODIFIED, State.DELETED, NOT_SET]
    session.commit()
    assert session.created == session.modified == session.deleted == []
    assert inspection.state(new) is NOT_SET


def test_the_plan_says_what_a_commit_would_send(session: Session, task: Any, wire: Any) -> None:
    """A person reads it before a big change; looking sends nothing."""
    task["description"] = "x"
    session.delete(task["parent"])
    wire.forget()
    assert str(session.plan()).startswith(f"update {task}  description='x'\ndelete <Shot(")
    assert wire.calls == 0


def test_a_commit_of_nothing_is_no_call(session: Session, wire: Any) -> None:
    """Neither when nothing was recorded, nor when all of it cancels out; and nothing stays pending."""
    session.commit()
    made = session.create("Task", {"name": "x"})
    made["description"] = "y"
    session.delete(made)
    session.commit()
    assert wire.calls == 0
    assert len(session.recorded_operations) == 0
    assert session.created == session.deleted == []
    assert session.get("Task", made["id"]) is None


def test_what_was_deleted_and_made_anew_in_one_batch_is_the_sessions_own(session: Session, task: Any) -> None:
    """The last of several entities under one key is the one that lives on."""
    key = "11111111-2222-3333-4444-555555555555"
    made: list[Any] = []
    for number in range(3):
        if made:
            session.delete(made[-1])
        made.append(session.create("Task", {"id": key, "name": f"t{number}", "parent": task["parent"]}))
    session.commit()
    last = made.pop()
    assert (last["name"], id(session.get("Task", key))) == ("t2", id(last))
    assert session.created == session.deleted == []


def test_a_deleted_entity_is_not_served_any_more(session: Session, task: Any) -> None:
    """Deleted is deleted: memory does not give it back."""
    session.delete(task)
    session.commit()
    assert session.get("Task", task["id"]) is None
    assert session.get("TypedContext", task["id"]) is None


def test_deleting_twice_is_deleting(session: Session, wire: Any, task: Any) -> None:
    """Two loops over overlapping lists do not make the server refuse the whole batch."""
    session.delete(task)
    session.delete(task)
    session.commit()
    assert sent(wire) == [("delete", "Task")]


def test_a_withdrawn_value_is_not_sent(session: Session, wire: Any, task: Any) -> None:
    """`del task["description"]` takes a change back, alone or before another one."""
    before = task["description"]
    task["description"] = "oops"
    del task["description"]
    assert task["description"] == before
    assert session.modified == []
    session.commit()
    assert wire.calls == 0
    task.update(description="oops", bid=7)
    task["description"] = NOT_SET
    session.commit()
    assert wire.batches[-1][0]["entity_data"] == {"__entity_type__": "Task", "bid": 7}
    task["bid"] = 8
    task.clear()
    session.commit()
    assert wire.calls == 1


def test_a_refused_commit_keeps_everything(session: Session, wire: Any, task: Any) -> None:
    """The artist mends the one wrong value and commits again; nothing has to be entered twice."""
    shot = task["parent"]
    task["description"] = "kept"
    twin = session.create("Shot", {"name": shot["name"], "parent": shot["parent"]})
    recorded = session.recorded_operations.snapshot()
    with pytest.raises(errors.IntegrityRefusedError):
        session.commit()
    assert session.recorded_operations.snapshot() == recorded
    assert (session.created, session.modified) == ([twin], [task])
    assert (task["description"], twin["name"]) == ("kept", shot["name"])
    twin["name"] = "another"
    session.commit()
    assert (task["description"], twin["name"]) == ("kept", "another")
    assert len(session.recorded_operations) == 0


@pytest.mark.parametrize(
    "answer",
    [
        Response(500, {}, b"<html>Internal error</html>"),
        Response(200, {}, b"[]"),
        Response(200, {}, b'[{"action": "update", "data": null}]'),
        Response(200, {}, b'[{"action": "update", "data": {"__entity_type__": "Task"}}]'),
        Response(200, {}, b'[{"action": "update", "data": {"__entity_type__": "Tusk", "id": "x"}}]'),
        Response(200, {}, b"[true]"),
        Response(200, {}, b'{"exception": "IntegrityError", "content": "{braces}"}'),
        errors.ReadTimeoutError("no reply"),
    ],
)
def test_an_answer_that_is_no_confirmation_loses_nothing(session: Session, wire: Any, task: Any, answer: Any) -> None:
    """Whatever comes back, the operations stay recorded and the error is of our tree."""
    task["description"] = "kept"

    def instead(_: Any) -> Response:
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]

    wire.before = instead
    with pytest.raises(errors.Error) as caught:
        session.commit()
    assert str(caught.value)
    assert (task["description"], len(session.recorded_operations), session.modified) == ("kept", 1, [task])
    wire.before = lambda _: None
    session.commit()
    assert task["description"] == "kept"


def test_a_value_that_cannot_be_sent_is_told_before_anything_is(session: Session, wire: Any, task: Any) -> None:
    """NaN, objects and bytes are no JSON; nothing of the batch goes out."""
    for value in (object(), b"x", float("nan"), {1: {2}, "a": object()}):
        task["thumbnail_url"] = [value]  # of no certain type, so that it is found out when it is written
        with pytest.raises(errors.InvalidValueError):
            session.commit()
        assert session.modified == [task]
        session.rollback()
    assert wire.calls == 0


def test_a_reply_that_does_not_tell_the_new_value_does_not_bring_the_old_one_back(
    session: Session, wire: Any, task: Any
) -> None:
    """A lean server confirms with the key only; what was changed is then read anew."""
    task["description"] = "new"

    def lean(batch: Any, answer: Response) -> Response:
        [result] = json.loads(answer.body)
        if batch[0]["action"] == "update":
            result["data"] = {name: result["data"][name] for name in ("__entity_type__", "id")}
        return Response(200, {}, json.dumps([result]).encode())

    wire.after = lean
    session.commit()
    assert task["description"] == "new"


def test_a_reference_and_its_key_agree_at_every_moment(session: Session, task: Any) -> None:
    """Who sets `status` and reads `status_id`, or the other way round, does not see yesterday's."""
    done, started = (session.query(f"Status where name is '{name}'").one() for name in ("Completed", "In progress"))
    task["status"] = done
    assert task["status_id"] == done["id"]
    session.commit()
    assert (task["status"], task["status_id"]) == (done, done["id"])
    task["status_id"] = started["id"]
    assert task["status"] is started
    session.commit()
    assert (task["status"], task["status_id"]) == (started, started["id"])
    task["type"] = None
    assert task["type_id"] is None
    del task["type"]
    assert task["type_id"] is not None


def test_the_last_of_a_reference_and_its_key_counts(session: Session, wire: Any, task: Any) -> None:
    """A batch does not say two things at once."""
    done, started = (session.query(f"Status where name is '{name}'").one() for name in ("Completed", "In progress"))
    task["status_id"] = started["id"]
    task["status"] = done
    session.commit()
    assert set(wire.batches[-1][0]["entity_data"]) == {"__entity_type__", "status"}
    assert (task["status"], task["status_id"]) == (done, done["id"])


def test_a_key_of_a_base_type_leads_to_the_entity_behind_it(session: Session, task: Any) -> None:
    """A parent may be of several types, so the server is asked which one it is; a new task is no other."""
    shot = session.query("Shot order by name").all()[1]
    task["parent_id"] = shot["id"]
    assert task["parent"] is shot
    new = session.create("Task", {"name": "new", "parent_id": shot["id"]})
    assert new["parent"] is shot
    other = session.create("Task", {"name": "other", "parent": shot})
    assert other["parent_id"] == shot["id"]


def test_operations_may_be_pushed_for_what_was_never_loaded(
    session: Session, wire: Any, elsewhere: Callable[[str], Any]
) -> None:
    """Studios update hundreds of entities by id alone; a plain key and data are enough."""
    keys = sorted(task["id"] for task in session.query("select id from Task"))
    session.reset()
    wire.forget()
    push = session.recorded_operations.push
    push(UpdateEntityOperation("Task", {"id": keys[0]}, "description", NOT_SET, "pushed"))
    push(DeleteEntityOperation("Task", {"id": keys[1]}))
    project = elsewhere("Project")["id"]
    data = {"name": "pushed", "full_name": "Pushed", "project_schema_id": elsewhere("Project")["project_schema_id"]}
    push(CreateEntityOperation("Project", {"id": project[:-1] + "x"}, data))
    session.commit()
    assert sent(wire) == [("update", "Task"), ("delete", "Task"), ("create", "Project")]
    assert elsewhere(f"select description from Task where id is {keys[0]}")["description"] == "pushed"
    with pytest.raises(errors.NoResultFoundError):
        elsewhere(f"Task where id is {keys[1]}")
    assert len(session.recorded_operations) == 0


def test_pushed_operations_reach_live_entities_too(session: Session, task: Any) -> None:
    """What is live follows what was committed, however it was recorded."""
    session.recorded_operations.push(UpdateEntityOperation("Task", {"id": task["id"]}, "description", None, "pushed"))
    session.commit()
    assert task["description"] == "pushed"
    session.recorded_operations.push(DeleteEntityOperation("Task", {"id": task["id"]}))
    session.commit()
    assert session.get("Task", task["id"]) is None


def test_an_operation_of_an_unknown_type_is_told(session: Session) -> None:
    """And stays recorded, so that nothing else of the unit of work is lost."""
    session.recorded_operations.push(DeleteEntityOperation("Tusk", {"id": "x"}))
    with pytest.raises(errors.Error):
        session.commit()
    assert len(session.recorded_operations) == 1
    with pytest.raises(errors.OperationError):
        session.recorded_operations.push("delete")  # type: ignore[arg-type]


def test_without_recording_changes_are_local(session: Session, wire: Any, task: Any) -> None:
    """Entities that exist in memory only, and looks of one's own, are never sent, nor do they count as pending."""
    with session.operation_recording(record_operations=False):
        task["description"] = "local"
        location = session.create("Location", {"name": "in memory"})
        session.delete(task["parent"])
    assert (task["description"], location["name"]) == ("local", "in memory")
    assert (session.created, session.modified, session.deleted) == ([], [], [])
    session.commit()
    assert wire.calls == 0 or "query" in {operation["action"] for batch in wire.batches for operation in batch}
    assert task["description"] == "local"
    assert session.get("Location", location["id"]) is location


def test_clearing_the_operations_by_hand_leaves_nothing_pending(session: Session, task: Any) -> None:
    """Existing code empties the list itself; the session then says what is true."""
    task["description"] = "x"
    session.create("Task", {"name": "y"})
    session.recorded_operations.clear()
    assert (session.created, session.modified) == ([], [])


def test_values_are_recorded_as_they_were(session: Session, wire: Any, task: Any) -> None:
    """Changing one's own list after assigning it changes nothing that is recorded."""
    value = {"a": [1]}
    task["thumbnail_url"] = value
    value["a"].append(2)
    assert task["thumbnail_url"] == {"a": [1]}
    assert session.plan().payloads()[0]["entity_data"]["thumbnail_url"] == {"a": [1]}
    session.rollback()

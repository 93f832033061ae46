"""What is refused: with a word that helps, nothing done, and what was to be sent still there."""

from __future__ import annotations

from typing import Any


def _kept(day: Any, said: str) -> list[Any]:
    """A commit that must fail, with what stays; then nothing of it is on the server and a rollback ends it."""
    session = day.session
    pending = len(session.recorded_operations)
    classes, text = day.refusal(session.commit)
    assert "ServerError" in classes, (classes, text)
    assert said in text, text
    assert len(session.recorded_operations) == pending > 0
    session.rollback()
    assert len(session.recorded_operations) == 0
    return [said, pending > 0]


def siblings_cannot_share_a_name(day: Any) -> Any:
    """Nor is anything else of the batch done."""
    sequence = day.one(f"Sequence where name is sq010 and {day.here}")
    day.session.create("Shot", {"name": "sq010_sh990", "parent": sequence})
    day.session.create("Shot", {"name": "sq010_sh010", "parent": sequence})
    seen = _kept(day, "IntegrityError")
    assert day.again().query("Shot where name is sq010_sh990").first() is None
    return seen


def what_is_missing_cannot_be_pointed_to(day: Any) -> Any:
    """A parent, a status and a type that are not there."""
    seen = []
    values = {"name": "nowhere", "parent_id": "00000000-0000-0000-0000-000000000000"}
    day.session.create("Task", values)
    seen.append(_kept(day, "parent"))
    task = day.task("sq010_sh010", "layout")
    task["status_id"] = "00000000-0000-0000-0000-000000000000"
    seen.append(_kept(day, "status"))
    day.session.create("Appointment", {"resource": day.user, "type": "assignment"})
    seen.append(_kept(day, "context"))
    assert day.again().query("Task where name is nowhere").first() is None
    return seen


def a_second_project_or_user_of_a_name_is_refused(day: Any) -> Any:
    """Names that identify."""
    schema = day.named("ProjectSchema", "VFX")
    day.session.create("Project", {"name": "pipeline_show", "full_name": "Again", "project_schema": schema})
    first = _kept(day, "Error")
    day.session.create("User", {"username": "ann"})
    return [first, _kept(day, "Error")]


def an_id_is_given_once(day: Any) -> Any:
    """A batch that creates what exists is refused whole."""
    task, shot = day.task("sq010_sh010", "layout"), day.shot("sq010_sh010")
    data = {"__entity_type__": "Task", "id": task["id"], "name": "twin", "parent_id": shot["id"]}
    batch = [{"action": "create", "entity_type": "Task", "entity_key": [task["id"]], "entity_data": data}]
    classes, text = day.refusal(lambda: day.session.call(batch))
    assert "ServerError" in classes
    assert "IntegrityError" in text
    return len(day.again().query("Task where name is twin").all())


def unknown_names_are_told(day: Any) -> Any:
    """Of a type, of an attribute, in a query and in a batch."""
    session = day.session
    for query in ("Task where nonsense is 1", "select nonsense from Task", "Task where name is"):
        classes, text = day.refusal(lambda query=query: session.query(query).all())  # type: ignore[misc]
        assert classes & {"ServerError", "ParseError"}, (query, classes, text)
    for action in (
        {"action": "query", "expression": "Tusk where name is x"},
        {"action": "query", "expression": "select name from Task where ("},
        {"action": "create", "entity_type": "Tusk", "entity_data": {"__entity_type__": "Tusk"}},
        {"action": "update", "entity_type": "Task", "entity_key": ["no"], "entity_data": {"name": "x"}},
        {"action": "delete", "entity_type": "Task", "entity_key": ["no"]},
    ):
        classes, text = day.refusal(lambda action=action: session.call([action]))  # type: ignore[misc]
        assert "ServerError" in classes, (action, text)
    return True


def an_unknown_action_is_a_matter_of_compatibility(day: Any) -> Any:
    """In the words that clients look for."""
    classes, text = day.refusal(lambda: day.session.call([{"action": "no_such_action"}]))
    assert "ServerError" in classes
    assert "Invalid action u'no_such_action'" in text
    return True


def a_rollback_brings_back_what_was(day: Any) -> Any:
    """Local values go, and the server has never heard of them."""
    session, task = day.session, day.task("sq010_sh010", "layout")
    before = task["name"]
    task["name"] = "other"
    made = session.create("Task", {"name": "ghost", "parent": task["parent"]})
    session.delete(day.task("sq010_sh010", "lighting"))
    session.rollback()
    session.commit()
    assert task["name"] == before
    assert made not in session.created
    assert day.again().query("Task where name in (other, ghost)").first() is None
    return len(day.again().query(f"Task where parent.name is sq010_sh010 and {day.here}").all())


def a_wrong_kind_of_value_is_refused(day: Any) -> Any:
    """Text for a number, a number for a date, an entity for a text."""
    shot, seen = day.shot("sq010_sh010"), []
    for name, value in (("bid", "many"), ("start_date", "someday"), ("name", None), ("sort", {"a": 1})):
        data = {"__entity_type__": "Shot", name: value}
        batch = [{"action": "update", "entity_type": "Shot", "entity_key": [shot["id"]], "entity_data": data}]
        classes, _ = day.refusal(lambda batch=batch: day.session.call(batch))  # type: ignore[misc]
        seen.append("ServerError" in classes)
    return seen


SHARED = [
    siblings_cannot_share_a_name,
    what_is_missing_cannot_be_pointed_to,
    a_second_project_or_user_of_a_name_is_refused,
    an_id_is_given_once,
    unknown_names_are_told,
    an_unknown_action_is_a_matter_of_compatibility,
    a_rollback_brings_back_what_was,
    a_wrong_kind_of_value_is_refused,
]
OFFICIAL_ONLY: list[Any] = []

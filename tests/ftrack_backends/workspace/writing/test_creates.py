"""Creating entities: what is stored, and what the client is told."""

from __future__ import annotations

import uuid
from typing import Any

import pytest


def test_the_reply_repeats_type_and_id_as_they_were_sent(client: Any) -> None:
    """By them the client finds its own object again; with others it would lose it."""
    project = client.project()
    shot_type = client.one("ObjectType where name is Shot")["id"]
    own_id = str(uuid.uuid4())

    reply = client.create("TypedContext", id=own_id, name="x", parent_id=project["id"], object_type_id=shot_type)

    assert (reply["__entity_type__"], reply["id"]) == ("TypedContext", own_id)
    assert client.one(f"Context where id is {own_id}")["__entity_type__"] == "Shot"


def test_an_id_is_made_where_none_was_sent(client: Any) -> None:
    """The JavaScript client leaves it out."""
    made = client.create("Scope", name="a")["id"]

    assert str(uuid.UUID(made)) == made
    assert client.one("Scope where name is a")["id"] == made


def test_the_key_may_stand_beside_the_data(client: Any, ops: Any) -> None:
    """The official client sends it in both places."""
    own_id = str(uuid.uuid4())
    operation = ops.create("Scope", name="a") | {"entity_key": [own_id]}

    assert client.call(operation)[0]["data"]["id"] == own_id


def test_the_reply_tells_what_the_server_filled_in(client: Any) -> None:
    """A new task shows its status at once, without another call."""
    project = client.project()

    task = client.create("Task", name="anim", parent_id=project["id"])

    assert task["project_id"] == project["id"]
    assert task["context_type"] == "task"
    assert task["priority_id"] == "9661b320-3a0c-11e2-81c1-0800200c9a66"
    assert (task["bid"], task["sort"]) == (0, 0)
    statuses = {client.one(f"Status where id is {task['status_id']}")["id"], task["status_id"]}
    assert len(statuses) == 1


def test_what_is_empty_and_was_not_sent_is_not_in_the_reply(client: Any) -> None:
    """The client would take "nothing" for a value that it knows, and never ask for it."""
    user = client.create("User", username="nia")

    assert "email" not in user
    assert "thumbnail_id" not in user
    assert client.create("User", username="mo", email=None)["email"] is None


def test_references_and_keys_are_one_thing(client: Any, ref: Any) -> None:
    """Whichever is sent, both show it."""
    project = client.project()

    by_reference = client.create("Shot", name="a", parent=ref(project))
    by_key = client.create("Shot", name="b", parent_id=project["id"])
    by_both = client.create("Shot", name="c", parent=ref(project), parent_id=project["id"])

    for shot in (by_reference, by_key, by_both):
        row = client.one(f"select parent_id, parent.name from Shot where id is {shot['id']}")
        assert (row["parent_id"], row["parent"]["name"]) == (project["id"], "show")
    assert by_reference["parent"]["id"] == project["id"]
    assert "parent" not in by_key


def test_a_reference_and_a_key_that_disagree_are_refused(client: Any, ops: Any, ref: Any) -> None:
    """Nobody could tell which of them was meant."""
    one, other = client.project("one"), client.project("other")

    exception, content = client.refused(ops.create("Shot", name="a", parent=ref(one), parent_id=other["id"]))

    assert exception == "ValidationError"
    assert "'parent_id' of Shot" in content
    assert "another 'parent_id'" in content


def test_an_id_that_exists_is_refused(client: Any, ops: Any) -> None:
    """Resending a batch whose reply was lost must not make a second row."""
    scope = client.create("Scope", name="a")

    exception, content = client.refused(ops.create("Scope", name="new"), ops.create("Scope", id=scope["id"], name="b"))

    assert exception == "IntegrityError"
    assert scope["id"] in content
    assert [one["name"] for one in client.query("select name from Scope")] == ["a"]


def test_an_id_of_another_type_in_the_same_tree_is_refused(client: Any, ops: Any) -> None:
    """Contexts share their ids: a shot cannot have a project's."""
    project = client.project()

    assert (
        client.refused(ops.create("Shot", id=project["id"], name="x", parent_id=project["id"]))[0] == "IntegrityError"
    )


def test_a_bare_component_is_a_file(client: Any) -> None:
    """Clients create components by the base type."""
    component = client.create("Component", name="main")

    assert component["system_type"] == "file"
    assert client.one("Component")["__entity_type__"] == "FileComponent"


@pytest.mark.parametrize(
    ("entity_type", "kind"),
    [("FileComponent", "file"), ("SequenceComponent", "sequence"), ("ContainerComponent", "container")],
)
def test_components_know_what_they_are(client: Any, entity_type: str, kind: str) -> None:
    """Clients choose by `system_type` how to transfer the data."""
    assert client.create(entity_type, name="main")["system_type"] == kind


def test_moments_come_back_as_they_were_sent(client: Any) -> None:
    """`ensure` compares what it gave with what it gets, to the microsecond and with the zone."""
    moment = {"__type__": "datetime", "value": "2020-01-02T03:04:05.678000+02:00"}
    project = client.project()

    task = client.create("Task", name="a", parent_id=project["id"], start_date=moment)
    changed = client.update("Task", task["id"], end_date=moment)

    assert task["start_date"] == moment
    assert changed["end_date"] == moment
    stored = client.one("select start_date from Task")["start_date"]
    assert stored == {"__type__": "datetime", "value": "2020-01-02T01:04:05"}


def test_text_of_any_language_survives(client: Any) -> None:
    """Studios are everywhere."""
    text = 'Жук 漢字 «quotes» "{braces}" \u0000 \U0001f600 \'; DROP TABLE Scope; --'

    client.create("Scope", name=text)

    assert client.one("select name from Scope")["name"] == text


@pytest.mark.parametrize(
    ("entity_type", "data", "hint"),
    [
        ("Tsk", {"name": "a"}, "Task"),
        ("Scope", {"nmae": "a"}, "name"),
        ("Scope", {"name": ["a"]}, "name"),
        ("Scope", {"name": {"a": 1}}, "name"),
        ("Scope", {"id": 7, "name": "a"}, "id"),
        ("Scope", {"id": "", "name": "a"}, "id"),
        ("FileComponent", {"size": "many"}, "size"),
        ("FileComponent", {"size": 10**30}, "size"),
        ("FileComponent", {"system_type": "sequence"}, "system_type"),
        ("User", {"is_active": "perhaps"}, "is_active"),
        ("Task", {"start_date": "some day"}, "start_date"),
        ("Task", {"parent": "not an entity"}, "parent"),
        ("Task", {"parent": {"__entity_type__": "User", "id": "x"}}, "User"),
        ("Task", {"parent": {"__entity_type__": "Task"}}, "id"),
        ("Task", {"parent": 7}, "parent"),
        ("Task", {"notes": "no list"}, "notes"),
        ("Task", {"notes": [7]}, "notes"),
        ("Task", {"time_logged": 5}, "time_logged"),
        ("Task", {"link": "x"}, "link"),
        ("Metadata", {"key": "a", "value": "b"}, "parent_id"),
        ("Job", {"status": "sleeping"}, "running"),
        ("Task", {"name": "a"}, "parent"),
    ],
)
def test_data_that_cannot_be_is_refused(
    client: Any, ops: Any, entity_type: str, data: dict[str, Any], hint: str
) -> None:
    """The message names what is wrong, and the nearest right name."""
    exception, content = client.refused(ops.create(entity_type, **data))

    assert exception in {"ValidationError", "IntegrityError"}
    assert hint in content


@pytest.mark.parametrize(
    "operation",
    [
        {"action": "create"},
        {"action": "create", "entity_type": 7, "entity_data": {}},
        {"action": "create", "entity_type": "Scope", "entity_data": []},
        {"action": "create", "entity_type": "Scope", "entity_data": {}, "entity_key": ["a", "b"]},
        {"action": "update", "entity_type": "Scope", "entity_key": []},
        {"action": "update", "entity_type": "Scope", "entity_key": {"id": "x"}, "entity_data": {}},
        {"action": "update", "entity_type": "Scope", "entity_key": None, "entity_data": {"name": "x"}},
        {"action": "delete", "entity_type": "Scope"},
        {"action": "delete", "entity_type": "Metadata", "entity_key": "x"},
        {"action": "delete", "entity_key": ["x"]},
    ],
)
def test_operations_of_a_wrong_shape_are_refused(client: Any, operation: dict[str, Any]) -> None:
    """A client under development gets a sentence, not a server error."""
    assert client.refused(operation)[0] == "ValidationError"

"""Changing entities."""

from __future__ import annotations

import uuid
from typing import Any

import pytest


def test_the_reply_has_the_key_and_what_was_changed(client: Any) -> None:
    """The official client fails without the key, and forgets what is not repeated."""
    scope = client.create("Scope", name="a")

    assert client.update("Scope", [scope["id"]], name="b") == {
        "__entity_type__": "Scope",
        "id": scope["id"],
        "name": "b",
    }


def test_the_key_may_be_plain_text(client: Any) -> None:
    """The JavaScript client sends it so."""
    scope = client.create("Scope", name="a")

    assert client.update("Scope", scope["id"], name="b")["name"] == "b"


def test_an_entity_may_be_named_by_a_base_type(client: Any) -> None:
    """A client that came upon an entity through `Context.children` may know no better."""
    shot = client.shot(client.project())

    reply = client.update("TypedContext", [shot["id"]], description="new")

    assert (reply["__entity_type__"], reply["description"]) == ("TypedContext", "new")


def test_a_value_may_be_emptied(client: Any) -> None:
    """None is a value, and the reply says it."""
    project = client.project(color="#FF0000")

    assert client.update("Project", project["id"], color=None)["color"] is None
    assert client.one("select color from Project")["color"] is None


def test_a_changed_key_shows_in_the_reference(client: Any) -> None:
    """Setting `status_id` is setting `status`."""
    shot = client.shot(client.project())
    done = client.one("Status where name is Completed")["id"]

    client.update("Shot", shot["id"], status_id=done)

    assert client.one("select status.name from Shot")["status"]["name"] == "Completed"


@pytest.mark.parametrize("entity_type", ["Scope", "Shot", "FileComponent"])
def test_what_does_not_exist_cannot_be_changed(client: Any, ops: Any, entity_type: str) -> None:
    """A silent no would lose people's work."""
    exception, content = client.refused(ops.update(entity_type, str(uuid.uuid4()), name="x"))

    assert exception == "ValidationError"
    assert "does not exist" in content


def test_an_entity_of_another_type_is_not_found(client: Any, ops: Any) -> None:
    """A shot is no task, though both are contexts."""
    shot = client.shot(client.project())

    assert "does not exist" in client.refused(ops.update("Task", shot["id"], name="x"))[1]


@pytest.mark.parametrize(
    ("data", "hint"),
    [({"created_at": "2020-01-01"}, "immutable"), ({"object_type_id": "x"}, "immutable"), ({"nmae": "x"}, "name")],
)
def test_what_may_not_be_changed_is_refused(client: Any, ops: Any, data: dict[str, Any], hint: str) -> None:
    """Clients know immutable attributes from the schema; others are told."""
    shot = client.shot(client.project())

    assert hint in client.refused(ops.update("Shot", shot["id"], **data))[1]


@pytest.mark.parametrize("value", ["assetversion", "nonsense", None])
def test_what_an_entity_is_stays(client: Any, ops: Any, value: str | None) -> None:
    """A list of tasks that became one of versions would hold what it cannot show."""
    chosen = client.create("TypedContextList", name="a", project_id=client.project()["id"])

    assert "system_type" in client.refused(ops.update("List", chosen["id"], system_type=value))[1]


def test_moving_to_another_project_takes_everything_along(client: Any, ref: Any) -> None:
    """Below a moved sequence, every `project` must be the new one."""
    one, other = client.project("one"), client.project("other")
    sequence = client.create("Sequence", name="sq", parent_id=one["id"])
    shot = client.shot(sequence)
    client.create("Task", name="anim", parent_id=shot["id"])

    client.update("Sequence", sequence["id"], parent=ref(other))

    assert {row["project_id"] for row in client.query("TypedContext")} == {other["id"]}


def test_nothing_can_move_below_itself(client: Any, ops: Any) -> None:
    """A loop in the tree would hang every walk through it."""
    sequence = client.create("Sequence", name="sq", parent_id=client.project()["id"])
    shot = client.shot(sequence)

    assert client.refused(ops.update("Sequence", sequence["id"], parent_id=shot["id"]))[0] == "IntegrityError"
    assert client.refused(ops.update("Sequence", sequence["id"], parent_id=sequence["id"]))[0] == "IntegrityError"


def test_a_change_of_status_is_written_down_once(client: Any, ops: Any) -> None:
    """Reports on how long things took are made of these rows."""
    shot = client.shot(client.project())
    ids = {row["name"]: row["id"] for row in client.query("select name from Status")}

    client.call(
        ops.update("Shot", shot["id"], status_id=ids["In progress"]),
        ops.update("Shot", shot["id"], status_id=ids["Completed"]),
    )
    client.update("Shot", shot["id"], status_id=ids["Completed"])

    (row,) = client.query("select status_changes.from_status.name, status_changes.status.name from Shot")
    (change,) = row["status_changes"]
    assert (change["from_status"]["name"], change["status"]["name"]) == ("Not started", "Completed")
    (found,) = client.query("select parent.name, user.username from TypedContextStatusChange")
    assert (found["parent"]["name"], found["user"]["username"]) == ("sh010", client.username)


def test_custom_attribute_values_are_stored_by_their_first_update(client: Any) -> None:
    """The client treats every configured value as existing, and only ever updates it."""
    project = client.project()
    text = client.create("CustomAttributeType", name="text")
    configuration = client.create(
        "CustomAttributeConfiguration", key="note", type_id=text["id"], entity_type="show", config="{}"
    )
    key = [configuration["id"], project["id"]]

    first = client.update("ContextCustomAttributeValue", key, value="a")
    second = client.update("ContextCustomAttributeValue", key, value="b")

    assert (first["value"], second["value"]) == ("a", "b")

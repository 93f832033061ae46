"""What every workspace has, since clients rely on it."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("location_id", "name"),
    [
        ("ce9b348f-8809-11e3-821c-20c9d081909b", "ftrack.origin"),
        ("cb268ecc-8809-11e3-a7e2-20c9d081909b", "ftrack.unmanaged"),
        ("cd41be70-8809-11e3-b98a-20c9d081909b", "ftrack.review"),
        ("07b82a97-8cf9-11e3-9383-20c9d081909b", "ftrack.connect"),
        ("3a372bde-05bc-11e4-8908-20c9d081909b", "ftrack.server"),
    ],
)
def test_builtin_locations_have_the_ids_that_clients_know(client: Any, location_id: str, name: str) -> None:
    """Clients put their own location objects under these ids."""
    assert client.one(f"select name from Location where id is {location_id}")["name"] == name


@pytest.mark.parametrize(
    ("object_type_id", "entity_type"),
    [
        ("11c137c0-ee7e-4f9c-91c5-8c77cec22b2c", "Task"),
        ("bad911de-3bd6-47b9-8b46-3476e237cb36", "Shot"),
        ("e5139355-61da-4c8f-9db4-3abc870166bc", "Sequence"),
        ("22139355-61da-4c8f-9db4-3abc870166bc", "Episode"),
        ("4be63b64-5010-42fb-bf1f-428af9d638f0", "AssetBuild"),
        ("3c133785-51cb-11e3-980a-20c9d0831e59", "Folder"),
        ("01decdd1-51cb-11e3-9d5b-20c9d0831e59", "Milestone"),
    ],
)
def test_object_types_have_the_ids_of_the_schema(client: Any, object_type_id: str, entity_type: str) -> None:
    """An entity's type and its object type name one thing, spelled with or without a blank."""
    row = client.one(f"select name from ObjectType where id is {object_type_id}")
    made = client.create(entity_type, name="a", parent_id=client.project()["id"])

    assert row["name"].replace(" ", "") == entity_type
    assert made["object_type_id"] == object_type_id


def test_the_default_priority_is_there(client: Any) -> None:
    """The schema gives its id as a default, and clients send it."""
    assert client.one("Priority where id is 9661b320-3a0c-11e2-81c1-0800200c9a66")


def test_the_project_schema_has_both_workflows(client: Any) -> None:
    """Tools offer the statuses and types of the schema in menus."""
    schema = client.one(
        "select task_workflow_schema.statuses.name, asset_version_workflow_schema.statuses.name, "
        "task_type_schema.types.name, object_types.name from ProjectSchema where name is VFX"
    )

    assert "In progress" in {row["name"] for row in schema["task_workflow_schema"]["statuses"]}
    assert "Approved" in {row["name"] for row in schema["asset_version_workflow_schema"]["statuses"]}
    assert "Compositing" in {row["name"] for row in schema["task_type_schema"]["types"]}
    assert len(schema["object_types"]) == 7


def test_a_menu_of_statuses_for_shots_can_be_made(client: Any) -> None:
    """The way that a client goes from a project schema to the statuses of an object type."""
    shot = client.one("ObjectType where name is Shot")
    schema = client.one(f"Schema where object_type_id is {shot['id']}")
    rows = client.query(f"select task_status.name from SchemaStatus where schema_id is {schema['id']}")

    assert [row["task_status"]["name"] for row in rows] == [
        "Not started",
        "In progress",
        "On hold",
        "Omitted",
        "Completed",
    ]


def test_every_status_has_a_state(client: Any) -> None:
    """Reports count states, whatever a studio calls its statuses."""
    states = {row["short"] for row in client.query("select short from State")}

    assert states == {"NOT_STARTED", "IN_PROGRESS", "DONE", "BLOCKED"}
    assert {row["state"]["short"] for row in client.query("select state.short from Status")} == states


@pytest.mark.parametrize("entity_type", ["AssetType", "ListCategory", "NoteLabel", "SecurityRole", "UserType", "Type"])
def test_there_is_something_to_choose_of(client: Any, entity_type: str) -> None:
    """Publishing, lists, notes and users need at least one of each."""
    assert client.query(f"select name from {entity_type}")


def test_there_is_one_user_and_nothing_else(client: Any) -> None:
    """An empty workspace is empty."""
    assert [row["username"] for row in client.query("select username from User")] == ["user"]
    assert client.query("Context") == []


def test_roles_can_be_asked_for_by_their_type(client: Any) -> None:
    """Tools that give a user a role offer those that hold in projects."""
    roles = client.query('select name from SecurityRole where type is "PROJECT"')

    assert {one["name"] for one in roles} == {"Administrator", "Project manager", "User", "API"}

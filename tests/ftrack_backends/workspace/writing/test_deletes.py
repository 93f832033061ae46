"""Deleting: what goes along, what stays, what forbids it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest


def test_the_reply_says_true(client: Any, ops: Any) -> None:
    """The clients' wire form."""
    scope = client.create("Scope", name="a")

    assert client.call(ops.delete("Scope", [scope["id"]])) == [{"action": "delete", "data": True}]
    assert client.query("Scope") == []


def test_what_never_existed_cannot_be_deleted(client: Any, ops: Any) -> None:
    """A tool that thinks it deleted something must learn that it did not."""
    scope = client.create("Scope", name="a")

    assert "does not exist" in client.refused(ops.delete("Scope", str(uuid.uuid4())))[1]
    assert "does not exist" in client.refused(ops.delete("Shot", scope["id"]))[1]
    client.call(ops.delete("Scope", scope["id"]))
    assert "does not exist" in client.refused(ops.delete("Scope", scope["id"]))[1]


def test_deleting_twice_in_one_batch_is_fine(client: Any, ops: Any) -> None:
    """A deleted shot takes its task along, and the client may have deleted the task too."""
    shot = client.shot(client.project())
    task = client.create("Task", name="anim", parent_id=shot["id"])

    client.call(ops.delete("Shot", shot["id"]), ops.delete("Task", task["id"]))

    assert client.query("TypedContext") == []


def test_a_base_type_reaches_the_row(client: Any, ops: Any) -> None:
    """Clients delete a `Component` or a `TypedContext`."""
    component = client.create("SequenceComponent", name="main")
    shot = client.shot(client.project())

    client.call(ops.delete("Component", component["id"]), ops.delete("Context", shot["id"]))

    assert client.query("Component") == client.query("Shot") == []


def test_a_project_goes_with_everything_in_it(client: Any, ops: Any, ref: Any) -> None:
    """Test scripts clean up by deleting their project, and the next run must find nothing."""
    project = client.project()
    user = client.one("User")
    sequence = client.create("Sequence", name="sq", parent_id=project["id"])
    shot = client.shot(sequence)
    task = client.create("Task", name="anim", parent_id=shot["id"])
    version = client.version(shot, task_id=task["id"])
    component = client.create("FileComponent", name="main", version_id=version["id"])
    chosen = client.create("AssetVersionList", name="a", project_id=project["id"])
    client.update("AssetVersionList", chosen["id"], items=[ref(version)])
    client.create("Appointment", context_id=task["id"], resource_id=user["id"], type="assignment")
    client.create("Timelog", context_id=task["id"], duration=1)
    client.create("TypedContextLink", from_id=shot["id"], to_id=task["id"])
    client.create("Metadata", parent_id=task["id"], key="a", value="b")
    client.create("Note", content="on version", parent_id=version["id"])
    client.create("Note", content="on task", parent_id=task["id"])
    client.update("Shot", shot["id"], status=ref(client.one("Status where name is Completed")))
    scope = client.create("Scope", name="kept")
    client.update("Project", project["id"], scopes=[ref(scope)])

    client.call(ops.delete("Project", project["id"]))

    gone: tuple[str, ...]
    gone = ("Context", "Asset", "AssetVersion", "List", "ListObject", "Appointment", "Timelog", "TypedContextLink")
    gone += ("Metadata", "Note", "Recipient", "StatusChange")
    assert {
        entity_type: len(client.query(f"select {_key(entity_type)} from {entity_type}")) for entity_type in gone
    } == (dict.fromkeys(gone, 0))
    assert client.one("select version_id from Component")["id"] == component["id"]
    assert client.one("select version_id from Component")["version_id"] is None
    assert [one["id"] for one in client.query("Scope")] == [scope["id"]]
    client.project()


def test_a_version_leaves_its_components(client: Any, ops: Any) -> None:
    """The files are still there, whoever deletes the version."""
    version = client.version(client.project())
    client.create("FileComponent", name="main", version_id=version["id"])

    client.call(ops.delete("AssetVersion", version["id"]))

    assert client.one("select version_id from Component")["version_id"] is None


def test_a_component_goes_with_its_places_and_members(client: Any, ops: Any, ref: Any) -> None:
    """A deleted sequence leaves no frames behind, and no thumbnail that points nowhere."""
    server = client.one("Location where name is ftrack.server")
    frames = [client.create("FileComponent", name=str(number)) for number in range(3)]
    sequence = client.create("SequenceComponent", name="main", members=[ref(one) for one in frames])
    client.create("ComponentLocation", component_id=frames[0]["id"], location_id=server["id"], resource_identifier="x")
    project = client.project(thumbnail_id=sequence["id"])

    client.call(ops.delete("SequenceComponent", sequence["id"]))

    assert client.query("Component") == client.query("ComponentLocation") == []
    assert client.one(f"select thumbnail_id from Project where id is {project['id']}")["thumbnail_id"] is None


def test_a_location_with_files_in_it_stays(client: Any, ops: Any) -> None:
    """Forgetting where files are is forgetting files; first its places go, in the same batch if one likes."""
    location = client.create("Location", name="studio")
    component = client.create("FileComponent", name="main")
    place = client.create("ComponentLocation", component_id=component["id"], location_id=location["id"])

    assert client.refused(ops.delete("Location", location["id"]))[0] == "IntegrityError"
    client.call(ops.delete("Location", location["id"]), ops.delete("ComponentLocation", place["id"]))

    assert client.query("Location where name is studio") == []


def test_a_status_in_use_stays(client: Any, ops: Any) -> None:
    """A task without a status would break every tool that shows it."""
    shot = client.shot(client.project())

    exception, content = client.refused(ops.delete("Status", shot["status_id"]))

    assert exception == "IntegrityError"
    assert shot["id"] in content


def test_a_person_goes_and_the_work_stays(client: Any, ops: Any) -> None:
    """Timers, time logs and assignments are the person's; notes and versions are the show's."""
    user = client.create("User", username="nia")
    project = client.project()
    version = client.version(project, user_id=user["id"])
    client.create("Note", content="hello", parent_id=version["id"], user_id=user["id"])
    client.create("Timer", user_id=user["id"], context_id=project["id"])
    client.create("Timelog", user_id=user["id"], context_id=project["id"], duration=1)
    client.create("Appointment", resource_id=user["id"], context_id=project["id"], type="assignment")

    client.call(ops.delete("User", user["id"]))

    gone = ("Timer", "Timelog", "Appointment")
    assert [client.query(entity_type) for entity_type in gone] == [[], [], []]
    assert client.query("select note_id from Recipient") == []
    assert client.one("select user_id from AssetVersion")["user_id"] is None
    assert client.one("select content from Note")["content"] == "hello"


@pytest.mark.parametrize("entity_type", ["User", "Resource"])
def test_a_deleted_user_is_let_in_no_more(client: Any, ops: Any, entity_type: str) -> None:
    """The key goes with the user."""
    me = client.one("User")

    client.call(ops.delete(entity_type, me["id"]))

    assert client.refused({"action": "query", "expression": "User"})[0] == "InvalidCredentialsError"


def test_a_deleted_scope_leaves_no_link_behind(client: Any, ops: Any, ref: Any) -> None:
    """A scope that is made again under the same id is on nothing."""
    scope = client.create("Scope", name="night")
    project = client.project()
    client.update("Project", project["id"], scopes=[ref(scope)])

    client.call(ops.delete("Scope", scope["id"]), ops.create("Scope", id=scope["id"], name="night"))

    assert client.one("select scopes from Project")["scopes"] == []


def test_a_thread_goes_as_a_whole(client: Any, ops: Any) -> None:
    """Answers to nothing make no sense."""
    note = client.create("Note", content="?", parent_id=client.project()["id"])
    client.create("Note", content="!", in_reply_to_id=note["id"])

    client.call(ops.delete("Note", note["id"]))

    assert client.query("Note") == client.query("select note_id from Recipient") == []


def _key(entity_type: str) -> str:
    return {"Metadata": "key", "Recipient": "note_id"}.get(entity_type, "id")

"""What the server decides when nobody says."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_core.testing import FakeClock

NOW = {"__type__": "datetime", "value": "1970-01-12T13:46:40"}
"""What FakeClock says."""


@pytest.fixture
def client(client_of: Any) -> Any:
    """A client of a workspace whose clock stands still."""
    with Workspace.open(clock=FakeClock()) as workspace:
        first = workspace.users[0]
        yield client_of(workspace, first.username, first.api_key)


def test_versions_of_an_asset_count_from_one(client: Any) -> None:
    """Artists say "v3"; the server makes the number, also after one was deleted."""
    project = client.project()
    asset = client.create("Asset", name="a", context_id=project["id"])
    other = client.create("Asset", name="b", context_id=project["id"])

    numbers = [client.create("AssetVersion", asset_id=asset["id"])["version"] for _ in range(3)]
    client.call({"action": "delete", "entity_type": "AssetVersion", "entity_key": _version(client, asset, 2)})

    assert numbers == [1, 2, 3]
    assert client.create("AssetVersion", asset_id=asset["id"])["version"] == 4
    assert client.create("AssetVersion", asset_id=other["id"])["version"] == 1
    assert client.create("AssetVersion", asset_id=other["id"], version=7)["version"] == 7
    assert client.create("AssetVersion", asset_id=other["id"])["version"] == 8


def test_several_versions_in_one_batch_are_numbered_in_order(client: Any, ops: Any) -> None:
    """A batch publish must not give two versions one number."""
    asset = client.create("Asset", name="a", context_id=client.project()["id"])

    reply = client.call(*(ops.create("AssetVersion", asset_id=asset["id"]) for _ in range(3)))

    assert [one["data"]["version"] for one in reply] == [1, 2, 3]


def test_a_version_knows_who_when_and_how_far(client: Any) -> None:
    """Publish tools leave these to the server."""
    version = client.version(client.shot(client.project()))

    user = client.one("User")
    row = client.one("select status.name, user.username, is_latest_version, is_published from AssetVersion")
    assert (version["user_id"], version["date"]) == (user["id"], NOW)
    assert (row["status"]["name"], row["is_latest_version"], row["is_published"]) == ("Pending review", True, True)


def test_the_latest_version_of_an_asset_is_known(client: Any) -> None:
    """Loaders ask for `asset.latest_version`."""
    asset = client.create("Asset", name="a", context_id=client.project()["id"])
    client.create("AssetVersion", asset_id=asset["id"])
    second = client.create("AssetVersion", asset_id=asset["id"])

    assert client.one("select latest_version.id from Asset")["latest_version"]["id"] == second["id"]
    latest = client.query("select version, is_latest_version from AssetVersion")
    assert [(row["version"], row["is_latest_version"]) for row in latest] == [(1, False), (2, True)]


@pytest.mark.parametrize(
    ("entity_type", "status", "type_name"),
    [
        ("Task", "Not started", "Generic"),
        ("Shot", "Not started", "Generic"),
        ("AssetBuild", "Not started", "Character"),
        ("Milestone", "Not started", "Generic"),
        ("Sequence", "Not started", "Generic"),
        ("Folder", "Not started", "Generic"),
    ],
)
def test_new_work_begins_as_the_project_schema_says(
    client: Any, entity_type: str, status: str, type_name: str
) -> None:
    """Every typed context has a status and a type, so that `task["status"]["name"]` never fails."""
    made = client.create(entity_type, name="a", parent_id=client.project()["id"])

    row = client.one(f"select status.name, type.name, priority.name from {entity_type} where id is {made['id']}")
    assert (row["status"]["name"], row["type"]["name"], row["priority"]["name"]) == (status, type_name, "None")


def test_a_task_type_may_have_a_workflow_of_its_own(client: Any) -> None:
    """Project schemas override the workflow by task type."""
    schema = client.one("ProjectSchema")
    approved = client.one("Status where name is Approved")
    kind = client.create("Type", name="Odd")
    workflow = client.create("WorkflowSchema", name="odd", statuses=[approved])
    override = {"project_schema_id": schema["id"], "type_id": kind["id"], "workflow_schema_id": workflow["id"]}
    client.create("ProjectSchemaOverride", **override)
    for row in client.query("select schema_id from SchemaStatus"):
        client.call(
            {"action": "delete", "entity_type": "SchemaStatus", "entity_key": [row["status_id"], row["schema_id"]]}
        )

    task = client.create("Task", name="a", parent_id=client.project()["id"], type_id=kind["id"])

    assert task["status_id"] == approved["id"]


def test_a_context_without_a_parent_hangs_below_its_project(client: Any, ref: Any) -> None:
    """Scripts give only the project, or only the parent."""
    project = client.project()
    sequence = client.create("Sequence", name="sq", project=ref(project))
    shot = client.shot(sequence)

    rows = client.query("select parent_id, project_id from TypedContext")
    assert [(row["parent_id"], row["project_id"]) for row in rows] == [
        (project["id"], project["id"]),
        (sequence["id"], project["id"]),
    ]
    assert shot["project_id"] == project["id"]


def test_a_parent_in_another_project_is_refused(client: Any, ops: Any) -> None:
    """The tree and the project of a task must agree."""
    one, other = client.project("one"), client.project("other")

    assert "project" in client.refused(ops.create("Task", name="x", parent_id=one["id"], project_id=other["id"]))[1]


def test_projects_begin_active_and_are_told_apart_as_contexts(client: Any) -> None:
    """`status` of a project is text, and dashboards filter on it."""
    project = client.project(name="film")

    assert (project["status"], project["context_type"], project["full_name"]) == ("active", "show", "film")
    assert project["created_at"] == NOW
    assert project["created_by_id"] == client.one("User")["id"]


def test_a_project_schema_is_found_for_a_project_that_names_none(client: Any) -> None:
    """A workspace of one schema needs no ceremony."""
    made = client.create("Project", name="x")

    assert made["project_schema_id"] == client.one("ProjectSchema")["id"]


def test_users_need_no_name_and_no_address(client: Any) -> None:
    """Two users without either do not clash."""
    client.create("User", first_name="a")
    made = client.create("User", first_name="b", email="")

    assert (made["is_active"], made["resource_type"]) == (True, "user")
    assert made["user_type_id"] == "ac9fa5aa-4361-11e0-b7cc-0019bb4983d8"


def test_timers_start_now(client: Any) -> None:
    """Starting a timer sends nothing but the context."""
    project = client.project()

    timer = client.create("Timer", context_id=project["id"])

    assert (timer["start"], timer["user_id"]) == (NOW, client.one("User")["id"])
    timelog = client.create("Timelog", context_id=project["id"], duration=60)
    assert (timelog["start"], timelog["user_id"]) == (NOW, client.one("User")["id"])


def test_a_note_knows_its_author_and_its_time(client: Any) -> None:
    """Note tools send the text and the parent."""
    version = client.version(client.project())

    note = client.create("Note", content="hello", parent_id=version["id"])

    assert (note["user_id"], note["date"], note["thread_activity"]) == (client.one("User")["id"], NOW, NOW)
    assert note["parent_type"] == "AssetVersion"


def test_an_answer_makes_its_thread_active(client: Any) -> None:
    """Lists of notes are sorted by what happened last."""
    old = {"__type__": "datetime", "value": "1970-01-01T00:00:00"}
    note = client.create("Note", content="?", parent_id=client.project()["id"], date=old)
    assert note["thread_activity"] == old

    client.create("Note", content="!", in_reply_to_id=note["id"])

    found = client.one(f"select thread_activity from Note where id is {note['id']}")
    assert found["thread_activity"] == NOW


def test_metadata_learns_what_it_hangs_on(client: Any) -> None:
    """`parent_type` stays a schema id."""
    project = client.project()
    component = client.create("FileComponent", name="main")

    assert client.create("Metadata", parent_id=project["id"], key="a", value="b")["parent_type"] == "Project"
    assert client.create("Metadata", parent_id=component["id"], key="a", value="b")["parent_type"] == "FileComponent"


def test_a_label_becomes_the_category_of_its_note(client: Any, ops: Any) -> None:
    """Older tools read `category`, newer ones write labels; both name the same rows."""
    note = client.create("Note", content="x", parent_id=client.project()["id"])
    label = client.one("NoteLabel where name is Internal")

    client.create("NoteLabelLink", note_id=note["id"], label_id=label["id"])
    category = client.one("select category.name from Note")["category"]
    assert (category["__entity_type__"], category["name"]) == ("NoteCategory", "Internal")

    client.call(ops.delete("NoteLabelLink", [note["id"], label["id"]]))
    assert client.one("select category from Note")["category"] is None


def test_lists_and_jobs_are_the_callers(client: Any) -> None:
    """They show up in the caller's own view."""
    project, user = client.project(), client.one("User")

    chosen = client.create("TypedContextList", name="a", project_id=project["id"])
    job = client.create("Job", type="api_job", data="(...)")

    assert (chosen["user_id"], chosen["system_type"], chosen["is_open"]) == (user["id"], "task", True)
    assert client.one("select category.name from List")["category"]["name"] == "Default"
    assert (job["user_id"], job["status"], job["created_at"]) == (user["id"], "queued", NOW)


def test_what_was_said_is_never_overruled(client: Any) -> None:
    """A default is for what was left open."""
    project = client.project()
    approved = client.one("Status where name is Approved")["id"]

    task = client.create("Task", name="x", parent_id=project["id"], status_id=approved, bid=5, sort=2.5)

    assert (task["status_id"], task["bid"], task["sort"]) == (approved, 5, 2.5)


def _version(client: Any, asset: dict[str, Any], number: int) -> str:
    found = client.one(f"AssetVersion where asset_id is {asset['id']} and version is {number}")
    return str(uuid.UUID(found["id"]))

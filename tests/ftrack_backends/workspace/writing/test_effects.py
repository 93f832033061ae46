"""What follows from a write without being asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def labels(client: Any) -> dict[str, str]:
    """Ids of the labels by name."""
    return {one["name"]: one["id"] for one in client.query("select name from NoteLabel")}


@pytest.fixture
def note(client: Any) -> str:
    """Id of a note on a shot."""
    shot = client.shot(client.project())
    return str(client.create("Note", content="hm", parent_id=shot["id"], parent_type="Shot")["id"])


def labels_of(client: Any, note: str) -> list[str]:
    """Labels of a note."""
    return [one["label_id"] for one in client.query(f"select label_id from NoteLabelLink where note_id is {note}")]


def category_of(client: Any, note: str) -> str | None:
    """Category of a note."""
    category: str | None = client.one(f"select category_id from Note where id is {note}")["category_id"]
    return category


def test_a_category_in_the_older_form_is_a_label(client: Any, note: str, labels: dict[str, str]) -> None:
    """Older tools set a category, newer ones look for labels: both see the same."""
    first, second = list(labels.values())[:2]

    client.update("Note", note, category_id=first)
    assert labels_of(client, note) == [first]

    client.update("Note", note, category_id=second)
    assert labels_of(client, note) == [second]

    client.update("Note", note, category_id=None)
    assert labels_of(client, note) == []


def test_a_note_may_be_written_with_a_category(client: Any, labels: dict[str, str]) -> None:
    """That is how the older form does it."""
    label = next(iter(labels.values()))
    shot = client.shot(client.project())

    note = client.create("Note", content="a", parent_id=shot["id"], parent_type="Shot", category_id=label)

    assert labels_of(client, note["id"]) == [label]


def test_a_category_and_its_label_in_one_batch_are_one(client: Any, ops: Any, labels: dict[str, str]) -> None:
    """A careful tool sends both forms."""
    label = next(iter(labels.values()))
    shot = client.shot(client.project())

    reply = client.call(
        ops.create("Note", id="n", content="a", parent_id=shot["id"], parent_type="Shot", category_id=label),
        ops.create("NoteLabelLink", note_id="n", label_id=label),
    )

    assert isinstance(reply, list), reply
    assert labels_of(client, "n") == [label]


def test_further_labels_stay_beside_each_other(client: Any, ops: Any, note: str, labels: dict[str, str]) -> None:
    """The category is the last label; adding one takes none away, and removing it leaves the other."""
    first, second = list(labels.values())[:2]

    client.create("NoteLabelLink", note_id=note, label_id=first)
    client.create("NoteLabelLink", note_id=note, label_id=second)
    assert (labels_of(client, note), category_of(client, note)) == ([first, second], second)

    client.call(ops.delete("NoteLabelLink", [note, second]))
    assert (labels_of(client, note), category_of(client, note)) == ([first], first)

    client.call(ops.delete("NoteLabelLink", [note, first]))
    assert category_of(client, note) is None


def test_a_deleted_label_leaves_its_notes(client: Any, ops: Any, note: str) -> None:
    """Tidying up labels must not delete what people said."""
    label = client.create("NoteLabel", name="Old")["id"]
    client.create("NoteLabelLink", note_id=note, label_id=label)

    client.call(ops.delete("NoteLabel", label))

    assert (labels_of(client, note), category_of(client, note)) == ([], None)


@pytest.mark.parametrize("entity_type", ["FileComponent", "Component"])
def test_a_deleted_component_is_nobodys_thumbnail(client: Any, ops: Any, entity_type: str) -> None:
    """A thumbnail that points to nothing fails in every list that shows it."""
    project = client.project()
    picture = client.create("FileComponent", name="thumbnail")["id"]
    shot = client.shot(project, thumbnail_id=picture)
    version = client.version(shot, thumbnail_id=picture)
    user = client.create("User", username="zoe", thumbnail_id=picture)
    client.update("Project", project["id"], thumbnail_id=picture)

    client.call(ops.delete(entity_type, picture))

    for one in (project, shot, version, user):
        query = f"select thumbnail_id, thumbnail, thumbnail_url from {one['__entity_type__']} where id is {one['id']}"
        found = client.one(query)
        assert (found["thumbnail_id"], found["thumbnail"], found["thumbnail_url"]) == (None, None, None)


def test_changes_of_status_are_one_history(client: Any) -> None:
    """A report reads them all by the base type, and those of one thing by its own collection."""
    shot = client.shot(client.project())
    version = client.version(shot)
    statuses = [one["id"] for one in client.query("select id from Status")]
    for one in (shot, version):
        new = next(status for status in statuses if status != one["status_id"])
        client.update(one["__entity_type__"], one["id"], status_id=new)

    changes = client.query("select parent_id, from_status_id, status_id, user.username from StatusChange")

    assert {(one["__entity_type__"], one["parent_id"], one["from_status_id"]) for one in changes} == {
        ("TypedContextStatusChange", shot["id"], shot["status_id"]),
        ("AssetVersionStatusChange", version["id"], version["status_id"]),
    }
    assert {one["user"]["username"] for one in changes} == {client.username}
    for one in (shot, version):
        query = f"select status_changes.status_id from {one['__entity_type__']} where id is {one['id']}"
        assert len(client.one(query)["status_changes"]) == 1


def test_a_version_keeps_its_number_when_another_goes(client: Any, ops: Any) -> None:
    """A number stands in file names; nothing is renumbered, and the next goes on from the highest."""
    asset = client.create("Asset", name="anim", context_id=client.shot(client.project())["id"])["id"]
    versions = [client.create("AssetVersion", asset_id=asset)["id"] for _ in range(3)]

    client.call(ops.delete("AssetVersion", versions[0]))

    assert [one["version"] for one in client.query("select version from AssetVersion order by version")] == [2, 3]
    assert client.create("AssetVersion", asset_id=asset)["version"] == 4


def test_the_latest_version_is_the_one_before_when_it_goes(client: Any, ops: Any) -> None:
    """Loaders take the latest version; after a bad publish was deleted, that is the former one."""
    asset = client.create("Asset", name="anim", context_id=client.shot(client.project())["id"])["id"]
    versions = [client.create("AssetVersion", asset_id=asset)["id"] for _ in range(2)]

    client.call(ops.delete("AssetVersion", versions[1]))

    assert client.one("select latest_version from Asset")["latest_version"]["id"] == versions[0]
    assert client.one("select is_latest_version from AssetVersion")["is_latest_version"] is True
    assert [one["id"] for one in client.query("AssetVersion where is_latest_version is True")] == [versions[0]]

    client.call(ops.delete("AssetVersion", versions[0]))
    assert client.one("select latest_version from Asset")["latest_version"] is None


def test_logged_time_counts_and_goes_with_its_task(client: Any, ops: Any) -> None:
    """The sum on a task is what its time logs say, at any moment."""
    shot = client.shot(client.project())
    logs = [client.create("Timelog", context_id=shot["id"], duration=60)["id"] for _ in range(2)]
    assert client.one("select time_logged from Shot")["time_logged"] == 120

    client.call(ops.delete("Timelog", logs[0]))
    assert client.one("select time_logged from Shot")["time_logged"] == 60

    client.call(ops.delete("Shot", shot["id"]))
    assert client.query("Timelog") == []


def test_a_timer_outlives_its_task_and_goes_with_its_user(client: Any, ops: Any) -> None:
    """Who deletes a task does not stop people's clocks."""
    shot = client.shot(client.project())
    user = client.create("User", username="zoe")["id"]
    client.create("Timer", user_id=user, context_id=shot["id"])

    client.call(ops.delete("Shot", shot["id"]))
    assert client.one("select context_id from Timer")["context_id"] is None

    client.call(ops.delete("User", user))
    assert client.query("Timer") == []


@pytest.mark.parametrize("status", ["done", "failed"])
def test_a_job_that_is_over_ended_now(client: Any, status: str) -> None:
    """People look at how long a job took."""
    job = client.create("Job", status="running", data="{}")["id"]
    assert client.one("select finished_at from Job")["finished_at"] is None

    client.update("Job", job, status=status)

    assert client.one("select finished_at from Job")["finished_at"]


def test_a_job_may_say_when_it_ended(client: Any) -> None:
    """What was said is never overruled."""
    when = {"__type__": "datetime", "value": "2020-01-02T03:04:05"}

    client.create("Job", status="done", data="{}", finished_at=when)

    assert client.one("select finished_at from Job")["finished_at"] == when


def events(client: Any) -> list[tuple[str, str, str]]:
    """Action, parent and kind of parent of all events."""
    rows = client.query("select action, parent_id, parent_type, user.username, project.name from Event order by id")
    assert {(one["user"]["username"], one["project"]["name"]) for one in rows} <= {(client.username, "show")}
    return [(one["action"], one["parent_id"], one["parent_type"]) for one in rows]


def test_what_people_follow_is_an_event(client: Any) -> None:
    """An activity list shows who published, who wrote, and what changed its status."""
    shot = client.shot(client.project())
    assert events(client) == []

    version = client.version(shot)
    client.create("Note", content="hm", parent_id=version["id"], parent_type="AssetVersion")
    statuses = [one["id"] for one in client.query("select id from Status")]
    for one in (shot, version):
        new = next(status for status in statuses if status != one["status_id"])
        client.update(one["__entity_type__"], one["id"], status_id=new)
    client.update("Shot", shot["id"], description="no news")

    assert events(client) == [
        ("asset.published", version["id"], "assetversion"),
        ("create.note", version["id"], "AssetVersion"),
        ("change.status.shot", shot["id"], "task"),
        ("change.status.asset", version["id"], "assetversion"),
    ]
    data = json.loads(client.one("select data from Event where action is 'change.status.shot'")["data"])
    assert data["statusid"]["old"] == shot["status_id"]


def test_a_batch_that_is_refused_is_no_event(client: Any, ops: Any) -> None:
    """What did not happen is not told."""
    version = client.version(client.shot(client.project()))

    client.refused(ops.create("AssetVersion", asset_id=version["asset_id"]), ops.create("Scope"))

    assert len(events(client)) == 1


def test_a_note_on_something_outside_of_projects_is_an_event_too(client: Any) -> None:
    """A note on a person has no project."""
    session = client.create("ReviewSession", name="dailies", project_id=client.project()["id"])["id"]
    version = client.version(client.shot(client.one("Project")))
    thing = client.create("ReviewSessionObject", version_id=version["id"], review_session_id=session)["id"]

    client.create("Note", content="hm", parent_id=thing, parent_type="ReviewSessionObject")

    assert client.one("select project_id from Event where action is 'create.note'")["project_id"] is None


@pytest.mark.parametrize(
    ("entity_type", "name"),
    [("Status", "state_id"), ("CustomAttributeConfiguration", "configuration_kind"), ("TypedContextList", "type")],
)
def test_hidden_columns_cannot_be_set(client: Any, ops: Any, entity_type: str, name: str) -> None:
    """What the workspace keeps for itself is none of a client's business, nor in any reply that did not ask for it."""
    assert name in client.refused(ops.create(entity_type, **{name: "x"}))[1]
    assert not [one for one in client.query(entity_type) if name in one]


def test_entities_with_a_key_of_several_parts_are_written_by_all_of_them(client: Any, ops: Any) -> None:
    """A setting is told by its name and its group."""
    client.create("Setting", name="a", group="X", value="1")
    client.create("Setting", name="a", group="Y", value="2")
    assert client.refused(ops.create("Setting", name="a", group="X", value="3"))[0] == "IntegrityError"

    client.update("Setting", ["a", "X"], value="4")
    settings = client.query("select value from Setting where name is a")
    assert {(one["group"], one["value"]) for one in settings} == {("X", "4"), ("Y", "2")}

    client.call(ops.delete("Setting", ["a", "Y"]))
    assert [one["group"] for one in client.query("Setting where name is a")] == ["X"]
    assert "name, group" in client.refused(ops.delete("Setting", "a"))[1]

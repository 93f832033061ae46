"""Collections come as full lists; what that means is the relation's business."""

from __future__ import annotations

import uuid
from typing import Any

import pytest


def named(rows: list[dict[str, Any]]) -> list[str]:
    """Names of entities, in order."""
    return [row["name"] for row in rows]


def test_components_join_and_leave_a_version(client: Any, ref: Any) -> None:
    """One to many: the component's key follows, and one that leaves stays a component."""
    version = client.version(client.project())
    one, two, three = (client.create("FileComponent", name=name) for name in "abc")

    client.update("AssetVersion", version["id"], components=[ref(one), ref(two)])
    reply = client.update("AssetVersion", version["id"], components=[ref(two), ref(three)])

    assert {entity["id"] for entity in reply["components"]} == {two["id"], three["id"]}
    versions = {row["name"]: row["version_id"] for row in client.query("select name, version_id from Component")}
    assert versions == {"a": None, "b": version["id"], "c": version["id"]}


def test_a_create_may_have_collections(client: Any, ref: Any) -> None:
    """A sequence is created with its frames."""
    frames = [client.create("FileComponent", name=str(number)) for number in (1, 2)]

    sequence = client.create("SequenceComponent", name="main", padding=4, members=[ref(one) for one in frames])

    assert [one["id"] for one in sequence["members"]] == [one["id"] for one in frames]
    assert named(client.query(f"select name from FileComponent where container_id is {sequence['id']}")) == ["1", "2"]


def test_a_base_type_may_name_the_items(client: Any) -> None:
    """A client that only knows `Component` says so."""
    version = client.version(client.project())
    component = client.create("FileComponent", name="main")

    reference = {"__entity_type__": "Component", "id": component["id"]}
    client.update("AssetVersion", version["id"], components=[reference])

    assert client.one("select version_id from Component")["version_id"] == version["id"]


def test_scopes_are_linked_and_unlinked(client: Any, ref: Any) -> None:
    """Many to many over pairs of ids; neither side goes when the other does."""
    one, two = client.project("one"), client.project("two")
    day, night = client.create("Scope", name="day"), client.create("Scope", name="night")

    client.update("Project", one["id"], scopes=[ref(day), ref(night)])
    client.update("Project", two["id"], scopes=[ref(night)])
    reply = client.update("Project", one["id"], scopes=[ref(night)])

    assert [scope["id"] for scope in reply["scopes"]] == [night["id"]]
    assert named(client.query("select name from Project where scopes.name is night")) == ["one", "two"]
    client.call({"action": "delete", "entity_type": "Scope", "entity_key": night["id"]})
    assert client.one("select scopes from Project where name is one")["scopes"] == []


def test_list_items_are_entities_of_their_own(client: Any, ref: Any) -> None:
    """Many to many over link entities: they can carry custom attributes, so one that stays is the same one."""
    project = client.project()
    one, two = client.shot(project, "one"), client.shot(project, "two")
    chosen = client.create("TypedContextList", name="dailies", project_id=project["id"])

    client.update("TypedContextList", chosen["id"], items=[ref(one), ref(two)])
    before = {row["entity_id"]: row["id"] for row in client.query("select entity_id from ListObject")}
    client.update("TypedContextList", chosen["id"], items=[ref(two)])

    (left,) = client.query("select entity_id from ListObject")
    assert (left["entity_id"], left["id"]) == (two["id"], before[two["id"]])
    assert named(client.query("select name from Shot where lists.name is dailies")) == ["two"]


def test_used_versions_show_on_both_sides(client: Any, ref: Any) -> None:
    """What went into what is asked from either end."""
    project = client.project()
    plate, comp = client.version(project), client.version(project)

    client.update("AssetVersion", comp["id"], uses_versions=[ref(plate)])

    used = client.one(f"select used_in_versions.id from AssetVersion where id is {plate['id']}")
    assert [one["id"] for one in used["used_in_versions"]] == [comp["id"]]
    link = client.one("select from_id, to_id from AssetVersionLink")
    assert (link["from_id"], link["to_id"]) == (plate["id"], comp["id"])


def test_statuses_of_a_workflow_can_be_set(client: Any, ref: Any) -> None:
    """A studio sets its workflows up by script; link entities without an id are written too."""
    status = client.one("Status where name is Approved")

    workflow = client.create("WorkflowSchema", name="short", statuses=[ref(status)])

    assert (
        client.one("select status_id from WorkflowSchemaStatus where workflow_schema_id is " + workflow["id"])[
            "status_id"
        ]
        == status["id"]
    )


@pytest.mark.parametrize("order", ["update first", "delete first"])
def test_metadata_can_be_removed_in_either_order(client: Any, ops: Any, order: str) -> None:
    """Removing a key sends the list without it and a delete; assigning a whole mapping sends them the other way."""
    project = client.project()
    one, two = ({"__entity_type__": "Metadata", "parent_id": project["id"], "key": key} for key in "ab")
    client.call(*(ops.create("Metadata", **_data(entry), value="x", parent_type="Project") for entry in (one, two)))

    change = ops.update("Project", project["id"], metadata=[two])
    removal = ops.delete("Metadata", [project["id"], "a"])
    client.call(*((change, removal) if order == "update first" else (removal, change)))

    assert [(row["key"], row["value"]) for row in client.query("select key, value from Metadata")] == [("b", "x")]


def test_metadata_can_be_replaced_as_a_whole(client: Any, ops: Any) -> None:
    """Assigning a dictionary deletes what was, creates what shall be, and then sends the list."""
    project = client.project()
    client.create("Metadata", parent_id=project["id"], key="a", value="old", parent_type="Project")
    new = {"__entity_type__": "Metadata", "parent_id": project["id"], "key": "a"}

    reply = client.call(
        ops.delete("Metadata", [project["id"], "a"]),
        ops.create("Metadata", **_data(new), value="new", parent_type="Project"),
        ops.update("Project", project["id"], metadata=[new]),
    )

    assert [(row["key"], row["value"]) for row in client.query("select key, value from Metadata")] == [("a", "new")]
    assert reply[2]["data"]["metadata"][0]["key"] == "a"


def test_metadata_cannot_push_other_metadata_out(client: Any, ops: Any) -> None:
    """Giving an entity another's entry under a key it has would leave one of the two without a place."""
    one, two = client.project("one"), client.project("two")
    for project in (one, two):
        client.create("Metadata", parent_id=project["id"], key="a", value=project["name"])
    entry = {"__entity_type__": "Metadata", "parent_id": one["id"], "key": "a"}

    assert client.refused(ops.update("Project", two["id"], metadata=[entry]))[0] == "IntegrityError"
    assert len(client.query("select key from Metadata")) == 2


def test_an_item_deleted_in_the_same_batch_may_still_be_listed(client: Any, ops: Any, ref: Any) -> None:
    """A client that deletes a component of a version it changed sends both."""
    version = client.version(client.project())
    component = client.create("FileComponent", name="main", version_id=version["id"])

    client.call(
        ops.delete("FileComponent", component["id"]),
        ops.update("AssetVersion", version["id"], components=[ref(component)]),
    )

    assert client.query("Component") == []


def test_an_item_that_never_existed_is_refused(client: Any, ops: Any, ref: Any) -> None:
    """A mistaken id would otherwise vanish silently."""
    project = client.project()
    nothing = {"__entity_type__": "Scope", "id": str(uuid.uuid4())}

    exception, content = client.refused(ops.update("Project", project["id"], scopes=[nothing]))

    assert exception == "IntegrityError"
    assert nothing["id"] in content


def test_the_author_stays_a_recipient_of_a_new_note(client: Any, ops: Any) -> None:
    """The client sends the recipients it knows; the server's own one must survive that."""
    shot = client.shot(client.project())
    author = client.one("User")
    other = client.create("User", username="other")
    note = str(uuid.uuid4())
    recipient = {"__entity_type__": "Recipient", "note_id": note, "resource_id": other["id"]}

    client.call(
        ops.create("Note", id=note, content="hello", parent_id=shot["id"], parent_type="Shot"),
        ops.create("Recipient", note_id=note, resource_id=other["id"]),
        ops.update("Note", note, recipients=[recipient]),
    )

    found = {row["resource_id"] for row in client.query("select resource_id from Recipient")}
    assert found == {author["id"], other["id"]}


def test_replies_belong_to_their_note(client: Any, ops: Any, ref: Any) -> None:
    """An answer makes the thread active, and leaves it when it is taken out."""
    shot = client.shot(client.project())
    note = client.create("Note", content="?", parent_id=shot["id"], parent_type="Shot")
    answer = client.create("Note", content="!")

    client.update("Note", note["id"], replies=[ref(answer)])
    assert (
        client.one(f"select in_reply_to.content from Note where id is {answer['id']}")["in_reply_to"]["content"] == "?"
    )

    client.update("Note", note["id"], replies=[])
    assert client.one(f"select in_reply_to_id from Note where id is {answer['id']}")["in_reply_to_id"] is None


def test_a_computed_collection_cannot_be_written(client: Any, ops: Any) -> None:
    """Descendants follow from parents."""
    shot = client.shot(client.project())

    assert "computed" in client.refused(ops.update("Shot", shot["id"], descendants=[{"id": "x"}]))[1]


def _data(reference: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in reference.items() if name != "__entity_type__"}

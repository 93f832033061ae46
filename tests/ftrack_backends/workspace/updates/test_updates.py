"""`ftrack.update`: what a commit tells, entity by entity, and what it keeps to itself."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_core.values import Event


@pytest.fixture
def told(workspace: Workspace) -> Any:
    """Gives what was told since it was asked last."""
    seen = 0

    def since() -> list[Event]:
        nonlocal seen
        assert workspace.broker.settle(10)
        events = workspace.broker.log.of("ftrack.update")
        new, seen = events[seen:], len(events)
        return new

    since()
    return since


def _entities(events: list[Event]) -> list[dict[str, Any]]:
    (event,) = events
    entities: list[dict[str, Any]] = event.data["entities"]
    return entities


@pytest.fixture
def project(client: Any) -> Any:
    """A project."""
    return client.project()


@pytest.fixture
def shot(client: Any, project: Any) -> Any:
    """A shot in a sequence."""
    sequence = client.create("Sequence", name="sq010", parent_id=project["id"])
    return client.shot(sequence)


def test_a_change_is_told_under_the_internal_name(client: Any, told: Any, shot: Any) -> None:
    """Listeners of studios look for `statusid`; under any other name they never act."""
    told()
    (other,) = client.query(f'Status where id is_not "{shot["status_id"]}" limit 1')
    client.update("Shot", [shot["id"]], status_id=other["id"], description="x")
    (entity,) = _entities(told())
    assert (entity["entityType"], entity["entity_type"], entity["entityId"]) == ("task", "Shot", shot["id"])
    assert entity["action"] == "update"
    assert set(entity["keys"]) == {"statusid", "description"}
    assert entity["changes"]["statusid"] == {"old": shot["status_id"], "new": other["id"]}
    assert entity["objectTypeId"] == shot["object_type_id"]


def test_dates_are_text_and_truths_are_truths(client: Any, told: Any, shot: Any) -> None:
    """What a listener compares is plain JSON."""
    task = client.create("Task", name="anim", parent_id=shot["id"])
    told()
    client.update("Task", [task["id"]], end_date=_date("2024-05-01T10:00:00"))
    (entity,) = _entities(told())
    assert entity["changes"] == {"enddate": {"old": None, "new": "2024-05-01T10:00:00"}}
    user = client.one(f'User where username is "{client.username}"')
    client.update("User", [user["id"]], is_totp_enabled=True)
    changes = _entities(told())[0]["changes"]
    assert changes == {"totp_enabled": {"old": changes["totp_enabled"]["old"], "new": True}}


def _date(text: str) -> dict[str, str]:
    return {"__type__": "datetime", "value": text}


def test_the_parents_lead_from_the_entity_to_the_show(client: Any, told: Any, shot: Any, project: Any) -> None:
    """A listener that watches one show asks whether the last parent is its show."""
    told()
    task = client.create("Task", name="anim", parent_id=shot["id"])
    (event,) = told()
    parents = event.data["entities"][0]["parents"]
    assert [parent["entityType"] for parent in parents] == ["task", "task", "task", "show"]
    assert [parent["entity_type"] for parent in parents] == ["Task", "Shot", "Sequence", "Project"]
    assert [parent["entityId"] for parent in parents][::3] == [task["id"], project["id"]]
    assert [parent["parentId"] for parent in parents] == [*(parent["entityId"] for parent in parents[1:]), None]
    assert event.data["entities"][0]["parentId"] == shot["id"]
    assert event.data["parents"] == [parent["entityId"] for parent in parents]


def test_what_is_created_is_told_with_what_it_has(client: Any, told: Any, shot: Any) -> None:
    """Also what the server filled in."""
    told()
    task = client.create("Task", name="anim", parent_id=shot["id"])
    (entity,) = _entities(told())
    assert entity["action"] == "add"
    assert entity["changes"]["name"] == {"old": None, "new": "anim"}
    assert entity["changes"]["statusid"] == {"old": None, "new": task["status_id"]}
    assert "description" not in entity["changes"]


def test_what_is_deleted_is_told_with_all_that_went_along(client: Any, ops: Any, told: Any, shot: Any) -> None:
    """A listener that mirrors a show must not keep the tasks of a deleted shot."""
    task = client.create("Task", name="anim", parent_id=shot["id"])
    told()
    client.call(ops.delete("Shot", [shot["id"]]))
    entities = _entities(told())
    assert {(entity["entityId"], entity["action"]) for entity in entities} == {
        (shot["id"], "remove"),
        (task["id"], "remove"),
    }
    removed = next(entity for entity in entities if entity["entityId"] == task["id"])
    assert removed["changes"]["name"] == {"old": "anim", "new": None}
    assert [parent["entityType"] for parent in removed["parents"]] == ["task", "task", "task", "show"]


def test_what_moves_is_told_as_a_move(client: Any, told: Any, shot: Any, project: Any) -> None:
    """Paths on disk depend on parents."""
    told()
    client.update("Shot", [shot["id"]], parent_id=project["id"])
    (entity,) = _entities(told())
    assert entity["action"] == "move"
    assert entity["changes"]["parent_id"]["new"] == project["id"] == entity["parentId"]


@pytest.mark.parametrize(("stored", "text"), [(1, "1"), (1.5, "1.5"), (0, "0")])
def test_a_custom_attribute_is_a_change_of_its_entity(
    client: Any, told: Any, shot: Any, stored: float, text: str
) -> None:
    """`frame_start` changed on the shot: nobody listens for rows of values."""
    configuration = _declared(client, "frame_start", "number")
    told()
    client.update("ContextCustomAttributeValue", [configuration, shot["id"]], value=stored)
    (entity,) = _entities(told())
    assert (entity["entity_type"], entity["entityId"], entity["action"]) == ("Shot", shot["id"], "update")
    assert entity["changes"] == {"frame_start": {"old": None, "new": text}}
    assert entity["keys"] == ["frame_start"]
    assert entity["parents"][-1]["entityType"] == "show"


@pytest.mark.parametrize(
    ("type_name", "value", "text"),
    [
        *(
            ("text", "é {x}", "é {x}"),
            ("boolean", True, "1"),
            ("boolean", False, "0"),
            ("url", "http://x", "http://x"),
        ),
        ("date", {"__type__": "datetime", "value": "2024-05-01T10:00:00"}, "2024-05-01T10:00:00"),
    ],
)
def test_every_kind_of_custom_attribute_is_told_as_text(
    client: Any, told: Any, shot: Any, type_name: str, value: Any, text: str
) -> None:
    """Events of ftrack have text there, whatever the kind."""
    configuration = _declared(client, "own", type_name)
    told()
    client.update("ContextCustomAttributeValue", [configuration, shot["id"]], value=value)
    (entity,) = _entities(told())
    assert entity["changes"] == {"own": {"old": None, "new": text}}


def test_a_custom_attribute_that_changes_again_or_is_reset_says_what_it_was(
    client: Any, ops: Any, told: Any, shot: Any
) -> None:
    """A tool that undoes a change needs the old value."""
    configuration = _declared(client, "frame_start", "number")
    key = [configuration, shot["id"]]
    client.update("ContextCustomAttributeValue", key, value=1)
    told()
    client.update("ContextCustomAttributeValue", key, value=2)
    client.call(ops.delete("ContextCustomAttributeValue", key))
    first, second = (event.data["entities"][0]["changes"]["frame_start"] for event in told())
    assert first == {"old": "1", "new": "2"}
    assert second == {"old": "2", "new": None}


def test_attributes_and_custom_attributes_of_one_entity_are_one_entry(
    client: Any, ops: Any, told: Any, shot: Any
) -> None:
    """A batch that publishes a shot sets both; its listener sees one shot."""
    configuration = _declared(client, "frame_start", "number")
    told()
    client.call(
        ops.update("ContextCustomAttributeValue", [configuration, shot["id"]], value=7),
        ops.update("Shot", [shot["id"]], description="x"),
    )
    (entity,) = _entities(told())
    assert set(entity["changes"]) == {"frame_start", "description"}


def _declared(client: Any, key: str, type_name: str) -> str:
    kind = client.one(f'CustomAttributeType where name is "{type_name}"')["id"]
    shot_type = client.one('ObjectType where name is "Shot"')["id"]
    made: str = client.create(
        "CustomAttributeConfiguration",
        key=key,
        label=key,
        type_id=kind,
        entity_type="task",
        object_type_id=shot_type,
    )["id"]
    return made


def test_a_batch_is_one_event_in_the_callers_name(client: Any, ops: Any, told: Any, project: Any) -> None:
    """A tool knows its own changes by the client token, and a listener who did it."""
    told()
    body = [ops.create("Shot", name=f"sh{number}", parent_id=project["id"]) for number in range(3)]
    client.post(_json(body), **{"ftrack-clienttoken": "tool", "ftrack-pushtoken": "push"})
    (event,) = told()
    assert [entity["action"] for entity in event.data["entities"]] == ["add"] * 3
    assert (event.data["clientToken"], event.data["pushToken"]) == ("tool", "push")
    assert event.data["user"]["name"] == event.source["user"]["username"] == client.username
    assert event.data["user"]["userid"] == event.source["user"]["id"]


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


def test_what_was_not_done_is_not_told(client: Any, ops: Any, told: Any, shot: Any) -> None:
    """Neither a refused batch, nor one that changed nothing, nor one that took back what it did."""
    told()
    client.refused(ops.update("Shot", [shot["id"]], description="x"), ops.update("Shot", ["missing"], description="x"))
    client.update("Shot", [shot["id"]], name=shot["name"])
    client.call(
        ops.create("Task", id="5b4f2a8e-6f0c-4a8e-9d67-0f4d0c6f3c11", name="anim", parent_id=shot["id"]),
        ops.delete("Task", ["5b4f2a8e-6f0c-4a8e-9d67-0f4d0c6f3c11"]),
    )
    client.query("Shot")
    assert told() == []


@pytest.mark.parametrize(
    ("entity_type", "internal"),
    [
        *(("Asset", "asset"), ("AssetVersion", "assetversion"), ("Note", "note"), ("Timelog", "timelog")),
        *(("TypedContextList", "list"), ("FileComponent", "component"), ("Appointment", "appointment")),
        *(("TypedContextLink", "dependency"), ("User", "user"), ("Metadata", "meta")),
    ],
)
def test_types_go_by_their_internal_names(client: Any, told: Any, shot: Any, entity_type: str, internal: str) -> None:
    """Listeners ask for `entityType`, in the words that ftrack has had for a decade."""
    data = _data(client, entity_type, shot)
    told()
    client.create(entity_type, **data)
    entity = next(entity for entity in _entities(told()) if entity["entity_type"] == entity_type)
    assert entity["entityType"] == internal
    chain = [parent["entityType"] for parent in entity["parents"]]
    assert chain[0] == internal
    assert chain[-1] == ("show" if entity_type not in {"User", "FileComponent"} else internal)


def _data(client: Any, entity_type: str, shot: Any) -> dict[str, Any]:
    user = client.one(f'User where username is "{client.username}"')["id"]
    if entity_type == "AssetVersion":
        return {"asset_id": client.create("Asset", name="x", context_id=shot["id"])["id"]}
    if entity_type == "TypedContextLink":
        return {"from_id": shot["id"], "to_id": shot["parent_id"]}
    if entity_type == "TypedContextList":
        category = client.query("ListCategory limit 1")[0]["id"]
        return {"name": "x", "project_id": shot["project_id"], "category_id": category}
    return {
        "Asset": {"name": "x", "context_id": shot["id"]},
        "Note": {"content": "x", "parent_id": shot["id"], "parent_type": "Shot", "user_id": user},
        "Timelog": {"context_id": shot["id"], "user_id": user, "start": _date("2024-05-01T10:00:00"), "duration": 1},
        "FileComponent": {"name": "main"},
        "Appointment": {"context_id": shot["id"], "resource_id": user, "type": "assignment"},
        "User": {"username": "ben"},
        "Metadata": {"parent_id": shot["id"], "parent_type": "Shot", "key": "a", "value": "b"},
    }[entity_type]


def test_a_many_to_many_collection_is_told_of_its_owner(client: Any, told: Any, shot: Any, ref: Any) -> None:
    """Scopes have no entity between: without this nobody would know that they changed."""
    scope = client.create("Scope", name="feature")
    told()
    client.update("Shot", [shot["id"]], scopes=[ref(scope)])
    (entity,) = _entities(told())
    assert (entity["entityId"], entity["keys"]) == (shot["id"], ["scopes"])
    client.update("Shot", [shot["id"]], scopes=[ref(scope)])
    assert told() == []


def test_history_rows_are_not_told(client: Any, told: Any, shot: Any) -> None:
    """A listener on every change would hear its own echo."""
    told()
    (other,) = client.query(f'Status where id is_not "{shot["status_id"]}" limit 1')
    client.update("Shot", [shot["id"]], status_id=other["id"])
    assert [entity["entity_type"] for entity in _entities(told())] == ["Shot"]


def test_commits_of_many_threads_are_told_in_their_order(
    client: Any, workspace: Workspace, told: Any, shot: Any
) -> None:
    """Each change's old value must be the one that was told before: else a mirror ends up wrong."""
    told()

    def change(number: int) -> None:
        client.update("Shot", [shot["id"]], description=str(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, range(200)))
    changes = [event.data["entities"][0]["changes"]["description"] for event in told()]
    assert [change["old"] for change in changes] == [None, *(change["new"] for change in changes[:-1])]
    assert len(changes) == 200


def test_a_commit_returns_before_anybody_was_told(client: Any, workspace: Workspace, project: Any) -> None:
    """A handler that asks the workspace, or hangs, must not do so inside somebody's commit."""
    user = workspace.users[0]
    gate, inside = threading.Event(), threading.Event()
    seen: list[Any] = []

    def handle(event: Event) -> None:
        inside.set()
        gate.wait(10)
        seen.append(client.query(f"Shot where id is {event.data['entities'][0]['entityId']}"))

    with_listener = workspace.listen(user.username, user.api_key, handle)
    with_listener.subscribe("topic=ftrack.update", {})
    shot = client.shot(project)
    assert inside.wait(10)
    client.update("Shot", [shot["id"]], description="meanwhile")
    gate.set()
    while len(seen) < 2:
        assert workspace.broker.settle(10)
    with_listener.close()
    assert [rows[0]["id"] for rows in seen] == [shot["id"], shot["id"]]

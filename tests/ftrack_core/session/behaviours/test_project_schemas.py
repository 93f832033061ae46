"""The statuses and types that a project schema allows."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_core import Session


@pytest.fixture
def vfx(session: Session, wire: Any) -> Any:
    """A project schema of which nothing is loaded."""
    found = session.query("ProjectSchema where name is VFX").one()
    wire.forget()
    return found


def _names(entities: list[Any]) -> list[str]:
    return [entity["name"] for entity in entities]


def test_tasks_follow_the_task_workflow(session: Session, vfx: Any) -> None:
    """In the server's order."""
    workflow: Any = session.query("select task_workflow_schema.statuses.name from ProjectSchema").one()
    expected = _names(workflow["task_workflow_schema"]["statuses"])
    assert len(expected) > 1
    assert _names(vfx.get_statuses("Task")) == expected
    assert _names(vfx.get_statuses("Task", "no-such-type")) == expected


def test_a_type_of_task_may_have_a_workflow_of_its_own(session: Session, vfx: Any) -> None:
    """The other types keep the common one."""
    layout, animation = vfx.get_types("Task")[:2]
    status = session.query("Status").first()
    workflow = session.create("WorkflowSchema", {"name": "own", "statuses": [status]})
    values = {"project_schema_id": vfx["id"], "type_id": layout["id"], "workflow_schema_id": workflow["id"]}
    session.create("ProjectSchemaOverride", values)
    session.commit()
    assert vfx.get_statuses("Task", layout["id"]) == [status]
    assert vfx.get_statuses("Task", animation["id"]) == vfx.get_statuses("Task")
    assert vfx.get_statuses("Task") != [status]


def test_versions_follow_the_version_workflow(session: Session, vfx: Any) -> None:
    """Which is not that of tasks."""
    workflow: Any = session.query("select asset_version_workflow_schema.statuses.name from ProjectSchema").one()
    expected = _names(workflow["asset_version_workflow_schema"]["statuses"])
    assert _names(vfx.get_statuses("AssetVersion")) == expected != _names(vfx.get_statuses("Task"))


@pytest.mark.parametrize("name", ["Shot", "AssetBuild", "Milestone"])
def test_other_objects_have_a_schema_of_their_own(session: Session, vfx: Any, name: str) -> None:
    """Their object type leads to it."""
    object_type = session.types[name].attributes["object_type_id"].default
    where = f'where schema_id in (select id from Schema where type_id is "{object_type}")'
    statuses = session.query(f"select task_status.name from SchemaStatus {where}")
    types = session.query(f"select task_type.name from SchemaType {where}")
    assert _names(vfx.get_statuses(name)) == [each["task_status"]["name"] for each in statuses] != []
    assert _names(vfx.get_types(name)) == [each["task_type"]["name"] for each in types]


def test_types_of_tasks_come_from_the_type_schema(session: Session, vfx: Any) -> None:
    """Which the whole project shares."""
    schema: Any = session.query("select task_type_schema.types.name from ProjectSchema").one()
    assert _names(vfx.get_types("Task")) == _names(schema["task_type_schema"]["types"]) != []


def test_each_question_costs_one_call_once(session: Session, wire: Any, vfx: Any) -> None:
    """A menu of statuses is asked for task by task; names included, and in threads that load nothing."""
    with session.auto_populating(auto_populate=False):
        for _ in range(3):
            _names(vfx.get_statuses("Task", "t"))
        assert wire.calls == 1
        for name in ("Shot", "AssetBuild", "Shot"):
            _names(vfx.get_statuses(name))
            _names(vfx.get_types(name))
        assert wire.calls == 2
        for _ in range(2):
            _names(vfx.get_statuses("AssetVersion"))
            _names(vfx.get_types("Task"))
        assert wire.calls == 4


@pytest.mark.parametrize(
    ("name", "told"),
    [("Shoot", "'Shot'"), ("User", "no object type"), ("TypedContext", "no object type"), ("Episode", "says nothing")],
)
def test_what_has_no_statuses_or_types_is_told(session: Session, vfx: Any, name: str, told: str) -> None:
    """As a ValueError, with the nearest name for one that there is not."""
    for schema in vfx["_schemas"]:
        if schema["type_id"] == session.types["Episode"].attributes["object_type_id"].default:
            session.delete(schema)
    session.commit()
    session.refresh(vfx, "_schemas")
    with pytest.raises(ValueError, match=told):
        vfx.get_statuses(name)
    with pytest.raises(ValueError, match=told):
        vfx.get_types(name)


def test_versions_have_no_types(vfx: Any) -> None:
    """There is nothing to choose, and an empty menu would hide the mistake."""
    with pytest.raises(ValueError, match="AssetVersion"):
        vfx.get_types("AssetVersion")

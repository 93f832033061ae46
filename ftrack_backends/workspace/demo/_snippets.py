"""The code that the demo shows: what is printed is the source of these very functions, and they are what runs."""

# ruff: noqa: S608 - queries in the tracker's language, made of names that stand here or came from the server

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ftrack_core import Session
    from ftrack_core.entity import Entity

__all__ = [
    "first_version",
    "named_afterwards",
    "named_in_the_query",
    "named_one_by_one",
    "names_of",
    "new_shot",
    "new_task",
    "overview",
    "send_to_review",
    "what_changed",
]


def overview(session: Session) -> list[Entity]:
    """Every shot with its tasks, their statuses and who works on them."""
    return session.query(
        "select name, status.name, parent.name, children.name, children.type.name, "
        "children.status.name, children.assignments.resource.username "
        "from Shot order by parent.name, name"
    ).all()


def named_one_by_one(session: Session, tasks: str) -> list[str]:
    """Read what the query did not ask for."""
    found = session.query(f"select id from {tasks}")
    return [f"{each['type']['name']}: {each['status']['name']}" for each in found]


def named_afterwards(session: Session, tasks: str) -> list[str]:
    """Have it loaded for all of them first."""
    found = session.query(f"select id from {tasks}").all()
    session.populate(found, "type.name, status.name")
    return [f"{each['type']['name']}: {each['status']['name']}" for each in found]


def named_in_the_query(session: Session, tasks: str) -> list[str]:
    """Ask for it in the query."""
    found = session.query(f"select type.name, status.name from {tasks}")
    return [f"{each['type']['name']}: {each['status']['name']}" for each in found]


def new_shot(session: Session, project: Entity, name: str) -> Entity:
    """A sequence with its first shot."""
    sequence = session.create("Sequence", {"name": name, "parent": project})
    return session.create("Shot", {"name": f"{name}_0010", "parent": sequence})


def new_task(session: Session, shot: Entity, type_name: str) -> Entity:
    """A task of the shot, for whoever runs this."""
    me = session.query(f'select username from User where username is "{session.api_user}"').one()
    kind = session.query(f'select name from Type where name is "{type_name}"').one()
    task = session.create("Task", {"name": type_name.lower(), "parent": shot, "type": kind})
    session.create("Appointment", {"context": task, "resource": me, "type": "assignment"})
    return task


def first_version(session: Session, task: Entity, due: datetime.datetime) -> Entity:
    """Publish an asset's first version; the task is under way and has a due date."""
    kind = session.query('select name from AssetType where name is "Animation"').one()
    asset = session.create("Asset", {"name": "anim", "type": kind, "parent": task["parent"]})
    task["status"] = session.query('select name from Status where name is "In progress"').one()
    task["end_date"] = due
    data = {"asset": asset, "task": task, "comment": "First blocking"}
    return session.create("AssetVersion", data)


def send_to_review(session: Session) -> None:
    """The newest first version is done: so is its task, for now."""
    versions = session.query('select date, task.status.name from AssetVersion where comment is "First blocking"')
    version = max(versions, key=lambda each: each["date"])
    version["comment"] = "First blocking, for the dailies"
    version["task"]["status"] = session.query('select name from Status where name is "Pending review"').one()


def what_changed(session: Session, event: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """What an `ftrack.update` event tells; statuses by their names instead of their ids."""
    lines = []
    for entity in event["data"]["entities"]:
        for name, change in entity["changes"].items():
            values = [change["old"], change["new"]]
            if name == "statusid":
                values = [session.query(f"Status where id is {each}").one()["name"] for each in values]
            lines.append((entity["entity_type"], name, *values))
    return lines


def names_of(session: Session, status_ids: list[str]) -> list[str]:
    """The names of statuses whose ids came from somewhere else."""
    statuses = [session.get("Status", each) for each in status_ids]
    return [status["name"] for status in statuses if status]

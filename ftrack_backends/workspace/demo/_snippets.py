"""The code that the demo shows: what is printed is the source of these very functions, and they are what runs."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftrack_core import Session
    from ftrack_core.entity import Entity

__all__ = ["asked_for_at_once", "new_shot", "overview", "populated", "publish", "read_one_by_one"]


def overview(session: Session) -> list[Entity]:
    """Every shot with its tasks, their statuses and who works on them."""
    return session.query(
        "select name, status.name, parent.name, children.name, children.status.name, "
        "children.type.name, children.assignments.resource.username "
        "from Shot order by parent.name, name"
    ).all()


def read_one_by_one(session: Session, sequence: str) -> list[str]:
    """Statuses and types that the query did not ask for."""
    tasks = session.query(f'select name from Task where parent.parent.name is "{sequence}"')
    return [f"{task['name']}, {task['type']['name']}: {task['status']['name']}" for task in tasks]


def populated(session: Session, sequence: str) -> list[str]:
    """The same, with one more line."""
    tasks = session.query(f'select name from Task where parent.parent.name is "{sequence}"').all()
    session.populate(tasks, "type.name, status.name")
    return [f"{task['name']}, {task['type']['name']}: {task['status']['name']}" for task in tasks]


def asked_for_at_once(session: Session, sequence: str) -> list[str]:
    """The same, all in the query."""
    tasks = session.query(
        f'select name, type.name, status.name from Task where parent.parent.name is "{sequence}"'
    )
    return [f"{task['name']}, {task['type']['name']}: {task['status']['name']}" for task in tasks]


def new_shot(session: Session, project: Entity, sequence_name: str) -> Entity:
    """A sequence with its first shot, and two tasks for the artist."""
    sequence = session.create("Sequence", {"name": sequence_name, "parent": project})
    shot = session.create("Shot", {"name": f"{sequence_name}_0010", "parent": sequence})
    artist = session.query(f'User where username is "{session.api_user}"').one()
    for name in ("Layout", "Animation"):
        task_type = session.query(f'Type where name is "{name}"').one()
        task = session.create("Task", {"name": name.lower(), "parent": shot, "type": task_type})
        session.create("Appointment", {"context": task, "resource": artist, "type": "assignment"})
    return shot


def publish(session: Session, task: Entity, due: datetime.datetime) -> Entity:
    """A first version of the task's asset; the task is under way and has a due date."""
    asset_type = session.query('AssetType where name is "Animation"').one()
    asset = session.create("Asset", {"name": task["name"], "type": asset_type, "parent": task["parent"]})
    task["status"] = session.query('Status where name is "In progress"').one()
    task["end_date"] = due
    return session.create("AssetVersion", {"asset": asset, "task": task, "comment": "First blocking"})

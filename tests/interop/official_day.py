"""A pipeline's day, in the words that the official client and ours share.

    python official_day.py URL USER KEY [--only-start]

Run as a script it uses the official client, under whose interpreter it must run; so nothing of ours is imported here.
The tests also call `day` with our own session. What it gives holds no ids, so that two days can be compared.
"""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

NAME = "interop_show"


def day(opened: Callable[[], Any], mark: Callable[[str], None]) -> dict[str, Any]:
    """Live through it.

    Args:
        opened: Opens a session.
        mark: Called with the name of each part of the day once it is over, to count server calls by part.

    Returns:
        What was seen in each part.
    """
    seen: dict[str, Any] = {}
    session = opened()
    mark("start")
    seen["start"] = _about(session)
    seen["query"] = _queried(session)
    mark("query")
    seen["create"] = _created(session)
    mark("create")
    seen["update"] = _updated(session)
    mark("update")
    second = opened()
    seen["read back"] = _read_back(second)
    mark("read back")
    seen["delete"] = _deleted(second)
    mark("delete")
    for each in (second, session):
        each.close()
    return seen


def _about(session: Any) -> dict[str, Any]:
    return {
        "types": sorted(session.types),
        "schema_hash": session.server_information["schema_hash"],
        "user": session.query(f'User where username is "{session.api_user}"').one()["username"],
    }


def _queried(session: Any) -> list[Any]:
    """Nested projections over tasks of the seed, and what they hold."""
    query = (
        "select name, status.name, type.name, parent.name, project.name, link from Task "
        "where parent has (name like '%') and status.name is_not None "
        "order by project.name, parent.name, name limit 20"
    )
    return [
        [task["name"], task["status"]["name"], task["type"]["name"], task["parent"]["name"], task["project"]["name"]]
        + [item["name"] for item in task["link"]]
        for task in session.query(query)
    ]


def _created(session: Any) -> dict[str, Any]:
    schema = session.query("ProjectSchema").first()
    project = session.create("Project", {"name": NAME, "full_name": "Interop", "project_schema": schema})
    sequence = session.create("Sequence", {"name": "sq010", "parent": project})
    shot = session.create("Shot", {"name": "sh010", "parent": sequence, "description": "a first try"})
    task = session.create("Task", {"name": "animation", "parent": shot})
    pending = len(session.recorded_operations) >= 4
    session.commit()
    return {
        "pending": [pending, len(session.recorded_operations) > 0],
        "names": [each["name"] for each in (project, sequence, shot, task)],
        "status": task["status"]["name"],
        "project": task["project"]["name"],
        "types": [each.entity_type for each in (project, sequence, shot, task)],
    }


def _updated(session: Any) -> dict[str, Any]:
    shot = session.query(f'Shot where name is "sh010" and project.name is "{NAME}"').one()
    task = session.query(f'Task where name is "animation" and project.name is "{NAME}"').one()
    other = session.query('select name from Status where name is_not "Not started" order by name').first()
    shot["description"] = 'the "final" take, élan and all'
    task["name"] = "animation_final"
    task["status"] = other
    session.commit()
    return {"description": shot["description"], "name": task["name"], "same status": task["status"] is other}


def _read_back(session: Any) -> dict[str, Any]:
    projections = "name, status.name, link, parent.description, parent.parent.name"
    task = session.query(f'select {projections} from Task where project.name is "{NAME}"').one()
    project = session.query(f'Project where name is "{NAME}"').one()
    return {
        "name": task["name"],
        "status": task["status"]["name"],
        "link": [item["name"] for item in task["link"]],
        "description": task["parent"]["description"],
        "sequence": task["parent"]["parent"]["name"],
        "children": [child["name"] for child in project["children"]],
        "got": session.get("Task", task["id"])["name"],
        "absent": session.get("Task", "00000000-0000-0000-0000-000000000000"),
    }


def _deleted(session: Any) -> dict[str, Any]:
    task = session.query(f'Task where project.name is "{NAME}"').one()
    session.delete(task)
    session.commit()
    tasks = len(session.query(f'Task where project.name is "{NAME}"').all())
    session.delete(session.query(f'Project where name is "{NAME}"').one())
    session.commit()
    shots = len(session.query(f'Shot where project.name is "{NAME}"').all())
    return {"tasks": tasks, "shots": shots, "project": session.query(f'Project where name is "{NAME}"').first()}


def marker(url: str) -> Callable[[str], None]:
    """Leaves marks in the server's access log, by asking for addresses that do not exist."""

    def mark(part: str) -> None:
        try:
            urllib.request.urlopen(f"{url}/mark/{part.replace(' ', '-')}")  # noqa: S310 - a test's own loopback URL
        except urllib.error.HTTPError as error:
            error.close()

    return mark


def main(url: str, user: str, key: str, *options: str) -> None:
    """Live it with the official client and print what was seen."""
    import ftrack_api  # type: ignore[import-not-found]  # only the other environment has it

    def opened() -> Any:
        return ftrack_api.Session(
            url, key, user, plugin_paths=[], auto_connect_event_hub=False, schema_cache_path=False
        )

    if "--only-start" in options:
        opened().close()
        seen: dict[str, Any] = {"version": ftrack_api.__version__}
    else:
        seen = day(opened, marker(url))
    print(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])

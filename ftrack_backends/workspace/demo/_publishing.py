"""Part three: an artist makes a shot and publishes a version from it, in one batch."""

# ruff: noqa: S608 - queries in the tracker's language, made of names that stand here or came from the server

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_backends.workspace.demo import _screen as screen
from ftrack_backends.workspace.demo import _snippets as snippets
from ftrack_core.values import EntityIdentity

if TYPE_CHECKING:
    from ftrack_backends.workspace.demo._stage import Act, Stage
    from ftrack_core.entity import Entity
    from ftrack_core.session import Session

__all__ = ["publish"]


def publish(stage: Stage, act: Act) -> None:
    """Create, look at the plan, commit, and see it from another session."""
    screen.code(snippets.new_shot, snippets.new_task, snippets.first_version)
    due = _in_five_days()
    with stage.session(stage.artist) as session:
        with stage.measured() as asking:
            version = _everything(session, due)
        act.rows += len(session.created)
        writes = len(session.plan())
        screen.say(">>> print(session.plan())")
        screen.printed(str(session.plan()))
        screen.table(("", "action", "entity type", "in short"), _in_short(session))
        with stage.measured() as cost:
            session.commit()
        stage.expect(cost.calls == 1, f"the commit took {cost.calls} calls")
        stage.expect(not session.recorded_operations, "operations are left after the commit")
        number = version["version"]
        stage.expect(number == 1, f"the server gave the first version of an asset the number {number}")
        screen.good(
            f"{writes} writes in one batch: {cost.calls} server call, {cost.milliseconds} ms "
            f"({asking.calls} before it, to look things up); the server numbered the version v{number:03d}"
        )
        _another(stage, session, version)
    _seen_by_another(stage, act, version, due)


def _everything(session: Session, due: datetime.datetime) -> Entity:
    project, name = _next_sequence(session)
    shot = snippets.new_shot(session, project, name)
    snippets.new_task(session, shot, "Layout")
    return snippets.first_version(session, snippets.new_task(session, shot, "Animation"), due)


def _next_sequence(session: Session) -> tuple[Entity, str]:
    """The first project, and the name for its next sequence: sq060 after sq050."""
    project = session.query("select name from Project order by name")[0]
    sequences = session.query(f'select name from Sequence where project_id is "{project["id"]}"')
    numbers = [int(digits) for each in sequences for digits in re.findall(r"\Asq(\d+)\Z", each["name"])]
    return project, f"sq{max(numbers, default=0) // 10 * 10 + 10:03d}"


def _in_short(session: Session) -> list[tuple[int, str, str, str]]:
    """The writes of the plan, which is a value: number, action, entity type, and what people call it by."""
    with session.auto_populating(auto_populate=False):
        return [
            (number, write.action, write.entity.entity_type, _called(session, write.values))
            for number, write in enumerate(session.plan().writes, 1)
        ]


def _called(session: Session, values: Mapping[str, Any]) -> str:
    """Names, references and dates among the values of a write; nothing is loaded for it."""
    told = []
    for name, value in values.items():
        if isinstance(value, EntityIdentity):
            entity: Any = session.get(value.entity_type, value.key)
            label = entity["username" if value.entity_type == "User" else "name"]
            told.append(f"{name}: {label if isinstance(label, str) else value.entity_type}")
        elif isinstance(value, datetime.datetime):
            told.append(f"{name}: {value:%d %b %H:%M} UTC")
        elif name in {"name", "comment"}:
            told.append(str(value))
    return ", ".join(told)


def _another(stage: Stage, session: Session, version: Entity) -> None:
    second = session.create("AssetVersion", {"asset": version["asset"], "task": version["task"], "comment": "Polish"})
    session.commit()
    stage.expect(second["version"] == 2, f"the second version has the number {second['version']}")
    screen.good("one more version of the same asset: v002")


def _seen_by_another(stage: Stage, act: Act, version: Entity, due: datetime.datetime) -> None:
    with stage.session(stage.supervisor) as session:
        seen = session.query(
            "select version, comment, user.username, asset.name, task.name, task.status.name, task.end_date, "
            f'task.parent.name from AssetVersion where asset_id is "{version["asset_id"]}" order by version'
        ).all()
        act.rows += len(seen)
        stage.expect([each["version"] for each in seen] == [1, 2], "another session does not see both versions")
        task = seen[0]["task"]
        stage.expect(task["status"]["name"] == "In progress", "another session sees another status")
        stage.expect(task["end_date"] == due, f"another session sees {task['end_date']}, and {due} was set")
        rows = [_version_row(each) for each in seen]
    screen.say(f"\nWhat {stage.supervisor.username} sees, from another session:")
    screen.table(("shot", "asset", "version", "comment", "by"), rows)
    screen.good(f"the task is in progress and due on {due:%d %B %Y}, for everybody")


def _version_row(version: Entity) -> tuple[str, ...]:
    shot, user = version["task"]["parent"]["name"], version["user"]["username"]
    return shot, version["asset"]["name"], f"v{version['version']:03d}", version["comment"], user


def _in_five_days() -> datetime.datetime:
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now + datetime.timedelta(days=5)).replace(hour=18, minute=0, second=0, microsecond=0)

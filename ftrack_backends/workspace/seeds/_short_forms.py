"""Short forms: what one table of a seed file stands for.

Each is a function from the table to rows, as `(where in the table, entity type, values)`. They are plain data in,
plain data out; ids are made of names, so that a seed makes the same rows every time.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, TypeAlias

import attrs

from ftrack_core.errors import ConfigurationError

__all__ = ["SHORT_FORMS", "stable_id"]

_NAMESPACE = uuid.UUID("6f6c1b3e-7d0c-5b52-9d2b-0b3f5f2d7a11")
_Rows: TypeAlias = "Iterator[tuple[str, str, dict[str, Any]]]"


def stable_id(*parts: str) -> str:
    """Make an id of names: the same for the same names, in every workspace."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))


def _project_schema(table: Mapping[str, Any]) -> _Rows:
    """A ProjectSchema with its workflows, its task types and a Schema for each of its object types."""
    _demand(table, ("name", "task_statuses", "version_statuses", "task_types", "objects"))
    name = table["name"]
    tasks, versions, types = f"{name} tasks", f"{name} versions", f"{name} task types"
    yield "task_statuses", "WorkflowSchema", {"name": tasks, "statuses": table["task_statuses"]}
    yield "version_statuses", "WorkflowSchema", {"name": versions, "statuses": table["version_statuses"]}
    yield "task_types", "TaskTypeSchema", {"name": types, "types": table["task_types"]}
    objects: Mapping[str, Mapping[str, Any]] = table["objects"]
    schema = {
        "id": table.get("id", stable_id("ProjectSchema", name)),
        "name": name,
        "task_workflow_schema": tasks,
        "asset_version_workflow_schema": versions,
        "task_type_schema": types,
        "object_types": list(objects),
    }
    yield "name", "ProjectSchema", schema
    for object_type, choices in objects.items():
        yield from _schema(schema["id"], name, object_type, choices)


def _schema(project_schema: str, name: str, object_type: str, choices: Mapping[str, Any]) -> _Rows:
    at = f"objects.{object_type}"
    own_id = stable_id("Schema", name, object_type)
    yield at, "Schema", {"id": own_id, "project_schema_id": project_schema, "object_type_id": object_type}
    for place, status in enumerate(choices.get("statuses", ())):
        row = {"schema_id": own_id, "status_id": status, "sort": place}
        yield f"{at}.statuses[{place}]", "SchemaStatus", row
    for place, one in enumerate(choices.get("types", ())):
        yield f"{at}.types[{place}]", "SchemaType", {"schema_id": own_id, "type_id": one, "sort": place}


def _show(table: Mapping[str, Any]) -> _Rows:
    """A Project with sequences of shots, asset builds, tasks, assignments, versions and notes."""
    _demand(table, ("name", "project_schema"))
    yield from _Show(table).rows()


@attrs.define(eq=False)
class _Show:
    table: Mapping[str, Any]
    project_id: str = attrs.field(init=False)
    _tasks: count[int] = attrs.field(factory=count, init=False)

    def __attrs_post_init__(self) -> None:
        self.project_id = self.table.get("id", stable_id("Project", self.table["name"]))

    def rows(self) -> _Rows:
        short = {
            "sequences", "tasks", "builds", "build_tasks", "versions", "version_statuses", "notes", "shot_step",
            "shot_statuses",
        }  # fmt: skip
        yield (
            "name",
            "Project",
            {name: one for name, one in self.table.items() if name not in short} | {"id": self.project_id},
        )
        for place, sequence in enumerate(self.table.get("sequences", ())):
            yield from self._sequence(f"sequences[{place}]", sequence)
        yield from self._builds()

    def _sequence(self, at: str, sequence: Mapping[str, Any]) -> _Rows:
        _demand(sequence, ("name", "shots"), at)
        values, sequence_id = self._child("Sequence", self.project_id, sequence)
        yield at, "Sequence", {name: one for name, one in values.items() if name != "shots"}
        statuses: Sequence[str] = self.table.get("shot_statuses") or [None]
        for place in range(sequence["shots"]):
            name = f"sh{(place + 1) * self.table.get('shot_step', 10):03d}"
            shot = {"name": name, "status": statuses[place % len(statuses)], "sort": place}
            row, shot_id = self._child("Shot", sequence_id, shot)
            yield f"{at}.shots", "Shot", {name: one for name, one in row.items() if one is not None}
            yield from self._work("tasks", shot_id, place)

    def _builds(self) -> _Rows:
        builds = self.table.get("builds", ())
        if not builds:
            return
        folder, folder_id = self._child("Folder", self.project_id, {"name": "assets"})
        yield "builds", "Folder", folder
        for place, build in enumerate(builds):
            _demand(build, ("name",), f"builds[{place}]")
            row, build_id = self._child("AssetBuild", folder_id, build)
            yield f"builds[{place}]", "AssetBuild", row
            yield from self._work("build_tasks", build_id, place)

    def _work(self, heading: str, parent_id: str, turn: int) -> _Rows:
        for place, task in enumerate(self.table.get(heading, ())):
            at = f"{heading}[{place}]"
            _demand(task, ("name", "type", "statuses"), at)
            status = _nth(task["statuses"], turn + place)
            given = {"name": task["name"], "type": task["type"], "status": status, "sort": place}
            given["bid"] = task.get("bid_days", 0) * 8 * 3600
            row, task_id = self._child("Task", parent_id, given)
            yield at, "Task", row
            person = _nth(task["people"], turn) if task.get("people") else None
            if person:
                yield f"{at}.people", "Appointment", {"context_id": task_id, "resource": person, "type": "assignment"}
            yield from self._published(at, task, parent_id, task_id, status, person)

    def _published(
        self, at: str, task: Mapping[str, Any], parent_id: str, task_id: str, status: str, person: str | None
    ) -> _Rows:
        number = self.table.get("versions", {}).get(status, 0) if task.get("asset") else 0
        if not number:
            return
        asset_id = stable_id("Asset", parent_id, task["asset"])
        asset = {"id": asset_id, "name": task["asset"], "type": task["asset_type"], "context_id": parent_id}
        yield f"{at}.asset", "Asset", asset
        reached = self.table.get("version_statuses", {}).get(status)
        for version in range(1, number + 1):
            now = reached if version == number else "Revise"
            version_id = stable_id("AssetVersion", asset_id, str(version))
            row = {"id": version_id, "asset_id": asset_id, "task_id": task_id, "version": version, "status": now}
            row |= {"comment": f"{task['name'].capitalize()}, take {version}."} | ({"user": person} if person else {})
            yield f"{at}.versions", "AssetVersion", {name: one for name, one in row.items() if one is not None}
            yield from self._notes(version_id, now)

    def _notes(self, version_id: str, status: str | None) -> _Rows:
        for place, note in enumerate(self.table.get("notes", ())):
            at = f"notes[{place}]"
            _demand(note, ("status", "content"), at)
            if note["status"] == status:
                row = {"id": stable_id("Note", version_id, str(place)), "content": note["content"]}
                row |= {"parent_id": version_id, "parent_type": "AssetVersion"}
                yield at, "Note", row | ({"author": note["by"]} if "by" in note else {})

    def _child(self, kind: str, parent_id: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        own_id = values.get("id", stable_id(kind, parent_id, values["name"]))
        return {**values, "id": own_id, "parent_id": parent_id, "project_id": self.project_id}, own_id


def _nth(choices: Sequence[str], turn: int) -> str:
    return choices[turn % len(choices)]


def _demand(table: Mapping[str, Any], names: Sequence[str], at: str = "") -> None:
    missing = [name for name in names if name not in table]
    if missing:
        fault = f"{at + ': ' if at else ''}{' and '.join(missing)} must be given"
        raise ConfigurationError(fault, faults=(fault,))


SHORT_FORMS: dict[str, Callable[[Mapping[str, Any]], _Rows]] = {"project_schema": _project_schema, "show": _show}
"""What makes rows of a table, by the table's heading."""

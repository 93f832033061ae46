"""Short forms: what one table of a seed file stands for.

Each is a function from the table to rows, as `(where in the table, entity type, values)`. They are plain data in,
plain data out; ids are made of names, so that a seed makes the same rows every time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from ftrack_backends.workspace.seeds._custom_attributes import custom_attribute
from ftrack_backends.workspace.seeds._ids import stable_id
from ftrack_backends.workspace.seeds._tables import Table
from ftrack_backends.workspace.seeds._trees import tree

__all__ = ["SHORT_FORMS"]

_SECONDS_A_DAY = 8 * 3600
"""Of work."""
_OF_A_SHOW = (
    "sequences",
    "tasks",
    "builds",
    "build_tasks",
    "versions",
    "version_statuses",
    "notes",
    "shot_step",
    "shot_statuses",
)
_OF_A_TASK = ("name", "type", "statuses", "bid_days", "people", "asset", "asset_type")
_Row: TypeAlias = "tuple[str, str, dict[str, Any]]"


def _project_schema(values: Mapping[str, Any]) -> Iterator[_Row]:
    """A ProjectSchema with its workflows, its task types and a Schema for each of its object types."""
    table = Table(values).only("id", "name", "task_statuses", "version_statuses", "task_types", "objects")
    name = table.text("name")
    tasks, versions, types = f"{name} tasks", f"{name} versions", f"{name} task types"
    yield "task_statuses", "WorkflowSchema", {"name": tasks, "statuses": table.texts("task_statuses")}
    yield "version_statuses", "WorkflowSchema", {"name": versions, "statuses": table.texts("version_statuses")}
    yield "task_types", "TaskTypeSchema", {"name": types, "types": table.texts("task_types")}
    objects = table.table("objects", required=True)
    own_id = table.text("id", stable_id("ProjectSchema", name))
    schema = {
        "id": own_id,
        "name": name,
        "task_workflow_schema": tasks,
        "asset_version_workflow_schema": versions,
        "task_type_schema": types,
        "object_types": list(objects.values),
    }
    yield "name", "ProjectSchema", schema
    for object_type in objects.values:
        choices = objects.table(object_type).only("statuses", "types")
        yield from _schema(own_id, stable_id("Schema", name, object_type), object_type, choices)


def _schema(project_schema: str, own_id: str, object_type: str, choices: Table) -> Iterator[_Row]:
    yield choices.place, "Schema", {"id": own_id, "project_schema_id": project_schema, "object_type_id": object_type}
    for place, status in enumerate(choices.texts("statuses", ())):
        row = {"schema_id": own_id, "status_id": status, "sort": place}
        yield f"{choices.place}.statuses[{place}]", "SchemaStatus", row
    for place, one in enumerate(choices.texts("types", ())):
        row = {"schema_id": own_id, "type_id": one, "sort": place}
        yield f"{choices.place}.types[{place}]", "SchemaType", row


def _show(values: Mapping[str, Any]) -> Iterator[_Row]:
    """A Project with sequences of shots, asset builds, tasks, assignments, versions and notes."""
    table = Table(values)
    project_id = table.text("id", stable_id("Project", table.text("name")))
    project = {**table.without(*_OF_A_SHOW), "id": project_id, "project_schema": table.text("project_schema")}
    yield "name", "Project", project
    show = _Show(table, project_id)
    for sequence in table.tables("sequences"):
        yield from show.sequence(sequence)
    yield from show.builds()


@attrs.frozen(eq=False)
class _Show:
    """Rows below a project.

    Attributes:
        table: The whole show.
        project_id: Id of the project.
    """

    table: Table
    project_id: str

    def sequence(self, sequence: Table) -> Iterator[_Row]:
        row = self._child("Sequence", self.project_id, sequence.text("name"), sequence.without("shots"))
        yield sequence.place, "Sequence", row
        for turn in range(sequence.count("shots")):
            name = f"sh{(turn + 1) * self.table.count('shot_step', 10):03d}"
            status = _nth(self.table.texts("shot_statuses", ()), turn)
            shot = self._child("Shot", row["id"], name, {"sort": turn, **_said(status=status)})
            yield f"{sequence.place}.shots", "Shot", shot
            yield from self._work("tasks", shot["id"], turn)

    def builds(self) -> Iterator[_Row]:
        folder = self._child("Folder", self.project_id, "assets", {})
        for turn, build in enumerate(self.table.tables("builds")):
            if not turn:
                yield "builds", "Folder", folder
            row = self._child("AssetBuild", folder["id"], build.text("name"), build.values)
            yield build.place, "AssetBuild", row
            yield from self._work("build_tasks", row["id"], turn)

    def _work(self, heading: str, parent_id: str, turn: int) -> Iterator[_Row]:
        for place, task in enumerate(self.table.tables(heading)):
            task.only(*_OF_A_TASK)
            status = _nth(task.texts("statuses", ()), turn + place)
            given = {"type": task.text("type"), "sort": place, "bid": task.number("bid_days", 0) * _SECONDS_A_DAY}
            row = self._child("Task", parent_id, task.text("name"), {**given, **_said(status=status)})
            yield task.place, "Task", row
            person = _nth(task.texts("people", ()), turn)
            if person:
                assignment = {"context_id": row["id"], "resource": person, "type": "assignment"}
                yield f"{task.place}.people", "Appointment", assignment
            if "asset" in task.values and status:
                yield from self._published(task, row, status, person)

    def _published(self, task: Table, work: Mapping[str, Any], status: str, person: str | None) -> Iterator[_Row]:
        number = self.table.table("versions").count(status, 0)
        if not number:
            return
        name = task.text("asset")
        asset_id = stable_id("Asset", work["parent_id"], name)
        asset = {"id": asset_id, "name": name, "type": task.text("asset_type"), "context_id": work["parent_id"]}
        yield f"{task.place}.asset", "Asset", asset
        for version in range(1, number + 1):
            last = self.table.table("version_statuses").text(status, "") if version == number else "Revise"
            row = {
                "id": stable_id("AssetVersion", asset_id, str(version)),
                "asset_id": asset_id,
                "task_id": work["id"],
                "version": version,
                "comment": f"{work['name'].capitalize()}, take {version}.",
                **_said(status=last, user=person),
            }
            yield f"{task.place}.versions", "AssetVersion", row
            yield from self._notes(row["id"], last)

    def _notes(self, version_id: str, status: str) -> Iterator[_Row]:
        for place, note in enumerate(self.table.tables("notes")):
            note.only("status", "by", "content")
            if note.text("status") == status:
                row = {"id": stable_id("Note", version_id, str(place)), "content": note.text("content")}
                row |= {"parent_id": version_id, "parent_type": "AssetVersion"}
                yield note.place, "Note", {**row, "author": note.text("by")}

    def _child(self, kind: str, parent_id: str, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        own_id = values.get("id", stable_id(kind, parent_id, name))
        return {**values, "name": name, "id": own_id, "parent_id": parent_id, "project_id": self.project_id}


def _nth(choices: Sequence[str], turn: int) -> str | None:
    return choices[turn % len(choices)] if choices else None


def _said(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _object_type(values: Mapping[str, Any]) -> Iterator[_Row]:
    """An ObjectType, with what project schemas say of it; its entity type is the model's business."""
    table = Table(values)
    name = table.text("name")
    own_id = table.text("id", stable_id("ObjectType", name))
    row = {**table.without("doc", "attributes", "project_schemas", "statuses", "types"), "id": own_id, "name": name}
    yield "name", "ObjectType", row
    choices = Table({key: values[key] for key in ("statuses", "types") if key in values})
    for place, schema in enumerate(table.texts("project_schemas", ())):
        link = {"object_type_id": own_id, "project_schema_id": schema}
        yield f"project_schemas[{place}]", "ProjectSchemaObjectType", link
        for part, type_name, one in _schema(schema, stable_id("Schema", schema, name), own_id, choices):
            yield part or f"project_schemas[{place}]", type_name, one


SHORT_FORMS: dict[str, Callable[[Mapping[str, Any]], Iterator[_Row]]] = {
    "custom_attribute": custom_attribute,
    "object_type": _object_type,
    "project_schema": _project_schema,
    "show": _show,
    "tree": tree,
}
"""What makes rows of a table, by the table's heading."""

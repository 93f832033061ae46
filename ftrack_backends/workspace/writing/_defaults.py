"""What the server fills in where a client left it open.

One rule for each entity type that has any, applied from the most general type to the concrete one. A rule is given the
row as it stands and gives values; only those are taken for which the row has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ftrack_backends.workspace._faults import ValidationFault
from ftrack_backends.workspace.model import NO_DEFAULT, UID, Text
from ftrack_backends.workspace.store import to_storage

if TYPE_CHECKING:
    from ftrack_backends.workspace._accounts import Caller
    from ftrack_backends.workspace.model import Model, ModelType
    from ftrack_backends.workspace.store import Stored
    from ftrack_backends.workspace.writing._rows import Row, Rows
    from ftrack_backends.workspace.writing._workflows import Workflows

__all__ = ["Defaults", "declared_defaults"]

_DEFAULT_PRIORITY = "9661b320-3a0c-11e2-81c1-0800200c9a66"
_Values: TypeAlias = "Mapping[str, Stored]"


def declared_defaults(model_type: ModelType) -> dict[str, Stored]:
    """The defaults that the data model declares, which clients mostly send themselves."""
    columns = model_type.columns.items()
    defaults = {name: one.default for name, one in columns if one.default is not NO_DEFAULT and one.default != UID}
    return {name: to_storage(model_type.columns[name], value) for name, value in defaults.items()}


@attrs.frozen(eq=False, repr=False)
class Defaults:
    """Fills in new rows.

    Attributes:
        model: The data model.
        rows: Rows of the batch.
        workflows: Knows with which status and type work begins.
        caller: In whose name the batch is done.
        now: The moment of the batch, as it is stored.
    """

    model: Model
    rows: Rows
    workflows: Workflows
    caller: Caller
    now: str

    def fill(self, row: Row) -> None:
        """Fill in what a new row lacks."""
        rules = (_RULES.get(name) for name in reversed(row.type.lineage))
        for rule in (_made, _parent_type, *filter(None, rules)):
            values = rule(self, row)
            self.rows.change(row, {name: value for name, value in values.items() if row.values[name] is None})

    def row(self, type_name: str, key: Stored) -> Row | None:
        """The row that a key names."""
        return self.rows.find(self.model[type_name], [key]) if key else None

    def first(self, sql: str, *parameters: Stored) -> Stored:
        """The first value that a statement gives."""
        return next(iter(self.rows.scalars(sql, parameters)), None)


def _made(defaults: Defaults, row: Row) -> _Values:
    made: _Values = {"created_at": defaults.now, "created_by_id": defaults.caller.id or None}
    return {name: value for name, value in made.items() if name in row.type.columns}


def _parent_type(defaults: Defaults, row: Row) -> _Values:
    """The type of the entity that `parent_id` names, where it may be of any type and the client did not say."""
    kind = row.type.scalars.get("parent_type")
    if not (isinstance(kind, Text) and kind.names_type) or row.values["parent_type"] or not row.values["parent_id"]:
        return {}
    tables = (one for one in defaults.model if one.name == one.table and one.primary_key == ("id",))
    found = (defaults.row(one.name, row.values["parent_id"]) for one in tables)
    return {"parent_type": next((parent.type.name for parent in found if parent), None)}


def _project(defaults: Defaults, row: Row) -> _Values:
    return {
        "status": "active",
        "full_name": row.values["name"],
        "project_id": row.id,
        "project_schema_id": defaults.workflows.default_schema,
    }


def _place(defaults: Defaults, row: Row) -> _Values:
    parent = defaults.row("Context", row.values["parent_id"] or row.values["project_id"])
    if parent is None:
        return {}
    project_id = parent.id if parent.type.name == "Project" else parent.values["project_id"]
    given = row.values["project_id"]
    if given not in {None, project_id}:
        raise ValidationFault(f"{row} is given a parent in project {project_id}, and project {given}.")
    return {"parent_id": parent.id, "project_id": project_id}


def _typed_context(defaults: Defaults, row: Row) -> _Values:
    defaults.rows.change(row, _place(defaults, row))
    if row.values["type_id"] is None:
        defaults.rows.change(row, {"type_id": defaults.workflows.type(row)})
    return {
        "status_id": None if row.values["status_id"] else defaults.workflows.status(row),
        "priority_id": _DEFAULT_PRIORITY,
        "bid": 0,
        "sort": 0,
    }


def _asset_version(defaults: Defaults, row: Row) -> _Values:
    latest = 'SELECT coalesce(max(version), 0) + 1 FROM "AssetVersion" WHERE asset_id = ? AND rowid != ?'
    return {
        "version": defaults.first(latest, row.values["asset_id"], row.rowid),
        "user_id": defaults.caller.id or None,
        "date": defaults.now,
        "status_id": None if row.values["status_id"] else _version_status(defaults, row),
    }


def _version_status(defaults: Defaults, row: Row) -> Stored:
    asset = defaults.row("Asset", row.values["asset_id"])
    context = defaults.row("Context", asset.values["context_id"]) if asset else None
    return defaults.workflows.version_status(context.values["project_id"] if context else None)


def _note(defaults: Defaults, row: Row) -> _Values:
    written = row.values["date"] or defaults.now
    return {"user_id": defaults.caller.id or None, "date": written, "thread_activity": written}


def _of_caller_now(defaults: Defaults, row: Row) -> _Values:  # noqa: ARG001 - every rule has both
    return {"user_id": defaults.caller.id or None, "start": defaults.now}


def _timelog(defaults: Defaults, row: Row) -> _Values:
    return {**_of_caller_now(defaults, row), "duration": 0}


def _list(defaults: Defaults, row: Row) -> _Values:  # noqa: ARG001 - every rule has both
    return {
        "user_id": defaults.caller.id or None,
        "date": defaults.now,
        "category_id": defaults.first('SELECT id FROM "ListCategory" ORDER BY rowid LIMIT 1'),
    }


def _user(defaults: Defaults, row: Row) -> _Values:  # noqa: ARG001 - every rule has both
    return {"is_active": 1, "user_type_id": defaults.first('SELECT id FROM "UserType" ORDER BY rowid LIMIT 1')}


def _of_caller(defaults: Defaults, row: Row) -> _Values:  # noqa: ARG001 - every rule has both
    return {"user_id": defaults.caller.id or None}


def _session_days(defaults: Defaults, row: Row) -> _Values:
    return {"start_date": defaults.now, "end_date": row.values["start_date"] or defaults.now}


_RULES: dict[str, Callable[[Defaults, Row], _Values]] = {
    "Appointment": lambda defaults, row: {"type": "assignment"},  # noqa: ARG005 - every rule has both
    "AssetVersion": _asset_version,
    "CustomConfigurationBase": lambda defaults, row: {"config": "{}"},  # noqa: ARG005
    "Group": lambda defaults, row: {"local": 0},  # noqa: ARG005
    "Job": _of_caller,
    "List": _list,
    "Note": _note,
    "Project": _project,
    "ReviewSession": _session_days,
    "ReviewSessionObject": lambda defaults, row: {"sort_order": 0},  # noqa: ARG005
    "Status": lambda defaults, row: {"is_active": 1},  # noqa: ARG005
    "Timelog": _timelog,
    "Timer": _of_caller_now,
    "TypedContext": _typed_context,
    "User": _user,
}

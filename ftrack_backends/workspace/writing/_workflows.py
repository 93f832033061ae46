"""Which status and which type new work begins with, after the project schema of its project."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from ftrack_backends.workspace.store import Stored
    from ftrack_backends.workspace.writing._rows import Row, Rows

__all__ = ["Workflows"]

_FIRST_STATUS = """
    SELECT own.status_id FROM "SchemaStatus" AS own JOIN "Schema" AS schema ON schema.id = own.schema_id
    WHERE schema.project_schema_id = ? AND schema.object_type_id = ? ORDER BY own.sort, own.rowid LIMIT 1
"""
_FIRST_TYPE = """
    SELECT own.type_id FROM "SchemaType" AS own JOIN "Schema" AS schema ON schema.id = own.schema_id
    WHERE schema.project_schema_id = ? AND schema.object_type_id = ? ORDER BY own.sort, own.rowid LIMIT 1
"""
_OF_TASK_TYPE = """
    SELECT status.status_id FROM "ProjectSchemaOverride" AS exception
    JOIN "WorkflowSchemaStatus" AS status ON status.workflow_schema_id = exception.workflow_schema_id
    WHERE exception.project_schema_id = ? AND exception.type_id = ? ORDER BY status.rowid LIMIT 1
"""
_OF_TASKS = """
    SELECT status.status_id FROM "ProjectSchema" AS schema
    JOIN "WorkflowSchemaStatus" AS status ON status.workflow_schema_id = schema.task_workflow_schema_id
    WHERE schema.id = ? ORDER BY status.rowid LIMIT 1
"""
_OF_VERSIONS = """
    SELECT status.status_id FROM "ProjectSchema" AS schema
    JOIN "WorkflowSchemaStatus" AS status ON status.workflow_schema_id = schema.asset_version_workflow_schema_id
    WHERE schema.id = ? ORDER BY status.rowid LIMIT 1
"""
_TASK_TYPE = """
    SELECT type.type_id FROM "ProjectSchema" AS schema
    JOIN "TaskTypeSchemaType" AS type ON type.task_type_schema_id = schema.task_type_schema_id
    WHERE schema.id = ? ORDER BY type.rowid LIMIT 1
"""
_ANY_STATUS = 'SELECT id FROM "Status" WHERE is_active ORDER BY sort, rowid LIMIT 1'
_ANY_TYPE = 'SELECT id FROM "Type" ORDER BY sort, rowid LIMIT 1'


@attrs.define(eq=False, repr=False)
class Workflows:
    """Answers from the project schemas, and remembers the answers for the time of a batch."""

    _rows: Rows
    _known: dict[tuple[object, ...], Stored] = attrs.field(factory=dict, init=False)
    _schemas: dict[Stored, Stored] = attrs.field(factory=dict, init=False)

    def status(self, context: Row) -> Stored:
        """The first status of a typed context: that of its object type, else of its task type, else of tasks."""
        schema = self._schema(context.values["project_id"])
        return (
            self._first(_FIRST_STATUS, schema, context.values["object_type_id"])
            or self._first(_OF_TASK_TYPE, schema, context.values["type_id"])
            or self._first(_OF_TASKS, schema)
            or self._first(_ANY_STATUS)
        )

    def type(self, context: Row) -> Stored:
        """The first type of a typed context: that of its object type, else of tasks."""
        schema = self._schema(context.values["project_id"])
        return (
            self._first(_FIRST_TYPE, schema, context.values["object_type_id"])
            or self._first(_TASK_TYPE, schema)
            or self._first(_ANY_TYPE)
        )

    def version_status(self, project_id: Stored) -> Stored:
        """The first status of a version."""
        return self._first(_OF_VERSIONS, self._schema(project_id)) or self._first(_ANY_STATUS)

    @cached_property
    def default_schema(self) -> Stored:
        """The project schema of a project that names none: the first one there is."""
        return self._first('SELECT id FROM "ProjectSchema" ORDER BY rowid LIMIT 1')

    def _schema(self, project_id: Stored) -> Stored:
        if project_id not in self._schemas:
            found = self._rows.scalars('SELECT project_schema_id FROM "Context" WHERE id = ?', [project_id])
            self._schemas[project_id] = found[0] if found else None
        return self._schemas[project_id]

    def _first(self, sql: str, *parameters: Stored) -> Stored:
        asked = (sql, *parameters)
        if asked not in self._known:
            self._known[asked] = next(iter(self._rows.scalars(sql, parameters)), None)
        return self._known[asked]

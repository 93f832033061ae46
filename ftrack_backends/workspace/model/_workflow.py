"""Workflow: statuses and types, and the sets of them that project schemas are made of."""

from __future__ import annotations

from ftrack_backends.workspace.model._declarations import EntityType
from ftrack_backends.workspace.model._relations import Collection, ForeignKey, LinkTable, Reference
from ftrack_backends.workspace.model._scalars import Integer, Key, Number, Text, Truth
from ftrack_backends.workspace.model._traits import identifier

__all__ = ["WORKFLOW"]

SORT = Integer("sort", default=0)

STATE = EntityType(
    "State",
    "What statuses mean to a machine: NOT_STARTED, IN_PROGRESS, DONE or BLOCKED. Studios name their statuses; reports "
    "count states.",
    (identifier("typeid"), Text("name"), Text("short")),
    alias="StatusType",
)

STATUS = EntityType(
    "Status",
    "How far a piece of work has come, in the studio's words: In progress, Pending review, Approved.",
    (
        identifier("statusid"),
        Truth("is_active", required=True, alias="isactive"),
        Text("name"),
        Text("color"),
        SORT,
        Key("state_id", "State", hidden=True),
        Reference("state", "State", alias="statustype"),
        Collection("tasks", "TypedContext", ForeignKey("status_id"), told_as="Task"),
    ),
    alias="TaskStatus",
)

TYPE = EntityType(
    "Type",
    "What sort of work a task is (animation, lighting, compositing), or what an asset build is (character, prop).",
    (
        identifier("typeid"),
        Text("color", required=True, default="#510100"),
        Integer("sort", required=True, default=0),
        Truth("is_billable", required=True, default=True, alias="isbillable"),
        Text("name"),
        Collection(
            "task_type_schemas",
            "TaskTypeSchema",
            LinkTable("TaskTypeSchemaType", "type_id", "task_type_schema_id"),
            alias="schemes",
        ),
        Collection("tasks", "TypedContext", ForeignKey("type_id"), told_as="Task"),
    ),
    alias="TaskType",
)

PRIORITY = EntityType(
    "Priority",
    "How urgent something is; a higher value goes first.",
    (
        identifier("priorityid"),
        Text("name"),
        Text("color"),
        SORT,
        Number("value", default=0),
        Collection("tasks", "TypedContext", ForeignKey("priority_id"), told_as="Task"),
    ),
    alias="PriorityType",
)

OBJECT_TYPE = EntityType(
    "ObjectType",
    "What a typed context is: Task, Shot, Sequence or a studio's own. Its flags say what such an object can have.",
    (
        identifier("typeid"),
        Text("name", required=True),
        Text("icon", required=True, default="default"),
        Integer("sort", required=True, default=0),
        Truth("is_time_reportable", required=True, default=False, alias="istimereportable"),
        Truth("is_taskable", required=True, default=True, alias="istaskable"),
        Truth("is_typeable", required=True, default=True, alias="istypeable"),
        Truth("is_statusable", required=True, default=True, alias="isstatusable"),
        Truth("is_schedulable", required=True, default=False, alias="isschedulable"),
        Truth("is_leaf", default=False, alias="isleaf"),
        Collection(
            "project_schemas",
            "ProjectSchema",
            LinkTable("ProjectSchemaObjectType", "object_type_id", "project_schema_id"),
        ),
        Collection("tasks", "TypedContext", ForeignKey("object_type_id"), told_as="Task"),
    ),
)

WORKFLOW_SCHEMA = EntityType(
    "WorkflowSchema",
    "A set of statuses that tasks or versions go through.",
    (
        identifier("schemeid"),
        Text("name", default="Workflow Name"),
        Collection("overrides", "ProjectSchemaOverride", ForeignKey("workflow_schema_id")),
        Collection("statuses", "Status", LinkTable("WorkflowSchemaStatus", "workflow_schema_id", "status_id")),
    ),
    alias="WorkflowScheme",
)

TASK_TYPE_SCHEMA = EntityType(
    "TaskTypeSchema",
    "A set of types that tasks may have.",
    (
        identifier("schemeid"),
        Text("name", default="TaskType Schema Name"),
        Collection("types", "Type", LinkTable("TaskTypeSchemaType", "task_type_schema_id", "type_id")),
    ),
    alias="TaskTypeScheme",
)

WORKFLOW = (STATE, STATUS, TYPE, PRIORITY, OBJECT_TYPE, WORKFLOW_SCHEMA, TASK_TYPE_SCHEMA)

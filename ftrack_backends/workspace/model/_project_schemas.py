"""Project schemas: which object types, statuses, types and templates a project works with, and where."""

from __future__ import annotations

from ftrack_backends.workspace.model._declarations import EntityType
from ftrack_backends.workspace.model._relations import Collection, ForeignKey, LinkTable, Reference
from ftrack_backends.workspace.model._scalars import Integer, Key, Text
from ftrack_backends.workspace.model._traits import identifier, link_key

__all__ = ["PROJECT_SCHEMAS"]

SORT = Integer("sort", default=0)

_OVERRIDES = ForeignKey("project_schema_id")

PROJECT_SCHEMA = EntityType(
    "ProjectSchema",
    "How a project works: which object types it has, which statuses its tasks and versions go through, which types "
    "its tasks have, and which templates new work starts from.",
    (
        identifier("schemeid"),
        Text("name"),
        Key("asset_version_workflow_schema_id", "WorkflowSchema", alias="versionworkflowid"),
        Key("task_type_schema_id", "TaskTypeSchema", alias="tasktypeschemeid"),
        Key("task_workflow_schema_id", "WorkflowSchema", alias="taskworkflowid"),
        Reference("asset_version_workflow_schema", "WorkflowSchema", alias="versionworkflow"),
        Reference("task_type_schema", "TaskTypeSchema", alias="tasktypescheme"),
        Reference("task_workflow_schema", "WorkflowSchema", alias="taskworkflow"),
        Reference("_task_type_schema", "TaskTypeSchema", over="task_type_schema_id", alias="tasktypescheme"),
        Reference("_task_workflow", "WorkflowSchema", over="task_workflow_schema_id", alias="taskworkflow"),
        Reference(
            "_version_workflow", "WorkflowSchema", over="asset_version_workflow_schema_id", alias="versionworkflow"
        ),
        Collection("_overrides", "ProjectSchemaOverride", _OVERRIDES, alias="overrides"),
        Collection("task_workflow_schema_overrides", "ProjectSchemaOverride", _OVERRIDES, alias="overrides"),
        Collection("_schemas", "Schema", ForeignKey("project_schema_id"), alias="schemas"),
        Collection("object_type_schemas", "Schema", ForeignKey("project_schema_id"), alias="schemas"),
        Collection(
            "object_types", "ObjectType", LinkTable("ProjectSchemaObjectType", "project_schema_id", "object_type_id")
        ),
        Collection("task_templates", "TaskTemplate", ForeignKey("project_schema_id"), alias="templates"),
    ),
    alias="ProjectScheme",
)

PROJECT_SCHEMA_OVERRIDE = EntityType(
    "ProjectSchemaOverride",
    "In this project schema, tasks of this type go through another workflow than the others.",
    (
        identifier("overrideid"),
        Key("project_schema_id", "ProjectSchema", alias="projectschemeid", owner=True),
        Key("type_id", "Type", alias="typeid"),
        Key("workflow_schema_id", "WorkflowSchema", alias="workflowschemeid"),
        Reference("workflow_schema", "WorkflowSchema", alias="workflowscheme"),
    ),
    alias="ProjectSchemeOverride",
)

SCHEMA = EntityType(
    "Schema",
    "Which statuses and types the objects of one object type have in one project schema.",
    (
        identifier(),
        Key("type_id", "ObjectType", required=True, alias="typeid", same_as="object_type_id"),
        Key("project_schema_id", "ProjectSchema", required=True, alias="projectschemeid", owner=True),
        Key("object_type_id", "ObjectType", alias="typeid"),
        Collection("statuses", "SchemaStatus", ForeignKey("schema_id")),
        Collection("types", "SchemaType", ForeignKey("schema_id")),
    ),
)


SCHEMA_STATUS = EntityType(
    "SchemaStatus",
    "A schema has a status.",
    (
        link_key("status_id", "Status", "statusid"),
        link_key("schema_id", "Schema", "schemaid"),
        SORT,
        Reference("task_status", "Status", over="status_id", alias="taskstatus"),
    ),
    primary_key=("status_id", "schema_id"),
)

SCHEMA_TYPE = EntityType(
    "SchemaType",
    "A schema has a type.",
    (
        link_key("type_id", "Type", "typeid"),
        link_key("schema_id", "Schema", "schemaid"),
        SORT,
        Reference("task_type", "Type", over="type_id", alias="tasktype"),
    ),
    primary_key=("type_id", "schema_id"),
)

WORKFLOW_SCHEMA_STATUS = EntityType(
    "WorkflowSchemaStatus",
    "A workflow has a status.",
    (link_key("workflow_schema_id", "WorkflowSchema", "schemeid"), link_key("status_id", "Status", "statusid")),
    primary_key=("workflow_schema_id", "status_id"),
)

TASK_TYPE_SCHEMA_TYPE = EntityType(
    "TaskTypeSchemaType",
    "A task type schema has a type.",
    (link_key("task_type_schema_id", "TaskTypeSchema", "schemeid"), link_key("type_id", "Type", "typeid")),
    primary_key=("task_type_schema_id", "type_id"),
)

PROJECT_SCHEMA_OBJECT_TYPE = EntityType(
    "ProjectSchemaObjectType",
    "A project schema has an object type.",
    (
        link_key("object_type_id", "ObjectType"),
        link_key("project_schema_id", "ProjectSchema"),
        Reference("object_type", "ObjectType"),
        Reference("project_schema", "ProjectSchema"),
    ),
    primary_key=("object_type_id", "project_schema_id"),
)

TASK_TEMPLATE = EntityType(
    "TaskTemplate",
    "A named set of tasks that new shots or asset builds start with.",
    (
        identifier(),
        Text("name", required=True, projected=True),
        Key("project_schema_id", "ProjectSchema", required=True, alias="projectschemeid", owner=True),
        Reference("project_schema", "ProjectSchema", alias="schema"),
        Collection("items", "TaskTemplateItem", ForeignKey("template_id")),
    ),
)

TASK_TEMPLATE_ITEM = EntityType(
    "TaskTemplateItem",
    "One task of a task template.",
    (
        identifier(),
        Key("template_id", "TaskTemplate", required=True, owner=True),
        Key("task_type_id", "Type", required=True, alias="tasktype_id"),
        Reference("template", "TaskTemplate"),
        Reference("task_type", "Type", alias="taskType"),
    ),
)

PROJECT_SCHEMAS = (
    PROJECT_SCHEMA,
    PROJECT_SCHEMA_OVERRIDE,
    SCHEMA,
    SCHEMA_STATUS,
    SCHEMA_TYPE,
    WORKFLOW_SCHEMA_STATUS,
    TASK_TYPE_SCHEMA_TYPE,
    PROJECT_SCHEMA_OBJECT_TYPE,
    TASK_TEMPLATE,
    TASK_TEMPLATE_ITEM,
)

"""Contexts: the tree of a production, from the project down to the single task."""

from __future__ import annotations

import attrs

from ftrack_backends.workspace.model._declarations import EntityType, Trait
from ftrack_backends.workspace.model._relations import Collection, Computed, ForeignKey, LinkTable, Reference
from ftrack_backends.workspace.model._scalars import Key, Moment, Number, Text, Truth
from ftrack_backends.workspace.model._traits import (
    APPOINTED_CONTEXT,
    HAS_METADATA,
    HAS_NOTES,
    HAS_THUMBNAIL,
    HAS_TIMELOGS,
    LINKED_BY_CUSTOM_ATTRIBUTES,
    created,
    has_custom_attributes,
    identifier,
)

__all__ = ["CONTEXTS", "HAS_LINK", "NO_STATUS", "NO_TYPE", "SCHEDULED_BY_TASKS", "object_type"]

DEFAULT_PRIORITY = "9661b320-3a0c-11e2-81c1-0800200c9a66"

SCHEDULED_BY_TASKS = ("bid", "start_date", "end_date")
"""Locked on what only groups tasks: its bid and dates are those of the tasks below it."""
NO_TYPE = ("type_id", "type")
"""Locked on what is of one sort only: a task may be animation or lighting, a shot is a shot."""
NO_STATUS = ("status_id", "status")
"""Locked on what only gathers others and has no status of its own."""

HAS_LINK = Trait(
    "with a breadcrumb",
    "`link` is the way from the project down to it: a list of type, id and name of each step.",
    (
        Text(
            "_link",
            alias="_api_link",
            immutable=True,
            derived=True,
            description="This attribute has been deprecated, use `link` attribute instead.",
        ),
        Text("link", alias="_api_link", immutable=True, derived=True),
    ),
)

CONTEXT = EntityType(
    "Context",
    "Anything that work can hang on: a project or one of the objects in it. Contexts form a tree by `parent`; assets, "
    "notes, appointments and time belong to a context.",
    (
        Text("context_type", required=True, projected=True),
        identifier(),
        Text("name", required=True, projected=True, default=""),
        Key("parent_id", "Context", owner=True),
        Reference("parent", "Context"),
        Key("project_id", "Project"),
        Collection("assets", "Asset", ForeignKey("context_id")),
        Collection("children", "Context", ForeignKey("parent_id")),
        Collection("managers", "Manager", ForeignKey("context_id")),
        Collection("scopes", "Scope", LinkTable("ContextScope", "context_id", "scope_id")),
    ),
    traits=(
        HAS_LINK,
        HAS_THUMBNAIL,
        created(immutable=True),
        HAS_NOTES,
        HAS_TIMELOGS,
        APPOINTED_CONTEXT,
        LINKED_BY_CUSTOM_ATTRIBUTES,
        has_custom_attributes("ContextCustomAttributeValue"),
    ),
    unique=(("parent_id", "name"),),
    system=("context_type",),
)

PROJECT = EntityType(
    "Project",
    "A production: a film, an episode, a commercial. The root of a tree of contexts. Its project schema says which "
    "object types, statuses and task types its people work with.",
    (
        Truth("is_global", required=True, default=False, alias="isglobal"),
        Text("status", required=True),
        Key("project_schema_id", "ProjectSchema", required=True, alias="projectschemeid"),
        Reference("project_schema", "ProjectSchema", alias="projectscheme"),
        Text("full_name", alias="fullname"),
        Text("color"),
        Text("root"),
        Truth("is_private", default=False, alias="private"),
        Key("disk_id", "Disk", alias="diskid"),
        Reference("disk", "Disk"),
        Moment("start_date", alias="startdate"),
        Moment("end_date", alias="enddate"),
        Collection("descendants", "TypedContext", Computed("descendants")),
        Collection("calendar_events", "CalendarEvent", ForeignKey("project_id")),
        Collection("review_sessions", "ReviewSession", ForeignKey("project_id"), alias="reviewSessions"),
        Collection(
            "user_security_role_projects",
            "UserSecurityRoleProject",
            ForeignKey("project_id"),
            alias="user_role_projects",
        ),
    ),
    traits=(HAS_METADATA,),
    base="Context",
    classifiers={"context_type": "show"},
    alias="Show",
)

PRIORITY_ID = Key("priority_id", "Priority", required=True, alias="priorityid")
OBJECT_TYPE_ID = Key("object_type_id", "ObjectType", required=True, alias="object_typeid")

TYPED_CONTEXT = EntityType(
    "TypedContext",
    "An object inside a project whose object type says what it is: shot, sequence, asset build, task and whatever "
    "else a studio works on. All have a status, a type, a priority and a schedule.",
    (
        Number("bid", required=True),
        Key("status_id", "Status", required=True, alias="statusid"),
        Key("type_id", "Type", required=True, alias="typeid"),
        PRIORITY_ID,
        OBJECT_TYPE_ID,
        Number("sort", required=True),
        Number("time_logged", computed=True, immutable=True),
        Number("bid_time_logged_difference", computed=True, immutable=True),
        Text("description"),
        Moment("start_date", alias="startdate"),
        Moment("end_date", alias="enddate"),
        Reference("status", "Status"),
        Reference("type", "Type"),
        Reference("priority", "Priority"),
        Reference("object_type", "ObjectType", alias="objectType"),
        Key("project_id", "Project", alias="showid"),
        Reference("project", "Project", alias="show"),
        Collection("ancestors", "TypedContext", Computed("ancestors")),
        Collection("descendants", "TypedContext", Computed("descendants")),
        Collection("incoming_links", "TypedContextLink", ForeignKey("to_id"), alias="predecessors"),
        Collection("outgoing_links", "TypedContextLink", ForeignKey("from_id"), alias="successors"),
        Collection("lists", "TypedContextList", LinkTable("ListObject", "entity_id", "list_id"), alias="_lists"),
        Collection("status_changes", "StatusChange", ForeignKey("parent_id")),
    ),
    traits=(HAS_METADATA,),
    base="Context",
    classifiers={"context_type": "task"},
    alias="Task",
    system=("project_id", "context_type"),
)


def object_type(name: str, doc: str, object_type_id: str, *locked: str) -> EntityType:
    """Declare a type of typed contexts, as a studio's own `Scene`: its rows are told by their object type.

    Args:
        name: Schema id, as `Shot`.
        doc: What it is in production.
        object_type_id: Id of the `ObjectType` row of that name.
        locked: Names that clients may not change on it; `NO_TYPE`, `NO_STATUS` and `SCHEDULED_BY_TASKS` are the
            usual ones.
    """
    return EntityType(
        name,
        doc,
        (
            attrs.evolve(OBJECT_TYPE_ID, default=object_type_id),
            attrs.evolve(PRIORITY_ID, default=DEFAULT_PRIORITY),
        ),
        base="TypedContext",
        classifiers={"object_type_id": object_type_id},
        alias="Task",
        locked=("object_type_id", "object_type", "bid_time_logged_difference", "time_logged", *locked),
    )


TASK = object_type(
    "Task",
    "One piece of work for one discipline: animate this shot, light it, model that asset. People are assigned to "
    "tasks, log time on them and publish versions from them.",
    "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c",
)
SHOT = object_type(
    "Shot",
    "A continuous run of frames between two cuts: what the audience sees, and what most tasks are done for.",
    "bad911de-3bd6-47b9-8b46-3476e237cb36",
    *NO_TYPE,
    *SCHEDULED_BY_TASKS,
)
SEQUENCE = object_type(
    "Sequence",
    "A run of shots that tell one part of the story.",
    "e5139355-61da-4c8f-9db4-3abc870166bc",
    *NO_TYPE,
    *NO_STATUS,
    *SCHEDULED_BY_TASKS,
)
EPISODE = object_type(
    "Episode",
    "One episode of a series; it holds sequences.",
    "22139355-61da-4c8f-9db4-3abc870166bc",
    *NO_TYPE,
    *NO_STATUS,
    *SCHEDULED_BY_TASKS,
)
ASSET_BUILD = object_type(
    "AssetBuild",
    "Something to be built and used in many shots: a character, a prop, an environment. Its type says which.",
    "4be63b64-5010-42fb-bf1f-428af9d638f0",
    *SCHEDULED_BY_TASKS,
)
FOLDER = object_type(
    "Folder",
    "Nothing but order in the tree.",
    "3c133785-51cb-11e3-980a-20c9d0831e59",
    *NO_TYPE,
    *NO_STATUS,
    *SCHEDULED_BY_TASKS,
)
MILESTONE = object_type(
    "Milestone",
    "A day on which something must be done; it has an end and no beginning.",
    "01decdd1-51cb-11e3-9d5b-20c9d0831e59",
    "start_date",
)

CONTEXTS = (CONTEXT, PROJECT, TYPED_CONTEXT, TASK, SHOT, SEQUENCE, EPISODE, ASSET_BUILD, FOLDER, MILESTONE)

"""Time: hours worked, running timers, calendars, and jobs that run on the server."""

from __future__ import annotations

from ftrack_backends.workspace.model._declarations import EntityType
from ftrack_backends.workspace.model._relations import Collection, ForeignKey, Reference
from ftrack_backends.workspace.model._scalars import Key, Moment, Number, Structure, Text, Truth
from ftrack_backends.workspace.model._traits import HAS_METADATA, created, identifier, link_key

__all__ = ["TIME"]

TIMELOG = EntityType(
    "Timelog",
    "Somebody worked on something for `duration` seconds.",
    (
        Text("comment", required=True, default=""),
        Moment("start", required=True),
        Number("duration", required=True),
        identifier(),
        Text("name"),
        Number("time_zone_offset"),
        Key("user_id", "User", owner=True),
        Key("context_id", "Context", owner=True),
        Reference("context", "Context"),
        Reference("user", "User"),
    ),
    system=("user_id", "context_id"),
)

TIMER = EntityType(
    "Timer",
    "A clock that a user has running; stopping it makes a time log. One for each user.",
    (
        Text("comment", required=True, default=""),
        Moment("start", required=True),
        Key("user_id", "User", required=True, target_key="user_id", owner=True),
        identifier(),
        Text("name"),
        Key("context_id", "Context"),
        Reference("context", "Context"),
        Reference("user", "User"),
    ),
    unique=(("user_id",),),
)

CALENDAR_EVENT = EntityType(
    "CalendarEvent",
    "Something that takes people's time: a leave, a holiday, a booking, a forecast.",
    (
        Text("name", required=True, default=""),
        Moment("start", required=True, projected=True),
        Moment("end", required=True, projected=True),
        identifier(),
        Number("effort"),
        Number("estimate"),
        Truth("everyone"),
        Truth("forecast"),
        Truth("leave"),
        Key("project_id", "Project", owner=True),
        Key("type_id", "Type"),
        Reference("project", "Project"),
        Reference("type", "Type"),
        Collection("calendar_event_resources", "CalendarEventResource", ForeignKey("calendar_event_id")),
    ),
    traits=(created(), HAS_METADATA),
    system=("project_id",),
    listing={"default_projections": ("id",)},
)

CALENDAR_EVENT_RESOURCE = EntityType(
    "CalendarEventResource",
    "A calendar event concerns this user or group.",
    (
        Key("calendar_event_id", "CalendarEvent", required=True, projected=True, owner=True),
        Key("resource_id", "Resource", required=True, projected=True, owner=True),
        identifier(),
        Reference("calendar_event", "CalendarEvent"),
        Reference("resource", "Resource"),
    ),
    traits=(created(),),
    listing={"default_projections": ("id",)},
)

JOB = EntityType(
    "Job",
    "Something that takes a while, on the server or in a tool; users watch it and are told when it is done.",
    (
        identifier("jobid"),
        Text("status", required=True, default="queued", choices=("queued", "running", "done", "failed")),
        Text("type", required=True, immutable=True, default="api_job"),
        Text("data", format="json"),
        Moment("created_at"),
        Moment("finished_at"),
        Key("user_id", "User", target_key="user_id", alias="userid"),
        Reference("user", "User"),
        Collection("job_components", "JobComponent", ForeignKey("job_id")),
    ),
)

JOB_COMPONENT = EntityType(
    "JobComponent",
    "A job made this component, for its user to fetch.",
    (
        link_key("component_id", "Component"),
        link_key("job_id", "Job"),
        Structure("url", computed=True, immutable=True),
        Reference("component", "Component"),
        Reference("job", "Job"),
    ),
    primary_key=("component_id", "job_id"),
)

TIME = (TIMELOG, TIMER, CALENDAR_EVENT, CALENDAR_EVENT_RESOURCE, JOB, JOB_COMPONENT)

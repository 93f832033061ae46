"""History: what happened, as the server wrote it down, and who is told."""

from __future__ import annotations

from ftrack_backends.workspace.model._declarations import EntityType
from ftrack_backends.workspace.model._relations import Collection, ForeignKey, Reference
from ftrack_backends.workspace.model._scalars import Integer, Key, Moment, Text
from ftrack_backends.workspace.model._traits import identifier

__all__ = ["HISTORY"]

STATUS_CHANGE = EntityType(
    "StatusChange",
    "The status of something went from one to another. The server writes these down; clients only read them.",
    (
        Text("id", required=True, immutable=True, projected=True, alias="tracid"),
        Moment("date"),
        Key("from_status_id", "Status"),
        Key("status_id", "Status"),
        Text("parent_id", owner=True),
        Text("parent_type"),
        Key("user_id", "User", target_key="user_id", alias="userid"),
        Reference("from_status", "Status"),
        Reference("status", "Status"),
        Reference("user", "User"),
    ),
    alias="Trac",
)

TYPED_CONTEXT_STATUS_CHANGE = EntityType(
    "TypedContextStatusChange",
    "The status of a shot, a task or the like changed.",
    (Reference("parent", "TypedContext"),),
    base="StatusChange",
    classifiers={"parent_type": "task"},
)

ASSET_VERSION_STATUS_CHANGE = EntityType(
    "AssetVersionStatusChange",
    "The status of a version changed.",
    (Reference("parent", "AssetVersion"),),
    base="StatusChange",
    classifiers={"parent_type": "assetversion"},
)

EVENT = EntityType(
    "Event",
    "A line of the activity stream: who did what to which entity.",
    (
        Integer("id", required=True, immutable=True, projected=True, alias="socialid"),
        Text("action", alias="action"),
        Text("insert", alias="insert"),
        Text("data"),
        Moment("created_at"),
        Text("parent_id"),
        Text("parent_type"),
        Key("project_id", "Project", alias="showid"),
        Key("user_id", "User", target_key="user_id", alias="userid"),
        Reference("project", "Project", alias="show"),
        Reference("user", "User"),
        Collection("feeds", "Feed", ForeignKey("social_id")),
    ),
    system=("project_id",),
    alias="SocialEvent",
)

FEED = EntityType(
    "Feed",
    "An event shows in the stream of an entity or a user: `distance` steps from where it happened.",
    (
        identifier(),
        Key("social_id", "Event", target_key="social_id", holds="integer", alias="socialid", owner=True),
        Text("cluster_id", alias="clusterid"),
        Moment("created_at"),
        Integer("distance", default=0, alias="distance"),
        Text("owner_id", alias="ownerid"),
        Text("relation", alias="relation"),
        Reference("event", "Event", over="social_id"),
    ),
    alias="SocialFeed",
)

HISTORY = (STATUS_CHANGE, TYPED_CONTEXT_STATUS_CHANGE, ASSET_VERSION_STATUS_CHANGE, EVENT, FEED)

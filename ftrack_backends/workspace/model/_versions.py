"""Versions: what work results in, published again and again until it is approved."""

from __future__ import annotations

from ftrack_backends.workspace.model._contexts import HAS_LINK
from ftrack_backends.workspace.model._declarations import EntityType
from ftrack_backends.workspace.model._relations import Collection, ForeignKey, LinkTable, Reference
from ftrack_backends.workspace.model._scalars import Integer, Key, Moment, Text, Truth
from ftrack_backends.workspace.model._traits import (
    HAS_METADATA,
    HAS_NOTES,
    HAS_THUMBNAIL,
    LINKED_BY_CUSTOM_ATTRIBUTES,
    has_custom_attributes,
    identifier,
)

__all__ = ["VERSIONS"]

ASSET = EntityType(
    "Asset",
    "One result of the work on a context, over all its versions: the animation of a shot, the model of a character. "
    "The versions hold the files; the asset is what they are versions of.",
    (
        identifier("assetid"),
        Text("name"),
        Key("context_id", "Context", owner=True),
        Key("type_id", "AssetType", alias="typeid"),
        Reference("parent", "Context", over="context_id"),
        Reference("type", "AssetType"),
        Reference("latest_version", "AssetVersion", computed=True),
        Collection("versions", "AssetVersion", ForeignKey("asset_id")),
    ),
    traits=(HAS_METADATA, LINKED_BY_CUSTOM_ATTRIBUTES, has_custom_attributes("AssetCustomAttributeValue")),
    system=("context_id",),
)

ASSET_TYPE = EntityType(
    "AssetType",
    "What sort of result an asset is: geometry, rig, animation, render, upload.",
    (
        identifier("typeid"),
        Text("name", required=True),
        Text("short", required=True),
        Text("component", default="main"),
        Collection("assets", "Asset", ForeignKey("type_id")),
    ),
)

ASSET_VERSION = EntityType(
    "AssetVersion",
    "One state of an asset as somebody published it, for others to review and build on. It carries components (the "
    "files), a comment, a status, and the task it came from. Versions of an asset count from 1.",
    (
        identifier("versionid"),
        Truth("is_published", required=True, default=True, alias="ispublished"),
        Key("status_id", "Status", required=True, alias="statusid"),
        Integer("version"),
        Text("comment", default=""),
        Moment("date"),
        Truth("is_latest_version", immutable=True, derived=True),
        Key("asset_id", "Asset", alias="assetid", owner=True),
        Key("task_id", "Task", alias="taskid"),
        Key("user_id", "User", target_key="user_id", alias="userid"),
        Reference("asset", "Asset"),
        Reference("status", "Status"),
        Reference("task", "Task"),
        Reference("user", "User"),
        Collection("components", "Component", ForeignKey("version_id")),
        Collection("incoming_links", "AssetVersionLink", ForeignKey("to_id"), alias="incoming_links"),
        Collection("outgoing_links", "AssetVersionLink", ForeignKey("from_id"), alias="outgoing_links"),
        Collection(
            "uses_versions", "AssetVersion", LinkTable("AssetVersionLink", "to_id", "from_id"), alias="usesversions"
        ),
        Collection(
            "used_in_versions",
            "AssetVersion",
            LinkTable("AssetVersionLink", "from_id", "to_id"),
            alias="usedinversions",
        ),
        Collection("lists", "AssetVersionList", LinkTable("ListObject", "entity_id", "list_id"), alias="_lists"),
        Collection(
            "review_session_objects", "ReviewSessionObject", ForeignKey("version_id"), alias="reviewSessionObjects"
        ),
        Collection("status_changes", "StatusChange", ForeignKey("parent_id")),
    ),
    traits=(
        HAS_LINK,
        HAS_THUMBNAIL,
        HAS_NOTES,
        HAS_METADATA,
        LINKED_BY_CUSTOM_ATTRIBUTES,
        has_custom_attributes("AssetVersionCustomAttributeValue"),
    ),
    system=("asset_id",),
    listing={"immutable": ("id", "_link", "link")},
)

ASSET_VERSION_LINK = EntityType(
    "AssetVersionLink",
    "One version went into another: `from` was used in making `to`.",
    (
        identifier(),
        Key("from_id", "AssetVersion", required=True, projected=True, alias="linkedversionid", owner=True),
        Key("to_id", "AssetVersion", required=True, projected=True, alias="versionid", owner=True),
        Reference("from", "AssetVersion", alias="linked_version"),
        Reference("to", "AssetVersion", alias="version"),
    ),
    traits=(HAS_METADATA,),
)

VERSIONS = (ASSET, ASSET_TYPE, ASSET_VERSION, ASSET_VERSION_LINK)

"""Lists and links: what people gather by hand, and what depends on what."""

from __future__ import annotations

from ftrack_backends.workspace.model._declarations import EntityType
from ftrack_backends.workspace.model._relations import Collection, ForeignKey, LinkTable, Reference
from ftrack_backends.workspace.model._scalars import Key, Moment, Text, Truth
from ftrack_backends.workspace.model._traits import (
    HAS_METADATA,
    LINKED_BY_CUSTOM_ATTRIBUTES,
    has_custom_attributes,
    identifier,
)

__all__ = ["LISTS"]


def _accepts(internal_name: str) -> Text:
    return Text(
        "system_type",
        alias="entity",
        default=internal_name,
        description="Defines the type of the items this list accepts.",
    )


LIST = EntityType(
    "List",
    "A hand-picked selection in a project: tonight's dailies, the shots of a trailer.",
    (
        identifier("listid"),
        Truth("is_open", required=True, default=True, alias="isopen"),
        Key("category_id", "ListCategory", required=True, alias="typeid"),
        Key("project_id", "Project", required=True, alias="showid", owner=True),
        Text("name", default=""),
        Moment("date"),
        _accepts("task"),
        Key("user_id", "User", target_key="user_id", alias="userid"),
        Reference("category", "ListCategory", alias="type"),
        Reference("owner", "User", over="user_id", alias="user"),
        Reference("project", "Project", alias="show"),
    ),
    traits=(LINKED_BY_CUSTOM_ATTRIBUTES, has_custom_attributes("ListCustomAttributeValue")),
    system=("project_id",),
)

_FIXED_TYPE = Text("type", immutable=True, hidden=True, derived=True)
_ITEMS = LinkTable("ListObject", "list_id", "entity_id")

TYPED_CONTEXT_LIST = EntityType(
    "TypedContextList",
    "A list of shots, tasks and the like.",
    (_FIXED_TYPE, Collection("items", "TypedContext", _ITEMS, alias="_task_items", told_as="Task")),
    base="List",
    classifiers={"system_type": "task"},
    alias="List",
)

ASSET_VERSION_LIST = EntityType(
    "AssetVersionList",
    "A list of versions, mostly to be reviewed together.",
    (
        _FIXED_TYPE,
        _accepts("assetversion"),
        Collection("items", "AssetVersion", _ITEMS, alias="_asset_version_items"),
    ),
    base="List",
    classifiers={"system_type": "assetversion"},
    alias="List",
)

LIST_CATEGORY = EntityType(
    "ListCategory",
    "What a list is for: dailies, deliveries, references.",
    (identifier("typeid"), Text("name"), Collection("lists", "List", ForeignKey("category_id"))),
    alias="ListType",
)

LIST_OBJECT = EntityType(
    "ListObject",
    "Something is in a list. It has an identity of its own, so that custom attributes can say more about it there.",
    (
        identifier(),
        Text("entity_id", required=True, projected=True, alias="entityid", owner=True),
        Key("list_id", "List", required=True, projected=True, alias="listid", owner=True),
        Reference("list", "List"),
    ),
    traits=(has_custom_attributes("ListObjectCustomAttributeValue"),),
)

SCOPE = EntityType(
    "Scope",
    "A word that contexts are tagged with, over all projects.",
    (Text("name", required=True), identifier()),
)

TYPED_CONTEXT_LINK = EntityType(
    "TypedContextLink",
    "One piece of work waits for another: `from` comes first, `to` depends on it.",
    (
        identifier("dependencyid"),
        Key("from_id", "TypedContext", required=True, projected=True, owner=True),
        Key("to_id", "TypedContext", required=True, projected=True, owner=True),
        Reference("from", "TypedContext", alias="fromTask"),
        Reference("to", "TypedContext", alias="toTask"),
    ),
    traits=(HAS_METADATA,),
    alias="Dependency",
)

LISTS = (LIST, TYPED_CONTEXT_LIST, ASSET_VERSION_LIST, LIST_CATEGORY, LIST_OBJECT, SCOPE, TYPED_CONTEXT_LINK)

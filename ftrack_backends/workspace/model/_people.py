"""People: users, the groups they are in, and what ties them to work."""

from __future__ import annotations

from ftrack_backends.workspace.model._declarations import EntityType
from ftrack_backends.workspace.model._relations import Collection, ForeignKey, Reference
from ftrack_backends.workspace.model._scalars import Key, Text, Truth
from ftrack_backends.workspace.model._traits import (
    APPOINTED_RESOURCE,
    HAS_METADATA,
    HAS_THUMBNAIL,
    LINKED_BY_CUSTOM_ATTRIBUTES,
    has_custom_attributes,
    identifier,
)

__all__ = ["PEOPLE"]

RESOURCE = EntityType(
    "Resource",
    "Whoever can be appointed to work: a user or a group.",
    (
        Text("resource_type", required=True),
        identifier(),
        Collection("dashboard_resources", "DashboardResource", ForeignKey("resource_id")),
    ),
    traits=(APPOINTED_RESOURCE,),
    system=("resource_type",),
)

USER = EntityType(
    "User",
    "A person who works with ftrack, or a tool's account. Signs in by `username`.",
    (
        Text("username", required=True),
        Truth("is_active", required=True, alias="isactive"),
        Text("resource_type", required=True, default="user"),
        Text("first_name", alias="firstname"),
        Text("last_name", alias="lastname"),
        Text("email"),
        Truth("is_otp_enabled", alias="otp_enabled"),
        Truth("is_totp_enabled", alias="totp_enabled"),
        Truth("require_details_update"),
        Key("user_type_id", "UserType", alias="typeid", holds=None),
        Reference("user_type", "UserType", alias="type"),
        Collection("memberships", "Membership", ForeignKey("user_id"), alias="user_memberships"),
        Collection("timelogs", "Timelog", ForeignKey("user_id")),
        Collection("user_security_roles", "UserSecurityRole", ForeignKey("user_id"), alias="userRoles"),
    ),
    traits=(
        HAS_THUMBNAIL,
        HAS_METADATA,
        LINKED_BY_CUSTOM_ATTRIBUTES,
        has_custom_attributes("UserCustomAttributeValue"),
    ),
    base="Resource",
    classifiers={"resource_type": "user"},
    unique=(("username",), ("email",)),
    locked=("resource_type",),
)

GROUP = EntityType(
    "Group",
    "A department or team; groups form a tree. A local group exists in one project only.",
    (
        Text("name", required=True, default=""),
        Truth("local", required=True),
        Text("resource_type", required=True, default="group"),
        Text("link", alias="api_link", immutable=True, derived=True),
        Key("parent_id", "Group", alias="group_id"),
        Reference("parent", "Group"),
        Collection("children", "Group", ForeignKey("parent_id")),
        Collection("memberships", "Membership", ForeignKey("group_id"), alias="group_memberships"),
    ),
    traits=(LINKED_BY_CUSTOM_ATTRIBUTES,),
    base="Resource",
    classifiers={"resource_type": "group"},
    locked=("resource_type",),
)

MEMBERSHIP = EntityType(
    "Membership",
    "A user is in a group.",
    (
        Key("group_id", "Group", required=True, owner=True),
        Key("user_id", "User", required=True, owner=True),
        identifier(),
        Reference("group", "Group", alias="membership_group"),
        Reference("user", "User", alias="membership_user"),
    ),
)

USER_TYPE = EntityType(
    "UserType",
    "What sort of account a user has.",
    (identifier("typeid"), Text("name", immutable=True)),
)

APPOINTMENT = EntityType(
    "Appointment",
    "Ties a resource to a context. Type `assignment`: does this task. Type `allocation`: is booked for this project.",
    (
        identifier(),
        Text("type", required=True),
        Key("resource_id", "Resource", required=True, owner=True),
        Key("context_id", "Context", required=True, owner=True),
        Reference("context", "Context", alias="appointment_context"),
        Reference("resource", "Resource", alias="appointment_resource"),
    ),
)

MANAGER = EntityType(
    "Manager",
    "A user answers for a context, in some function.",
    (
        identifier("managerid"),
        Key("context_id", "Context", owner=True),
        Key("type_id", "ManagerType", alias="typeid"),
        Key("user_id", "User", alias="userid", owner=True),
        Reference("context", "Context"),
        Reference("type", "ManagerType"),
        Reference("user", "User"),
    ),
)

MANAGER_TYPE = EntityType(
    "ManagerType",
    "In which function somebody manages: supervisor, coordinator, producer.",
    (identifier("typeid"), Text("name")),
)

PEOPLE = (RESOURCE, USER, GROUP, MEMBERSHIP, USER_TYPE, APPOINTMENT, MANAGER, MANAGER_TYPE)

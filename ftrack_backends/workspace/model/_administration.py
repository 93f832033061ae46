"""Administration: who may do what, settings, disks, and what users have on their screens."""

from __future__ import annotations

from ftrack_backends.workspace.model._declarations import EntityType
from ftrack_backends.workspace.model._relations import Collection, ForeignKey, Reference
from ftrack_backends.workspace.model._scalars import Key, Number, Text, Truth
from ftrack_backends.workspace.model._traits import ATTACHED_URLS, any_parent, identifier, link_key

__all__ = ["ADMINISTRATION"]

SECURITY_ROLE = EntityType(
    "SecurityRole",
    "A set of permissions: administrator, user, reviewer.",
    (
        identifier("roleid"),
        Text("name", projected=True),
        Key("type", "SecurityRoleType", alias="typeid"),
        Collection("user_security_roles", "UserSecurityRole", ForeignKey("security_role_id"), alias="userRoles"),
    ),
    alias="Auth_Role",
)

USER_SECURITY_ROLE = EntityType(
    "UserSecurityRole",
    "A user has a role, in all open projects or in some.",
    (
        identifier(),
        Key("user_id", "User", projected=True, alias="userid", owner=True),
        Key("security_role_id", "SecurityRole", projected=True, alias="roleid", owner=True),
        Truth("is_all_open_projects", alias="isallprojects"),
        Truth(
            "is_all_projects",
            alias="isallprojects",
            same_as="is_all_open_projects",
            description="This attribute has been deprecated, use `is_all_open_projects` attribute instead.",
        ),
        Reference("security_role", "SecurityRole", alias="role"),
        Reference("user", "User"),
        Collection(
            "user_security_role_projects",
            "UserSecurityRoleProject",
            ForeignKey("user_security_role_id"),
            alias="user_role_projects",
        ),
    ),
    alias="Auth_UserRole",
)

USER_SECURITY_ROLE_PROJECT = EntityType(
    "UserSecurityRoleProject",
    "A user's role holds in this project.",
    (
        identifier(),
        Key("user_security_role_id", "UserSecurityRole", projected=True, alias="user_role_id", owner=True),
        Key("project_id", "Project", projected=True, owner=True),
        Reference("project", "Project"),
        Reference("user_security_role", "UserSecurityRole", alias="user_role"),
    ),
    alias="UserRoleProject",
)

DISK = EntityType(
    "Disk",
    "Where projects are on the studio's file servers, as Windows and as Unix paths. Older than locations.",
    (
        identifier("diskid"),
        Text("name", required=True),
        Text("unix"),
        Text("windows"),
        Collection("projects", "Project", ForeignKey("disk_id"), alias="shows"),
    ),
)


def _named(name: str, default: str) -> Text:
    return Text(name, required=True, immutable=True, projected=True, default=default)


SETTING = EntityType(
    "Setting",
    "One setting of the whole workspace, by group and name.",
    (_named("name", "default"), _named("group", "default"), Text("value", default="default")),
    primary_key=("name", "group"),
)

SETTING_COMPONENT = EntityType(
    "SettingComponent",
    "The value of a setting is a file: the studio's logo.",
    (
        link_key("component_id", "Component"),
        Key("name", "Setting", required=True, immutable=True, projected=True, target_key="name"),
        Key("group", "Setting", required=True, immutable=True, projected=True, target_key="group"),
        *ATTACHED_URLS,
        Reference("component", "Component"),
        Reference("setting", "Setting", derived=True),
    ),
    primary_key=("component_id", "name", "group"),
)

ENTITY_SETTING = EntityType(
    "EntitySetting",
    "One setting of a single entity, which goes before the workspace's.",
    (
        Text("parent_id", required=True, immutable=True, projected=True, owner=True),
        Text("group", required=True, immutable=True, projected=True),
        Text("name", required=True, immutable=True, projected=True),
        Text("value", required=True, projected=True),
        any_parent("parent_type", required=True),
    ),
    primary_key=("parent_id", "group", "name"),
    alias="SettingOverride",
)

USER_APPLICATION_STATE = EntityType(
    "UserApplicationState",
    "What an application keeps for a user between two visits.",
    (
        link_key("user_id", "User", "userid"),
        Text("key", required=True, immutable=True, projected=True),
        Text("value", required=True, projected=True),
    ),
    primary_key=("user_id", "key"),
    alias="UserSetting",
)

DASHBOARD = EntityType(
    "Dashboard",
    "A page of widgets that a user made for himself or for others.",
    (
        identifier("dashboardid"),
        Text("name"),
        Truth("is_shared_with_everyone", default=False, alias="isglobal"),
        Key("created_by_id", "User", target_key="user_id", alias="userid"),
        Text("typeid", hidden=True),
        Reference("created_by", "User", alias="user"),
        Collection("dashboard_resources", "DashboardResource", ForeignKey("dashboard_id")),
        Collection("widgets", "DashboardWidget", ForeignKey("dashboard_id")),
    ),
    system=("typeid",),
)


def _shared_key(name: str, target: str) -> Key:
    return Key(name, target, required=True, immutable=True, projected=True, names_target=True, owner=True)


DASHBOARD_RESOURCE = EntityType(
    "DashboardResource",
    "A dashboard is shared with this user or group.",
    (
        _shared_key("dashboard_id", "Dashboard"),
        _shared_key("resource_id", "Resource"),
        Truth("is_shared_with_everyone", default=False, alias="isglobal"),
        Reference("dashboard", "Dashboard"),
        Reference("resource", "Resource"),
    ),
    primary_key=("dashboard_id", "resource_id"),
    system=("dashboard_id", "resource_id"),
    alias="LinkDashboardResource",
)

DASHBOARD_WIDGET = EntityType(
    "DashboardWidget",
    "One widget of a dashboard.",
    (
        identifier("widgetid"),
        Text("config", description="JSON blob of relevant widget options."),
        Number("sort"),
        Text("type", alias="widget_typeid"),
        Key("dashboard_id", "Dashboard", alias="dashboardid", owner=True),
        Reference("dashboard", "Dashboard"),
    ),
)

ADMINISTRATION = (
    SECURITY_ROLE,
    USER_SECURITY_ROLE,
    USER_SECURITY_ROLE_PROJECT,
    DISK,
    SETTING,
    SETTING_COMPONENT,
    ENTITY_SETTING,
    USER_APPLICATION_STATE,
    DASHBOARD,
    DASHBOARD_RESOURCE,
    DASHBOARD_WIDGET,
)

"""Security roles of users, and what the caller may do.

A user has a role in all open projects, in some, or in both. Names are those of the documentation; the older clients'
examples say `revoke_user_security_role` for `remove_user_security_role`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ftrack_backends.workspace._faults import IntegrityFault, ValidationFault
from ftrack_backends.workspace.actions import _fields as fields
from ftrack_backends.workspace.writing import type_named
from ftrack_core.query import quote

if TYPE_CHECKING:
    from ftrack_backends.workspace.actions._turn import Action, Turn

__all__ = ["PERMISSIONS", "ROLES"]

_ROLE = "UserSecurityRole"
_PROJECT = "UserSecurityRoleProject"


def add_user_security_role(turn: Turn, operation: Mapping[str, Any]) -> Callable[[], dict[str, object]]:
    """Give a user a role: in the project that is named, else in all open ones. A role it has already stays."""
    project_id = fields.optional_text(operation, "project_id")
    everywhere = fields.flag(operation, "all_open_projects", default=project_id is None)
    own_id = _given(turn, operation, everywhere=everywhere)
    if project_id is not None:
        _grant(turn, own_id, project_id)
    return _told(turn, operation, own_id)


def remove_user_security_role(turn: Turn, operation: Mapping[str, Any]) -> dict[str, object]:
    """Take a role from a user, in all its projects."""
    _delete(turn, _ROLE, _held(turn, operation))
    return {"action": operation["action"], "data": True}


def update_user_security_role(turn: Turn, operation: Mapping[str, Any]) -> Callable[[], dict[str, object]]:
    """Give a user another role in the place of one; it holds in the same projects."""
    own_id = _held(turn, operation)
    role = turn.found("SecurityRole", fields.text(operation, "new_role_id"), field="new_role_id")
    if _own_roles(turn, operation["user_id"], role["id"]) not in ([], [own_id]):
        raise IntegrityFault(f"User {operation['user_id']} has role {role['id']} already.")
    data: dict[str, Any] = {"security_role_id": role["id"]}
    if operation.get("all_open_projects") is not None:
        data["is_all_open_projects"] = fields.flag(operation, "all_open_projects", default=False)
    turn.writing.update({"entity_type": _ROLE, "entity_key": own_id, "entity_data": data})
    return _told(turn, operation, own_id)


def grant_user_security_role_project(turn: Turn, operation: Mapping[str, Any]) -> Callable[[], dict[str, object]]:
    """Let a user's role hold in a project; a role that the user has not is given for this project only."""
    project_id = fields.text(operation, "project_id")
    own_id = _given(turn, operation, everywhere=False)
    _grant(turn, own_id, project_id)
    return _told(turn, operation, own_id)


def revoke_user_security_role_project(turn: Turn, operation: Mapping[str, Any]) -> Callable[[], dict[str, object]]:
    """Let a user's role hold in a project no longer."""
    project_id = fields.text(operation, "project_id")
    own_id = _held(turn, operation)
    granted = _grants(turn, own_id, project_id)
    if not granted:
        raise ValidationFault(f"The role is not granted in project {project_id!r}.", "entity_not_found", "project_id")
    for one in granted:
        _delete(turn, _PROJECT, one)
    return _told(turn, operation, own_id)


def permissions(turn: Turn, operation: Mapping[str, Any]) -> dict[str, object]:
    """Tell what the caller may do with entities of a type: everything, or only read."""
    entity_type = type_named(turn.services.model, fields.text(operation, "entity_type"))
    writes = not turn.caller.read_only
    data = {"entity_type": entity_type.name, "read": True, "create": writes, "update": writes, "delete": writes}
    return {"action": "permissions", "data": data}


def _given(turn: Turn, operation: Mapping[str, Any], *, everywhere: bool) -> str:
    """Id of the user's role; it is made where the user has it not."""
    user_id, role_id = _user_and_role(turn, operation)
    found = _own_roles(turn, user_id, role_id)
    if found:
        if everywhere:
            data = {"is_all_open_projects": True}
            turn.writing.update({"entity_type": _ROLE, "entity_key": found[0], "entity_data": data})
        return found[0]
    values = {"user_id": user_id, "security_role_id": role_id, "is_all_open_projects": everywhere}
    turn.writing.create({"entity_type": _ROLE, "entity_data": values})
    return _own_roles(turn, user_id, role_id)[0]


def _held(turn: Turn, operation: Mapping[str, Any]) -> str:
    user_id, role_id = _user_and_role(turn, operation)
    found = _own_roles(turn, user_id, role_id)
    if not found:
        raise ValidationFault(f"User {user_id} does not have role {role_id}.", "entity_not_found", "role_id")
    return found[0]


def _user_and_role(turn: Turn, operation: Mapping[str, Any]) -> tuple[str, str]:
    user = turn.found("User", fields.text(operation, "user_id"), field="user_id")
    role = turn.found("SecurityRole", fields.text(operation, "role_id"), field="role_id")
    return user["id"], role["id"]


def _own_roles(turn: Turn, user_id: str, role_id: str) -> list[str]:
    return _ids(turn, _ROLE, user_id=user_id, security_role_id=role_id)


def _grants(turn: Turn, own_id: str, project_id: str) -> list[str]:
    return _ids(turn, _PROJECT, user_security_role_id=own_id, project_id=project_id)


def _grant(turn: Turn, own_id: str, project_id: str) -> None:
    turn.found("Project", project_id, field="project_id")
    if not _grants(turn, own_id, project_id):
        values = {"user_security_role_id": own_id, "project_id": project_id}
        turn.writing.create({"entity_type": _PROJECT, "entity_data": values})


def _delete(turn: Turn, type_name: str, own_id: str) -> None:
    turn.writing.delete({"entity_type": type_name, "entity_key": own_id})


def _ids(turn: Turn, type_name: str, **values: str) -> list[str]:
    criteria = " and ".join(f"{name} is {quote(value)}" for name, value in values.items())
    turn.writing.settle()
    rows = turn.services.reader.query(f"select id from {type_name} where {criteria}").rows  # noqa: S608
    return [str(row["id"]) for row in rows]


def _told(turn: Turn, operation: Mapping[str, Any], own_id: str) -> Callable[[], dict[str, object]]:
    """The reply with the role as it is at the end of the batch."""
    names = ("user_id", "security_role_id", "is_all_open_projects", "user_security_role_projects.project_id")

    def reply() -> dict[str, object]:
        found = turn.services.reader.entities(_ROLE, [own_id], names)
        return {"action": operation["action"], "data": found[0] if found else None}

    return reply


ROLES: dict[str, Action] = {
    "add_user_security_role": add_user_security_role,
    "remove_user_security_role": remove_user_security_role,
    "revoke_user_security_role": remove_user_security_role,
    "update_user_security_role": update_user_security_role,
    "grant_user_security_role_project": grant_user_security_role_project,
    "revoke_user_security_role_project": revoke_user_security_role_project,
}
PERMISSIONS: dict[str, Action] = {"permissions": permissions}

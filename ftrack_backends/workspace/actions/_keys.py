"""Keys: `reset_remote`, and which roles a global key has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_backends.workspace._accounts import new_personal_key, set_key_role
from ftrack_backends.workspace._faults import ValidationFault
from ftrack_backends.workspace.actions import _fields as fields

if TYPE_CHECKING:
    from ftrack_backends.workspace.actions._turn import Action, Turn

__all__ = ["KEYS"]

_API_KEY = "api_key"


def reset_remote(turn: Turn, operation: Mapping[str, Any]) -> dict[str, object]:
    """Give a user a new API key, the caller where none is named; the old one opens nothing any more."""
    kind = fields.text(operation, "reset_type")
    if kind != _API_KEY:
        raise ValidationFault(f"{kind!r} cannot be reset here; {_API_KEY!r} can.", field="reset_type")
    user_id = fields.key(operation, "entity_key") or turn.caller.id
    entity_type = fields.optional_text(operation, "entity_type") or "User"
    if entity_type != "User":
        raise ValidationFault(f"A User has an API key, and no {entity_type}.", field="entity_type")
    turn.found("User", user_id, field="entity_key")
    with turn.services.store.reading() as connection:
        return {"action": "reset_remote", "data": {_API_KEY: new_personal_key(connection, user_id)}}


def grant_api_key_security_role(turn: Turn, operation: Mapping[str, Any]) -> dict[str, object]:
    """Give a global key a role."""
    return _set_role(turn, operation, granted=True)


def revoke_api_key_security_role(turn: Turn, operation: Mapping[str, Any]) -> dict[str, object]:
    """Take a role from a global key."""
    return _set_role(turn, operation, granted=False)


def _set_role(turn: Turn, operation: Mapping[str, Any], *, granted: bool) -> dict[str, object]:
    key_id = fields.text(operation, "api_key_id")
    role = turn.found("SecurityRole", fields.text(operation, "role_id"), field="role_id")
    with turn.services.store.reading() as connection:
        if not set_key_role(connection, key_id, role["id"], granted=granted):
            raise ValidationFault(f"There is no global API key {key_id!r}.", "entity_not_found", "api_key_id")
    return {"action": operation["action"], "data": True}


KEYS: dict[str, Action] = {
    one.__name__: one for one in (reset_remote, grant_api_key_security_role, revoke_api_key_security_role)
}

"""What the workspace tells about itself: `query_server_information` and `query_schemas`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_backends.workspace._faults import ValidationFault

if TYPE_CHECKING:
    from ftrack_backends.workspace._accounts import Caller
    from ftrack_backends.workspace.actions._turn import Action, Turn

__all__ = ["INFORMATION"]

VERSION = "4.13.8"
"""Version of the real server whose schema the data model follows, as far as clients compare it: 3.3.11 or later."""


def query_server_information(turn: Turn, operation: Mapping[str, Any]) -> dict[str, object]:
    """Tell what the workspace is; `values` names the parts that are wanted."""
    information = _information(turn)
    wanted = operation.get("values")
    if wanted is None:
        return information
    if not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
        raise ValidationFault("'values' must be a list of names.")
    return {name: information[name] for name in wanted if name in information}


def query_schemas(turn: Turn, operation: Mapping[str, Any]) -> object:  # noqa: ARG001 - every action has both
    """Give the schemas of all entity types."""
    return turn.services.schemas


def _information(turn: Turn) -> dict[str, object]:
    return {
        "version": VERSION,
        "schema_hash": turn.services.schema_hash,
        "is_timezone_support_enabled": True,
        "is_nested_subqueries_enabled": True,
        "storage_scenario": None,
        "product": {"name": "ftrack-core embedded workspace", "id": turn.services.store.workspace_id},
        "user_information": _user_information(turn.caller),
        "company_information": {},
        "license": None,
        "week_startday": 1,
        "workday_length": 8 * 3600,
        "default_colors": [],
        "storage_limit": None,
    }


def _user_information(caller: Caller) -> dict[str, object]:
    return {
        "id": caller.id,
        "username": caller.username,
        "access_key_id": caller.key_id,
        "is_global_access_key": caller.is_global_key,
        "restricted_user": caller.read_only,
    }


INFORMATION: dict[str, Action] = {
    "query_server_information": query_server_information,
    "query_schemas": query_schemas,
}

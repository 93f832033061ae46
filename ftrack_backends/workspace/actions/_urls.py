"""URLs that authenticate themselves: `get_widget_url` and `generate_signed_url`.

A URL begins with the address that the client reached the workspace at. In process there is none, so it begins with the
path; a transport of that workspace takes it as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_backends.workspace._faults import PermissionFault, ValidationFault
from ftrack_backends.workspace._widgets import WIDGET_PATH, WIDGETS
from ftrack_backends.workspace.actions import _fields as fields
from ftrack_backends.workspace.writing import type_named

if TYPE_CHECKING:
    from ftrack_backends.workspace.actions._turn import Action, Turn

__all__ = ["URLS"]

_WIDGET_SECONDS = 6 * 60
_COMPONENT_SECONDS = 60 * 60
_COMPONENT_OPERATIONS = {"get": ("GET", "/component/get"), "put": ("PUT", "/component/put")}


def get_widget_url(turn: Turn, operation: Mapping[str, Any]) -> dict[str, object]:
    """Give the URL of a widget; it is honoured for six minutes."""
    name = fields.text(operation, "name")
    if name not in WIDGETS:
        raise ValidationFault(f"There is no widget {name!r}; there are {', '.join(WIDGETS)}.", field="name")
    parameters = {"name": name, "theme": "light" if operation.get("theme") == "light" else "dark"}
    parameters |= _entity(turn, operation) | {"user": turn.caller.username}
    signed = turn.services.signer.signed("GET", WIDGET_PATH, parameters, lifetime_seconds=_WIDGET_SECONDS)
    return {"widget_url": turn.address + signed}


def generate_signed_url(turn: Turn, operation: Mapping[str, Any]) -> dict[str, object]:
    """Give a URL that a component's data can be fetched from, or sent to, for an hour."""
    component_id = fields.text(operation, "component_id")
    wanted = (fields.optional_text(operation, "operation") or "get").lower()
    if wanted not in _COMPONENT_OPERATIONS:
        known = " and ".join(_COMPONENT_OPERATIONS)
        raise ValidationFault(f"No URL can be signed for {wanted!r}; there are {known}.", field="operation")
    if wanted == "put" and turn.caller.read_only:
        raise PermissionFault("This API key may only read; a URL to send data to is signed for keys that may write.")
    turn.found("Component", component_id, field="component_id")
    method, path = _COMPONENT_OPERATIONS[wanted]
    signed = turn.services.signer.signed(method, path, {"id": component_id}, lifetime_seconds=_COMPONENT_SECONDS)
    return {"signed_url": turn.address + signed}


def _entity(turn: Turn, operation: Mapping[str, Any]) -> dict[str, str]:
    key = fields.key(operation, "entity_key")
    if key is None:
        return {}
    entity_type = type_named(turn.services.model, operation.get("entity_type")).name
    turn.found(entity_type, key, field="entity_key")
    return {"entity_type": entity_type, "entity_id": key}


URLS: dict[str, Action] = {"get_widget_url": get_widget_url, "generate_signed_url": generate_signed_url}

"""The event that tells what a batch did."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ftrack_backends.workspace.model import Moment
from ftrack_backends.workspace.store import to_wire
from ftrack_backends.workspace.updates._parents import parent_id
from ftrack_core.values import Event

if TYPE_CHECKING:
    from ftrack_backends.workspace._accounts import Caller
    from ftrack_backends.workspace.model import Model, ModelType, Scalar
    from ftrack_backends.workspace.store import Stored
    from ftrack_backends.workspace.updates._collected import Collected, Told
    from ftrack_backends.workspace.writing import Row

__all__ = ["update_event"]

_OWN_NAMES = frozenset({"Context", "Resource"})
"""Bases whose kinds ftrack keeps apart inside; those of others, such as components, go by the base's name."""


def update_event(model: Model, collected: Collected, caller: Caller, server_id: str) -> Event | None:
    """Make the event.

    Args:
        model: The data model.
        collected: What the batch did.
        caller: Who did it.
        server_id: Id that the workspace publishes under.

    Returns:
        The event; None when the batch changed nothing.
    """
    entities = [entity for one in collected.entities if (entity := _entity(model, one))]
    if not entities:
        return None
    above = {parent["entityId"]: None for entity in entities for parent in entity["parents"]}
    data = {
        "entities": entities,
        "user": {"userid": caller.id, "name": caller.username},
        "clientToken": caller.client_token or None,
        "pushToken": caller.push_token or None,
        "parents": list(above),
    }
    source = {
        "id": server_id,
        "applicationId": "ftrack.workspace",
        "user": {"id": caller.id, "username": caller.username},
        "clientToken": caller.client_token or None,
    }
    return Event("ftrack.update", uuid.uuid4().hex, data, source)


def _entity(model: Model, told: Told) -> dict[str, Any] | None:
    row = told.row
    changes = _changes(told)
    if not changes and not (told.changed and (row.removed or row.before is None)):
        return None
    return {
        "entityType": _internal_name(model, row.type),
        "entity_type": row.type.name,
        "entityId": _id(row),
        "action": _action(told),
        "keys": list(changes),
        "changes": changes,
        "parents": _parents(model, told.parents),
        "parentId": parent_id(row) or None,
        "objectTypeId": row.values.get("object_type_id"),
    }


def _action(told: Told) -> str:
    row = told.row
    if row.removed:
        return "remove"
    if row.before is None:
        return "add"
    return "move" if row.type.root == "Context" and row.changed("parent_id") else "update"


def _changes(told: Told) -> dict[str, dict[str, object]]:
    row = told.row
    changes: dict[str, dict[str, object]] = {}
    for column, scalar in row.type.columns.items() if told.changed else ():
        before = _shown(scalar, row.before[column]) if row.before is not None else None
        after = None if row.removed else _shown(scalar, row.values[column])
        if before != after:
            changes[scalar.internal_name] = {"old": before, "new": after}
    for key, (old, new) in told.attributes.items():
        if old != new:
            changes[key] = {"old": old, "new": new}
    changes.update((name, {"old": None, "new": None}) for name in told.collections)
    return changes


def _shown(scalar: Scalar, stored: Stored) -> object:
    return stored if stored is None or isinstance(scalar, Moment) else to_wire(scalar, stored)


def _parents(model: Model, chain: Iterable[Row]) -> list[dict[str, object]]:
    return [
        {
            "entityId": _id(row),
            "entityType": _internal_name(model, row.type),
            "entity_type": row.type.name,
            "parentId": parent_id(row) or None,
        }
        for row in chain
    ]


def _id(row: Row) -> str:
    return row.id or ",".join(row.key)


@lru_cache(maxsize=1024)
def _internal_name(model: Model, model_type: ModelType) -> str:
    """What ftrack calls a type inside, as events name it: `task` for every kind of context, `show` for a project."""
    aliases = (model[name].declaration.alias for name in model_type.lineage)
    alias = next(filter(None, aliases), None)
    own = model_type.name if model_type.root in _OWN_NAMES else model_type.root
    return (alias or own).lower()

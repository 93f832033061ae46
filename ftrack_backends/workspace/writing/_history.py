"""The activity stream: one `Event` for each thing that people follow.

| action | when | parent |
|---|---|---|
| `change.status.<type>` | a context's status changed: `change.status.shot` | the context, as `task` |
| `change.status.asset` | a version's status changed | the version, as `assetversion` |
| `asset.published` | a version was published | the version, as `assetversion` |
| `create.note` | somebody wrote a note | what the note is on, by its schema id |

`insert` says `insert` or `update`; `data` is JSON. What a seed says is no event, and no feeds are made of events.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftrack_backends.workspace.store import Stored
    from ftrack_backends.workspace.writing._effects import Effects
    from ftrack_backends.workspace.writing._rows import Row

__all__ = ["happened"]

_NEXT = 'SELECT coalesce(max(id), 0) + 1 FROM "Event"'


def happened(effects: Effects, row: Row) -> None:
    """Write down that a row came to be, or that its status changed."""
    if not effects.caller.id or (row.before is not None and row.type.name == "Note"):
        return
    parent_id: Stored = row.id
    if row.type.name == "Note":
        action, parent_id, parent_type, data = "create.note", row.values["parent_id"], row.values["parent_type"], {}
    elif row.type.name == "AssetVersion":
        action, parent_type = ("change.status.asset" if row.before else "asset.published"), "assetversion"
        data = _change(row)
    else:
        action, parent_type, data = f"change.status.{row.type.name.lower()}", "task", _change(row)
    values: dict[str, Stored] = {
        "id": effects.rows.scalars(_NEXT, [])[0],
        "action": action,
        "insert": "update" if row.before else "insert",
        "data": json.dumps(data),
        "created_at": effects.now,
        "parent_id": parent_id,
        "parent_type": parent_type,
        "project_id": _project(effects, row),
        "user_id": effects.caller.id,
    }
    effects.create("Event", values)


def _change(row: Row) -> dict[str, dict[str, Stored]]:
    if row.before is None:
        return {}
    return {"statusid": {"old": row.before["status_id"], "new": row.values["status_id"]}}


def _project(effects: Effects, row: Row) -> Stored:
    """The project that a row is in, over its asset or its parent; None for one that is in none."""
    if row.type.name == "AssetVersion":
        asset = effects.find("Asset", row.values["asset_id"])
        context = effects.find("Context", asset.values["context_id"]) if asset else None
        return context.values["project_id"] if context else None
    if row.type.name == "Note":
        kind, parent_id = row.values["parent_type"], row.values["parent_id"]
        parent = effects.find(str(kind), parent_id) if kind and str(kind) in effects.model else None
        is_placed = parent is not None and ("Context" in parent.type.lineage or parent.type.name == "AssetVersion")
        return _project(effects, parent) if parent and is_placed else None
    return row.values["project_id"]

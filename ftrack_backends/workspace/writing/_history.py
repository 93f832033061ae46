"""The activity stream: one `Event` for each thing that people follow.

| action | when | parent |
|---|---|---|
| `change.status.<type>` | a context's status changed: `change.status.shot` | the context, as `task` |
| `change.status.asset` | a version's status changed | the version, as `assetversion` |
| `asset.published` | a version was published | the version, as `assetversion` |
| `create.note` | somebody wrote a note | what the note is on, by its schema id |

`insert` says `insert` or `update`; `data` is JSON. What a seed says is no event, and no feeds are made of events. An
event is written by one statement past the rows of the batch: nothing follows from it, and nothing has to be checked.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftrack_backends.workspace.store import Stored
    from ftrack_backends.workspace.writing._effects import Effects
    from ftrack_backends.workspace.writing._rows import Row

__all__ = ["happened"]

_WRITE = """
    INSERT INTO "Event" (
        "__type__", id, project_id, action, "insert", data, created_at, parent_id, parent_type, user_id
    ) VALUES (
        'Event', (SELECT coalesce(max(id), 0) + 1 FROM "Event"),
        coalesce(
            (SELECT project_id FROM "Context" WHERE id = ?),
            (SELECT context.project_id FROM "AssetVersion" AS version
             JOIN "Asset" AS asset ON asset.id = version.asset_id
             JOIN "Context" AS context ON context.id = asset.context_id WHERE version.id = ?)
        ),
        ?, ?, ?, ?, ?, ?, ?
    )
"""


def happened(effects: Effects, row: Row) -> None:
    """Write down that a row came to be, or that its status changed."""
    if not effects.caller.id:
        return
    action, parent_id, parent_type = _told(row)
    kind = "insert" if row.before is None else "update"
    values = (action, kind, json.dumps(_change(row)), effects.now, parent_id, parent_type, effects.caller.id)
    effects.rows.execute(_WRITE, (parent_id, parent_id, *values))


def _told(row: Row) -> tuple[str, Stored, Stored]:
    """What happened, and the id and type of what it happened to."""
    if row.type.name == "Note":
        return "create.note", row.values["parent_id"], row.values["parent_type"]
    if row.type.name == "AssetVersion":
        return "asset.published" if row.before is None else "change.status.asset", row.id, "assetversion"
    return f"change.status.{row.type.name.lower()}", row.id, "task"


def _change(row: Row) -> dict[str, dict[str, Stored]]:
    if row.before is None:
        return {}
    return {"statusid": {"old": row.before["status_id"], "new": row.values["status_id"]}}

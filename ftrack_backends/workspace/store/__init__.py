"""The store of an embedded workspace: a SQLite database laid out after the model.

`Store.open(path, model)` gives one; `reading()` and `writing()` lend connections. The layout is told in `_layout`:
a table for each root type with the type's name in `__type__`, pairs of ids in `_link_<name>`. `to_storage` and
`to_wire` are the only place that knows both forms of a value.
"""

from __future__ import annotations

from ftrack_backends.workspace.store._connections import Connection
from ftrack_backends.workspace.store._layout import TYPE_COLUMN, Table, fingerprint, layout, link_table, quoted
from ftrack_backends.workspace.store._snapshots import Snapshot
from ftrack_backends.workspace.store._store import Store
from ftrack_backends.workspace.store._values import Stored, moment_text, to_storage, to_wire, wire_reader

__all__ = [
    "TYPE_COLUMN",
    "Connection",
    "Snapshot",
    "Store",
    "Stored",
    "Table",
    "fingerprint",
    "layout",
    "link_table",
    "moment_text",
    "quoted",
    "to_storage",
    "to_wire",
    "wire_reader",
]

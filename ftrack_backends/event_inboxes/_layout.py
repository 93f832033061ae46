"""How an inbox lies in its file: events, their deliveries, and marks.

A delivery is at one stage. `READY`, `LATER`, `BEHIND` and `CLAIMED` are open, the others are ends. Every delivery that
can be claimed at once is `READY`, and no other, so that the next is found by a look into an index however many wait:

| stage | means | becomes |
| --- | --- | --- |
| READY | may be claimed | CLAIMED |
| LATER | given back, not due yet | READY when it is due |
| BEHIND | an earlier one of its handler and order is open | READY or LATER when that has ended |
| CLAIMED | a worker has it until `due_at` | any; READY when the claim runs out |
| DONE | acknowledged | READY when replayed; pruned in the end |
| ASIDE | set aside | READY when replayed |

`claims` counts up with each claim and each end of one, and never back: an answer to a claim counts if it names the
present number.
"""

from __future__ import annotations

from ftrack_backends.sqlite_files import FileKind
from ftrack_core.errors import EventInboxError

__all__ = ["ASIDE", "BEHIND", "CLAIMED", "DONE", "KIND", "LATER", "READY"]

READY, LATER, BEHIND, CLAIMED, DONE, ASIDE = range(6)

_LAYOUT = (
    """
    CREATE TABLE event (
        key INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        content TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE delivery (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        event INTEGER NOT NULL,
        handler TEXT NOT NULL,
        ordering TEXT NOT NULL,
        stage INTEGER NOT NULL,
        attempt INTEGER NOT NULL DEFAULT 0,
        claims INTEGER NOT NULL DEFAULT 0,
        stored_at REAL NOT NULL,
        due_at REAL NOT NULL,
        ended_at REAL,
        worker TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '',
        UNIQUE (event, handler)
    )
    """,
    "CREATE INDEX delivery_by_stage ON delivery (stage, handler)",
    "CREATE INDEX delivery_by_due ON delivery (due_at) WHERE stage IN (1, 3)",
    "CREATE INDEX delivery_by_order ON delivery (handler, ordering, stage) WHERE ordering <> ''",
    "CREATE INDEX delivery_by_end ON delivery (ended_at) WHERE stage = 4",
    "CREATE TABLE mark (name TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID",
)

KIND = FileKind(label="event inbox", application_id=0x66747269, version=1, layout=_LAYOUT, error=EventInboxError)
"""Marked as `ftri`."""

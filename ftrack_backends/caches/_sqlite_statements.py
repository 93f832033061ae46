"""What is in a cache's file, and every statement that reads or changes it.

Each row is an entry: its key (text or bytes, which SQLite keeps apart), when it expires, and its bytes. A row that is
written anew gets a new `id`, so the rows in the order of their ids are the entries from the oldest to the youngest,
and making room needs no index and no write when something is read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final, TypeAlias

from ftrack_backends.sqlite_files import FileKind
from ftrack_core.errors import CacheError

__all__ = [
    "KIND",
    "Row",
    "all_keys",
    "all_rows",
    "clear",
    "count",
    "make_room",
    "prune",
    "put",
    "read",
    "remove",
    "used_bytes",
]

_LAYOUT = (
    """
    CREATE TABLE record (
        id INTEGER PRIMARY KEY,
        key NOT NULL UNIQUE,
        expires_at REAL,
        data BLOB NOT NULL
    )
    """,
    "CREATE INDEX record_by_expiry ON record (expires_at) WHERE expires_at IS NOT NULL",
)
KIND = FileKind(
    label="record cache",
    application_id=0x66747263,
    version=2,
    layout=_LAYOUT,
    error=CacheError,
    checked_bytes=0,
)
"""Marked as `ftrc`. The version is raised with that of the entries too, so that programs which cannot read the entries
of each other do not remove them from one file in turns. Not checked when it is opened: each entry has a checksum, and
what is damaged is met in time."""

Row: TypeAlias = "tuple[str | bytes, float | None, bytes]"
_ALIVE: Final = "(expires_at IS NULL OR expires_at > ?)"
_KEYS_AT_ONCE: Final = 500
_ROWS_AT_ONCE: Final = 50
"""How many rows one statement writes: more than one is faster, many more are not."""
_PUT: Final = "INSERT OR REPLACE INTO record (key, expires_at, data) VALUES (?, ?, ?)"
_PUT_MANY: Final = _PUT + ", (?, ?, ?)" * (_ROWS_AT_ONCE - 1)
_STEP_ROWS: Final = 5000
"""How many entries go at most in one transaction that makes room."""
_PRUNED_ROWS: Final = 1000
_ROW_BYTES: Final = 64
"""About what SQLite needs for a row besides its bytes."""


def read(connection: sqlite3.Connection, keys: Sequence[str | bytes], now: float) -> list[tuple[str | bytes, bytes]]:
    """Keys and bytes of the entries that are there."""
    found: list[tuple[str | bytes, bytes]] = []
    for part in _parts(keys):
        statement = f"SELECT key, data FROM record WHERE key IN ({_marks(part)}) AND {_ALIVE}"  # noqa: S608 - marks only
        found += connection.execute(statement, (*part, now))
    return found


def put(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Keep entries, in place of those under their keys."""
    whole = len(rows) - len(rows) % _ROWS_AT_ONCE
    for start in range(0, whole, _ROWS_AT_ONCE):
        connection.execute(_PUT_MANY, [*chain.from_iterable(rows[start : start + _ROWS_AT_ONCE])])
    connection.executemany(_PUT, rows[whole:])


def remove(connection: sqlite3.Connection, keys: Sequence[str | bytes], now: float) -> int:
    """Forget entries; gives how many there were that had not expired."""
    count = 0
    for part in _parts(keys):
        marks = _marks(part)
        count += connection.execute(f"DELETE FROM record WHERE key IN ({marks}) AND {_ALIVE}", (*part, now)).rowcount  # noqa: S608 - as above
        connection.execute(f"DELETE FROM record WHERE key IN ({marks})", part)  # noqa: S608 - as above
    return count


def clear(connection: sqlite3.Connection) -> None:
    """Forget everything."""
    connection.execute("DELETE FROM record")


def all_keys(connection: sqlite3.Connection, now: float) -> list[str | bytes]:
    """The keys of all entries, the oldest first."""
    return [key for (key,) in connection.execute(f"SELECT key FROM record WHERE {_ALIVE} ORDER BY id", (now,))]  # noqa: S608 - no values


def all_rows(connection: sqlite3.Connection, now: float) -> list[tuple[str | bytes, bytes]]:
    """Keys and bytes of all entries, the oldest first."""
    return list(connection.execute(f"SELECT key, data FROM record WHERE {_ALIVE} ORDER BY id", (now,)))  # noqa: S608 - no values


def count(connection: sqlite3.Connection) -> int:
    """How many entries there are, expired ones among them."""
    return int(connection.execute("SELECT count(*) FROM record").fetchone()[0])


def used_bytes(connection: sqlite3.Connection) -> int:
    """What the entries take of the file; the rest of it is free for new ones."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def make_room(connection: sqlite3.Connection, wanted_bytes: int, max_bytes: int) -> int:
    """Forget the oldest entries until so many bytes have room, or enough for one step; gives how many went."""
    lacking = used_bytes(connection) + wanted_bytes - max_bytes
    if lacking <= 0:
        return 0
    oldest, last = connection.execute("SELECT id, length(data) FROM record ORDER BY id LIMIT ?", (_STEP_ROWS,)), None
    for last, size in oldest:  # noqa: B007 - the last one is what is looked for
        lacking -= size + _ROW_BYTES
        if lacking <= 0:
            break
    return connection.execute("DELETE FROM record WHERE id <= ?", (last,)).rowcount


def prune(connection: sqlite3.Connection, now: float) -> int:
    """Forget some of the entries whose time is over; gives how many."""
    expired = "SELECT id FROM record WHERE expires_at <= ? ORDER BY expires_at LIMIT ?"
    return connection.execute(f"DELETE FROM record WHERE id IN ({expired})", (now, _PRUNED_ROWS)).rowcount  # noqa: S608 - no values


def _parts(keys: Sequence[str | bytes]) -> Iterable[Sequence[str | bytes]]:
    return (keys[start : start + _KEYS_AT_ONCE] for start in range(0, len(keys), _KEYS_AT_ONCE))


def _marks(keys: Sequence[object]) -> str:
    return ",".join("?" * len(keys))

"""Write and read records in the persistent cache, beside the same bytes in SQLite with nothing around them."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from speed.clients import Floor
from speed.measuring import digest, timed
from speed.plan import Block, Case, Results, at_most, taken

from ftrack_backends.caches import SqliteCache
from ftrack_backends.codecs import record_codec
from ftrack_core.assembly import SystemClock
from ftrack_core.values import EntityIdentity, EntityRecord

RECORDS = {"full": 1_000, "quick": 1_000, "tiny": 20}
DATE = "2024-05-06T07:08:09"


def cases(size: str) -> list[Case]:
    """One."""
    return [Case("cache", {"records": RECORDS[size]}, tasks=1, programs=("floor", "ours"), rounds=9)]


def run(client: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """What one program does: all records in one batch, written and then read; the file is there and open before."""
    records = {f"http://show.invalid ann 0123456789abcdef,Task,{n:036}": _record(n) for n in range(options["records"])}
    with tempfile.TemporaryDirectory() as folder:
        work = _raw if isinstance(client, Floor) else _cached
        return work(Path(folder, "records.sqlite"), records)


def _raw(path: Path, records: Mapping[str, EntityRecord]) -> dict[str, Any]:
    encode = record_codec().encode
    rows = [(key, encode(record)) for key, record in records.items()]
    keys = list(records)
    asked = f"SELECT key, data FROM record WHERE key IN ({','.join('?' * len(keys))})"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("CREATE TABLE record (key PRIMARY KEY, data BLOB)")

        def write() -> None:
            with connection:
                connection.executemany("INSERT OR REPLACE INTO record VALUES (?, ?)", rows)

        writing, _ = timed(write)
        reading, found = timed(lambda: connection.execute(asked, keys).fetchall())
    return _told(writing, reading, dict(found))


def _cached(path: Path, records: Mapping[str, EntityRecord]) -> dict[str, Any]:
    kept: dict[str | bytes, EntityRecord] = dict(records.items())
    cache = SqliteCache(path=path, clock=SystemClock())
    cache.keys()
    writing, _ = timed(lambda: cache.set_many(kept))
    reading, found = timed(lambda: cache.get_many(kept))
    cache.close()
    return _told(writing, reading, {key: record_codec().encode(found[key]) for key in found})


def _told(writing: Any, reading: Any, found: Mapping[Any, bytes]) -> dict[str, Any]:
    both = {name: writing[name] + reading[name] for name in writing}
    values = {key: data.hex() for key, data in found.items()}
    return {"write": writing, "read": reading, "both": both, "checksum": digest(values)}


def _record(number: int) -> EntityRecord:
    """A task as a session keeps it, of about 1.2 kB."""
    key = f"{number:036}"
    ids = {f"{name}_id": f"{name:*>36}" for name in ("parent", "project", "priority", "status", "type", "created_by")}
    references = {name: EntityIdentity(name.title(), (f"{name:*>36}",)) for name in ("status", "type", "parent")}
    dates = {name: {"__type__": "datetime", "value": DATE} for name in ("start_date", "end_date", "created_at")}
    above = [{"id": f"{name:*>36}", "type": "TypedContext", "name": name} for name in ("show", "sq010", "sh010")]
    values = {"id": key, "name": f"task {number}", "description": "x" * 80, "bid": 3600.0 * number, "sort": 1.0}
    link = [*above, {"id": key, "type": "TypedContext", "name": f"task {number}"}]
    told: dict[str, Any] = {**values, **ids, **dates, **references, "link": link}
    return EntityRecord(EntityIdentity("Task", (key,)), 1.7e9 + number, told)


def blocks(size: str, results: Mapping[str, Results]) -> list[Block]:
    """Both, which is the row, and each beside it."""
    told, count = results["cache"], f"{RECORDS[size]:,} records"
    return [
        Block(f"write and read {count} in the sqlite cache", "ms", taken(told, "both", 1000), (at_most(4, "floor"),)),
        Block(f"write {count}", "ms", taken(told, "write", 1000)),
        Block(f"read {count}", "ms", taken(told, "read", 1000)),
    ]

"""SQLite files that we keep for ourselves: shared ground that knows no seam.

A backend says what kind of file it keeps (`FileKind`: its mark, its tables, the error that its faults are told as) and
opens one:

    KIND = FileKind(label="event inbox", application_id=0x66747269, version=1, layout=(...,), error=EventInboxError)
    file = SqliteFile.open(path, KIND, busy_seconds=30)
    count = file.read(lambda connection: connection.execute("SELECT count(*) FROM event").fetchone()[0])
    file.write(lambda connection: connection.execute("INSERT INTO mark VALUES (?, ?)", (name, at)))
    file.close()

How to read it: `_kind` is what a kind is made of; `_places` tells network file systems; `_opening` judges a file and
stamps a new one; `_connections` lends connections to threads and keeps forked children away from them; `_file` puts
reads and writes into transactions, those of several threads into one; `_forgiving` is a file whose loss costs nothing
but time, as that of a cache, and whose faults are never raised; `_failures` says what went wrong, in words and
as one of the `Fault`s that every error carries in `details["fault"]`. Who brings statements of his own, as a library
that knows SQLite does, uses these pieces instead of a `SqliteFile`: `prepare` a file, and lend it `Connections`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_backends.sqlite_files._failures import Fault, fault_of
from ftrack_backends.sqlite_files._kind import FileKind
from ftrack_backends.sqlite_files._places import network_file_system
from ftrack_core._lazy import names_on_demand

if TYPE_CHECKING:
    from ftrack_backends.sqlite_files._connections import Connection, Connections, connect
    from ftrack_backends.sqlite_files._file import SqliteFile
    from ftrack_backends.sqlite_files._forgiving import ForgivingFile
    from ftrack_backends.sqlite_files._opening import prepare

__all__ = [
    "Connection",
    "Connections",
    "Fault",
    "FileKind",
    "ForgivingFile",
    "SqliteFile",
    "connect",
    "fault_of",
    "network_file_system",
    "prepare",
]

__getattr__ = names_on_demand(
    __name__,
    {
        "Connection": "_connections",
        "Connections": "_connections",
        "ForgivingFile": "_forgiving",
        "SqliteFile": "_file",
        "connect": "_connections",
        "prepare": "_opening",
    },
)

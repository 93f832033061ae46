"""Opening a file: where it lies, whether it is ours, and laying out a new one. What is not ours stays as it is."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ftrack_backends.sqlite_files._connections import connect
from ftrack_backends.sqlite_files._failures import fault_of
from ftrack_backends.sqlite_files._places import network_file_system

if TYPE_CHECKING:
    from ftrack_backends.sqlite_files._connections import Connection
    from ftrack_backends.sqlite_files._kind import FileKind

__all__ = ["prepare"]

_NEW = threading.Lock()
"""Held while a file is made: closing a file of our own would give up SQLite's locks on it in this process."""
_SMALLEST_BYTES = 512
"""The smallest page that there is."""
_ONE_MOMENT_SECONDS = 0.01


def prepare(path: Path, kind: FileKind, busy_seconds: float) -> None:
    """See to it that a file is there, is of a kind, has its layout, and keeps a write-ahead log.

    A file and a folder that are missing are made for their user alone; what exists keeps its permissions.

    Raises:
        Exception: Of the kind's own; the file is as it was.
    """
    _demand_local(path, kind)
    try:
        _make(path)
        _look_at_size(path, kind)
        _glance(path, kind)
        with closing(connect(str(path), busy_seconds)) as connection:
            _stamp(connection, path, kind)
            _keep_log(connection, path, kind, busy_seconds)
            _check(connection, path, kind)
    except sqlite3.Error as error:
        fault, found = fault_of(error)
        raise kind.failure(path, fault, found) from error
    except OSError as error:
        raise kind.failure(path, "refused", f"cannot be used: {error.strerror or error} ({path.parent})") from error


def _demand_local(path: Path, kind: FileKind) -> None:
    found = network_file_system(path)
    if found:
        raise kind.failure(
            path,
            "network",
            f"lies on a network file system ({found}), where SQLite cannot keep it sound; name a file on a disk of "
            "this host",
        )


def _make(path: Path) -> None:
    if not path.parent.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(0, "it is a folder")
    with _NEW, suppress(FileExistsError):
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _look_at_size(path: Path, kind: FileKind) -> None:
    """Refuse what SQLite would take for empty and overwrite: a few bytes, or an empty file beside a log."""
    size = path.stat().st_size
    log = path.with_name(f"{path.name}-wal")
    if size == 0 and log.exists() and log.stat().st_size:
        raise kind.failure(
            path, "damaged", f"was emptied, while its log {log.name!r} still holds something; move both away"
        )
    if 0 < size < _SMALLEST_BYTES and not _is_being_made(path):
        raise kind.failure(path, "foreign", "is no SQLite file, and is left as it is; name another file")


def _is_being_made(path: Path) -> bool:
    """Whether somebody is laying the file out at this moment, or was cut off while doing it."""
    return path.with_name(f"{path.name}-journal").exists()


def _glance(path: Path, kind: FileKind) -> None:
    """Refuse what shows at a glance to be foreign, so that it is never opened for writing.

    What is seen may be in the middle of a change by another process, so whatever is unclear is left to `_stamp`.
    """
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            mark = connection.execute("PRAGMA application_id").fetchone()[0]
    except sqlite3.Error as error:
        fault, found = fault_of(error)
        if fault == "foreign" and not _is_being_made(path):
            raise kind.failure(path, fault, found) from error
        return
    if mark not in {0, kind.application_id}:
        raise _foreign(path, kind)


def _stamp(connection: Connection, path: Path, kind: FileKind) -> None:
    if _version_of_one_moment(connection, path, kind) == kind.version:
        return
    connection.wait_for_disk(durable=True)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in _missing(_version(connection, path, kind), kind):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {kind.application_id}")
        connection.execute(f"PRAGMA user_version = {kind.version}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _version_of_one_moment(connection: Connection, path: Path, kind: FileKind) -> int:
    """As `_version`, in one transaction: a file that somebody lays out meanwhile would look like a foreign one."""
    connection.execute("BEGIN")
    try:
        return _version(connection, path, kind)
    finally:
        connection.rollback()


def _version(connection: Connection, path: Path, kind: FileKind) -> int:
    """The version of a file's layout, 0 for an empty file.

    Raises:
        Exception: Of the kind's own: the file is none that we can use.
    """
    mark = connection.execute("PRAGMA application_id").fetchone()[0]
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if mark != kind.application_id and (mark or version or tables):
        raise _foreign(path, kind)
    if version > kind.version:
        known = f"(layout {version}, this one knows {kind.version})"
        raise kind.failure(
            path, "newer", f"was made by a newer version {known}; update ftrack-core, or name another file"
        )
    if version and any(each not in kind.upgrades for each in range(version, kind.version)):
        known = f"(layout {version}, this one knows {kind.version})"
        raise kind.failure(path, "older", f"was made by an older version {known} and cannot be used; move it away")
    return version


def _missing(version: int, kind: FileKind) -> list[str]:
    if version == 0:
        return list(kind.layout)
    return [statement for each in range(version, kind.version) for statement in kind.upgrades[each]]


def _keep_log(connection: Connection, path: Path, kind: FileKind, busy_seconds: float) -> None:
    """Switch to the write-ahead log; SQLite does not wait by itself for others who open the file at this moment."""
    until = time.monotonic() + busy_seconds
    while True:
        try:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            if fault_of(error)[0] != "busy" or time.monotonic() > until:
                raise
            time.sleep(_ONE_MOMENT_SECONDS)
            continue
        if mode != "wal":
            raise kind.failure(
                path, "refused", "can have no write-ahead log where it lies; name a file on a local disk"
            )
        return


def _check(connection: Connection, path: Path, kind: FileKind) -> None:
    if path.stat().st_size <= kind.checked_bytes:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise kind.failure(path, "damaged", f"is damaged ({found}); move it away to begin anew")


def _foreign(path: Path, kind: FileKind) -> Exception:
    failure: Exception = kind.failure(
        path, "foreign", f"is a database of another program (no {kind.label}), and is left as it is; name another file"
    )
    return failure

"""diskcache, kept to bytes in its own table: nothing is pickled, and no other file is touched."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import diskcache
from diskcache.core import DEFAULT_SETTINGS, ENOVAL, METADATA, MODE_RAW

from ftrack_backends.sqlite_files import Connection, Connections

__all__ = ["BytesCache", "BytesDisk"]

_TEXT: Final = b"t"
_BYTES: Final = b"b"
_SURROGATES: Final = "surrogatepass"
_SPARE: Final = 10
_OURS: Final = {
    "cull_limit": 0,
    "statistics": 0,
    "tag_index": 0,
    "sqlite_auto_vacuum": 0,
    "sqlite_cache_size": DEFAULT_SETTINGS["sqlite_cache_size"],
    "sqlite_journal_mode": "wal",
    "sqlite_mmap_size": 0,
    "sqlite_synchronous": 1,
    "disk_min_file_size": 0,
    "disk_pickle_protocol": 0,
}
"""Settings that are these, whatever a file says. A mapped file that somebody cuts off would end the process."""


class BytesDisk(diskcache.Disk):  # type: ignore[misc] # it ships no types
    """Turns keys into bytes and values into themselves, if these are bytes.

    What diskcache's own class would unpickle, open or remove because a row says so is none of our entries here. Large
    values stay in the table too, so no row has any business with files.
    """

    def __init__(self, directory: str, **_settings: Any) -> None:
        super().__init__(directory)

    def put(self, key: Any) -> tuple[Any, bool]:
        """The key as it stands in the table."""
        text = isinstance(key, str)
        return sqlite3.Binary(_TEXT + key.encode("utf-8", _SURROGATES) if text else _BYTES + key), True

    def get(self, key: Any, raw: Any) -> str | bytes | None:
        """The key of a row; None where it is none of ours."""
        if not raw or type(key) is not bytes:
            return None
        if key[:1] == _BYTES:
            return key[1:]
        with suppress(UnicodeDecodeError):
            return key[1:].decode("utf-8", _SURROGATES) if key[:1] == _TEXT else None
        return None

    def store(self, value: Any, read: bool, key: Any = None) -> tuple[int, int, None, Any]:  # noqa: ARG002
        """The fields of a value."""
        if read or type(value) is not bytes:
            message = f"only bytes are kept, not {type(value).__name__}"
            raise TypeError(message)
        return 0, MODE_RAW, None, sqlite3.Binary(value)

    def fetch(self, mode: Any, filename: Any, value: Any, read: bool) -> bytes | None:
        """The value of a row; None where it is none of ours."""
        ours = mode == MODE_RAW and filename is None and type(value) is bytes and not read
        return value if ours else None

    def filename(self, key: Any = None, value: Any = None) -> tuple[str, str]:  # noqa: ARG002
        """There is none."""
        message = "nothing is kept in files of its own"
        raise TypeError(message)

    def remove(self, file_path: Any) -> None:
        """Leave a file that a row names alone: none is ours."""


class BytesCache(diskcache.Cache):  # type: ignore[misc] # as above
    """diskcache over connections that are lent to it, with settings that no file can change.

    Thread safety: any number of threads, each inside a `lent` of its own.

    Args:
        directory: Folder with the file, which is there.
        connections: Lends connections to it.
        settings: diskcache's own, as `size_limit`.
    """

    def __init__(self, directory: str, connections: Connections, **settings: Any) -> None:
        self._connections = connections
        self._mine = threading.local()
        with self.lent():
            super().__init__(directory, disk=BytesDisk, **{**_OURS, **settings})

    def make_room(self, entries: int) -> None:
        """Let go of what has expired or goes first, if it is full: of as many entries as have come, and some more.

        diskcache would do it for each of them.
        """
        with self.transact():
            self._cull(time.time(), self._con.execute, _nothing, entries + _SPARE)

    def beginnings(self, size: int) -> list[tuple[Any, Any]]:
        """All keys and the first bytes of their values, None for what is none; nobody is counted as having asked."""
        rows = self._con.execute("SELECT key, raw, mode, filename, substr(value, 1, ?) FROM Cache", (size,))
        disk = self.disk
        return [
            (disk.get(key, raw), disk.fetch(mode, name, value, read=False)) for key, raw, mode, name, value in rows
        ]

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Lend this thread a connection, on which all else works."""
        with self._connections.lent() as connection:
            self._mine.connection = connection
            try:
                yield
            finally:
                self._mine.connection = None
                _end(connection)

    @property
    def _con(self) -> Connection:
        """What diskcache works on; its own is one for each thread, which neither forks nor closing would reach."""
        connection: Connection = self._mine.connection
        return connection

    def reset(self, key: str, value: Any = ENOVAL, update: bool = True) -> Any:
        """Take over a setting, if it is one that diskcache knows and may choose.

        Raises:
            ValueError: A count is none.
        """
        if key not in DEFAULT_SETTINGS and key not in METADATA:
            return value
        found = super().reset(key, _OURS.get(key, value), update)
        if key in METADATA and type(found) is not int:
            message = f"the setting {key!r} is no number"
            raise ValueError(message)
        return found

    def volume(self) -> int:
        """Bytes in use; free pages, which the file keeps for what comes, are none of them."""
        used, free = (self._number(f"PRAGMA {name}") for name in ("page_count", "freelist_count"))
        return (used - free) * int(self._page_size)

    def _number(self, statement: str) -> int:
        return int(self._con.execute(statement).fetchone()[0])


def _nothing(_name: object) -> None:
    """No entry has a file to be removed."""


def _end(connection: Connection) -> None:
    if connection.in_transaction:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")

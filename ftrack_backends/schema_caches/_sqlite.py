"""The schemas of many servers, compressed, in one SQLite file."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs
from zope.interface import implementer

from ftrack_backends.schema_caches._json_file import load_or_fetch, without_credentials
from ftrack_backends.sqlite_files import FileKind, ForgivingFile
from ftrack_core.errors import CacheError, ConnectionClosedError
from ftrack_core.interfaces import IClearableSchemaCache, IClock, IDiagnosed, ISingleFlightSchemaCache
from ftrack_core.values import MISSING, Missing

if TYPE_CHECKING:
    from ftrack_core.values import Finding

__all__ = ["SqliteSchemaCache"]

Schemas: TypeAlias = "Sequence[Mapping[str, Any]]"
_LOG = logging.getLogger(__name__)
_NAME: Final = "schemas.sqlite"
_SERVERS: Final = 100
_LEVEL: Final = 6
_KIND = FileKind(
    label="schema cache",
    application_id=0x66747273,
    version=1,
    layout=(
        """
        CREATE TABLE schemas (
            id INTEGER PRIMARY KEY,
            server TEXT NOT NULL UNIQUE,
            url TEXT NOT NULL,
            schema_hash TEXT NOT NULL,
            data BLOB NOT NULL
        )
        """,
    ),
    error=CacheError,
    checked_bytes=0,
)
"""Marked as `ftrs`. Not checked when it is opened: what is compressed has a checksum."""


@implementer(IClearableSchemaCache, ISingleFlightSchemaCache, IDiagnosed)
@attrs.define(eq=False, kw_only=True)
class SqliteSchemaCache:
    """Keeps the schemas of up to a hundred servers in the file `schemas.sqlite` of a folder.

    A reply takes about a tenth of what the server sends. Each save is one transaction; of two who write at once the
    last one wins. Whatever becomes of the file (see `ForgivingFile`) is a warning in the log, each kind once, and then
    as if nothing were there. The file is opened when it is first used.

    Thread safety: all calls, and any number of processes of one host on one folder.

    Attributes:
        folder: Folder of the file, on a disk of this host; made when something is first saved.
        clock: Tells when a file that failed is tried again.
        max_bytes: Larger replies, as JSON, are neither read nor written.
        wait_seconds: How long to wait for another process that asks the server, before asking too.
        busy_seconds: How long to wait for other processes that write.
    """

    folder: Path = attrs.field(converter=Path)
    clock: IClock = attrs.field(repr=False)
    max_bytes: int = 64 * 1024 * 1024
    wait_seconds: float = 10.0
    busy_seconds: float = 5.0
    _file: ForgivingFile = attrs.field(init=False, repr=False)
    _told: set[str] = attrs.field(factory=set, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._file = ForgivingFile(
            path=self.folder / _NAME, kind=_KIND, busy_seconds=self.busy_seconds, clock=self.clock
        )

    def load(self, server: str, schema_hash: str) -> Schemas | Missing:
        """The schemas of a server, or `MISSING`."""
        if not schema_hash:
            return MISSING
        asked = (_digest(server), schema_hash)
        statement = "SELECT data FROM schemas WHERE server = ? AND schema_hash = ?"
        row = self._done(lambda file: file.read(lambda connection: connection.execute(statement, asked).fetchone()))
        if row is MISSING or row is None:
            return MISSING
        try:
            return _parsed(row[0], self.max_bytes)
        except (ValueError, TypeError, RecursionError, zlib.error) as error:
            self._tell("what is kept for %s cannot be read and is ignored: %s", server, error)
            return MISSING

    def save(self, server: str, schema_hash: str, schemas: Schemas) -> None:
        """Keep the schemas of a server, in place of those it had before."""
        if not schema_hash:
            return
        try:
            text = json.dumps(list(schemas), separators=(",", ":")).encode()
            if len(text) > self.max_bytes:
                raise ValueError(f"it is larger than {self.max_bytes} bytes")
        except (ValueError, TypeError, RecursionError) as error:
            self._tell("what %s answered cannot be kept: %s", server, error)
            return
        row = (_digest(server), without_credentials(server), schema_hash, zlib.compress(text, _LEVEL))
        self._done(lambda file: file.write(lambda connection: _put(connection, row)))

    def load_or_fetch(self, server: str, schema_hash: str, fetch: Callable[[], Schemas]) -> Schemas:
        """The schemas of a server: those kept, or those fetched now, by this process or another, and kept."""
        claim = self.folder / f"schemas-{_digest(server)}.claim"
        return load_or_fetch(self, server, schema_hash, fetch, claim)

    def clear(self, server: str | None) -> int:
        """Forget the schemas of a server, or of all of them; gives of how many there were any."""
        if not os.path.lexists(self._file.path):
            return 0
        count = self._done(lambda file: file.write(lambda connection: _forget(connection, server)))
        if count is MISSING:
            message = (
                f"the schema cache {str(self._file.path)!r} cannot be cleared now: it is closed or cannot be written"
            )
            raise CacheError(message, {"path": str(self._file.path)})
        return int(count)

    def diagnose(self, timeout_seconds: float) -> Iterable[Finding]:  # noqa: ARG002 - files have no time-out
        """How the folder is, and what lies there."""
        from ftrack_backends._folders import database_finding

        yield database_finding(self.folder / _NAME, time.time())

    def close(self) -> None:
        """Let go of the file. Never raises; what is kept stays."""
        self._file.close()

    def _done(self, do: Callable[[ForgivingFile], Any]) -> Any:
        """What is done with the file; `MISSING` where it cannot be, or is closed."""
        try:
            return do(self._file)
        except ConnectionClosedError:
            return MISSING

    def _tell(self, text: str, server: str, error: Exception) -> None:
        if text not in self._told:
            self._told.add(text)
            _LOG.warning(f"schema cache {self.folder / _NAME}: {text}", without_credentials(server), error)


def _digest(server: str) -> str:
    return hashlib.sha256(server.encode()).hexdigest()[:32]


def _put(connection: sqlite3.Connection, row: Sequence[object]) -> None:
    connection.execute("INSERT OR REPLACE INTO schemas (server, url, schema_hash, data) VALUES (?, ?, ?, ?)", row)
    newest = "SELECT id FROM schemas ORDER BY id DESC LIMIT ?"
    connection.execute(f"DELETE FROM schemas WHERE id NOT IN ({newest})", (_SERVERS,))  # noqa: S608 - no values


def _forget(connection: sqlite3.Connection, server: str | None) -> int:
    if server is None:
        return connection.execute("DELETE FROM schemas").rowcount
    return connection.execute("DELETE FROM schemas WHERE server = ?", (_digest(server),)).rowcount


def _parsed(data: bytes, max_bytes: int) -> Schemas:
    unpacking = zlib.decompressobj()
    text = unpacking.decompress(data, max_bytes)
    if not unpacking.eof:
        message = f"it is cut off, or larger than {max_bytes} bytes"
        raise ValueError(message)
    schemas = json.loads(text)
    if not isinstance(schemas, list) or not all(isinstance(each, dict) for each in schemas):
        message = "it is no list of objects"
        raise ValueError(message)
    return schemas

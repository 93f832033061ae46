"""Connections to one SQLite database: how threads come by them."""

from __future__ import annotations

import re
import sqlite3
import threading
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ftrack_core.errors import InvalidStateError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Connection", "FileConnections", "MemoryConnections", "connect"]

_BUSY_TIMEOUT_SECONDS = 60.0
_CACHED_STATEMENTS = 512
_ANALYSE = ("PRAGMA analysis_limit = 4000", "ANALYZE")
"""Makes SQLite look at a sample of each index, in some milliseconds; it plans by guesses otherwise."""
_ANALYSED_EVERY = 1000
"""Transactions that write, after which the sample is taken anew: a workspace grows while it is served."""
_CLOSED = "the workspace is closed: its database can no longer be used"


class Connection(sqlite3.Connection):
    """A connection that counts the statements it is given."""

    statements = 0

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        """Do one statement; as in the base class."""
        self.statements += 1
        return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        """Do one statement for many rows, which counts once; as in the base class."""
        self.statements += 1
        return super().executemany(*arguments)


class MemoryConnections:
    """One private database in memory: a single connection, which one thread has at a time.

    It begins as a copy of an image where one is given.

    SQLite's shared cache would let several threads in and answer with "table is locked" as soon as one writes.
    """

    def __init__(self, image: bytes = b"") -> None:
        self._connection = connect(":memory:")
        if image:
            _copy(image, self._connection)
        self._lock = threading.RLock()
        self._closed = False

    def __del__(self) -> None:
        """A workspace that nobody closed leaves nothing open."""
        with suppress(Exception):
            self._connection.close()

    @property
    def statements(self) -> int:
        """How many statements were executed."""
        return self._connection.statements

    def settle(self) -> None:
        """Do nothing: there is no log to write."""

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend the connection."""
        with self._lock:
            if self._closed:
                raise InvalidStateError(_CLOSED)
            yield self._connection

    writing = reading

    def close(self) -> None:
        """Close the connection; the database is gone."""
        with self._lock:
            self._closed = True
            self._connection.close()


class FileConnections:
    """A database file: any number of readers beside one writer, each with a connection from a pool.

    Readers see the last commit and wait for nobody (SQLite's write-ahead log). Writers of this process queue at a
    lock, those of other processes at SQLite's own.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._idle: list[Connection] = []
        self._all: list[Connection] = []
        self._guard = threading.Lock()
        self._writer = threading.Lock()
        self._written = 0
        self._closed = False

    def __del__(self) -> None:
        """A workspace that nobody closed leaves nothing open."""
        with suppress(Exception):
            self._drop_idle()

    def settle(self) -> None:
        """Switch the file to the write-ahead log; to be called once it is sure that it is a workspace's.

        Raises:
            sqlite3.OperationalError: There can be none where the file lies.
        """
        with self._writer, self._lent() as connection:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            _analyse(connection)
        if mode != "wal":
            raise sqlite3.OperationalError("its disk allows no write-ahead log; put the file on a local disk")

    @property
    def statements(self) -> int:
        """How many statements were executed, over all connections."""
        with self._guard:
            return sum(one.statements for one in self._all)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection on which everything read is of one moment."""
        with self._lent() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Lend a connection to the one thread that may write."""
        with self._writer, self._lent() as connection:
            yield connection
            self._written += 1
            if self._written % _ANALYSED_EVERY == 0:
                _analyse(connection)
                self._drop_idle()

    def close(self) -> None:
        """Close all connections that nobody holds; one that is lent is closed when it comes back."""
        with self._guard:
            self._closed = True
        self._drop_idle()

    def _drop_idle(self) -> None:
        """Close the connections that nobody holds; a new one knows what an analysis found, an open one does not."""
        with self._guard:
            idle, self._idle = self._idle, []
        for one in idle:
            one.close()

    @contextmanager
    def _lent(self) -> Iterator[Connection]:
        connection = self._taken()
        try:
            yield connection
        finally:
            self._returned(connection)

    def _taken(self) -> Connection:
        with self._guard:
            if self._closed:
                raise InvalidStateError(_CLOSED)
            if self._idle:
                return self._idle.pop()
        connection = connect(self._path)
        with self._guard:
            self._all.append(connection)
        return connection

    def _returned(self, connection: Connection) -> None:
        with self._guard:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()


def connect(path: str) -> Connection:
    """Open a connection as a workspace needs it; it begins no transaction by itself."""
    connection = sqlite3.connect(
        path,
        timeout=_BUSY_TIMEOUT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_CACHED_STATEMENTS,
        factory=Connection,
    )
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.create_function("unicode_like", 2, _unicode_like, deterministic=True)
    return connection


def _analyse(connection: Connection) -> None:
    """Take a sample; without one everything is right and some of it slower, so that it fails is no reason to fail."""
    with suppress(sqlite3.Error):
        for statement in _ANALYSE:
            connection.execute(statement)


def _copy(image: bytes, target: Connection) -> None:
    source = connect(":memory:")
    try:
        source.deserialize(image)  # type: ignore[attr-defined]  # from Python 3.11 on, as whoever has an image knows
        source.backup(target)
    finally:
        source.close()


def _unicode_like(pattern: str, value: object) -> bool | None:
    """Match as LIKE does, without regard to case in any script: SQLite's own LIKE knows that only for ASCII.

    Between two `%` the first place that fits is the right one, so no pattern makes it look at a text again and again,
    as one regular expression for the whole of it would.
    """
    if value is None:
        return None
    text = str(value).casefold()
    first, *others = _pieces(pattern.casefold())
    if not others:
        return bool(first.expression.fullmatch(text))
    found = first.expression.match(text)
    for one in others[:-1]:
        found = found and one.expression.search(text, found.end())
    start = len(text) - others[-1].length
    return bool(found and start >= found.end() and others[-1].expression.fullmatch(text, start))


class _Piece(NamedTuple):
    """What stands between two `%` of a pattern: an expression for a text of a certain length."""

    expression: re.Pattern[str]
    length: int


@lru_cache(maxsize=64)
def _pieces(pattern: str) -> tuple[_Piece, ...]:
    pieces: list[list[str]] = [[]]
    for one in re.findall(r"\\.|.", pattern, re.DOTALL):
        if one == "%":
            pieces.append([])
        else:
            pieces[-1].append("." if one == "_" else re.escape(one[-1]))
    return tuple(_Piece(re.compile("".join(each), re.DOTALL), len(each)) for each in pieces)

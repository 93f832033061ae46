"""A file that is open: reads of one moment, and writes that several threads make together."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import attrs

from ftrack_backends.sqlite_files._connections import Connection, Connections, connect
from ftrack_backends.sqlite_files._failures import fault_of
from ftrack_backends.sqlite_files._kind import FileKind
from ftrack_backends.sqlite_files._opening import prepare

__all__ = ["SqliteFile"]

_T = TypeVar("_T")
_TOGETHER = 256
"""How many writes become one transaction at most, so that nobody waits for ever."""


@attrs.define(eq=False)
class _Write:
    """Something to be written, by whichever thread comes to it first."""

    work: Callable[[sqlite3.Connection], Any]
    durable: bool
    result: Any = None
    error: BaseException | None = None
    over: bool = False


class SqliteFile:
    """One file of ours in SQLite's write-ahead mode. Open it with `SqliteFile.open`.

    What a `write` has returned for survives the death of this process at any moment, and with `durable` also that of
    the machine. Readers wait for nobody. Writers of one process share a transaction where they come at once, so that
    many threads wait for the disk together; those of several processes queue at SQLite's own lock.

    Thread safety: every method, by any number of threads; several processes and several objects on one file. Forked
    children may go on using it (see `_connections`).

    Attributes:
        path: The file.
        kind: What it is.
    """

    def __init__(self, path: Path, kind: FileKind, connections: Connections) -> None:
        self.path = path
        self.kind = kind
        self._connections = connections
        self._identity = _identity(path)
        self._writer = threading.Lock()
        self._waiting: deque[_Write] = deque()
        connections.in_child = self._forked

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        kind: FileKind,
        busy_seconds: float = 30.0,
        max_bytes: int = 0,
        create: bool = True,
    ) -> SqliteFile:
        """Open a file; where there is none, make it.

        Args:
            path: Where it lies.
            kind: What it must be.
            busy_seconds: How long to wait for a lock that another process holds.
            max_bytes: Size that it may have at most, its log aside; 0 for any.
            create: Whether to make what is not there; it is an error otherwise.

        Raises:
            Exception: `kind.error`, with the file's `path` and a `Fault` in its details. The file is as it was.
        """
        place = Path(path).absolute()
        if not create and not place.exists():
            raise kind.failure(place, "absent", "is not there; look for a typing error in its path")
        prepare(place, kind, busy_seconds)
        connections = Connections(
            lambda: connect(str(place), busy_seconds, max_bytes), lambda found: kind.failure(place, "closed", found)
        )
        return cls(place, kind, connections)

    def read(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Do reading work on a connection that shows one moment.

        Args:
            work: Takes the connection, gives any result; it must not keep the connection or a cursor.

        Raises:
            Exception: `kind.error` for what SQLite raises; anything else as `work` raises it.
        """
        try:
            with self._connections.lent() as connection:
                connection.execute("BEGIN")
                try:
                    return work(connection)
                finally:
                    _undo(connection)
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def write(self, work: Callable[[sqlite3.Connection], _T], durable: bool = False) -> _T:
        """Do writing work in a transaction, perhaps together with that of other threads and on one of those.

        Args:
            work: Takes the connection, gives any result; what it raises undoes what it wrote, and nothing else. It
                must neither begin nor end a transaction, and not write to this file by other ways.
            durable: Whether to come back only when the disk has it, so that it survives a power cut too.

        Raises:
            Exception: `kind.error` for what SQLite raises; anything else as `work` raises it.
        """
        mine = _Write(work, durable)
        self._waiting.append(mine)
        while not mine.over:
            with self._writer:
                if not mine.over:
                    self._write_some()
        if mine.error is not None:
            raise mine.error
        result: _T = mine.result
        return result

    def check(self) -> str:
        """Look through all of the file; gives what is wrong with it, or nothing. Takes a while for a large one."""
        found: str = self.read(lambda connection: connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
        return "" if found == "ok" else found

    def demand_in_place(self) -> None:
        """Notice a file that somebody removed or replaced: what is written to the old one, nobody finds again.

        Every write does it; a reader that must see what others write now does it too.

        Raises:
            Exception: `kind.error`, whose fault is `gone`.
        """
        try:
            same = _identity(self.path) == self._identity
        except FileNotFoundError:
            same = False
        if not same:
            raise self.kind.failure(
                self.path, "gone", "was removed or replaced while it was in use; start anew what uses it"
            )

    def close(self) -> None:
        """Let go of the file. Never raises; a second call does nothing."""
        with suppress(sqlite3.Error):
            self._connections.close()

    # Writing

    def _write_some(self) -> None:
        """Do what waits, in one transaction. What fails as a whole fails for everybody in it."""
        writes = [self._waiting.popleft() for _ in range(min(len(self._waiting), _TOGETHER))]
        try:
            with self._transaction(any(each.durable for each in writes)) as connection:
                for each in writes:
                    self._do(each, connection, alone=len(writes) == 1)
        except Exception as error:  # noqa: BLE001 - each caller gets it, in its own thread
            for each in writes:
                each.error = each.error or self._failure(error)
        except BaseException:
            for each in writes:
                each.error = each.error or self.kind.failure(self.path, "failed", "was not written to: interrupted")
            raise
        finally:
            for each in writes:
                each.over = True

    def _do(self, write: _Write, connection: Connection, alone: bool) -> None:
        if not alone:
            connection.execute("SAVEPOINT one")
        try:
            write.result = write.work(connection)
        except Exception as error:
            write.error = self._failure(error)
            if alone or not connection.in_transaction:  # SQLite has undone everything, as it does for a full disk
                raise
            connection.execute("ROLLBACK TO one")
        if not alone:
            connection.execute("RELEASE one")

    @contextmanager
    def _transaction(self, durable: bool) -> Iterator[Connection]:
        with self._connections.lent() as connection:
            connection.wait_for_disk(durable)
            connection.execute("BEGIN IMMEDIATE")
            try:
                self.demand_in_place()
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                _undo(connection)
                raise

    def _forked(self) -> None:
        """Forget, in a forked child, what threads of the parent were about to write: they do it there."""
        self._writer = threading.Lock()
        self._waiting = deque()

    def _failure(self, error: BaseException) -> BaseException:
        if not isinstance(error, sqlite3.Error):
            return error
        failure: BaseException = self.kind.failure(self.path, *fault_of(error))
        failure.__cause__ = error
        return failure


def _identity(path: Path) -> tuple[int, int]:
    found = os.stat(path)  # noqa: PTH116 - half the time, and every write does it
    return found.st_dev, found.st_ino


def _undo(connection: Connection) -> None:
    if connection.in_transaction:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")

"""The store: one SQLite database laid out after a model."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from ftrack_backends.workspace.store._connections import FileConnections, MemoryConnections, connect
from ftrack_backends.workspace.store._layout import fingerprint, layout, quoted
from ftrack_core.errors import ConfigurationError, InvalidStateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ftrack_backends.workspace.model import Model
    from ftrack_backends.workspace.store._connections import Connection

__all__ = ["Store"]

APPLICATION_ID = 0x66747277
"""What marks a database file as a workspace's: `ftrw`."""
LAYOUT_VERSION = 1
"""Raised when an older file can no longer be used as it is."""
_OWN_TABLE = "CREATE TABLE IF NOT EXISTS _workspace (name TEXT PRIMARY KEY, value TEXT NOT NULL)"


class Store:
    """The rows of a workspace, in memory or in a file. Open one with `Store.open`.

    Any thread may use it at any time, and none meets "database is locked": reads of a file run beside a write, while
    writes queue; in memory all queue. A thread that opens a transaction inside its own gets the same connection, so a
    read inside a write sees what was written so far.

    Attributes:
        model: The model it is laid out after.
        path: The file, or None for memory.
        workspace_id: Id that was made with the database and stays with it.
        before_commit: Called at the end of each transaction, on its thread; what it raises undoes the transaction.
    """

    def __init__(self, connections: FileConnections | MemoryConnections, model: Model, path: str | None) -> None:
        self.model = model
        self.path = path
        self._connections = connections
        self._mine = threading.local()
        self.before_commit: Callable[[], None] = _nothing
        with self.reading() as connection:
            _demand_ours(connection, path)
        connections.settle()
        with self.writing() as connection:
            self.workspace_id = _prepared(connection, model)

    @classmethod
    def open(cls, path: str | None, model: Model) -> Store:
        """Open a database, and make it where there is none.

        Args:
            path: File; None for a private database in memory, gone at `close`.
            model: What to lay it out after. A file made after a smaller model gets the tables and columns it lacks.

        Raises:
            ConfigurationError: The file is no workspace, was made by a newer version, or cannot be opened.
        """
        connections = FileConnections(path) if path else MemoryConnections(_image(model))
        try:
            return cls(connections, model, path)
        except sqlite3.Error as error:
            connections.close()
            raise _refused(path, str(error)) from error
        except ConfigurationError:
            connections.close()
            raise

    @property
    def statements(self) -> int:
        """How many SQL statements were executed so far, transactions included."""
        return self._connections.statements

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection on which everything read is of one moment.

        Raises:
            InvalidStateError: The store is closed.
        """
        current: Connection | None = getattr(self._mine, "connection", None)
        if current is not None:
            yield current
            return
        with self._connections.reading() as connection, self._held(connection):
            yield connection

    @contextmanager
    def writing(self, committed: Callable[[], None] | None = None) -> Iterator[Connection]:
        """Lend the connection of one transaction: committed at the end, undone when anything is raised.

        Args:
            committed: Called right after the commit, before any other transaction begins, so that what is told of
                several stands in their order. It must be quick, and may not use the store.

        Raises:
            InvalidStateError: The store is closed, or this thread has a transaction open already.
        """
        if getattr(self._mine, "connection", None) is not None:
            raise InvalidStateError("this thread has a transaction of the store open; use its connection")
        with self._connections.writing() as connection, self._held(connection):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                self.before_commit()
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise
            if committed is not None:
                committed()

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """Lend the writer's connection with no transaction begun: for what replaces the whole database.

        Raises:
            InvalidStateError: The store is closed, or this thread has a transaction open already.
        """
        if getattr(self._mine, "connection", None) is not None:
            raise InvalidStateError("this thread has a transaction of the store open; end it first")
        with self._connections.writing() as connection:
            yield connection

    def lay_out(self, connection: Connection, model: Model) -> None:
        """Add the tables and columns of a larger model, within a transaction of `writing`.

        Once that is committed, set `model`.
        """
        _lay_out(connection, model)
        connection.execute("INSERT OR REPLACE INTO _workspace VALUES ('fingerprint', ?)", (fingerprint(model),))

    def close(self) -> None:
        """Close the database; a second call does nothing."""
        self._connections.close()

    @contextmanager
    def _held(self, connection: Connection) -> Iterator[None]:
        self._mine.connection = connection
        try:
            yield
        finally:
            self._mine.connection = None


def _nothing() -> None:
    """Nothing happens before a commit, unless somebody says so."""


def _prepared(connection: Connection, model: Model) -> str:
    """Lay out what is missing, and give the workspace's id."""
    connection.execute(_OWN_TABLE)
    known = dict(connection.execute("SELECT name, value FROM _workspace").fetchall())
    mark = fingerprint(model)
    if known.get("fingerprint") != mark:
        _lay_out(connection, model)
    known.setdefault("workspace_id", str(uuid.uuid4()))
    known["fingerprint"] = mark
    connection.executemany("INSERT OR REPLACE INTO _workspace VALUES (?, ?)", known.items())
    return str(known["workspace_id"])


@lru_cache(maxsize=8)
def _image(model: Model) -> bytes:
    """Give an empty database of a model as bytes: copying it takes a tenth of the time of laying one out."""
    if not hasattr(sqlite3.Connection, "serialize"):
        return b""  # Python 3.10
    connection = connect(":memory:")
    try:
        connection.execute(_OWN_TABLE)
        _lay_out(connection, model)
        connection.execute("INSERT INTO _workspace VALUES ('fingerprint', ?)", (fingerprint(model),))
        return bytes(connection.serialize())  # type: ignore[attr-defined]
    finally:
        connection.close()


def _demand_ours(connection: Connection, path: str | None) -> None:
    application, version = (
        connection.execute(f"PRAGMA {one}").fetchone()[0] for one in ("application_id", "user_version")
    )
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application != APPLICATION_ID and (application or tables):
        raise _refused(path, "it is a database of another program")
    if version > LAYOUT_VERSION:
        found = f"it was made by a newer version (layout {version}, this one knows {LAYOUT_VERSION})"
        raise _refused(path, f"{found}; update ftrack-core, or name another file")


def _lay_out(connection: Connection, model: Model) -> None:
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {LAYOUT_VERSION}")
    for table in layout(model):
        for statement in table.statements():
            connection.execute(statement)
        present = {row[1] for row in connection.execute(f"PRAGMA table_info({quoted(table.name)})")}
        for name, kind in table.columns.items():
            if name not in present:
                column = f"{quoted(name)} {kind.removesuffix(' NOT NULL')}"
                connection.execute(f"ALTER TABLE {quoted(table.name)} ADD COLUMN {column}")
        for statement in table.indexes():
            connection.execute(statement)


def _refused(path: str | None, found: str) -> ConfigurationError:
    fault = f"the workspace's database {path!r} cannot be used: {found}"
    return ConfigurationError(fault, {"path": path}, (fault,))

"""What the database says of files: whose they are, and of which pieces."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    import sqlite3

    from ftrack_backends.workspace.model import Model

__all__ = ["StoredFile", "every_piece", "file_of", "forget_file", "keep_file", "prepare_files", "take_lost"]

_TABLES = (
    """CREATE TABLE IF NOT EXISTS "_files" (component_id TEXT PRIMARY KEY, pieces TEXT NOT NULL, size INTEGER NOT NULL,
    etag TEXT NOT NULL, name TEXT NOT NULL, upload_id TEXT NOT NULL, stored_at REAL NOT NULL)""",
    'CREATE TABLE IF NOT EXISTS "_lost_files" (pieces TEXT NOT NULL)',
    """CREATE TRIGGER IF NOT EXISTS "_file_lost" AFTER DELETE ON "_files"
    BEGIN INSERT INTO "_lost_files" (pieces) VALUES (OLD.pieces); END""",
)
_WITH_ITS_COMPONENT = """
    CREATE TRIGGER IF NOT EXISTS "_file_of_component" AFTER DELETE ON "Component"
    BEGIN DELETE FROM "_files" WHERE component_id = OLD.id; END
"""
_NEVER_CREATED = 'DELETE FROM "_files" WHERE stored_at < ? AND component_id NOT IN (SELECT id FROM "Component")'
_READ = 'SELECT component_id, pieces, size, etag, name, upload_id, stored_at FROM "_files" WHERE component_id = ?'
_KEEP = (
    'INSERT INTO "_files" (component_id, pieces, size, etag, name, upload_id, stored_at) VALUES (?, ?, ?, ?, ?, ?, ?)'
)
_FORGET = 'DELETE FROM "_files" WHERE component_id = ?'


@attrs.frozen
class StoredFile:
    """The file of one component.

    Attributes:
        component_id: Whose it is.
        pieces: Names of its pieces with their sizes, in order.
        size: Bytes.
        etag: What tells this content from any other, without quotes.
        name: What a browser saves it as.
        upload_id: Multi-part upload that it came by; empty for one that came whole.
        stored_at: When it was complete, in seconds since the epoch.
    """

    component_id: str
    pieces: tuple[tuple[str, int], ...]
    size: int
    etag: str
    name: str
    upload_id: str
    stored_at: float


def prepare_files(connection: sqlite3.Connection, model: Model, forgotten_before: float) -> None:
    """Lay out the tables, and forget the files of components that never came to be. Called within a transaction.

    Args:
        connection: Of the transaction.
        model: The data model.
        forgotten_before: A file older than that, in seconds since the epoch, is kept only with its component.
    """
    for statement in _TABLES:
        connection.execute(statement)
    if "Component" in model.tables:
        connection.execute(_WITH_ITS_COMPONENT)
        connection.execute(_NEVER_CREATED, (forgotten_before,))


def file_of(connection: sqlite3.Connection, component_id: str) -> StoredFile | None:
    """Give a component's file; None for one that has none."""
    row = connection.execute(_READ, (component_id,)).fetchone()
    return StoredFile(row[0], _named(row[1]), *row[2:]) if row else None


def keep_file(connection: sqlite3.Connection, file: StoredFile) -> None:
    """Give a component its file, in place of the one it had. Called within a transaction."""
    forget_file(connection, file.component_id)
    told = (file.size, file.etag, file.name, file.upload_id, file.stored_at)
    connection.execute(_KEEP, (file.component_id, json.dumps(file.pieces), *told))


def forget_file(connection: sqlite3.Connection, component_id: str) -> bool:
    """Take a component's file; False when it has none. Called within a transaction."""
    return connection.execute(_FORGET, (component_id,)).rowcount > 0


def take_lost(connection: sqlite3.Connection) -> set[str]:
    """Give the names of pieces that files had which are gone, once. Called within a transaction."""
    rows = connection.execute('SELECT pieces FROM "_lost_files"').fetchall()
    connection.execute('DELETE FROM "_lost_files"')
    return {name for (pieces,) in rows for name, _ in _named(pieces)}


def every_piece(connection: sqlite3.Connection) -> set[str]:
    """Give the names of pieces that files have."""
    return {name for (pieces,) in connection.execute('SELECT pieces FROM "_files"') for name, _ in _named(pieces)}


def _named(pieces: str) -> tuple[tuple[str, int], ...]:
    return tuple((name, size) for name, size in json.loads(pieces))

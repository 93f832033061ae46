"""The files of one workspace: takes them, keeps them, gives them, and removes what nobody has any longer."""

from __future__ import annotations

import io
import threading
import weakref
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, BinaryIO

import attrs

from ftrack_backends.workspace._faults import FileFault
from ftrack_backends.workspace.files._joined import JoinedPieces
from ftrack_backends.workspace.files._reception import Reception
from ftrack_backends.workspace.files._records import (
    StoredFile,
    every_piece,
    file_of,
    forget_file,
    keep_file,
    prepare_files,
    take_lost,
)
from ftrack_backends.workspace.files._uploads import Part, UploadOrder, Uploads, joined_etag

if TYPE_CHECKING:
    from ftrack_backends.workspace.files._pieces import Pieces, Sink
    from ftrack_backends.workspace.store import Connection, Snapshot, Store
    from ftrack_core.interfaces import IClock

__all__ = ["FILE_LIMIT_BYTES", "MEMORY_LIMIT_BYTES", "UPLOAD_SECONDS", "Files"]

FILE_LIMIT_BYTES = 16 * 1024**3
"""A larger file is refused by a workspace that is kept in a file, unless it is told otherwise."""
MEMORY_LIMIT_BYTES = 1024**3
"""The same, by a workspace in memory."""
UPLOAD_SECONDS = 24 * 3600
"""How long the URLs of an upload are honoured, and its parts are kept."""


@attrs.define(eq=False)
class Files:
    """The files of components. Thread safety: every method may be called by many threads.

    Attributes:
        limit_bytes: Largest file that is taken.
    """

    _store: Store
    _pieces: Pieces
    _clock: IClock
    limit_bytes: int
    _uploads: Uploads = attrs.field(factory=Uploads, init=False)
    _coming: set[str] = attrs.field(factory=set, init=False)
    _reading: Counter[str] = attrs.field(factory=Counter, init=False)
    _doomed: set[str] = attrs.field(factory=set, init=False)
    _uncollected: bool = attrs.field(default=False, init=False)
    _snapshots: weakref.WeakSet[Snapshot] = attrs.field(factory=weakref.WeakSet, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def prepare(self) -> None:
        """Lay out what the database lacks, and remove what a process left that was killed. Called once, at first."""
        with self._store.writing() as connection:
            prepare_files(connection, self._store.model, self._clock.now() - UPLOAD_SECONDS)
            take_lost(connection)
        self._pieces.drop_unfinished()
        self.collect()

    def find(self, component_id: str) -> StoredFile | None:
        """Give what is known of a component's file; None for one that has none."""
        with self._store.reading() as connection:
            return file_of(connection, component_id)

    def open(self, file: StoredFile) -> BinaryIO:
        """Open a file for reading. It is read to its end even if it is replaced or removed meanwhile.

        Raises:
            FileNotFoundError: Its data is gone from the disk.
        """
        names = {name for name, _ in file.pieces}
        with self._lock:
            self._reading.update(names)
        joined = JoinedPieces(file.pieces, self._pieces.open, lambda: self._read(names))
        try:
            joined.demand()
        except BaseException:
            joined.close()
            raise
        return io.BufferedReader(joined)

    def receive(self, order: UploadOrder) -> Reception:
        """Begin to take a file, or a part of one.

        Raises:
            FileFault: The order is larger than what is taken.
            OSError: The disk refuses.
        """
        self.demand_room(order.size or 0)
        self._expire()
        sink = self._pieces.begin()
        with self._lock:
            self._coming.add(sink.name)
        limit = self.limit_bytes if order.size is None else order.size
        return Reception(order, sink, limit, self._accept, self._gone)

    def demand_room(self, size: int) -> None:
        """Refuse a file that is too large.

        Raises:
            FileFault: It is.
        """
        if size > self.limit_bytes:
            raise FileFault(
                f"A file may have {self.limit_bytes} bytes at most here, and this one has {size}; whoever runs the "
                "workspace sets the limit (ftrack serve --file-limit).",
                "file_too_large",
                413,
            )

    def complete(
        self, connection: Connection, upload_id: str, component_id: str, told: Mapping[int, str]
    ) -> StoredFile:
        """Make the parts of an upload a component's file. Called within a transaction; once it stands, call `settled`.

        Asked again with the same parts, as after a lost reply, it gives the file that there is.

        Raises:
            ValidationFault: There is no such upload, or it is not complete.
        """
        known = file_of(connection, component_id)
        if known is not None and known.upload_id == upload_id and known.etag == _told_etag(told):
            return known
        order, parts = self._uploads.complete(upload_id, component_id, told)
        pieces = tuple((part.piece, part.size) for part in parts)
        size = sum(part.size for part in parts)
        file = StoredFile(component_id, pieces, size, joined_etag(parts), order.name, upload_id, self._clock.now())
        keep_file(connection, file)
        return file

    def settled(self, upload_id: str) -> None:
        """Say that the transaction stands in which an upload was completed."""
        self._uploads.end(upload_id)
        self.sweep()

    def remove(self, component_id: str) -> bool:
        """Remove a component's file; False when it has none."""
        with self._store.writing() as connection:
            found = forget_file(connection, component_id)
        self.sweep()
        return found

    def sweep(self) -> None:
        """Remove the pieces of files that are gone, unless a snapshot may bring them back."""
        if self._held():
            return
        if self._uncollected:
            self.collect()
        with self._store.reading() as connection:
            if connection.execute('SELECT 1 FROM "_lost_files" LIMIT 1').fetchone() is None:
                return
        with self._store.writing() as connection:
            lost = take_lost(connection)
        self._remove(lost)

    def collect(self) -> None:
        """Remove every piece that belongs to nothing; while a snapshot may need it, that waits."""
        self._uncollected = self._held()
        if self._uncollected:
            return
        found = self._pieces.names()
        with self._lock:
            used = self._coming | self._uploads.pieces()
        with self._store.reading() as connection:
            used |= every_piece(connection)
        self._remove(found - used)

    def hold(self, snapshot: Snapshot) -> None:
        """Keep every piece as long as a snapshot lives."""
        self._snapshots.add(snapshot)

    def close(self) -> None:
        """Remove the parts of uploads that nobody can complete any longer."""
        self._remove(self._uploads.pieces())

    def _accept(self, order: UploadOrder, sink: Sink) -> str:
        """Keep what has come, and give its checksum. What was kept before stays until this is kept."""
        etag = sink.digest.hexdigest()
        if order.part_number:
            self._demand_open(order)
            part = Part(sink.name, sink.size, etag)
            earlier = self._uploads.add(order, part, self._clock.now() + UPLOAD_SECONDS)
            self._remove({earlier.piece} if earlier else set())
        else:
            pieces = ((sink.name, sink.size),)
            file = StoredFile(order.component_id, pieces, sink.size, etag, order.name, "", self._clock.now())
            with self._store.writing() as connection:
                keep_file(connection, file)
            self.sweep()
        return etag

    def _demand_open(self, order: UploadOrder) -> None:
        known = self.find(order.component_id)
        if known is not None and known.upload_id == order.upload_id:
            raise FileFault(
                f"The upload {order.upload_id} is complete; it takes no part any more.", "upload_over", 409
            )

    def _gone(self, sink: Sink) -> None:
        with self._lock:
            self._coming.discard(sink.name)

    def _expire(self) -> None:
        self._remove({part.piece for part in self._uploads.expired(self._clock.now())})

    def _held(self) -> bool:
        return any(not one.closed for one in self._snapshots)

    def _remove(self, names: set[str]) -> None:
        """Remove pieces; those that are being read, once they are read."""
        with self._lock:
            later = {name for name in names if self._reading[name]}
            self._doomed |= later
        for name in names - later:
            self._pieces.remove(name)

    def _read(self, names: set[str]) -> None:
        with self._lock:
            self._reading.subtract(names)
            self._reading += Counter()  # drops what nobody reads
            over = {name for name in names & self._doomed if not self._reading[name]}
            self._doomed -= over
        for name in over:
            self._pieces.remove(name)


def _told_etag(told: Mapping[int, str]) -> str:
    try:
        return joined_etag(Part("", 0, told[number]) for number in sorted(told))
    except ValueError:
        return ""

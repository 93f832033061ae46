"""Records in a SQLite file."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs
from zope.interface import implementer

from ftrack_backends.caches import _sqlite_statements as statements
from ftrack_backends.caches._patterns import found_in
from ftrack_backends.caches._sqlite_doubts import Doubts
from ftrack_backends.codecs import IRecordCodec, record_codec
from ftrack_backends.sqlite_files import ForgivingFile
from ftrack_core.errors import CacheError, ConnectionClosedError
from ftrack_core.interfaces import (
    IBatchCache,
    IClock,
    IDiagnosed,
    IExpiringCache,
    IMeasured,
    IPersistentCache,
    ISharedCache,
)
from ftrack_core.values import MISSING, EntityRecord, Missing

if TYPE_CHECKING:
    from ftrack_backends.caches._statistics import StoreStatistics
    from ftrack_core.values import Finding

__all__ = ["SqliteCache"]

_LOG = logging.getLogger(__name__)
_MEGABYTE: Final = 1024 * 1024
_MOST_BYTES_AT_ONCE: Final = 8 * _MEGABYTE
_PRUNED_EVERY: Final = 50
_EVERYTHING: Final = ("",)
_Rows: TypeAlias = "list[statements.Row]"


@implementer(IBatchCache, IExpiringCache, ISharedCache, IPersistentCache, IMeasured, IDiagnosed)
@attrs.define(eq=False, kw_only=True)
class SqliteCache:
    """Keeps records in one SQLite file, which the threads and processes of one host share.

    A batch is one transaction (one for every eight megabytes). Each entry has a version and a checksum: one that is
    foreign or damaged is `MISSING`, is logged once and is removed. Whatever becomes of the file (see `ForgivingFile`),
    nothing is raised but `ConnectionClosedError`: what cannot be read is `MISSING`, what cannot be written is not
    kept, and an entry whose change could not be written is not served by this cache until a later change of it was.

    What was written survives the death of the process; a power cut loses the last entries at most. When the file has
    reached its size, the entries that were written longest ago go, a few thousand at a time. Times are those of the
    machine's clock, which all processes share. The file is opened when it is first used.

    Thread safety: all methods; several processes; forked children may go on with it.
    Lifetime: closing it lets go of the file; what it keeps stays.

    Attributes:
        path: The file.
        clock: Tells when records expire.
        codec: Turns records into bytes and back: `msgpack`, `json`, or an `IRecordCodec`.
        max_bytes: Size that the file may have, its log aside.
        seconds_to_live: How long records are kept that no other time was said for; None for any time.
        busy_seconds: How long to wait for other processes that write.
    """

    path: Path = attrs.field(converter=Path)
    clock: IClock = attrs.field(repr=False)
    codec: IRecordCodec = attrs.field(factory=record_codec, converter=record_codec)
    max_bytes: int = 256 * _MEGABYTE
    seconds_to_live: float | None = None
    busy_seconds: float = 2.0
    _file: ForgivingFile = attrs.field(init=False, repr=False)
    _doubts: Doubts = attrs.field(factory=Doubts, init=False, repr=False)
    _told: set[str] = attrs.field(factory=set, init=False, repr=False)
    _writes: Iterator[int] = attrs.field(factory=itertools.count, init=False, repr=False)
    _asked: int = attrs.field(default=0, init=False, repr=False)
    _hits: int = attrs.field(default=0, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._file = ForgivingFile(
            path=self.path, kind=statements.KIND, busy_seconds=self.busy_seconds, clock=self.clock
        )

    # Reading

    def get(self, key: str | bytes) -> EntityRecord | Missing:
        """The record under a key, or `MISSING`."""
        return self.get_many((key,)).get(key, MISSING)

    def get_many(self, keys: Iterable[str | bytes]) -> Mapping[str | bytes, EntityRecord]:
        """The records that are there."""
        asked = dict.fromkeys(keys)
        wanted = self._doubts.certain(_storable(asked))
        now = self.clock.now()
        found = self._decoded(self._read(wanted, lambda connection: statements.read(connection, wanted, now)))
        self._asked += len(asked)
        self._hits += len(found)
        return found

    def keys(self) -> list[str | bytes]:
        """All keys, those written longest ago first."""
        now = self.clock.now()
        found = self._read(_EVERYTHING, lambda connection: statements.all_keys(connection, now))
        return self._doubts.certain(found)

    def values(self) -> list[EntityRecord]:
        """All records, those written longest ago first."""
        now = self.clock.now()
        found = self._decoded(self._read(_EVERYTHING, lambda connection: statements.all_rows(connection, now)))
        return [found[key] for key in self._doubts.certain(found)]

    # Writing

    def set(self, key: str | bytes, record: EntityRecord) -> None:
        """Keep a record under a key."""
        self.set_many({key: record})

    def set_many(self, records: Mapping[str | bytes, EntityRecord]) -> None:
        """Keep many records; one that the codec refuses is not kept, nor what stood under its key."""
        self._put(records, self.seconds_to_live)

    def set_expiring(self, key: str | bytes, record: EntityRecord, seconds: float) -> None:
        """Keep a record for a time."""
        if seconds > 0:
            self._put({key: record}, seconds)
        else:
            self.remove(key)

    def remove(self, key: str | bytes) -> bool:
        """Forget the record under a key, and tell whether there was one."""
        return self.remove_many((key,)) > 0

    def remove_many(self, keys: Iterable[str | bytes]) -> int:
        """Forget many records, and tell how many there were."""
        wanted = _storable(dict.fromkeys(keys))
        return self._changed(wanted, lambda it: statements.remove(it, wanted, self.clock.now()))

    def clear(self, pattern: str | None = None) -> None:
        """Forget everything, or the entries whose key the pattern is found in."""
        matches = found_in(pattern)
        self._file.refuse_closed()
        if pattern is not None:
            found: list[str | bytes] | Missing = self._file.read(lambda it: statements.all_keys(it, 0.0))
            if found is not MISSING:
                self.remove_many([key for key in found if matches(key)])
                return
        self._doubts.all = True
        if self._file.write(statements.clear) is not MISSING:
            self._doubts.none()

    def close(self) -> None:
        """Let go of the file. Never raises; what is kept stays."""
        self._file.close()

    # What it is like

    def statistics(self) -> StoreStatistics:
        """What it did since it was made, and what the file holds; a closed one tells what it did."""
        from ftrack_backends.caches._statistics import StoreStatistics

        held: tuple[int, int] | Missing = MISSING
        with contextlib.suppress(ConnectionClosedError):
            held = self._file.read(lambda it: (statements.count(it), statements.used_bytes(it)))
        records, size = (0, 0) if held is MISSING else held
        misses = self._asked - self._hits
        return StoreStatistics(hits=self._hits, misses=misses, records=records, bytes=size, max_bytes=self.max_bytes)

    def diagnose(self, timeout_seconds: float) -> Iterable[Finding]:  # noqa: ARG002 - files have no time-out
        """How the file's folder is, and what lies there of it."""
        from ftrack_backends._folders import database_finding

        yield database_finding(self.path, time.time())

    # Below

    def _read(self, wanted: Any, work: Callable[[sqlite3.Connection], Sequence[Any]]) -> Sequence[Any]:
        self._file.refuse_closed()
        if not wanted or self._doubts.all:
            return ()
        found: Sequence[Any] | Missing = self._file.read(work)
        return () if found is MISSING else found

    def _changed(self, keys: Sequence[str | bytes], work: Callable[[sqlite3.Connection], int]) -> int:
        """Change the entries of keys; 0 where that cannot be done now."""
        self._file.refuse_closed()
        if not keys:
            return 0
        count: int | Missing = self._file.write(work)
        if count is MISSING:
            self._doubts.add(keys)
            return 0
        self._doubts.settled(keys)
        return count

    def _put(self, records: Mapping[str | bytes, EntityRecord], seconds: float | None) -> None:
        now = self.clock.now()
        expires_at = None if seconds is None else now + seconds
        rows, refused = self._encoded(records, expires_at)
        if refused:
            self.remove_many(refused)
        for part, size in _parts(rows, self._at_once):
            self._changed([row[0] for row in part], partial(self._store, rows=part, size=size, now=now))

    def _store(self, connection: sqlite3.Connection, rows: _Rows, size: int, now: float) -> int:
        if next(self._writes) % _PRUNED_EVERY == 0:
            statements.prune(connection, now)
        statements.make_room(connection, size, self.max_bytes)
        statements.put(connection, rows)
        return len(rows)

    @property
    def _at_once(self) -> int:
        return min(_MOST_BYTES_AT_ONCE, self.max_bytes // 4)

    def _encoded(
        self, records: Mapping[str | bytes, EntityRecord], expires_at: float | None
    ) -> tuple[_Rows, list[str | bytes]]:
        """Rows to be written, and the keys of records that cannot be kept."""
        rows, refused, encode, at_once = [], [], self.codec.encode, self._at_once
        for key in _storable(records):
            try:
                data = encode(records[key])
                if len(data) > at_once:
                    raise CacheError(f"the record of {records[key].identity} takes {len(data)} bytes")
                rows.append((key, expires_at, data))
            except CacheError as error:  # noqa: PERF203 - each record is refused by itself
                self._tell("refused", "a record is not kept", error)
                refused.append(key)
        return rows, refused

    def _decoded(self, rows: Iterable[tuple[str | bytes, bytes]]) -> dict[str | bytes, EntityRecord]:
        found: dict[str | bytes, EntityRecord] = {}
        unread: list[str | bytes] = []
        decode = self.codec.decode
        for key, data in rows:
            record = decode(data) if data.__class__ is bytes else MISSING
            if record is MISSING:
                unread.append(key)
            else:
                found[key] = record
        if unread:
            self._tell("unread", "an entry is none of this codec and version, and is removed", repr(unread[0]))
            self.remove_many(unread)
        return found

    def _tell(self, what: str, text: str, about: object) -> None:
        if what not in self._told:
            self._told.add(what)
            _LOG.warning("sqlite cache %s: %s; this is said once: %s", os.fspath(self.path), text, about)


def _storable(keys: Iterable[str | bytes]) -> list[str | bytes]:
    """The keys that SQLite can hold: not those with half a surrogate pair, which no UTF-8 has."""
    return [key for key in keys if key.__class__ is bytes or key.isascii() or _is_sound(key)]


def _is_sound(key: Any) -> bool:
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True


def _parts(rows: _Rows, at_once: int) -> Iterator[tuple[_Rows, int]]:
    """Rows in parts of so many bytes, and how many each part has."""
    part: _Rows = []
    size = sum([len(row[2]) for row in rows])
    if rows and size <= at_once:  # the usual case
        yield rows, size
        return
    size = 0
    for row in rows:
        if part and size + len(row[2]) > at_once:
            yield part, size
            part, size = [], 0
        part.append(row)
        size += len(row[2])
    if part:
        yield part, size

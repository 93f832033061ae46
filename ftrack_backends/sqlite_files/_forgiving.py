"""A file whose loss costs nothing but time: opened when needed, replaced when broken, passed over when it fails."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import attrs

from ftrack_backends.sqlite_files._file import SqliteFile
from ftrack_backends.sqlite_files._kind import FileKind
from ftrack_core.errors import ConnectionClosedError, Error
from ftrack_core.interfaces import IClock
from ftrack_core.values import MISSING, Missing

__all__ = ["ForgivingFile"]

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")
_BYPASSED_SECONDS: Final = 10.0
_ATTEMPTS: Final = 4
_SQLITE: Final = b"SQLite format 3\0"


@attrs.define(eq=False, weakref_slot=True)
class ForgivingFile:
    """A file of ours, whose faults are told in the log, each kind once, and never raised.

    | what is found | what becomes of it |
    | --- | --- |
    | no file, no folder | made, for their user alone |
    | damaged, truncated, no SQLite file, of an older version | moved aside as `NAME.damaged`, a new one is made |
    | of a newer version, or a database of another program | left alone; a file of our own beside it is used |
    | removed or replaced while it is open | the one that lies there now is opened, or made |
    | full disk, read-only, unreadable, held for too long, on a network file system | passed over for ten seconds |

    Thread safety: all methods; several processes on one file; forked children open it anew.

    Attributes:
        path: Where it lies.
        kind: What it is; `kind.error` makes errors of `ftrack_core`.
        busy_seconds: How long to wait for other processes that write.
        clock: Tells when a file that was passed over is tried again.
    """

    path: Path
    kind: FileKind
    busy_seconds: float
    clock: IClock
    _file: SqliteFile | None = attrs.field(default=None, init=False, repr=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)
    _bypassed_until: float | None = attrs.field(default=None, init=False)
    _told: set[str] = attrs.field(factory=set, init=False, repr=False)
    _closed: bool = attrs.field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        _ALL.add(self)

    def read(self, work: Callable[[sqlite3.Connection], _T]) -> _T | Missing:
        """What reading work gives, or `MISSING` while the file is passed over."""

        def look(file: SqliteFile) -> _T:
            file.demand_in_place()
            return file.read(work)

        return self._attempt(look)

    def write(self, work: Callable[[sqlite3.Connection], _T]) -> _T | Missing:
        """What writing work gives, or `MISSING` where nothing could be written."""
        return self._attempt(lambda file: file.write(work))

    def close(self) -> None:
        """Let go of the file for good."""
        self._closed = True
        self._let_go(self._file)

    def refuse_closed(self) -> None:
        """Raise when it is closed.

        Raises:
            ConnectionClosedError: It is.
        """
        if self._closed:
            raise ConnectionClosedError(f"the {self.kind.label} {str(self.path)!r} is closed; make a new one")

    def _attempt(self, do: Callable[[SqliteFile], _T]) -> _T | Missing:
        if self._is_bypassed():
            return MISSING
        for _ in range(_ATTEMPTS):
            self.refuse_closed()
            file, seen = self._file, _identity(self.path)
            try:
                return do(file or self._opened())
            except ConnectionClosedError:
                raise
            except (Error, OSError) as error:
                if not self._amended(error, file, seen):
                    return MISSING
        return MISSING

    def _opened(self) -> SqliteFile:
        """The file, opened now, by this thread or by another one that was faster."""
        file = SqliteFile.open(self.path, self.kind, busy_seconds=self.busy_seconds)
        with self._lock:
            if self._file is None and not self._closed:
                self._file = file
            kept = self._file
        if kept is not file:
            file.close()
        self.refuse_closed()
        return kept or file

    def _let_go(self, file: SqliteFile | None) -> None:
        with self._lock:
            if self._file is file:
                self._file = None
        if file is not None:
            file.close()

    # Faults

    def _is_bypassed(self) -> bool:
        if self._bypassed_until is None:
            return False
        if self.clock.monotonic() < self._bypassed_until:
            self.refuse_closed()
            return True
        self._bypassed_until = None
        return False

    def _amended(self, error: Exception, file: SqliteFile | None, seen: tuple[int, int] | None) -> bool:
        """Do what a fault asks for; gives whether it is worth trying again."""
        fault = error.details.get("fault") if isinstance(error, Error) else "failed"
        if fault == "closed" and file is not None and self._file is file:
            return self._pass_over("forked", error)  # it was in use when this process was forked
        self._let_go(file)
        if fault in {"gone", "closed"}:
            return True
        if fault == "newer" or (fault == "foreign" and _is_sqlite(self.path)):
            return self._step_aside(error)
        if fault in {"damaged", "foreign", "older"} and self._move_away(seen):
            self._tell(str(fault), "was moved aside as %s.damaged, and a new one is begun: %s", self.path.name, error)
            return True
        return self._pass_over(str(fault), error)

    def _pass_over(self, fault: str, error: Exception) -> bool:
        self._bypassed_until = self.clock.monotonic() + _BYPASSED_SECONDS
        self._tell(fault, "is passed over while it fails: %s", error)
        return False

    def _step_aside(self, error: Exception) -> bool:
        """Use a file of our own beside one that somebody else may be using."""
        beside = self.path.with_name(f"{self.path.name}.ftrack-{self.kind.version}")
        self._tell("beside", "is not ours, and %s beside it is used: %s", beside.name, error)
        if self.path.suffix == beside.suffix:
            return self._move_away(_identity(self.path))
        self.path = beside
        return True

    def _move_away(self, seen: tuple[int, int] | None) -> bool:
        """Move a broken file away, unless another process has put a new one there since it was looked at."""
        if _identity(self.path) != seen:
            return True
        try:
            for ending in ("-wal", "-shm", "-journal", ""):
                with contextlib.suppress(FileNotFoundError):
                    self._beside(ending).replace(self._beside(f".damaged{ending}"))
        except OSError:
            return False
        return True

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(self.path.name + ending)

    def _tell(self, fault: str, text: str, *about: object) -> None:
        if fault not in self._told:
            self._told.add(fault)
            _LOG.warning(f"%s: the file %s {text}; this is said once", self.kind.label, self.path, *about)

    def _renew(self) -> None:
        """Begin anew in a forked child, where a thread of the parent may have held the lock."""
        self._lock = threading.Lock()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - half the time, and every read does it
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_sqlite(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False


_ALL: weakref.WeakSet[ForgivingFile] = weakref.WeakSet()


def _in_child() -> None:
    for each in list(_ALL):
        each._renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)

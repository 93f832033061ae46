"""One of the databases of a disk cache: opened when first used, and begun anew when it is damaged."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import attrs
import diskcache

from ftrack_backends.caches._disk_bytes import BytesCache
from ftrack_backends.sqlite_files import Connections, FileKind, connect, fault_of, prepare
from ftrack_core.errors import CacheError, ConnectionClosedError, Error
from ftrack_core.interfaces import IClock

__all__ = ["Shard"]

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")
_FILE: Final = "cache.db"
"""As diskcache names it."""
_MARK: Final = "damaged"
_ANEW: Final = frozenset({"damaged", "foreign", "newer", "older"})
_SHORT_READ: Final = 522
"""SQLite's `SQLITE_IOERR_SHORT_READ`, as Python tells it from 3.11 on: a file is shorter than it was."""
_REFUSED_SECONDS: Final = 10.0
_KIND: Final = FileKind(label="disk cache", application_id=0x66746B64, version=1, layout=(), error=CacheError)


@attrs.define(eq=False, kw_only=True)
class Shard:
    """One diskcache in a folder of its own, in which each beginning has a folder with a number.

    A database that turns out to be damaged is never moved or overwritten, since others may have it open: its folder is
    marked, and the next number is begun, by every process that meets it. The one before is kept for whoever wants to
    look at it, older ones are removed.

    Thread safety: all calls. Forked children open it anew.

    Attributes:
        folder: Where it lies.
        settings: diskcache's.
        busy_seconds: How long to wait for a lock that another process holds.
        clock: Tells when to try again what could not be opened.
    """

    folder: Path
    settings: Mapping[str, Any]
    busy_seconds: float
    clock: IClock
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)
    _cache: BytesCache | None = attrs.field(default=None, init=False, repr=False)
    _connections: Connections | None = attrs.field(default=None, init=False, repr=False)
    _identity: tuple[int, int] = attrs.field(default=(0, 0), init=False, repr=False)
    _refusal: CacheError | None = attrs.field(default=None, init=False, repr=False)
    _again_at: float = attrs.field(default=0.0, init=False, repr=False)
    _told: bool = attrs.field(default=False, init=False, repr=False)
    _closed: bool = attrs.field(default=False, init=False)

    def use(self, work: Callable[[BytesCache], _T]) -> _T:
        """Do some work on the database; twice, if the first time shows it to be damaged.

        Raises:
            CacheError: It cannot be used; `details["fault"]` is a `Fault`.
            ConnectionClosedError: It was closed.
        """
        cache = self._opened()
        try:
            return self._worked(cache, work)
        except CacheError as error:
            if error.details.get("fault") not in _ANEW:
                raise
            self._begin_anew(cache, error)
        return self._worked(self._opened(), work)

    def close(self) -> None:
        """Let go of it for good."""
        with self._lock:
            self._closed = True
            self._let_go()

    def _worked(self, cache: BytesCache, work: Callable[[BytesCache], _T]) -> _T:
        try:
            with cache.lent():
                return work(cache)
        except Exception as error:
            raise self._failure(error) from error

    def _opened(self) -> BytesCache:
        with self._lock:
            if self._closed:
                raise _closed()
            if self._cache is not None and self._is_over(Path(self._cache.directory)):
                self._let_go()
            if self._cache is None:
                self._demand_time()
                try:
                    self._cache = self._open()
                except CacheError as error:
                    self._refusal, self._again_at = error, self.clock.monotonic() + _REFUSED_SECONDS
                    raise
            return self._cache

    def _demand_time(self) -> None:
        """Refuse at once what was refused a moment ago."""
        if self._refusal is not None and self.clock.monotonic() < self._again_at:
            raise self._refusal.with_traceback(None)
        self._refusal = None

    def _is_over(self, place: Path) -> bool:
        """Whether somebody removed or replaced the file since it was opened, or found it damaged."""
        try:
            return _identity(place / _FILE) != self._identity or (place / _MARK).exists()
        except OSError:
            return True

    def _open(self) -> BytesCache:
        place = self._current()
        try:
            return self._made(place)
        except CacheError as error:
            if error.details.get("fault") not in _ANEW:
                raise
            self._set_aside(place, error)
        return self._made(self._current())

    def _made(self, place: Path) -> BytesCache:
        file = place / _FILE
        try:
            _make_folders(place)
        except OSError as error:
            raise self._failure(error) from error
        prepare(file, _KIND, self.busy_seconds)
        connections = Connections(lambda: connect(str(file), self.busy_seconds), _unusable)
        try:
            self._demand_free(file)
            cache = BytesCache(str(place), connections, **self.settings)
            self._identity = _identity(file)
        except Exception as error:
            connections.close()
            raise self._failure(error) from error
        self._connections = connections
        return cache

    def _demand_free(self, file: Path) -> None:
        """Look whether it can be written: diskcache would wait for a minute."""
        with closing(connect(str(file), self.busy_seconds)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")

    # Beginning anew

    def _begin_anew(self, cache: BytesCache, error: CacheError) -> None:
        with self._lock:
            if self._cache is cache:
                self._let_go()
                self._set_aside(Path(cache.directory), error)

    def _let_go(self) -> None:
        self._cache = None
        if self._connections is not None:
            with suppress(sqlite3.Error):
                self._connections.close()
            self._connections = None

    def _current(self) -> Path:
        last = max(self._numbers(), default=0)
        return self.folder / str(last + 1 if (self.folder / str(last) / _MARK).exists() else last)

    def _numbers(self) -> list[int]:
        with suppress(OSError):
            names = [each.name for each in self.folder.iterdir()]
            return [int(name) for name in names if name.isascii() and name.isdecimal()]
        return []

    def _set_aside(self, place: Path, error: CacheError) -> None:
        _LOG.log(
            logging.DEBUG if self._told else logging.WARNING,
            "the disk cache in %s cannot be read and begins anew; what is kept of it lies there: %s",
            place,
            error,
        )
        self._told = True
        try:
            (place / _MARK).touch(0o600)
        except OSError as refused:
            raise self._failure(refused) from refused
        for number in self._numbers():
            if number < int(place.name):
                _removed(self.folder / str(number))

    def _failure(self, error: BaseException) -> Error:
        if isinstance(error, Error):
            return error
        if "cannot rollback" in str(error) and error.__context__ is not None:
            error = error.__context__
        fault, found = _found(error)
        return CacheError(
            f"the disk cache in {str(self.folder)!r} {found}", {"path": str(self.folder), "fault": fault}
        )


def _found(error: BaseException) -> tuple[str, str]:
    if isinstance(error, diskcache.Timeout):
        return "busy", "was not free in time, or cannot be written"
    if isinstance(error, OSError):
        return "refused", f"cannot be used: {error.strerror or error}"
    if not isinstance(error, sqlite3.Error):
        return "damaged", f"holds what diskcache does not understand ({type(error).__name__}: {error})"
    fault, found = fault_of(error)
    is_damaged = _is_cut_off(error) or "no such" in str(error)
    return ("damaged", f"is damaged ({error})") if is_damaged else (fault, found)


def _is_cut_off(error: sqlite3.Error) -> bool:
    """Whether a file is shorter than it was; Python 3.10 tells no codes, so there any disk I/O error is that."""
    code = getattr(error, "sqlite_errorcode", None)
    return "disk I/O" in str(error) if code is None else code == _SHORT_READ


def _unusable(found: str) -> Error:
    return _closed() if found == "is closed" else CacheError(f"the disk cache {found}", {"fault": "closed"})


def _closed() -> ConnectionClosedError:
    return ConnectionClosedError("the disk cache is closed; make a new one")


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _make_folders(place: Path) -> None:
    """Make the folder of a beginning and the three above it, which are ours, for their user alone."""
    for folder in reversed([place, *place.parents[:3]]):
        if not folder.is_dir():
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)


def _removed(folder: Path) -> None:
    """Remove the folder of a beginning, with what we put there and nothing else."""
    with suppress(OSError):
        for name in (_FILE, f"{_FILE}-wal", f"{_FILE}-shm", _MARK):
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()

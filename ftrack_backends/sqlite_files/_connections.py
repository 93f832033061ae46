"""How threads come by connections to a file, and how forked children are kept away from them."""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

__all__ = ["Connection", "Connections", "connect"]

_PRAGMAS = (
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA fullfsync = ON",
    "PRAGMA checkpoint_fullfsync = ON",
)
"""The last two make macOS bring things to the disk itself; they mean nothing elsewhere."""
_WAIT_BEFORE_FORK_SECONDS = 5.0


class Connection(sqlite3.Connection):
    """A connection that knows whether it waits for the disk when it commits."""

    durable: bool | None = None

    def wait_for_disk(self, durable: bool) -> None:
        """Have commits from now on wait for the disk, or not; call it outside of transactions."""
        if self.durable is not durable:
            self.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self.durable = durable


class Connections:
    """Connections to one file, each lent to one thread at a time and kept for the next.

    Before this process forks, all of them are closed, once those that are lent have come back: SQLite's locks do not
    survive a fork, in the child it would take those of its parent for its own. So parent and child both open new ones
    afterwards. Where one does not come back (the forking thread holds it, or another one for seconds), the child
    cannot use the file, and is told so.

    Attributes:
        in_child: Called in every forked child, for what the file's owner has to put right there.
    """

    def __init__(self, make: Callable[[], Connection], unusable: Callable[[str], Exception]) -> None:
        self._make = make
        self._unusable = unusable
        self._changed = threading.Condition(threading.Lock())
        self._idle: list[Connection] = []
        self._lent: dict[Connection, int] = {}
        self._closed = ""
        self.in_child: Callable[[], None] = _nothing
        _ALL.add(self)

    @contextmanager
    def lent(self) -> Iterator[Connection]:
        """Lend a connection; no transaction is begun on it.

        Raises:
            Exception: What `unusable` makes, when all is closed.
        """
        connection = self._taken()
        try:
            yield connection
        finally:
            self._returned(connection)

    def close(self) -> None:
        """Close all that nobody holds; one that is lent is closed when it comes back."""
        with self._changed:
            self._closed = self._closed or "is closed"
            idle, self._idle = self._idle, []
        for each in idle:
            each.close()

    def __del__(self) -> None:
        """Whoever was not closed leaves nothing open; nobody else knows it any more, so that no lock is needed."""
        for each in vars(self).get("_idle", ()):
            with suppress(Exception):
                each.close()

    def _taken(self) -> Connection:
        with self._changed:
            if self._closed:
                raise self._unusable(self._closed)
            connection = self._idle.pop() if self._idle else self._make()
            self._lent[connection] = threading.get_ident()
            return connection

    def _returned(self, connection: Connection) -> None:
        with self._changed:
            mine = self._lent.pop(connection, None) is not None
            self._changed.notify_all()
            if mine and not self._closed:
                self._idle.append(connection)
            elif mine:
                connection.close()

    # Forks

    def before_fork(self) -> None:
        """Close everything, and let nobody open anything until the fork is over."""
        self._changed.acquire()
        with suppress(Exception):  # what fails must not keep the lock from being released
            self._let_go()

    def _let_go(self) -> None:
        if threading.get_ident() not in self._lent.values():
            self._changed.wait_for(lambda: not self._lent, _WAIT_BEFORE_FORK_SECONDS)
        while self._idle:
            self._idle.pop().close()

    def forked_here(self) -> None:
        """Go on, in the process that forked."""
        self._changed.release()

    def forked_in_child(self) -> None:
        """Go on, in the child: what was lent at the fork is neither used nor closed here."""
        self._changed = threading.Condition(threading.Lock())
        if self._lent:
            self._closed = (
                "was in use when this process was forked, so it cannot be used here; start a process of its own"
            )
            for each in self._lent:
                _keep_for_ever(each)
            self._lent = {}
        self.in_child()


def _nothing() -> None:
    """Nobody else has anything to put right in a child."""


_ALL: weakref.WeakSet[Connections] = weakref.WeakSet()
_stopped: list[Connections] = []
_FORKING = threading.Lock()
"""Held by the thread that forks; its child has it too, and releases its own."""


def connect(path: str, busy_seconds: float, max_bytes: int = 0) -> Connection:
    """Open a connection; it begins no transaction by itself."""
    connection = sqlite3.connect(
        path, timeout=busy_seconds, isolation_level=None, check_same_thread=False, factory=Connection
    )
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        connection.wait_for_disk(durable=False)
        if max_bytes:
            page_bytes = connection.execute("PRAGMA page_size").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {max(1, max_bytes // page_bytes)}")
    except BaseException:
        connection.close()
        raise
    return connection


def _keep_for_ever(connection: Connection) -> None:
    """Keep the interpreter from closing a connection that belongs to the parent, also at its end."""
    import ctypes

    with suppress(AttributeError):  # other Pythons than CPython
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))


def _before() -> None:
    _FORKING.acquire()
    _stopped[:] = list(_ALL)
    for each in _stopped:
        each.before_fork()


def _here() -> None:
    while _stopped:
        _stopped.pop().forked_here()
    _FORKING.release()


def _in_child() -> None:
    while _stopped:
        _stopped.pop().forked_in_child()
    _FORKING.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_here, after_in_child=_in_child)

"""One process owns a workspace's file; another that comes is told who.

Beside the database stands `<name>.owner`, which the owner keeps locked as long as it lives: a lock goes with its
process, however that ends. What the file says is only for people.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import IO

import attrs

from ftrack_core.errors import ConfigurationError

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> None:
        """Lock a byte far behind the text, so that others can still read it."""
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        """Lock the file; the lock ends when the file is closed."""
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


__all__ = ["FileOwnership"]

_FAR = 1 << 30


@attrs.define(eq=False)
class FileOwnership:
    """The right of this process to use a workspace's file."""

    _file: IO[str]
    _path: Path

    @classmethod
    def take(cls, database: Path) -> FileOwnership:
        """Become the owner of a file.

        Raises:
            ConfigurationError: Somebody else is (the message says who), or the folder cannot be written to.
        """
        path = database.with_name(f"{database.name}.owner")
        while True:
            file = _opened(path, database)
            try:
                _lock(file)
            except OSError as error:
                with file:
                    raise _owned(database, file.read()) from error
            if _still_there(file, path):
                break
            file.close()
        _write(file)
        return cls(file, path)

    def release(self) -> None:
        """Give the right up; a second call does nothing."""
        if not self._file.closed:
            if sys.platform != "win32":  # there a file that is open cannot be removed; it stays, and means nothing
                self._path.unlink(missing_ok=True)
            self._file.close()


def _opened(path: Path, database: Path) -> IO[str]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        fault = f"the workspace's database {str(database)!r} cannot be used: {error.strerror} ({path.parent})"
        raise ConfigurationError(fault, {"path": str(database)}, (fault,)) from error
    return os.fdopen(descriptor, "r+", encoding="utf-8")


def _still_there(file: IO[str], path: Path) -> bool:
    """Whether the locked file is the one that others will find: the owner before may have removed it meanwhile."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _write(file: IO[str]) -> None:
    since = datetime.now(timezone.utc).isoformat(timespec="seconds")
    file.truncate()
    json.dump({"process": os.getpid(), "host": socket.gethostname(), "since": since}, file)
    file.flush()


def _owned(database: Path, said: str) -> ConfigurationError:
    owner = _owner(said)
    fault = (
        f"the workspace's database {str(database)!r} is in use by {owner}; a file has one owner. To share it between "
        f"processes, run: ftrack serve --database {database}, and give its URL to the sessions"
    )
    return ConfigurationError(fault, {"path": str(database), "owner": owner}, (fault,))


def _owner(said: str) -> str:
    try:
        owner = json.loads(said)
        place = "" if owner["host"] == socket.gethostname() else f" on {owner['host']}"
        mine = "this very process" if not place and owner["process"] == os.getpid() else f"process {owner['process']}"
        return f"{mine}{place}, since {owner['since']}"
    except (ValueError, LookupError, TypeError):  # the owner has not written it yet
        return "another process"

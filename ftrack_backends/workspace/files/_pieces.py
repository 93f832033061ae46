"""Where pieces lie: in a folder, or in memory. Both do the same, and know nothing of whose they are."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol

import attrs

from ftrack_core.errors import ConfigurationError

__all__ = ["DiskPieces", "MemoryPieces", "Pieces", "Sink"]

_SEALED = re.compile(r"[0-9a-f]{32}")
_COMING = re.compile(r"[0-9a-f]{32}\.part")
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class Sink(Protocol):
    """A piece that is being written, by one thread at a time.

    Attributes:
        name: What it will be called.
        size: Bytes so far.
        digest: MD5 over them.
    """

    name: str
    size: int
    digest: hashlib._Hash

    def write(self, data: bytes) -> None:
        """Add bytes."""

    def seal(self) -> None:
        """End it: from now on it can be read, and survives a crash where pieces do so at all."""

    def abandon(self) -> None:
        """Forget it, unless it is sealed; a second call does nothing."""

    def discard(self) -> None:
        """Remove it, though it is sealed."""


class Pieces(Protocol):
    """Keeps pieces by name. Thread safety: every method may be called by many threads."""

    def begin(self) -> Sink:
        """Begin a new one."""

    def open(self, name: str) -> BinaryIO:
        """Open one for reading, at any place.

        Raises:
            FileNotFoundError: There is none of that name.
        """

    def names(self) -> set[str]:
        """Names of those that are sealed."""

    def remove(self, name: str) -> None:
        """Remove one; who reads it reads on. One that is not there is fine."""

    def drop_unfinished(self) -> None:
        """Remove what was never sealed. To be called only while nobody writes."""


@attrs.define(eq=False)
class MemoryPieces:
    """Pieces in memory, gone with the process."""

    _sealed: dict[str, bytes] = attrs.field(factory=dict, init=False, repr=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def begin(self) -> Sink:
        """Begin a new one."""
        return _MemorySink(self._keep, self.remove)

    def open(self, name: str) -> BinaryIO:
        """Open one for reading."""
        with self._lock:
            if name not in self._sealed:
                raise FileNotFoundError(name)
            return io.BytesIO(self._sealed[name])

    def names(self) -> set[str]:
        """Names of all."""
        with self._lock:
            return set(self._sealed)

    def remove(self, name: str) -> None:
        """Remove one."""
        with self._lock:
            self._sealed.pop(name, None)

    def drop_unfinished(self) -> None:
        """Do nothing: what is not sealed belongs to who writes it."""

    def _keep(self, name: str, data: bytes) -> None:
        with self._lock:
            self._sealed[name] = data


@attrs.define(eq=False)
class DiskPieces:
    """Pieces as files of one folder, which only the workspace's user may read; it is made with the first of them.

    Attributes:
        folder: The folder.
    """

    folder: Path

    def begin(self) -> Sink:
        """Begin a new one.

        Raises:
            ConfigurationError: What stands in the folder's place is none.
            OSError: The disk refuses.
        """
        with contextlib.suppress(FileExistsError):
            self.folder.mkdir(mode=0o700)
        if self.folder.is_symlink() or not self.folder.is_dir():
            fault = f"the workspace's files belong into {str(self.folder)!r}, which is no folder; move it away"
            raise ConfigurationError(fault, {"path": str(self.folder)}, (fault,))
        return _DiskSink(self.folder)

    def open(self, name: str) -> BinaryIO:
        """Open one for reading."""
        return (self.folder / name).open("rb")

    def names(self) -> set[str]:
        """Names of those that are sealed; what somebody else put there is left alone."""
        return {name for name in self._listed() if _SEALED.fullmatch(name)}

    def remove(self, name: str) -> None:
        """Remove one; where the disk keeps files that are being read, it goes with the next start."""
        with contextlib.suppress(OSError):
            (self.folder / name).unlink()

    def drop_unfinished(self) -> None:
        """Remove what was never sealed."""
        for name in self._listed():
            if _COMING.fullmatch(name):
                self.remove(name)

    def _listed(self) -> list[str]:
        try:
            return os.listdir(self.folder)  # noqa: PTH208 - names are wanted, not paths
        except (FileNotFoundError, NotADirectoryError):
            return []


class _MemorySink:
    def __init__(self, keep: Callable[[str, bytes], None], remove: Callable[[str], None]) -> None:
        self.name = uuid.uuid4().hex
        self.size = 0
        self.digest = hashlib.md5(usedforsecurity=False)
        self._keep = keep
        self._remove = remove
        self._written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.size += len(data)
        self.digest.update(data)
        self._written.append(data)

    def seal(self) -> None:
        self._keep(self.name, b"".join(self._written))
        self.abandon()

    def abandon(self) -> None:
        self._written = []

    def discard(self) -> None:
        self._remove(self.name)


class _DiskSink:
    """Written under another name, so that a piece is there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.name = uuid.uuid4().hex
        self.size = 0
        self.digest = hashlib.md5(usedforsecurity=False)
        self._folder = folder
        self._coming = folder / f"{self.name}.part"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINKS
        self._file = os.fdopen(os.open(self._coming, flags, 0o600), "wb", buffering=0)

    def write(self, data: bytes) -> None:
        self.digest.update(data)
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) or 0 :]
        self.size += len(data)

    def seal(self) -> None:
        os.fsync(self._file.fileno())
        self._file.close()
        self._coming.replace(self._folder / self.name)

    def abandon(self) -> None:
        if not self._file.closed:
            self._file.close()
        with contextlib.suppress(OSError):
            self._coming.unlink()

    def discard(self) -> None:
        with contextlib.suppress(OSError):
            (self._folder / self.name).unlink()

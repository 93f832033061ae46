"""A cache of files, which any number of threads and processes may use at once, also on a network file system."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

from zope.interface import implementer

from ftrack_backends.codecs import record_codec
from ftrack_core.errors import CacheError, ConnectionClosedError
from ftrack_core.interfaces import IPersistentCache, ISharedCache
from ftrack_core.values import MISSING, EntityRecord, Missing

__all__ = ["AcmeCache"]

_log = logging.getLogger(__name__)
_CODEC = record_codec("json")


@implementer(ISharedCache, IPersistentCache)
class AcmeCache:
    """Keeps each record in a file of its own, named by the digest of its key.

    A file holds the key in a line, and then the record as the codec writes it: with a version and a checksum, so that
    what is foreign or damaged is known as such. It is written elsewhere and moved into place: whoever reads finds the
    old one or the new one, never half of one, and so does whoever comes after a crash.

    Thread safety: all of it may be called by many threads; nothing in it changes but `_closed`.

    Args:
        folder: Where the files stand; it is made when the first one is written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._closed = False
        self._told = False

    def get(self, key: str | bytes) -> EntityRecord | Missing:
        """The record under a key, or `MISSING`."""
        return self._read(self._file(key))[1]

    def set(self, key: str | bytes, record: EntityRecord) -> None:
        """Keep a record under a key."""
        file = self._file(key)
        new = file.with_name(f"{uuid.uuid4().hex}.new")
        content = _line(key) + b"\n" + _CODEC.encode(record)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            new.write_bytes(content)
            os.replace(new, file)  # noqa: PTH105 - the name says what it does
        except OSError as error:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
            raise CacheError(f"the acme cache cannot write into {self._folder}: {error.strerror}") from error

    def remove(self, key: str | bytes) -> bool:
        """Forget the record under a key, and tell whether there was one."""
        return self._drop(self._file(key))

    def keys(self) -> list[str | bytes]:
        """All keys."""
        return [key for key, _ in self._entries()]

    def values(self) -> list[EntityRecord]:
        """All records."""
        return [record for _, record in self._entries()]

    def clear(self, pattern: str | None = None) -> None:
        """Forget everything, or what a pattern is found in."""
        try:
            found = re.compile(pattern or "").search
        except re.error as error:
            raise ValueError(f"the pattern {pattern!r} is no regular expression: {error}") from error
        for key in self.keys():
            if found(key if isinstance(key, str) else key.decode("utf-8", "replace")):
                self.remove(key)

    def close(self) -> None:
        """Let go; there is nothing to let go of."""
        self._closed = True

    def _file(self, key: str | bytes) -> Path:
        if self._closed:
            raise ConnectionClosedError("the acme cache was closed")
        return self._folder / f"{hashlib.sha256(_line(key)).hexdigest()}.entry"

    def _entries(self) -> Iterator[tuple[str | bytes, EntityRecord]]:
        if self._closed:
            raise ConnectionClosedError("the acme cache was closed")
        for file in self._folder.glob("*.entry"):
            key, record = self._read(file)
            if isinstance(record, EntityRecord):
                yield key, record

    def _read(self, file: Path) -> tuple[str | bytes, EntityRecord | Missing]:
        try:
            line, _, data = file.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return "", MISSING
        except OSError as error:
            raise CacheError(f"the acme cache cannot read {file}: {error.strerror}") from error
        record = _CODEC.decode(data)
        if record is MISSING or file.stem != hashlib.sha256(line).hexdigest():
            self._forget_damaged(file)
            return "", MISSING
        return _key(line), record

    def _forget_damaged(self, file: Path) -> None:
        if not self._told:
            self._told = True
            _log.warning("%s is no record that this cache can read, and is removed; later ones go untold.", file)
        self._drop(file)

    def _drop(self, file: Path) -> bool:
        try:
            file.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise CacheError(f"the acme cache cannot remove {file}: {error.strerror}") from error
        return True


def _line(key: str | bytes) -> bytes:
    """A key on one line; text and bytes stay apart."""
    kind, data = ("bytes", key) if isinstance(key, bytes) else ("text", key.encode("utf-8", "surrogatepass"))
    return f"{kind} {data.hex()}".encode("ascii")


def _key(line: bytes) -> str | bytes:
    kind, _, digits = line.partition(b" ")
    data = bytes.fromhex(digits.decode())
    return data if kind == b"bytes" else data.decode("utf-8", "surrogatepass")

"""Caches in a folder, a right one and wrong ones; light, since other processes run this file."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
import time
from pathlib import Path
from typing import Any

from zope.interface import implementer

from ftrack_backends.codecs import MsgpackRecordCodec
from ftrack_core.errors import ConnectionClosedError
from ftrack_core.interfaces import IPersistentCache, ISharedCache
from ftrack_core.values import MISSING, EntityRecord

_LOG = logging.getLogger(__name__)
_CODEC = MsgpackRecordCodec()


@implementer(ISharedCache, IPersistentCache)
class Folder:
    """A file for each key, replaced as a whole."""

    def __init__(self, folder: Any) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.closed = False
        self.told = False

    def path(self, key: Any) -> Path:
        """The file of a key."""
        self.refuse_closed()
        plain = b"t" + key.encode("utf-8", "surrogatepass") if isinstance(key, str) else b"b" + key
        return self.folder / hashlib.sha256(plain).hexdigest()

    def refuse_closed(self) -> None:
        """As every cache does."""
        if self.closed:
            message = "closed"
            raise ConnectionClosedError(message)

    def read(self, path: Path) -> Any:
        """The key and record of a file."""
        try:
            key, record = path.read_bytes().split(b"\n", 1)
        except (OSError, ValueError):
            return None
        found = _CODEC.decode(record)
        if found is MISSING:
            self.damaged(path)
            return None
        plain = bytes.fromhex(key.decode())
        return plain[1:].decode("utf-8", "surrogatepass") if plain[:1] == b"t" else plain[1:], found

    def damaged(self, path: Path) -> None:
        """An entry that cannot be read."""
        if not self.told:
            self.told = True
            _LOG.warning("damaged: %s", path)
        path.unlink(missing_ok=True)

    def get(self, key: Any) -> Any:
        """A record."""
        found = self.read(self.path(key))
        return MISSING if found is None else found[1]

    def set(self, key: Any, record: Any) -> None:
        """Keep."""
        plain = b"t" + key.encode("utf-8", "surrogatepass") if isinstance(key, str) else b"b" + key
        self.write(self.path(key), plain.hex().encode() + b"\n" + _CODEC.encode(record))

    def write(self, path: Path, data: bytes) -> None:
        """Write a file as a whole."""
        part = path.with_name(f"part-{os.getpid()}-{threading.get_ident()}")
        part.write_bytes(data)
        part.replace(path)

    def remove(self, key: Any) -> bool:
        """Forget."""
        try:
            self.path(key).unlink()
        except FileNotFoundError:
            return False
        return True

    def items(self) -> list[Any]:
        """Keys and records."""
        self.refuse_closed()
        read = (self.read(path) for path in self.folder.glob("*") if not path.name.startswith("part-"))
        return [found for found in read if found is not None]

    def keys(self) -> list[Any]:
        """Keys."""
        return [key for key, _ in self.items()]

    def values(self) -> list[Any]:
        """Records."""
        return [record for _, record in self.items()]

    def clear(self, pattern: str | None = None) -> None:
        """Forget."""
        try:
            search = re.compile(pattern or "").search
        except re.error as error:
            message = "pattern"
            raise ValueError(message) from error
        for key in self.keys():
            if search(key if isinstance(key, str) else key.decode("utf-8", "replace")):
                self.remove(key)

    def close(self) -> None:
        """Close."""
        self.closed = True


class NonAtomic(Folder):
    """Writes in place, in two steps."""

    def write(self, path: Path, data: bytes) -> None:
        """Write the start, then the rest."""
        with path.open("wb") as file:
            file.write(data[: len(data) // 2])
            file.flush()
            time.sleep(0.05)
            file.write(data[len(data) // 2 :])

    def damaged(self, path: Path) -> None:
        """Raise, as somebody would who never thought of it."""
        message = f"damaged: {path}"
        raise RuntimeError(message)


class LosesOnClose(Folder):
    """Forgets everything when it is closed."""

    def close(self) -> None:
        """Forget."""
        if not self.closed:
            self.clear()
        self.closed = True


class Private(Folder):
    """Keeps what each process sets to itself."""

    def path(self, key: Any) -> Path:
        """A file of this process."""
        return super().path(key).with_name(f"{os.getpid()}-{super().path(key).name}")


class ServesDamaged(Folder):
    """Gives something for what cannot be read."""

    def get(self, key: Any) -> Any:
        """A record."""
        try:
            return super().get(key)
        except RuntimeError:
            return EntityRecord(None, 0.0, {})  # type: ignore[arg-type]

    def damaged(self, path: Path) -> None:
        """Raise."""
        message = f"damaged: {path}"
        raise RuntimeError(message)


class LogsAlways(Folder):
    """Fills the log."""

    def damaged(self, path: Path) -> None:
        """Tell each time."""
        self.told = False
        super().damaged(path)


class DamageComesBack(Folder):
    """Leaves what cannot be read where it is."""

    def damaged(self, path: Path) -> None:
        """Tell."""

    def keys(self) -> list[Any]:
        """Keys, of unread files too."""
        self.refuse_closed()
        heads = (path.read_bytes().split(b"\n", 1)[0] for path in self.folder.glob("*"))
        return [bytes.fromhex(head.decode())[1:].decode() for head in heads]

"""Caches that are right, and caches that each break one guarantee: run by `test_planted.py`, collected by nobody else."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import time
from pathlib import Path
from typing import Any

import attrs
from zope.interface import implementer

from ftrack_backends.caches import MemoryCache
from ftrack_backends.codecs import MsgpackRecordCodec
from ftrack_core.errors import ConnectionClosedError
from ftrack_core.interfaces import IBatchCache, IExpiringCache, IPersistentCache, ISharedCache
from ftrack_core.testing import FakeClock
from ftrack_core.testing.suites import CacheContract
from ftrack_core.values import MISSING, EntityRecord

_LOG = logging.getLogger(__name__)
_CODEC = MsgpackRecordCodec()


class InMemory(CacheContract):
    """Suite of the caches in memory."""

    capabilities = frozenset({IBatchCache, IExpiringCache})
    kind: Any = MemoryCache

    def make(self, folder: Path, clock: FakeClock) -> Any:
        """The cache."""
        return self.kind(clock=clock)


class TestRightInMemory(InMemory):
    """Nothing is wrong with it."""


class DropsExpiry(MemoryCache):
    """Keeps for ever."""

    def set_expiring(self, key: Any, record: Any, seconds: float) -> None:
        """Keep."""
        self.set(key, record)


class ServesExpired(MemoryCache):
    """Looks at the time in lists only."""

    def _get(self, key: Any) -> Any:
        entry = self._entries.get(key)
        return MISSING if entry is None else entry.record


class ListsExpired(MemoryCache):
    """Looks at the time in `get` only."""

    def _drop_expired(self) -> None:
        """Nothing."""


class ExpiryStays(MemoryCache):
    """A plain set leaves the time of an older one."""

    def _put(self, key: Any, entry: Any) -> None:
        known = self._entries.get(key)
        if known is not None and entry.expires_at is None:
            entry = attrs.evolve(entry, expires_at=known.expires_at)
        super()._put(key, entry)


class Aliases(MemoryCache):
    """Writes what comes later into the record that it handed out."""

    def set(self, key: Any, record: Any) -> None:
        """Keep."""
        known = self._entries.get(key)
        if known is None:
            super().set(key, record)
        else:
            known.record.values.clear()
            known.record.values.update(record.values)


class Coerces(MemoryCache):
    """Lets JSON make of values what it will."""

    def get(self, key: Any) -> Any:
        """A record."""
        found = super().get(key)
        if found is MISSING:
            return found
        return EntityRecord(found.identity, found.fetched_at, json.loads(json.dumps(found.values)))


class NoneForMissing(MemoryCache):
    """Gives None for what is not there."""

    def get(self, key: Any) -> Any:
        """A record."""
        found = super().get(key)
        return None if found is MISSING else found


class KeysAlike(MemoryCache):
    """Takes text and bytes for the same key."""

    def get(self, key: Any) -> Any:
        """A record."""
        return super().get(key.decode("latin-1") if isinstance(key, bytes) else key)

    def set(self, key: Any, record: Any) -> None:
        """Keep."""
        super().set(key.decode("latin-1") if isinstance(key, bytes) else key, record)


class FirstWins(MemoryCache):
    """Keeps what stands there."""

    def set(self, key: Any, record: Any) -> None:
        """Keep."""
        if key not in self._entries:
            super().set(key, record)


class RemovesNothing(MemoryCache):
    """Says that it removed."""

    def remove(self, key: Any) -> bool:
        """Nothing."""
        return key in self._entries


class AlwaysRemoved(MemoryCache):
    """Says that there was something."""

    def remove(self, key: Any) -> bool:
        """Forget."""
        super().remove(key)
        return True


class ClearsFromTheStart(MemoryCache):
    """Looks for a pattern at the start of keys only."""

    def clear(self, pattern: str | None = None) -> None:
        """Forget."""
        super().clear(None if pattern is None else f"^(?:{pattern})")


class ClearsAll(MemoryCache):
    """Looks at no pattern."""

    def clear(self, pattern: str | None = None) -> None:
        """Forget."""
        re.compile(pattern or "")
        super().clear()


class ForeignError(MemoryCache):
    """Lets the error of a wrong pattern out as it is."""

    def clear(self, pattern: str | None = None) -> None:
        """Forget."""
        re.compile(pattern or "")
        super().clear(pattern)


class LiveKeys(MemoryCache):
    """Gives its own list away."""

    def keys(self) -> Any:
        """Keys."""
        self._refuse_closed()
        return self._entries.keys()


class StaysOpen(MemoryCache):
    """Cannot be closed."""

    def close(self) -> None:
        """Nothing."""


class HalfBatch(MemoryCache):
    """Forgets the last of a batch."""

    def set_many(self, records: Any) -> None:
        """Keep."""
        super().set_many(dict(list(records.items())[: max(1, len(records) - 1)]))


class BatchWithHoles(MemoryCache):
    """Gives `MISSING` for what is not there, in a mapping."""

    def get_many(self, keys: Any) -> Any:
        """Records."""
        return {key: self.get(key) for key in keys}


class CountsTwice(MemoryCache):
    """Counts keys instead of records."""

    def remove_many(self, keys: Any) -> int:
        """Forget."""
        listed = list(keys)
        super().remove_many(listed)
        return len(listed)


class Torn(MemoryCache):
    """Fills a record while others can see it."""

    def set(self, key: Any, record: Any) -> None:
        """Keep."""
        seen = EntityRecord(record.identity, record.fetched_at, {"one": 0})
        super().set(key, seen)
        for name, value in record.values.items():
            time.sleep(0.0001)
            seen.values[name] = value  # type: ignore[index]
        super().set(key, record)


@implementer(ISharedCache, IPersistentCache)
class Folder:
    """A file for each key, replaced as a whole."""

    def __init__(self, folder: Any) -> None:
        self.folder = Path(folder)
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
        import os
        import threading

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


class InFolder(CacheContract):
    """Suite of the caches in a folder."""

    capabilities = frozenset({ISharedCache, IPersistentCache, "stored entries", "processes"})
    kind: Any = Folder

    def make(self, folder: Path, clock: FakeClock) -> Any:
        """The cache."""
        kept = folder / "kept"
        kept.mkdir(exist_ok=True)
        return self.kind(kept)

    def spoil(self, cache: Any, folder: Path, key: str) -> None:
        """Cut a file off."""
        path = cache.path(key)
        path.write_bytes(path.read_bytes()[:-3])

    def expression(self, folder: Path) -> str:
        """As it is made here."""
        return f"__import__('runpy').run_path({__file__!r})[{self.kind.__name__!r}]({str(folder / 'kept')!r})"


class TestRightInFolder(InFolder):
    """Nothing is wrong with it."""


class NonAtomic(Folder):
    """Writes in place, in two steps."""

    def write(self, path: Path, data: bytes) -> None:
        """Write the start, then the rest."""
        with path.open("wb") as file:
            file.write(data[: len(data) // 2])
            file.flush()
            print("written", flush=True)  # noqa: T201 - where the suite may kill
            time.sleep(0.01)
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
        import os

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


for _kind in [
    DropsExpiry, ServesExpired, ListsExpired, ExpiryStays, Aliases, Coerces, NoneForMissing, KeysAlike, FirstWins,
    RemovesNothing, AlwaysRemoved, ClearsFromTheStart, ClearsAll, ForeignError, LiveKeys, StaysOpen, HalfBatch,
    BatchWithHoles, CountsTwice, Torn,
]:  # fmt: skip
    globals()[f"Test{_kind.__name__}"] = type(f"Test{_kind.__name__}", (InMemory,), {"kind": _kind})
for _kind in [NonAtomic, LosesOnClose, Private, ServesDamaged, LogsAlways, DamageComesBack]:
    globals()[f"Test{_kind.__name__}"] = type(f"Test{_kind.__name__}", (InFolder,), {"kind": _kind})

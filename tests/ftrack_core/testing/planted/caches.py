"""Caches, right ones and some that break a guarantee each: run by `test_planted.py`, collected by nobody else."""

from __future__ import annotations

import json
import re
import runpy
import time
from pathlib import Path
from typing import Any

import attrs
from zope.interface import implementer

from ftrack_backends.caches import MemoryCache
from ftrack_core.errors import ConnectionClosedError
from ftrack_core.interfaces import IBatchCache, IDiagnosed, IExpiringCache, IPersistentCache, ISharedCache
from ftrack_core.testing import FakeClock
from ftrack_core.testing.suites import CacheContract
from ftrack_core.values import MISSING, EntityRecord, Finding

_FOLDERS = str(Path(__file__).with_name("folders.py"))
_IN_FOLDERS = runpy.run_path(_FOLDERS)


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
            values: Any = known.record.values
            values.clear()
            values.update(record.values)


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


class InFolder(CacheContract):
    """Suite of the caches in a folder."""

    capabilities = frozenset({ISharedCache, IPersistentCache, "stored entries"})
    kind: Any = _IN_FOLDERS["Folder"]

    def make(self, folder: Path, clock: FakeClock) -> Any:
        """The cache."""
        return self.kind(folder / "kept")

    def spoil(self, cache: Any, folder: Path, key: str) -> None:
        """Cut a file off."""
        path = cache.path(key)
        path.write_bytes(path.read_bytes()[:-3])

    def expression(self, folder: Path) -> str:
        """As it is made here."""
        return f"__import__('runpy').run_path({_FOLDERS!r})[{self.kind.__name__!r}]({str(folder / 'kept')!r})"


class AmongProcesses(InFolder):
    """Suite of those that other processes open too."""

    capabilities = InFolder.capabilities | {"processes"}


class TestRightInFolder(AmongProcesses):
    """Nothing is wrong with it."""


@implementer(IDiagnosed)
class Diagnosed(MemoryCache):
    """Says how it is."""

    def diagnose(self, timeout_seconds: float) -> Any:
        """That it is well."""
        yield Finding("memory", "ok", "it is there")


@implementer(IDiagnosed)
class RefusesDiagnosis(MemoryCache):
    """Raises when it is asked how it is after it was closed."""

    def diagnose(self, timeout_seconds: float) -> Any:
        """A look at what it holds."""
        if self._closed:
            raise ConnectionClosedError("it is closed")
        yield Finding("memory", "ok", "it is there")


@implementer(IDiagnosed)
class ForgetsWhenAsked(MemoryCache):
    """Tries whether it can be cleared."""

    def diagnose(self, timeout_seconds: float) -> Any:
        """A look that is more than one."""
        self.clear("Task")
        yield Finding("memory", "ok", "it can be cleared")


class AndDiagnosed(InMemory):
    """Suite of those that say how they are."""

    capabilities = InMemory.capabilities | {IDiagnosed}


class TestRightDiagnosed(AndDiagnosed):
    """Nothing is wrong with it."""

    kind = Diagnosed


for _wrong in (RefusesDiagnosis, ForgetsWhenAsked):
    globals()[f"Test{_wrong.__name__}"] = type(f"Test{_wrong.__name__}", (AndDiagnosed,), {"kind": _wrong})
for _kind in [
    DropsExpiry, ServesExpired, ListsExpired, ExpiryStays, Aliases, Coerces, NoneForMissing, KeysAlike, FirstWins,
    RemovesNothing, AlwaysRemoved, ClearsFromTheStart, ClearsAll, ForeignError, LiveKeys, StaysOpen, HalfBatch,
    BatchWithHoles, CountsTwice, Torn,
]:  # fmt: skip
    globals()[f"Test{_kind.__name__}"] = type(f"Test{_kind.__name__}", (InMemory,), {"kind": _kind})
for _name in ["LosesOnClose", "ServesDamaged", "LogsAlways", "DamageComesBack"]:
    globals()[f"Test{_name}"] = type(f"Test{_name}", (InFolder,), {"kind": _IN_FOLDERS[_name]})
for _name in ["NonAtomic", "Private"]:
    globals()[f"Test{_name}"] = type(f"Test{_name}", (AmongProcesses,), {"kind": _IN_FOLDERS[_name]})

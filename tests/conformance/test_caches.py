"""The shipped caches keep their contract."""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

from ftrack_backends.caches import (
    DiskOptions,
    LayeredOptions,
    MemoryCache,
    MemoryOptions,
    ProxyCache,
    SerialisedOptions,
    SqliteOptions,
    disk,
    layered,
    memory,
    serialised,
    sqlite,
)
from ftrack_core.interfaces import IBatchCache, IDiagnosed, IExpiringCache, IPersistentCache, ISharedCache
from ftrack_core.testing import FakeBackendContext, FakeClock
from ftrack_core.testing.suites import CacheContract


class TestMemoryCache(CacheContract):
    """The `memory` cache."""

    capabilities = frozenset({IBatchCache, IExpiringCache})

    def make(self, folder: Path, clock: FakeClock) -> Any:
        """A cache with room."""
        return memory.create(MemoryOptions(), FakeBackendContext(clock=clock))


class TestLayeredCacheOfTwo(CacheContract):
    """The `layered` cache over two others."""

    capabilities = frozenset({IBatchCache})

    def make(self, folder: Path, clock: FakeClock) -> Any:
        """A small layer over a large one."""
        context = FakeBackendContext(clock=clock)
        layers = [memory.create(MemoryOptions(max_records=size), context) for size in (2, 1000)]
        return layered.create(LayeredOptions(layers=layers), context)


class TestLayeredCacheOfOne(CacheContract):
    """The `layered` cache over one other."""

    capabilities = frozenset({IBatchCache})

    def make(self, folder: Path, clock: FakeClock) -> Any:
        """One layer."""
        context = FakeBackendContext(clock=clock)
        return layered.create(LayeredOptions(layers=[memory.create(MemoryOptions(), context)]), context)


class TestLayeredCacheWithABrokenLayer(CacheContract):
    """The `layered` cache whose first layer always raises: it works all the same."""

    capabilities = frozenset({IBatchCache})

    def make(self, folder: Path, clock: FakeClock) -> Any:
        """A closed layer over a good one."""
        context = FakeBackendContext(clock=clock)
        broken, good = (memory.create(MemoryOptions(), context) for _ in range(2))
        broken.close()
        return layered.create(LayeredOptions(layers=[broken, good]), context)


class TestSerialisedCacheAsMsgpack(CacheContract):
    """The `serialised` cache as it is made without options."""

    capabilities = frozenset({IBatchCache, IExpiringCache, "stored entries"})

    def make(self, folder: Path, clock: FakeClock) -> Any:
        """Bytes in memory."""
        return serialised.create(SerialisedOptions(), FakeBackendContext(clock=clock))

    def spoil(self, cache: Any, folder: Path, key: str) -> None:
        """Cut the entry off."""
        cache.cache.set(key, cache.cache.get(key)[:-1])


class TestSerialisedCacheAsJson(CacheContract):
    """The `serialised` cache with JSON in a mapping of somebody's own."""

    capabilities = frozenset({"stored entries"})

    def make(self, folder: Path, clock: FakeClock) -> Any:
        """Bytes in a dict."""
        return serialised.create(SerialisedOptions(codec="json", store={}), FakeBackendContext())

    def spoil(self, cache: Any, folder: Path, key: str) -> None:
        """Put something in its place that is not even bytes."""
        cache.cache.set(key, "no bytes")


class TestProxyCache(CacheContract):
    """A proxy has the powers of what it stands before."""

    capabilities = frozenset({IBatchCache, IExpiringCache})

    def make(self, folder: Path, clock: FakeClock) -> Any:
        """A proxy before memory."""
        return ProxyCache(MemoryCache(clock=clock))


class Stepwise(ProxyCache):
    """Goes through single steps of its own."""

    def get(self, key: str | bytes) -> Any:
        """One record."""
        return super().get(key)

    def set(self, key: str | bytes, record: Any) -> None:
        """One record."""
        super().set(key, record)

    def remove(self, key: str | bytes) -> bool:
        """One record."""
        return super().remove(key)


class TestProxyCacheWithOverrides(CacheContract):
    """A proxy whose batches go through overridden steps."""

    capabilities = frozenset({IBatchCache})

    def make(self, folder: Path, clock: FakeClock) -> Any:
        """A proxy of its own."""
        return Stepwise(MemoryCache(clock=clock))


class TestSqliteCache(CacheContract):
    """The `sqlite` cache."""

    capabilities = frozenset(
        {IBatchCache, IExpiringCache, ISharedCache, IPersistentCache, IDiagnosed, "stored entries", "processes"}
    )

    def make(self, folder: Path, clock: FakeClock) -> Any:
        """A cache in a file of the folder."""
        return sqlite.create(SqliteOptions(path=str(folder / "records.sqlite")), FakeBackendContext(clock=clock))

    def spoil(self, cache: Any, folder: Path, key: str) -> None:
        """Turn a byte of the entry over."""
        with contextlib.closing(sqlite3.connect(folder / "records.sqlite")) as connection, connection:
            (data,) = connection.execute("SELECT data FROM record WHERE key = ?", (key,)).fetchone()
            spoilt = data[:-1] + bytes([data[-1] ^ 1])
            connection.execute("UPDATE record SET data = ? WHERE key = ?", (spoilt, key))

    def expression(self, folder: Path) -> str:
        """The same in another process."""
        imports = "__import__('ftrack_backends.caches').caches"
        context = "__import__('ftrack_core.testing').testing.FakeBackendContext()"
        path = str(folder / "records.sqlite")
        return f"{imports}.sqlite.create({imports}.SqliteOptions(path={path!r}), {context})"


class TestDiskCache(CacheContract):
    """The `disk` cache."""

    capabilities = frozenset(
        {IBatchCache, IExpiringCache, ISharedCache, IPersistentCache, IDiagnosed, "stored entries", "processes"}
    )
    more: ClassVar[dict[str, Any]] = {}

    def make(self, folder: Path, clock: FakeClock) -> Any:
        """A folder in the folder."""
        return disk.create(DiskOptions(path=str(folder / "kept"), **self.more), FakeBackendContext(clock=clock))

    def spoil(self, cache: Any, folder: Path, key: str) -> None:
        """Cut the entry off, in the table."""
        for file in folder.glob("kept/v1/*/0/cache.db"):
            with closing(sqlite3.connect(file, isolation_level=None)) as connection:
                connection.execute(
                    "UPDATE Cache SET value = substr(value, 1, 20) WHERE key = ?", (b"t" + key.encode(),)
                )

    def expression(self, folder: Path) -> str:
        """As it is made here, with the clock of the machine."""
        return f"__import__('ftrack_backends.caches').caches.DiskCache({str(folder / 'kept')!r}, **{self.more!r})"


class TestDiskCacheInShards(TestDiskCache):
    """The `disk` cache with several databases, in which reads are written down."""

    more: ClassVar[dict[str, Any]] = {"shards": 3, "eviction_policy": "least-recently-used"}

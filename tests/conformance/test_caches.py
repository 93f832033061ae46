"""The shipped caches keep their contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ftrack_backends.caches import LayeredOptions, MemoryOptions, layered, memory
from ftrack_core.interfaces import IBatchCache, IExpiringCache
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

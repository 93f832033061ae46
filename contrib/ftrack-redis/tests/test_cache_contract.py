"""The `redis` cache keeps the contract of caches, on a real server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ftrack_redis import RedisCacheOptions, cache

from ftrack_core.interfaces import IBatchCache, IDiagnosed, IExpiringCache, IPersistentCache, ISharedCache
from ftrack_core.testing import FakeBackendContext, FakeClock
from ftrack_core.testing.suites import CacheContract

_EXPRESSION = """
__import__("ftrack_redis").cache.create(
    __import__("ftrack_redis").RedisCacheOptions(url={url!r}, timeout_seconds=30.0),
    __import__("ftrack_core.testing").testing.FakeBackendContext(scope={scope!r}),
)
"""


class TestRedisCache(CacheContract):
    """The suite, with everything that it has tests for."""

    capabilities = frozenset(
        {IBatchCache, IExpiringCache, ISharedCache, IPersistentCache, IDiagnosed, "stored entries", "processes"}
    )

    @pytest.fixture(autouse=True)
    def _server(self, shared_server: Any) -> None:
        self.server = shared_server

    def make(self, folder: Path, clock: FakeClock) -> Any:
        """A cache, patient enough for a machine with much else to do."""
        options = RedisCacheOptions(url=self.server.url, timeout_seconds=30.0)
        return cache.create(options, FakeBackendContext(scope=str(folder), clock=clock))

    def spoil(self, cache: Any, folder: Path, key: str) -> None:
        """Write over an entry as another program would."""
        with self.server.client() as client:
            names = list(client.scan_iter(match=b"ftrack:records:*:s" + key.encode()))
            assert names
            for name in names:
                client.set(name, b"\x80\x04\x95not ours")

    def expression(self, folder: Path) -> str:
        """The same cache in another process."""
        return _EXPRESSION.format(url=self.server.url, scope=str(folder)).strip().replace("\n", "")

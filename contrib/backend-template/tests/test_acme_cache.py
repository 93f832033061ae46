"""The `acme` cache keeps the contract of caches, and is found by its name."""

from __future__ import annotations

from pathlib import Path

from ftrack_acme import AcmeOptions, acme
from ftrack_acme._cache import AcmeCache

from ftrack_core import Session
from ftrack_core.interfaces import IPersistentCache, ISharedCache
from ftrack_core.testing import FakeBackendContext, FakeClock
from ftrack_core.testing.suites import CacheContract


class TestAcmeCache(CacheContract):
    """Every clause of `ICache`, and of the powers that the cache says it has.

    Begin with `capabilities = frozenset()`; each name that you add brings the tests of that power.
    """

    capabilities = frozenset({"stored entries", "processes", ISharedCache, IPersistentCache})

    def make(self, folder: Path, clock: FakeClock) -> AcmeCache:
        """A cache of a folder, made as a session makes it."""
        cache = acme.create(AcmeOptions(folder=str(folder)), FakeBackendContext(clock=clock))
        assert isinstance(cache, AcmeCache)
        return cache

    def spoil(self, cache: AcmeCache, folder: Path, key: str) -> None:
        """For "stored entries": damage the file of a key."""
        file = cache._file(key)
        file.write_bytes(file.read_bytes()[:-7])

    def expression(self, folder: Path) -> str:
        """For "processes": how another process makes the cache of a folder."""
        return f"__import__('ftrack_acme._cache')._cache.AcmeCache(__import__('pathlib').Path({str(folder)!r}))"


def test_a_session_finds_it_by_its_name(tmp_path: Path) -> None:
    """A backend that nobody can name is none: this needs the package to be installed."""
    cache = {"backend": "acme", "folder": str(tmp_path / "kept")}
    policy = {"freshness": {"Project": "1d"}}
    with Session("embedded:", cache=cache, config={**policy, "transport": {"seed": "demo"}}) as session:
        assert session.query("Project").one()["name"]
    assert list((tmp_path / "kept").glob("*.entry"))

"""`ProxyCache`: the base for a cache of one's own."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest

from ftrack_backends.caches import LayeredCache, MemoryCache, ProxyCache, SerialisedCache, SqliteCache
from ftrack_core.errors import WrongBackendError
from ftrack_core.interfaces import IBatchCache, ICache, IDiagnosed, IExpiringCache
from ftrack_core.testing import FakeClock, record
from ftrack_core.values import MISSING


class WithoutNotes(ProxyCache):
    """Keeps no notes."""

    def set(self, key: str | bytes, record: Any) -> None:
        """Everything else."""
        if record.identity.entity_type != "Note":
            super().set(key, record)


@attrs.define(eq=False, slots=False)
class Counting(ProxyCache):
    """Counts what it is asked, and never has the key `secret`."""

    asked: int = 0

    def get(self, key: str | bytes) -> Any:
        """Count."""
        self.asked += 1
        return MISSING if key == "secret" else super().get(key)


def test_an_override_of_a_step_holds_for_batches() -> None:
    """A session writes pages in one call, and would write past the rule that a studio made."""
    cache = WithoutNotes(MemoryCache())
    cache.set_many({"n": record("n", entity_type="Note"), "s": record("s")})
    assert cache.keys() == ["s"]


def test_an_override_of_set_is_not_passed_by_with_an_expiry() -> None:
    """What must not be kept would be kept for a time."""
    assert IExpiringCache.providedBy(ProxyCache(MemoryCache()))
    assert not IExpiringCache.providedBy(WithoutNotes(MemoryCache()))


def test_an_override_of_get_holds_for_batches_and_values() -> None:
    """A page would show what a single get hides."""
    cache = Counting(MemoryCache())
    cache.set_many({"secret": record("x"), "a": record("a")})
    assert dict(cache.get_many(["secret", "a"])) == {"a": record("a")}
    assert cache.values() == [record("a")]
    assert cache.asked == 4


def test_its_powers_are_those_of_the_cache_behind_it() -> None:
    """A wrapper would promise an expiry that nobody keeps."""
    plain = ProxyCache(SerialisedCache({}))
    assert not IBatchCache.providedBy(plain)
    layered = ProxyCache(LayeredCache([]))
    assert IBatchCache.providedBy(layered)
    assert not IExpiringCache.providedBy(layered)
    assert not IDiagnosed.providedBy(layered)
    assert ICache.implementedBy(WithoutNotes)


def test_a_proxy_says_how_the_cache_behind_it_is(tmp_path: Path) -> None:
    """`ftrack doctor` would say nothing of a file on a full disk, since a studio's own class stands before it."""
    with closing(ProxyCache(SqliteCache(path=tmp_path / "it.sqlite", clock=FakeClock()))) as cache:
        assert IDiagnosed.providedBy(cache)
        assert [finding.check for finding in cache.diagnose(timeout_seconds=1.0)] == ["folder"]


def test_batches_of_a_cache_without_them_are_steps() -> None:
    """A proxy of a proxy would raise where a batch is asked of it."""
    cache = ProxyCache(SerialisedCache({}))
    cache.set_many({"a": record("a"), "b": record("b")})
    assert set(cache.get_many(["a", "x"])) == {"a"}
    assert cache.remove_many(["a", "x"]) == 1


def test_what_is_no_cache_is_refused() -> None:
    """A wrong argument would show at the first page."""
    with pytest.raises(WrongBackendError, match="dict"):
        ProxyCache({})


def test_closing_it_closes_what_is_behind_it() -> None:
    """A file would stay open."""
    clock = FakeClock()
    inner = MemoryCache(clock=clock)
    ProxyCache(inner).close()
    with pytest.raises(Exception, match="closed"):
        inner.keys()

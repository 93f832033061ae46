"""The `memory` cache, beyond its contract."""

from __future__ import annotations

import pytest

from ftrack_backends.caches import MemoryOptions
from ftrack_backends.caches._memory import MemoryCache
from ftrack_core.testing import FakeClock, record
from ftrack_core.values import MISSING


def test_beyond_its_size_what_was_used_least_recently_goes() -> None:
    """A session that runs for months would grow without end, or forget what it uses most."""
    cache = MemoryCache(max_records=2)
    cache.set("a", record("a"))
    cache.set("b", record("b"))
    cache.get("a")
    cache.set("c", record("c"))
    assert cache.get("b") is MISSING
    assert cache.keys() == ["a", "c"]


def test_setting_counts_as_use() -> None:
    """A record that was just written would be the first to go."""
    cache = MemoryCache(max_records=2)
    for key in ("a", "b", "a", "c"):
        cache.set(key, record(key))
    assert cache.keys() == ["a", "c"]


def test_a_batch_keeps_to_the_size() -> None:
    """One large page would take all memory."""
    cache = MemoryCache(max_records=3)
    cache.set_many({str(n): record(str(n)) for n in range(10)})
    assert cache.keys() == ["7", "8", "9"]


def test_it_needs_no_clock_of_an_assembly() -> None:
    """A person who hands in a cache would have to build an assembly first."""
    cache = MemoryCache()
    cache.set_expiring("a", record("a"), 60)
    assert cache.get("a") == record("a")


def test_an_expired_record_makes_no_noise_when_it_is_removed() -> None:
    """`remove` would say that there was one."""
    clock = FakeClock()
    cache = MemoryCache(clock=clock)
    cache.set_expiring("a", record("a"), 1)
    clock.advance(2)
    assert cache.remove_many(["a"]) == 0


@pytest.mark.parametrize("size", [0, -1])
def test_a_size_of_nothing_is_refused(size: int) -> None:
    """A cache that keeps nothing would look like one that works."""
    with pytest.raises(ValueError, match="max_records"):
        MemoryOptions(max_records=size)

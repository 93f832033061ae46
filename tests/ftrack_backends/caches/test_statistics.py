"""What caches tell of themselves."""

from __future__ import annotations

from ftrack_backends.caches import CacheStatistics, LayeredCache, LayerStatistics, MemoryCache
from ftrack_core.testing import FakeClock, record


def test_memory_counts_what_it_did() -> None:
    """Nobody could tell whether a cache is worth its memory, or too small."""
    clock = FakeClock()
    cache = MemoryCache(max_records=2, clock=clock)
    cache.set_many({"a": record("a"), "b": record("b"), "c": record("c")})
    cache.get_many(["a", "b", "c"])
    cache.remove("b")
    cache.set_expiring("d", record("d"), 5)
    clock.advance(6)
    cache.get("d")
    told = cache.statistics()
    assert told == CacheStatistics(
        hits=2, misses=2, written=4, removed=1, evicted=1, expired=1, records=1, max_records=2
    )
    cache.clear()
    assert cache.statistics().records == 0
    assert cache.statistics().removed == 2


def test_layers_count_each_for_itself() -> None:
    """Nobody could tell which layer serves, or that one has been broken for a week."""
    fast, slow, broken = MemoryCache(), MemoryCache(), MemoryCache()
    slow.set("a", record("a"))
    broken.close()
    cache = LayeredCache([fast, broken, slow])
    cache.get("a")
    cache.get_many(["a", "b"])
    first, second, third = cache.statistics()
    assert first == LayerStatistics(layer="MemoryCache", hits=1, misses=2)
    assert (second.hits, second.failures > 0, second.doubtful) == (0, True, 1)
    assert (third.hits, third.misses) == (1, 1)


def test_removing_many_is_one_call_to_each_layer_and_counts_as_no_look_up() -> None:
    """A thousand deleted entities would take a thousand transactions."""
    calls: list[str] = []

    class Noting(MemoryCache):
        def remove(self, key: str | bytes) -> bool:
            calls.append("remove")
            return super().remove(key)

        def remove_many(self, keys: object) -> int:
            calls.append("remove_many")
            return super().remove_many(keys)  # type: ignore[arg-type]

    cache = LayeredCache([Noting(), Noting()])
    cache.set_many({str(n): record(str(n)) for n in range(100)})
    assert cache.remove_many(str(n) for n in range(150)) == 100
    assert calls == ["remove_many"] * 2
    assert cache.statistics()[0].hits == 0

"""What caches tell of themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.caches import (
    CacheStatistics,
    DiskCache,
    LayeredCache,
    LayerStatistics,
    MemoryCache,
    SqliteCache,
    StoreStatistics,
)
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
    layers: list[Any] = [fast, broken, slow]
    cache = LayeredCache(layers)
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

    layers: list[Any] = [Noting(), Noting()]
    cache = LayeredCache(layers)
    cache.set_many({str(n): record(str(n)) for n in range(100)})
    assert cache.remove_many(str(n) for n in range(150)) == 100
    assert calls == ["remove_many"] * 2
    assert cache.statistics()[0].hits == 0


def _sqlite(folder: Path) -> Any:
    return SqliteCache(path=folder / "it" / "records.sqlite", clock=FakeClock(), max_bytes=4 * 1024 * 1024)


def _disk(folder: Path) -> Any:
    return DiskCache(folder / "it", megabytes=4, shards=2)


STORED = pytest.mark.parametrize("make", [_sqlite, _disk])


@STORED
def test_what_is_on_a_disk_is_counted_whoever_put_it_there(make: Callable[[Path], Any], tmp_path: Path) -> None:
    """`ftrack cache stats` is a process of its own: it would always say that the cache is empty."""
    with_records, cache = make(tmp_path), make(tmp_path)
    empty = cache.statistics()
    with_records.set_many({each: record(each, text=each * 50_000) for each in ("a", "b", "c")})
    cache.get("a")
    cache.get("gone")
    cache.get_many(["b", "b", "gone"])
    told = cache.statistics()
    assert told == StoreStatistics(hits=2, misses=2, records=3, bytes=told.bytes, max_bytes=4 * 1024 * 1024)
    assert told.bytes > empty.bytes
    assert empty.records == 0
    cache.clear()
    assert cache.statistics().records == 0
    with_records.close()
    cache.close()


@STORED
def test_a_cache_that_cannot_be_read_or_is_closed_still_tells(make: Callable[[Path], Any], tmp_path: Path) -> None:
    """The command that is to find out what is wrong would end with an error."""
    (tmp_path / "it").write_text("in the way")
    cache = make(tmp_path)
    assert cache.statistics() == StoreStatistics(max_bytes=4 * 1024 * 1024)
    (found,) = cache.diagnose(1.0)
    assert found.state == "failed"
    cache.close()
    assert cache.statistics().records == 0


@STORED
def test_a_diagnosis_tells_what_lies_there_and_makes_nothing(make: Callable[[Path], Any], tmp_path: Path) -> None:
    """A doctor would leave empty caches behind wherever it looks."""
    cache = make(tmp_path)
    (before,) = cache.diagnose(1.0)
    assert list(tmp_path.iterdir()) == []
    cache.set("a", record("a"))
    (after,) = cache.diagnose(1.0)
    cache.close()
    assert (before.facts["exists"], after.facts["exists"]) == (False, True)
    on_disk = [each for each in (tmp_path / "it").rglob("*") if each.is_file()]
    assert after.facts["files"] >= len(on_disk) > 0
    assert after.facts["bytes"] > 0

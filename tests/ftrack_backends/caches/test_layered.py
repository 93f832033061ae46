"""The `layered` cache, beyond its contract: who is asked, who is written, and what a broken layer does."""

from __future__ import annotations

import functools
import logging
from typing import Any

import attrs
import pytest
from zope.interface import implementer

from ftrack_backends.caches._layered import LayeredCache
from ftrack_backends.caches._memory import MemoryCache
from ftrack_core.errors import CacheError, WrongBackendError
from ftrack_core.interfaces import IBatchCache, ICache, IExpiringCache
from ftrack_core.testing import record
from ftrack_core.values import MISSING


@implementer(ICache)
@attrs.define(eq=False)
class Fragile:
    """A cache that raises while `broken`, notes what it was asked, and has no batches."""

    broken: bool = False
    calls: list[str] = attrs.field(factory=list)
    kept: MemoryCache = attrs.field(factory=MemoryCache)

    def __getattr__(self, name: str) -> Any:
        return functools.partial(self._ask, name)

    def _ask(self, name: str, *arguments: Any) -> Any:
        self.calls.append(name)
        if self.broken:
            message = "the disk is gone"
            raise CacheError(message)
        return getattr(self.kept, name)(*arguments)


def test_what_a_slow_layer_knows_is_kept_in_the_faster_ones() -> None:
    """Every get would go to the disk."""
    fast, middle, slow = MemoryCache(), MemoryCache(), MemoryCache()
    slow.set("a", record("a"))
    assert LayeredCache([fast, middle, slow]).get("a") == record("a")
    assert fast.get("a") == middle.get("a") == record("a")


def test_the_fastest_layer_that_knows_is_believed() -> None:
    """A stale record of a slow layer would win."""
    fast, slow = MemoryCache(), MemoryCache()
    fast.set("a", record("a", name="new"))
    slow.set("a", record("a", name="old"))
    cache = LayeredCache([fast, slow])
    assert cache.get("a") == record("a", name="new")
    assert cache.values() == [record("a", name="new")]


def test_changes_go_to_every_layer() -> None:
    """What was removed would come back from below."""
    layers = [MemoryCache(), MemoryCache()]
    cache = LayeredCache(layers)
    cache.set("a", record("a"))
    assert [layer.get("a") for layer in layers] == [record("a")] * 2
    layers[0].remove("a")
    assert cache.remove("a") is True
    assert [layer.get("a") for layer in layers] == [MISSING] * 2


def test_keys_are_those_of_all_layers_each_once() -> None:
    """A look through the cache would miss what lies below, or show it twice."""
    fast, slow = MemoryCache(), MemoryCache()
    LayeredCache([fast, slow]).set("both", record("b"))
    slow.set("below", record("x"))
    assert sorted(map(str, LayeredCache([fast, slow]).keys())) == ["below", "both"]


def test_a_batch_asks_each_layer_once_and_one_without_batches_key_by_key() -> None:
    """A page of five hundred would take five hundred transactions."""
    plain = Fragile()
    plain.kept.set_many({key: record(key) for key in "abc"})
    top = MemoryCache()
    top.set("a", record("a"))
    found = LayeredCache([top, plain]).get_many(["c", "a", "x", "b"])
    assert list(found) == ["c", "a", "b"]
    assert plain.calls == ["get"] * 3


def test_a_broken_layer_is_logged_once_and_skipped(caplog: pytest.LogCaptureFixture) -> None:
    """A full disk would end every session, or fill the log."""
    broken, good = Fragile(broken=True), MemoryCache()
    cache = LayeredCache([broken, good])
    with caplog.at_level(logging.WARNING):
        for key in "abc":
            cache.set(key, record(key))
            assert cache.get(key) == record(key)
        assert cache.remove("a") is True
        assert sorted(map(str, cache.keys())) == ["b", "c"]
        assert len(cache.values()) == 2
        cache.clear()
    assert good.keys() == []
    assert len(caplog.records) == 1
    assert "Fragile" in caplog.text
    assert "the disk is gone" in caplog.text


@pytest.mark.parametrize("change", ["set", "remove"])
def test_a_layer_that_missed_a_change_does_not_serve_what_it_held_before(change: str) -> None:
    """A removed or changed entity would come back as soon as the layer works again."""
    flaky = Fragile()
    cache = LayeredCache([MemoryCache(max_records=1), flaky])
    cache.set("a", record("a", name="old"))
    flaky.broken = True
    cache.set("a", record("a", name="new")) if change == "set" else cache.remove("a")
    flaky.broken = False
    cache.set("b", record("b"))  # pushes "a" out of the first layer
    assert cache.get("a") is MISSING
    assert "a" not in cache.keys()  # noqa: SIM118 - a cache is no mapping
    cache.set("a", record("a", name="newer"))
    cache.set("b", record("b"))
    assert cache.get("a") == record("a", name="newer")


def test_a_layer_that_could_not_be_cleared_is_set_aside_until_it_is() -> None:
    """Everything that was to be forgotten would come back."""
    flaky = Fragile()
    cache = LayeredCache([flaky])
    cache.set("a", record("a"))
    flaky.broken = True
    cache.clear("a")
    flaky.broken = False
    assert cache.get("a") is MISSING
    assert cache.keys() == []
    cache.clear()
    cache.set("a", record("a"))
    assert cache.get("a") == record("a")


def test_a_pattern_that_is_none_touches_no_layer() -> None:
    """The first layer would be cleared and the second not."""
    layer = Fragile()
    with pytest.raises(ValueError, match="regular expression"):
        LayeredCache([layer]).clear("(")
    assert layer.calls == []


def test_closing_leaves_the_layers_to_whoever_made_them() -> None:
    """Two sessions that share a layer would close it for each other."""
    layer = MemoryCache()
    LayeredCache([layer]).close()
    layer.set("a", record("a"))
    assert layer.get("a") == record("a")


def test_it_offers_no_expiry_even_over_layers_that_do() -> None:
    """A record that was copied up would stay for ever."""
    cache = LayeredCache([MemoryCache()])
    assert IBatchCache.providedBy(cache)
    assert not IExpiringCache.providedBy(cache)


def test_no_layers_are_a_cache_that_keeps_nothing() -> None:
    """An empty list in a config would be an error far away."""
    cache = LayeredCache([])
    cache.set("a", record("a"))
    assert cache.get("a") is MISSING
    assert cache.remove("a") is False


def test_what_is_no_cache_is_refused_as_a_layer() -> None:
    """A table in the settings would be a layer, and every session would fail with an error of Python's."""
    with pytest.raises(WrongBackendError, match="several caches are a list"):
        LayeredCache([{"backend": "memory"}])

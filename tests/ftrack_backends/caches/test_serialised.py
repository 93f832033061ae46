"""The `serialised` cache, beyond its contract."""

from __future__ import annotations

import logging
import pickle
from typing import Any

import pytest

from ftrack_backends.caches import MemoryCache, SerialisedCache, SerialisedOptions, serialised
from ftrack_backends.codecs import JsonRecordCodec, MsgpackRecordCodec
from ftrack_core.errors import ConfigurationError, ConnectionClosedError
from ftrack_core.interfaces import IBatchCache, IExpiringCache
from ftrack_core.testing import FakeBackendContext, record
from ftrack_core.values import MISSING


def test_what_it_keeps_are_bytes_of_its_codec() -> None:
    """Another program could not read what it shares."""
    kept: dict[Any, Any] = {}
    SerialisedCache(kept, "json").set("a", record("a"))
    assert JsonRecordCodec().decode(kept["a"]) == record("a")
    assert kept["a"].startswith(b'["ftrack",1,')


def test_nobody_can_change_what_others_get() -> None:
    """One careless plug-in would change what every other one reads."""
    cache = SerialisedCache({})
    cache.set("a", record("a", tags=["x"]))
    cache.get("a").values["tags"].append("y")  # type: ignore[union-attr, index]
    assert cache.get("a") == record("a", tags=["x"])


class Bomb:
    """Does harm where it is unpickled."""

    def __reduce__(self) -> Any:
        return pytest.fail, ("a pickle was loaded",)


@pytest.mark.parametrize("codec", ["msgpack", "json"])
def test_a_planted_pickle_is_never_loaded(codec: str) -> None:
    """Whoever may write into a cache folder could run programs as everybody who reads it."""
    kept: dict[Any, Any] = {"a": pickle.dumps(Bomb())}
    cache = SerialisedCache(kept, codec)
    assert cache.get("a") is MISSING
    assert kept == {}


def test_after_a_change_of_codec_everything_is_a_miss() -> None:
    """A changed line in a config would raise on all that is there."""
    kept: dict[Any, Any] = {}
    SerialisedCache(kept, "json").set("a", record("a"))
    cache = SerialisedCache(kept, MsgpackRecordCodec())
    assert cache.values() == []
    cache.set("a", record("a"))
    assert cache.get("a") == record("a")


def test_a_record_that_is_refused_leaves_no_older_one(caplog: pytest.LogCaptureFixture) -> None:
    """One huge description would keep a page out of the cache, or leave a stale record in it."""
    cache = SerialisedCache(MemoryCache(), MsgpackRecordCodec(max_bytes=300))
    cache.set_many({"a": record("a"), "b": record("b")})
    huge = record("a", text="x" * 400)
    with caplog.at_level(logging.WARNING):
        cache.set_many({"a": huge, "b": record("b", name="new")})
        cache.set("c", huge)
    assert cache.get("a") is MISSING
    assert cache.get("b") == record("b", name="new")
    assert len(caplog.records) == 1
    assert "the limit is 300" in caplog.text


def test_without_a_store_it_keeps_bytes_in_memory() -> None:
    """A config could not name it."""
    cache = serialised.create(SerialisedOptions(max_records=1), FakeBackendContext())
    cache.set_many({"a": record("a"), "b": record("b")})
    assert cache.keys() == ["b"]
    assert IBatchCache.providedBy(cache)
    assert IExpiringCache.providedBy(cache)
    assert not IExpiringCache.providedBy(SerialisedCache({}))


def test_a_mapping_that_can_be_closed_is_closed_once() -> None:
    """A file of somebody's mapping would stay open."""

    class Closing(dict[Any, Any]):
        closed = 0

        def close(self) -> None:
            """Count."""
            self.closed += 1

    kept = Closing()
    cache = SerialisedCache(kept)
    cache.close()
    cache.close()
    assert kept.closed == 1
    with pytest.raises(ConnectionClosedError, match="bytes"):
        cache.keys()


def test_a_codec_that_is_none_is_told_at_once() -> None:
    """A typing error in a config would show at the first page."""
    with pytest.raises(ConfigurationError, match="did you mean 'msgpack'"):
        SerialisedCache({}, "mspack")

"""Who sees what in a Redis that everybody uses, and what becomes of entries that nobody here wrote."""

from __future__ import annotations

import logging
import os
import pickle
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ftrack_redis import RedisCacheOptions, cache

from ftrack_core.testing import FakeBackendContext, record
from ftrack_core.values import MISSING

Made = Callable[..., Any]


@pytest.fixture
def make(shared_server: Any) -> Iterator[Made]:
    """Makes caches of a prefix that no other test has."""
    prefix, made = f"test-{uuid.uuid4().hex}", list[Any]()

    def make(scope: str = "ann", **options: Any) -> Any:
        given = {"url": shared_server.url, "prefix": prefix, "timeout_seconds": 30.0, **options}
        made.append(cache.create(RedisCacheOptions(**given), FakeBackendContext(scope=scope)))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_users_of_one_redis_never_see_each_others_records(make: Made) -> None:
    """What the supervisor may see would be shown to the freelancer."""
    ann, bob = make("https://acme|ann|k1"), make("https://acme|bob|k2")
    ann.set("Shot,a", record("a"))
    assert bob.get("Shot,a") is MISSING
    assert (bob.keys(), bob.values(), bob.remove("Shot,a")) == ([], [], False)
    bob.clear()
    assert ann.get("Shot,a") == record("a")


def test_a_scope_that_begins_like_another_is_another(make: Made) -> None:
    """`ann` would see what `anna` keeps."""
    short, longer = make("ann"), make("ann:sna")
    longer.set("a", record("a"))
    assert short.keys() == []


@pytest.mark.parametrize("prefix", ["a*", "a?", "[ab]", "a\\", "ü"])
def test_a_prefix_is_no_pattern(make: Made, prefix: str) -> None:
    """Clearing one studio's cache would empty everything in Redis that looks like it."""
    odd, other = make(prefix=prefix), make(prefix="ab")
    odd.set("mine", record("mine"))
    other.set("theirs", record("theirs"))
    assert odd.keys() == ["mine"]
    odd.clear()
    assert odd.keys() == []
    assert other.keys() == ["theirs"]


def test_what_is_not_of_the_cache_is_left_alone(make: Made, shared_server: Any) -> None:
    """A Redis that other programs use too would lose their data."""
    name = uuid.uuid4().hex
    with shared_server.client() as client:
        client.set(name, b"queue of another program")
        kept = make()
        kept.set("a", record("a"))
        kept.clear()
        assert client.get(name) == b"queue of another program"


@pytest.mark.parametrize(
    "poison",
    [
        b"",
        b"\x01",
        b"\x01\x00\x00\x00\x00\x00\x00\x00\x00",
        b"\x02" + b"\x00" * 200,
        pickle.dumps({"a": 1}),
        b"\x01" + b"\x00" * 8 + b"\x94\xa6ftrack\x63\xce" + b"\x00" * 50,
        os.urandom(1000),
        b"x" * 5_000_000,
    ],
    ids=["empty", "cut", "head only", "version", "pickle", "codec", "random", "huge"],
)
def test_what_nobody_here_wrote_is_missing(
    make: Made, shared_server: Any, poison: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A damaged or planted entry would break a job, or run what it says."""
    kept = make()
    kept.set_many({"a": record("a"), "b": record("b")})
    with shared_server.client() as client:
        (name,) = client.scan_iter(match=kept.cache.prefix + b"sa")
        client.set(name, poison)
        with caplog.at_level(logging.WARNING):
            assert kept.get_many(["a", "b"]) == {"b": record("b")}
            assert kept.get("a") is MISSING
        assert not client.exists(name)
    assert len(caplog.records) == 1
    kept.set("a", record("a"))
    assert kept.get("a") == record("a")


def test_a_key_that_is_no_text_in_redis_is_missing(make: Made, shared_server: Any) -> None:
    """Another program's list under our name would raise out of a session for ever."""
    kept = make()
    kept.set("a", record("a"))
    with shared_server.client() as client:
        (name,) = client.scan_iter(match=kept.cache.prefix + b"*")
        client.delete(name)
        client.lpush(name, b"no text")
    assert kept.get("a") is MISSING
    assert (kept.keys(), kept.values()) == ([], [])
    kept.set("a", record("a"))
    assert kept.get("a") == record("a")


def test_redis_forgets_what_nobody_writes_again(make: Made, shared_server: Any) -> None:
    """Records of keys that were withdrawn would fill Redis for ever."""
    kept = make(keep_seconds=1000.0)
    kept.set("a", record("a"))
    kept.set_expiring("b", record("b"), 20.0)
    with shared_server.client() as client:
        lasting = {name[-1:]: client.ttl(name) for name in client.scan_iter(match=kept.cache.prefix + b"*")}
    assert 900 < lasting[b"a"] <= 1000
    assert 0 < lasting[b"b"] <= 20


def test_a_batch_is_a_few_round_trips(make: Made, shared_server: Any) -> None:
    """A page of 1,000 records would take 1,000 times the way to Redis."""
    kept = make()
    records = {f"Task,{number}": record(str(number)) for number in range(1000)}

    def commands() -> int:
        with shared_server.client() as client:
            return int(client.info("commandstats").get("cmdstat_mget", {}).get("calls", 0))

    kept.set_many(records)
    before = commands()
    assert dict(kept.get_many(records)) == records
    assert commands() - before == 2
    assert kept.remove_many(records) == 1000


def test_a_forked_child_has_connections_of_its_own(make: Made) -> None:
    """A host that forks would read another process's answers."""
    if not hasattr(os, "fork"):
        pytest.skip("nothing forks here")
    kept = make()
    kept.set("a", record("a"))
    child = os.fork()
    if child == 0:
        found = kept.get("a") == record("a")
        kept.set("child", record("child"))
        os._exit(0 if found else 1)
    for _ in range(50):
        assert kept.get("a") == record("a")
    assert os.waitpid(child, 0)[1] == 0
    assert kept.get("child") == record("child")


def test_secrets_are_shown_nowhere(shared_server: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A password would be in every log of the farm."""
    secret = "hunter2-very-secret"
    options = RedisCacheOptions(url=f"redis://ann:{secret}@127.0.0.1:{shared_server.port}/0", password=secret)
    kept = cache.create(options, FakeBackendContext())
    with caplog.at_level(logging.DEBUG):
        kept.set("a", record("a"))
        kept.get("a")
    assert "Redis is bypassed" in caplog.text
    assert secret not in caplog.text + repr(options) + repr(kept) + repr(kept.cache)
    kept.close()

"""A Redis that is ended, stands still, is full, or lets nobody in: the work goes on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from ftrack_redis import RedisCacheOptions, cache
from ftrack_redis._debts import Debts
from ftrack_redis._guarded import GuardedRedis
from ftrack_redis._outage import Breaker

from ftrack_core.errors import CacheError
from ftrack_core.testing import FakeBackendContext, record
from ftrack_core.values import MISSING

TIMEOUT_SECONDS = 0.5  # the default is half of it; the machine that tests may have much else to do

ALLOWED = ["+mget", "+set", "+getrange", "+unlink", "+scan", "+multi", "+exec", "+client|setname"]


@pytest.fixture
def kept(own_server: Any) -> Iterator[Any]:
    """A cache on a server of its own, which tries again soon."""
    made = _made(own_server)
    yield made
    made.close()


def _made(server: Any, **options: Any) -> Any:
    given = {"timeout_seconds": TIMEOUT_SECONDS, "retry_seconds": 0.1, "max_retry_seconds": 0.2, **options}
    return cache.create(RedisCacheOptions(url=server.url, **given), FakeBackendContext())


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline, "it did not come about within twenty seconds"
        time.sleep(0.02)


def _comes_back(kept: Any) -> None:
    """Wait until the cache keeps things again."""

    def keeps() -> bool:
        kept.set("again", record("again"))
        return bool(kept.get("again") == record("again"))

    _until(keeps)


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [found.getMessage() for found in caplog.records if found.levelno >= logging.WARNING]


def test_a_redis_that_is_killed_is_bypassed_and_used_again(
    own_server: Any, kept: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A restart of Redis would break every job of the farm, or be noticed by none of them."""
    kept.set("a", record("a"))
    own_server.kill()
    with caplog.at_level(logging.INFO):
        assert kept.get("a") is MISSING
        kept.set("b", record("b"))
        assert dict(kept.get_many(["a", "b"])) == {}
        assert kept.remove("a") is False
        for call in (kept.keys, kept.values, kept.clear):
            with pytest.raises(CacheError):
                call()
        own_server.start()
        _comes_back(kept)
    assert len(_warnings(caplog)) == 1
    assert "Redis answers again" in caplog.text


def test_a_redis_that_stands_still_costs_one_time_out(own_server: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A thousand jobs would wait for each of their thousand records."""
    kept = _made(own_server, retry_seconds=60.0, max_retry_seconds=60.0)
    kept.set("a", record("a"))
    own_server.freeze()
    began = time.monotonic()
    assert all(kept.get(f"Task,{number}") is MISSING for number in range(1000))
    kept.set_many({f"Task,{number}": record() for number in range(1000)})
    assert time.monotonic() - began < 4 * TIMEOUT_SECONDS
    assert len(_warnings(caplog)) == 1
    own_server.thaw()
    kept.close()


def test_closing_does_not_wait_for_a_redis_that_stands_still(own_server: Any, kept: Any) -> None:
    """A job would not end."""
    kept.set("a", record("a"))
    own_server.freeze()
    began = time.monotonic()
    kept.close()
    assert time.monotonic() - began < 4 * TIMEOUT_SECONDS


def test_what_was_removed_in_an_outage_is_gone_after_it(own_server: Any, kept: Any) -> None:
    """What a commit changed would come back as it was before."""
    kept.set_many({name: record(name) for name in ("removed", "replaced", "kept")})
    own_server.freeze()
    kept.remove("removed")
    kept.set("replaced", record("replaced", name="new"))
    own_server.thaw()
    other = _made(own_server)
    _until(lambda: kept.get("kept") is not MISSING)
    _until(lambda: other.get("kept") == record("kept"))
    assert kept.get("removed") is MISSING
    assert kept.get("replaced") in (MISSING, record("replaced", name="new"))
    assert other.get("removed") is MISSING
    other.close()


def test_what_becomes_owed_while_something_is_made_good_stays_owed() -> None:
    """What one thread could not remove would be served again, since another was just removing what it was before."""

    class Client:
        """Unlinks; meanwhile another thread fails to remove the same."""

        def __init__(self) -> None:
            self.unlinked: list[tuple[bytes, ...]] = []

        def unlink(self, *names: bytes) -> None:
            self.unlinked.append(names)
            if len(self.unlinked) == 1:
                _fail_to_remove(guarded, b"a")

    client: Any = Client()
    guarded = GuardedRedis(client, Breaker(0.0, 0.0), 1.0, lambda it: it.unlink(b"all"))
    _fail_to_remove(guarded, b"a")
    for _ in range(3):
        guarded.ask(lambda _client: None)
    assert client.unlinked == [(b"a",), (b"a",)]
    client.unlinked.clear()
    guarded.owe_all()
    for _ in range(3):
        guarded.ask(lambda _client: None)
    assert client.unlinked == [(b"all",), (b"a",)]


def _fail_to_remove(guarded: GuardedRedis, name: bytes) -> None:
    def fail(_client: Any) -> None:
        raise redis.exceptions.ResponseError("refused")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Debts, "settle", lambda *_others: None)  # the other thread had done so before
        with pytest.raises(CacheError):
            guarded.change([name], fail)


def test_what_becomes_owed_as_debts_are_crossed_out_stays_owed() -> None:
    """As above, for the moment at which a thread looks whether a debt is still the one that it has paid."""
    debts = Debts()
    other = threading.Thread(target=debts.add, args=([b"a"],))

    class Names(dict[bytes, object]):
        """Of the debts; who looks at one is held up until another thread had its chance."""

        def get(self, name: bytes, default: object = None) -> object:
            found = super().get(name, default)
            other.start()
            other.join(0.2)
            return found

    debts._names = Names({b"a": object()})
    debts.settle(lambda _names: None, lambda: None)
    other.join()
    assert len(debts) == 1


def test_an_answer_that_is_too_slow_is_counted_with_those_that_never_came() -> None:
    """Statistics would tell of an outage that nothing began."""
    guarded = GuardedRedis(Any, Breaker(60.0, 60.0), 0.001, print)  # type: ignore[arg-type]
    guarded.ask(lambda _client: time.sleep(0.05))
    assert (guarded.counts()["unanswered"], guarded.counts()["is_bypassed"]) == (1, True)


def test_what_was_to_be_cleared_in_an_outage_is_gone_after_it(own_server: Any, kept: Any) -> None:
    """`clear` would have failed, and what it was called for would be served again."""
    kept.set("a", record("a"))
    own_server.freeze()
    with pytest.raises(CacheError):
        kept.clear()
    own_server.thaw()
    _comes_back(kept)
    assert kept.get("a") is MISSING


def test_one_caller_alone_tries_it_again(own_server: Any, caplog: pytest.LogCaptureFixture) -> None:
    """All threads would run into the next time-out together."""
    kept = _made(own_server, retry_seconds=0.2, max_retry_seconds=60.0)
    own_server.freeze()
    with caplog.at_level(logging.WARNING):
        began = time.monotonic()
        waited = 0
        while time.monotonic() - began < 3.0:
            before = time.monotonic()
            kept.get("a")
            waited += time.monotonic() - before > TIMEOUT_SECONDS / 2
            time.sleep(0.001)
    assert 2 <= waited <= 4, "it is tried after about 0.2, 0.4, 0.8 seconds, and between these nobody waits"
    assert len(_warnings(caplog)) == 1
    own_server.thaw()
    kept.close()


def test_a_slow_redis_is_bypassed_too(own_server: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Answers that come drop by drop would never run into a time-out, and never end."""
    kept = _made(own_server, timeout_seconds=0.2, retry_seconds=0.5, max_retry_seconds=0.5)
    _comes_back(kept)
    kept.cache.guarded.ask(lambda _client: time.sleep(1.0))
    assert "a call took" in caplog.text
    assert kept.get("again") is MISSING
    _until(lambda: kept.get("again") == record("again"))
    kept.close()


def test_a_full_redis_refuses_and_nothing_old_is_served(
    start_server: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """A record that could not be replaced would be served as it was before."""
    server = start_server("--maxmemory", "3mb", "--maxmemory-policy", "noeviction")
    kept = _made(server, timeout_seconds=30.0)
    kept.set("a", record("a", name="old"))
    with server.client() as client:
        client.config_set("maxmemory", "1")
    kept.set("a", record("a", name="new"))
    kept.set("b", record("b"))
    assert kept.get("a") is MISSING
    with server.client() as client:
        client.config_set("maxmemory", "0")
    kept.set("a", record("a", name="new"))
    assert kept.get("a") == record("a", name="new")
    assert len(_warnings(caplog)) == 1
    kept.close()


def test_a_redis_that_lets_nobody_in_is_bypassed(own_server: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A password that was changed would end every job; the README's list of what to allow would be wrong."""
    server = own_server
    with server.client() as client:
        client.execute_command("ACL", "SETUSER", "ann", "on", ">right", "~ftrack:*", "-@all", *ALLOWED)
    wrong = _made(server, user_name="ann", password="wrong")
    wrong.set("a", record("a"))
    assert wrong.get("a") is MISSING
    assert len(_warnings(caplog)) == 1
    right = _made(server, user_name="ann", password="right")
    right.set("a", record("a"))
    assert right.values() == [record("a")]
    assert right.remove("a")
    right.clear()
    assert len(_warnings(caplog)) == 1
    for each in (wrong, right):
        each.close()

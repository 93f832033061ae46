"""What `ftrack doctor` and `ftrack cache` tell of a cache in Redis, of a real server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from ftrack_redis import RedisCacheOptions, cache

from ftrack_core import Session
from ftrack_core.interfaces import IDiagnosed, IMeasured
from ftrack_core.testing import FakeBackendContext, FakeClock, record
from ftrack_core.values import Finding

SECRET = "hunter2-very-secret"
ALLOWED = ["+mget", "+set", "+getrange", "+unlink", "+scan", "+multi", "+exec", "+client|setname"]
Made = Callable[..., Any]


@pytest.fixture
def make() -> Iterator[Made]:
    """Makes caches on a server."""
    made: list[Any] = []

    def make(server: Any, **options: Any) -> Any:
        given = {"url": server.url, "timeout_seconds": 30.0, **options}
        with server.client() as client:
            seconds, micro = client.time()
        context = FakeBackendContext(clock=FakeClock(seconds + micro / 1_000_000))
        made.append(cache.create(RedisCacheOptions(**given), context))
        return made[-1]

    yield make
    for each in made:
        each.close()


def _told(kept: Any, timeout_seconds: float = 10.0) -> dict[str, Finding]:
    return {finding.check: finding for finding in kept.diagnose(timeout_seconds)}


def test_it_says_that_it_counts_and_can_be_diagnosed(make: Made, shared_server: Any) -> None:
    """`ftrack backends` would not list what `ftrack cache` and `ftrack doctor` can tell."""
    assert {IMeasured, IDiagnosed} <= set(cache.provides)
    kept = make(shared_server)
    assert IMeasured.providedBy(kept)
    assert IDiagnosed.providedBy(kept)


def test_what_it_did_is_counted(make: Made, shared_server: Any) -> None:
    """Nobody would see that a farm's cache never has what is asked for."""
    kept = make(shared_server, prefix="counted")
    kept.set_many({"a": record("a"), "b": record("b")})
    kept.set("c", record("c"))
    kept.get_many(["a", "b", "d"])
    kept.get("d")
    counted = kept.statistics()
    assert (counted.hits, counted.misses, counted.written, counted.lost) == (2, 2, 3, 0)
    assert not counted.is_bypassed


def test_an_outage_can_be_seen_in_the_counts(make: Made, own_server: Any) -> None:
    """A cache that is bypassed looks like one that happens to be empty."""
    kept = make(own_server, retry_seconds=60.0)
    kept.set("a", record("a"))
    own_server.kill()
    kept.get("a")
    kept.get("a")
    kept.set("b", record("b"))
    counted = kept.statistics()
    assert (counted.unanswered, counted.bypassed, counted.lost, counted.owed) == (1, 2, 1, 1)
    assert counted.is_bypassed
    assert (counted.hits, counted.misses, counted.written) == (0, 2, 1)


def test_a_sound_server_is_told_with_its_name_and_what_it_holds(make: Made, shared_server: Any) -> None:
    """`ftrack doctor` would say nothing of what most of a farm hangs on."""
    told = _told(make(shared_server))
    assert [finding.state for finding in told.values()] == ["ok", "ok", "ok"]
    assert f"127.0.0.1:{shared_server.port}" in told["connection"].text
    assert told["server"].facts["server"] in {"Redis", "Valkey"}
    assert told["server"].facts["version"][0].isdigit()
    assert abs(told["clock"].facts["seconds_apart"]) < 2.0


def test_a_server_that_is_gone_is_one_finding_with_advice(make: Made, own_server: Any) -> None:
    """A doctor that raises, or waits for each step, is of no use to somebody in trouble."""
    kept = make(own_server)
    own_server.kill()
    told = _told(kept)
    assert list(told) == ["connection"]
    assert told["connection"].state == "failed"
    assert "FTRACK_REDIS_URL" in told["connection"].advice


def test_a_server_that_stands_still_is_told_within_the_time(make: Made, own_server: Any) -> None:
    """`ftrack doctor` would hang where it is needed."""
    kept = make(own_server)
    own_server.freeze()
    (told,) = kept.diagnose(0.5)
    assert told.state == "failed"
    assert 0.5 <= told.seconds < 5.0
    assert not kept.statistics().is_bypassed, "a diagnosis changes nothing for those who use the cache"


def test_a_server_that_refuses_when_it_is_full_is_a_warning(make: Made, start_server: Any) -> None:
    """The farm gets slow when Redis is full, months after it was set up, and nobody knows why."""
    told = _told(make(start_server("--maxmemory", "64mb", "--maxmemory-policy", "noeviction")))
    assert told["server"].state == "warning"
    assert "allkeys-lru" in told["server"].advice
    assert told["server"].facts["max_bytes"] == 64 * 1024 * 1024


def test_a_replica_is_told(make: Made, start_server: Any, shared_server: Any) -> None:
    """A replica takes no writes: every record would be refused, and nothing is ever kept."""
    told = _told(make(start_server("--replicaof", f"127.0.0.1 {shared_server.port}")))
    assert told["server"].state == "failed"
    assert "replica" in told["server"].text


def test_hosts_that_do_not_agree_on_the_time_are_told(shared_server: Any) -> None:
    """Records of the future count as fresh for as long as the clocks are apart."""
    options = RedisCacheOptions(url=shared_server.url, timeout_seconds=30.0)
    kept = cache.create(options, FakeBackendContext(clock=FakeClock(1_000_000.0)))
    told = _told(kept)["clock"]
    kept.close()
    assert told.state == "warning"
    assert "behind" in told.text


def test_a_user_with_few_rights_is_told_what_could_not_be_looked_at(make: Made, own_server: Any) -> None:
    """Whoever gives Redis no more rights than it needs would be told that it is broken."""
    with own_server.client() as client:
        client.execute_command("ACL", "SETUSER", "ann", "on", ">right", "~ftrack:*", "-@all", *ALLOWED)
    told = _told(make(own_server, user_name="ann", password="right"))
    assert [finding.state for finding in told.values()] == ["ok", "skipped", "skipped"]
    assert "+info" in told["server"].advice


def test_no_finding_holds_a_secret(make: Made, own_server: Any) -> None:
    """What `ftrack doctor` prints is pasted into chats."""
    url = f"redis://ann:{SECRET}@127.0.0.1:{own_server.port}/0"
    wrong = _told(make(own_server, url=url))
    assert wrong["connection"].state == "failed"
    assert "FTRACK_REDIS_PASSWORD" in wrong["connection"].advice
    assert SECRET not in repr(wrong)
    with own_server.client() as client:
        client.config_set("requirepass", SECRET)
    options = RedisCacheOptions(url=f"redis://:{SECRET}@127.0.0.1:{own_server.port}/0", timeout_seconds=30.0)
    right = cache.create(options, FakeBackendContext())
    assert SECRET not in repr(_told(right)) + repr(right)
    right.close()


def test_a_diagnosis_changes_nothing(make: Made, own_server: Any) -> None:
    """Looking at a shared cache would throw something out of it."""
    kept = make(own_server)
    kept.set_many({"a": record("a"), "b": record("b")})

    def content() -> dict[bytes, bytes]:
        with own_server.client() as client:
            return {name: client.get(name) for name in client.scan_iter()}

    before = content()
    _told(kept)
    assert content() == before


def test_a_finding_comes_before_the_next_look(make: Made, own_server: Any) -> None:
    """Somebody in trouble would see nothing until the last step had run into its time-out."""
    walk = iter(make(own_server).diagnose(0.5))
    assert next(walk).state == "ok"
    own_server.freeze()
    assert next(walk).state == "warning"


def _command(folder: Path, server: Any, workspace: Any, arguments: Sequence[str]) -> Any:
    config = folder / "ftrack.toml"
    kept = f'{{ backend = "redis", url = "{server.url}", timeout_seconds = 30.0 }}'
    lines = ["[profiles.default]", f"cache = {kept}", 'freshness = { User = "1d" }', f"schema_cache_path = '{folder}'"]
    config.write_text("\n".join(lines))
    command = [str(Path(sys.executable).with_name("ftrack")), *arguments]
    environment = {**workspace.environment(), "FTRACK_CONFIG": str(config)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def test_the_commands_tell_of_it(tmp_path: Path, own_server: Any, ftrack_workspace: Any) -> None:
    """What a package by somebody else can tell of itself would be shown by its tests alone."""
    kept = {"backend": "redis", "url": own_server.url, "timeout_seconds": 30.0}
    config = {"cache": kept, "freshness": {"User": "1d"}, "schema_cache_path": False}
    who = ftrack_workspace.credentials()
    with Session(ftrack_workspace.url, who.api_key, who.username, config=config) as session:
        session.query("select username from User").all()
    told = _command(tmp_path, own_server, ftrack_workspace, ["cache", "stats", "--json"])
    (layer, _) = told["layers"]
    assert layer["class"] == "RedisCache"
    assert layer["types"]["User"]["entries"] >= 1
    assert layer["statistics"]["is_bypassed"] is False
    assert any("answers in" in line for line in layer["files"])
    told = _command(tmp_path, own_server, ftrack_workspace, ["doctor", "--json"])
    found = {each["check"]: each["state"] for each in told["findings"] if each["check"].startswith("RedisCache")}
    assert found == {
        "RedisCache: connection": "ok",
        "RedisCache: server": "ok",
        "RedisCache: clock": "ok",
        "RedisCache": "ok",
    }

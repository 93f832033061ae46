"""The `disk` cache, beyond its contract: room, time, permissions, forks, damage and where it may lie."""

from __future__ import annotations

import importlib.metadata
import logging
import os
import shutil
import stat
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from ftrack_backends.caches import DiskCache, DiskOptions, _disk, _disk_shard, disk
from ftrack_core.errors import CacheError
from ftrack_core.testing import FakeBackendContext, FakeClock, record
from ftrack_core.values import MISSING

FIRST = Path("v1") / "0-of-1" / "0"


def _large(key: str) -> Any:
    return record(key, text=key * 20_000)


def _size(folder: Path) -> int:
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file() and not each.name.endswith("-shm"))


@pytest.mark.parametrize("shards", [1, 3])
def test_it_keeps_to_its_size_and_the_oldest_go(tmp_path: Path, shards: int) -> None:
    """A cache without a bound fills the disk of every workstation."""
    with closing(DiskCache(tmp_path / "it", megabytes=2, shards=shards)) as cache:
        for number in range(40):
            cache.set_many({f"{number}-{each}": _large(f"{number}") for each in range(10)})
        assert cache.get("0-0") is MISSING
        assert cache.get("39-9") == _large("39")
    assert _size(tmp_path) < 4 * 1024 * 1024


def test_what_is_used_stays_if_that_is_the_policy(tmp_path: Path) -> None:
    """The policy's name would be all that there is of it."""
    with closing(DiskCache(tmp_path / "it", megabytes=2, eviction_policy="least-recently-used")) as cache:
        cache.set("used", record("used"))
        for number in range(200):
            cache.set(f"{number}", _large("x"))
            assert cache.get_many(["used"])
        assert cache.get("0") is MISSING


def test_without_a_policy_nothing_goes(tmp_path: Path) -> None:
    """Somebody who wants everything kept would lose it."""
    with closing(DiskCache(tmp_path / "it", megabytes=1, eviction_policy="none")) as cache:
        for number in range(100):
            cache.set(f"{number}", _large("x"))
        assert len(cache.keys()) == 100


def test_records_go_when_their_time_to_live_is_over(tmp_path: Path) -> None:
    """An option that does nothing."""
    clock = FakeClock()
    with closing(DiskCache(tmp_path / "it", seconds_to_live=60, clock=clock)) as cache:
        cache.set("a", record("a"))
        cache.set_expiring("b", record("b"), 3600)
        cache.set_expiring("c", record("c"), 10)
        clock.advance(11)
        assert sorted(cache.keys()) == ["a", "b"]
        clock.advance(50)
        assert cache.keys() == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_files_are_for_their_user_only(tmp_path: Path) -> None:
    """Whoever logs in to a machine could read a show's records, or plant some."""
    with closing(DiskCache(tmp_path / "it")) as cache:
        cache.set("a", record("a"))
        found = {path: stat.S_IMODE(path.stat().st_mode) for path in [tmp_path / "it", *tmp_path.rglob("it/**/*")]}
    assert {mode for path, mode in found.items() if path.name.startswith("cache.db")} == {0o600}
    assert found[tmp_path / "it"] == found[tmp_path / "it" / FIRST] == 0o700


def test_nothing_is_made_before_it_is_used(tmp_path: Path) -> None:
    """Each start would pay for a cache that it may not need."""
    cache = disk.create(DiskOptions(path=str(tmp_path / "it")), FakeBackendContext())
    cache.close()
    assert not (tmp_path / "it").exists()


def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's log on a share is damaged sooner or later, without a word."""
    monkeypatch.setattr(_disk, "network_file_system", lambda _path: "nfs4")
    with pytest.raises(CacheError, match="nfs4") as raised:
        DiskCache(tmp_path / "it")
    assert raised.value.details["fault"] == "network"


def test_a_name_that_diskcache_would_change_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache would lie in another folder than the one that was looked at."""
    monkeypatch.setenv("IT", "elsewhere")
    with pytest.raises(CacheError, match="variables"):
        DiskCache(tmp_path / "$IT")


def test_a_folder_that_cannot_be_used_is_not_tried_at_every_call(tmp_path: Path) -> None:
    """Each look-up on a broken disk would cost an attempt to open it."""
    (tmp_path / "it").write_text("in the way")
    clock = FakeClock()
    with closing(DiskCache(tmp_path / "it", clock=clock)) as cache:
        with pytest.raises(CacheError) as raised:
            cache.get("a")
        assert raised.value.details["fault"] == "refused"
        (tmp_path / "it").unlink()
        with pytest.raises(CacheError):
            cache.get("a")
        clock.advance(11)
        assert cache.get("a") is MISSING


def test_damage_begins_anew_beside_it_in_every_process(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Moving a database that others have open would damage the next one too."""
    one, other = DiskCache(tmp_path / "it"), DiskCache(tmp_path / "it")
    with closing(one), closing(other), caplog.at_level(logging.WARNING):
        one.set("a", record("a"))
        assert other.get("a") == record("a")
        (tmp_path / "it" / FIRST / "cache.db").write_bytes(b"damaged" * 10_000)
        (tmp_path / "it" / FIRST / "cache.db-wal").write_bytes(b"")
        assert one.get("a") is MISSING
        one.set("b", record("b"))
        assert other.get("b") == record("b")
        assert {each.name for each in (tmp_path / "it" / FIRST).parent.iterdir()} == {"0", "1"}
    assert 1 <= len(caplog.records) <= 2


def test_a_folder_that_is_removed_while_it_is_in_use_is_made_anew(tmp_path: Path) -> None:
    """Whoever clears a cache by hand would have every running listener write to where nobody reads."""
    with closing(DiskCache(tmp_path / "it")) as cache:
        cache.set("a", record("a"))
        shutil.rmtree(tmp_path / "it")
        assert cache.get("a") is MISSING
        cache.set("a", record("a"))
        with closing(DiskCache(tmp_path / "it")) as other:
            assert other.get("a") == record("a")


def test_older_beginnings_are_removed(tmp_path: Path) -> None:
    """Damage that comes again and again would fill the disk."""
    folder = tmp_path / "it" / FIRST.parent
    for number in range(4):
        with closing(DiskCache(tmp_path / "it")) as cache:
            cache.set("a", record("a"))
        (folder / str(number) / "cache.db").write_bytes(b"damaged" * 10_000)
    with closing(DiskCache(tmp_path / "it")) as cache:
        assert cache.get("a") is MISSING
    assert {each.name for each in folder.iterdir()} == {"3", "4"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_forked_child_goes_on(tmp_path: Path) -> None:
    """A farm's workers that fork would share SQLite's locks, and damage the cache."""
    with closing(DiskCache(tmp_path / "it")) as cache:
        cache.set("a", record("a"))
        child = os.fork()
        if child == 0:
            done = 1
            try:
                cache.set("child", record("child"))
                done = 0 if cache.get("a") == record("a") else 2
            finally:
                os._exit(done)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert cache.get("child") == record("child")
        cache.set("parent", record("parent"))
        assert sorted(cache.keys()) == ["a", "child", "parent"]


def test_another_that_writes_is_waited_for_in_bounds(tmp_path: Path) -> None:
    """A stopped process would stop everybody else's tools for a minute."""
    with closing(DiskCache(tmp_path / "it")) as holder:
        holder.set("a", record("a"))
        shard, held, over = holder.cache.shards[0], threading.Event(), threading.Event()

        def hold(cache: Any) -> None:
            with cache.transact():
                held.set()
                over.wait(30)

        thread = threading.Thread(target=lambda: shard.use(hold))
        thread.start()
        assert held.wait(30)
        with closing(DiskCache(tmp_path / "it", busy_seconds=0.05)) as cache:
            with pytest.raises(CacheError) as raised:
                cache.set("b", record("b"))
            assert raised.value.details["fault"] == "busy"
        over.set()
        thread.join()
        assert holder.get("a") == record("a")


def test_the_base_install_has_its_library() -> None:
    """A profile with `disk` in it would work on some machines only."""
    required = [Requirement(each) for each in importlib.metadata.requires("ftrack-core") or []]
    assert "diskcache" in {each.name for each in required if each.marker is None}
    assert disk.requirement_hint


def test_a_failure_says_where_and_what(tmp_path: Path) -> None:
    """Nobody could find the folder that a line in a log is about."""
    shard = _disk_shard.Shard(folder=tmp_path / "it", settings={}, busy_seconds=1, clock=FakeClock())
    with pytest.raises(CacheError, match="it'") as raised:
        shard.use(lambda _cache: Path("/nowhere/at/all").read_bytes())  # type: ignore[arg-type]
    assert raised.value.details == {"path": str(tmp_path / "it"), "fault": "refused"}
    shard.close()

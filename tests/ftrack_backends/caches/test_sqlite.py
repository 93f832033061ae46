"""The `sqlite` cache, beyond its contract: its size, its time, its files, and what is wrong with them."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import pickle
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.caches import SqliteCache, SqliteOptions, sqlite
from ftrack_backends.caches._sqlite_statements import KIND
from ftrack_backends.codecs import MsgpackRecordCodec
from ftrack_backends.sqlite_files import SqliteFile
from ftrack_core.errors import ConfigurationError, ConnectionClosedError
from ftrack_core.testing import FakeBackendContext, FakeClock, record
from ftrack_core.values import MISSING

MEGABYTE = 1024 * 1024


@pytest.fixture
def clock() -> FakeClock:
    """Time that the test moves."""
    return FakeClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file lies."""
    return tmp_path / "records.sqlite"


@pytest.fixture
def make(path: Path, clock: FakeClock) -> Iterator[Callable[..., SqliteCache]]:
    """Makes caches of one file."""
    made: list[SqliteCache] = []

    def make_one(**options: Any) -> SqliteCache:
        made.append(SqliteCache(**{"path": path, "clock": clock, **options}))
        return made[-1]

    yield make_one
    for each in made:
        each.close()


def rows(path: Path, statement: str, *values: object) -> list[Any]:
    """What another program sees in the file, or does to it."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement, values).fetchall()


# Size and time


def test_the_oldest_go_when_the_file_is_full(make: Callable[..., SqliteCache], path: Path) -> None:
    """A cache would fill a render node's disk."""
    cache = make(max_bytes=MEGABYTE)
    for number in range(400):
        cache.set(str(number), record(text=f"{number:010}" * 1000))
    keys = cache.keys()
    kept = [int(str(key)) for key in keys]
    assert kept == list(range(400 - len(kept), 400))
    assert 50 < len(kept) < 110
    assert path.stat().st_size <= 1.1 * MEGABYTE


def test_what_is_written_again_is_young_again(make: Callable[..., SqliteCache]) -> None:
    """What is used every day would go with what nobody asks for."""
    cache = make(max_bytes=MEGABYTE)
    for number in range(400):
        cache.set(str(number), record(text=f"{number:010}" * 1000))
        cache.set("again", record(text="x"))
    assert cache.get("again") == record(text="x")


def test_a_batch_larger_than_the_file_leaves_its_last_records(make: Callable[..., SqliteCache], path: Path) -> None:
    """One large page would be refused, or make the file grow without end."""
    cache = make(max_bytes=MEGABYTE)
    cache.set_many({str(number): record(text=f"{number:010}" * 1000) for number in range(500)})
    kept = cache.keys()
    assert kept[-1] == "499"
    assert len(kept) > 50
    assert path.stat().st_size <= 1.3 * MEGABYTE


def test_a_record_too_large_for_the_file_leaves_no_older_one(
    make: Callable[..., SqliteCache], caplog: pytest.LogCaptureFixture
) -> None:
    """A stale record would be served for one that could not be kept, or everything else would go for it."""
    cache = make(max_bytes=MEGABYTE)
    cache.set_many({"a": record("a"), "b": record("b")})
    with caplog.at_level(logging.WARNING):
        cache.set_many({"a": record("a", text="x" * MEGABYTE), "b": record("b", name="new")})
        cache.set("c", record(text="x" * MEGABYTE))
    assert cache.get_many(["a", "b", "c"]) == {"b": record("b", name="new")}
    assert len(caplog.records) == 1


def test_records_live_as_long_as_they_are_told_to(make: Callable[..., SqliteCache], clock: FakeClock) -> None:
    """A studio could not have records go that nobody may serve any more."""
    cache = make(seconds_to_live=60.0)
    cache.set("a", record("a"))
    cache.set_expiring("b", record("b"), 120.0)
    clock.advance(61)
    assert cache.get("a") is MISSING
    assert cache.get("b") == record("b")


def test_expired_records_make_room(make: Callable[..., SqliteCache], clock: FakeClock, path: Path) -> None:
    """The file would hold what nobody can get, until it is full."""
    cache = make(seconds_to_live=60.0)
    cache.set_many({str(number): record() for number in range(200)})
    clock.advance(61)
    for _ in range(51):
        cache.set("new", record())
    assert rows(path, "SELECT count(*) FROM record") == [(1,)]


# Entries


@pytest.mark.parametrize("data", [pickle.dumps([1]), b"", "text", 5, None], ids=repr)
def test_what_another_program_put_there_is_a_miss_and_goes(
    make: Callable[..., SqliteCache], path: Path, data: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A planted pickle would run programs, and a number would raise out of a session."""
    cache = make()
    cache.set("a", record("a"))
    rows(path, "UPDATE record SET data = ?", b"" if data is None else data)
    with caplog.at_level(logging.WARNING):
        assert cache.get("a") is MISSING
        assert cache.get("a") is MISSING
    assert len(caplog.records) == 1
    assert rows(path, "SELECT count(*) FROM record") == [(0,)]


@pytest.mark.parametrize("key", ["\ud83d", "a\x00b"], ids=["half a pair", "a nul"])
def test_odd_keys_do_no_harm(make: Callable[..., SqliteCache], key: str) -> None:
    """One odd name would keep a whole page out of the cache."""
    cache = make()
    cache.set_many({key: record("odd"), "a": record("a")})
    assert cache.get_many([key, "a"]).get("a") == record("a")
    assert cache.get(key) in (MISSING, record("odd"))
    assert cache.get("a") == record("a")
    cache.remove_many([key, "a"])
    assert cache.keys() == []


def test_batches_of_thousands_are_one_transaction(make: Callable[..., SqliteCache]) -> None:
    """A page would wait for the disk once a record."""
    cache = make()
    cache.keys()
    writes: list[int] = []
    file = cache._file._file
    assert file is not None
    transaction = file._transaction
    file._transaction = lambda durable: writes.append(1) or transaction(durable)  # type: ignore[method-assign, func-returns-value]
    records: dict[str | bytes, Any] = {f"Task,{number}": record(str(number)) for number in range(3000)}
    cache.set_many(records)
    assert cache.get_many(records) == records
    assert cache.remove_many(records) == 3000
    assert len(writes) == 2


# Files


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_the_file_is_for_its_user_only(tmp_path: Path, clock: FakeClock) -> None:
    """What one may see in ftrack would be readable by everybody on the machine."""
    cache = SqliteCache(path=tmp_path / "a" / "b" / "records.sqlite", clock=clock)
    cache.set("a", record())
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in (tmp_path / "a" / "b").iterdir()} == {0o600}
    cache.close()


def test_nothing_is_opened_before_it_is_used(make: Callable[..., SqliteCache], path: Path) -> None:
    """Every short program would pay for a cache that it never asks."""
    make().close()
    assert not path.exists()


def test_without_a_path_it_lies_in_the_users_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`cache = "sqlite"` would not be enough."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    cache = sqlite.create(SqliteOptions(), FakeBackendContext())
    assert cache.path == tmp_path / "ftrack" / "records.sqlite"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert sqlite.create(SqliteOptions(path="~/x.sqlite"), FakeBackendContext()).path == tmp_path / "x.sqlite"


def test_without_a_path_and_a_home_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service account would end with an error that nobody understands."""
    monkeypatch.setattr("ftrack_backends.caches._sqlite_place.home_folder", lambda _environment: None)
    with pytest.raises(ConfigurationError, match="set its path"):
        sqlite.create(SqliteOptions(), FakeBackendContext())


# What is wrong with files


def _overwritten(path: Path) -> None:
    path.write_bytes(b"this is no database at all " * 200)


def _a_few_bytes(path: Path) -> None:
    path.write_bytes(b"half")


def _truncated(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2 + 100)


def _garbled(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(100)
        file.write(os.urandom(path.stat().st_size - 100))


def _older(path: Path) -> None:
    rows(path, "PRAGMA user_version = -1")


def _emptied_beside_its_log(path: Path) -> None:
    path.with_name(f"{path.name}-wal").write_bytes(b"x" * 5000)
    path.write_bytes(b"")


@pytest.mark.parametrize("spoil", [_overwritten, _a_few_bytes, _truncated, _garbled, _older, _emptied_beside_its_log])
def test_a_broken_file_is_moved_aside_and_replaced(
    make: Callable[..., SqliteCache], path: Path, spoil: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    """One bad block would take a machine out of the farm until somebody looks."""
    first = make()
    first.set_many({str(number): record(text=str(number) * 100) for number in range(500)})
    first.close()
    spoil(path)
    cache = make()
    with caplog.at_level(logging.WARNING):
        found = cache.get_many([str(number) for number in range(500)])
        cache.set("a", record("a"))
        assert cache.get("a") == record("a")
        cache.keys()
    assert all(found[key] == record(text=str(key) * 100) for key in found)
    assert len(caplog.records) == 1
    assert "moved aside" in caplog.text
    assert path.with_name(f"{path.name}.damaged").exists()


@pytest.mark.parametrize("spoil", [_overwritten, _garbled, _truncated])
def test_a_file_that_breaks_while_it_is_open_is_replaced_too(
    make: Callable[..., SqliteCache], path: Path, spoil: Callable[[Path], None]
) -> None:
    """A listener that runs for months would not get over a bad block."""
    cache = make()
    cache.set_many({str(number): record(text=str(number) * 100) for number in range(2000)})
    rows(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    spoil(path)
    for number in range(2000):
        assert cache.get(str(number)) in (MISSING, record(text=str(number) * 100))
        cache.set(str(number), record("new"))
    assert cache.get("1999") == record("new")


def test_a_file_of_a_newer_version_is_left_to_it(
    make: Callable[..., SqliteCache], path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Two versions on one machine would throw away each other's cache, over and over."""
    make().set("a", record("a"))
    rows(path, "PRAGMA user_version = 99")
    before = path.read_bytes()
    cache = make()
    with caplog.at_level(logging.WARNING):
        assert cache.get("a") is MISSING
        cache.set("b", record("b"))
    assert len(caplog.records) == 1
    assert make().get("b") == record("b")
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_left_alone(make: Callable[..., SqliteCache], path: Path) -> None:
    """A wrong line in a config would destroy somebody's work."""
    rows(path, "CREATE TABLE precious (thing)")
    before = path.read_bytes()
    cache = make()
    cache.set("a", record("a"))
    assert cache.get("a") == record("a")
    assert path.read_bytes() == before


def test_a_file_that_is_removed_while_it_is_open_is_made_anew(make: Callable[..., SqliteCache], path: Path) -> None:
    """Whoever tidies a cache folder would stop the cache of every process that runs."""
    reader, writer = make(), make()
    writer.set("a", record("a"))
    assert reader.get("a") == record("a")
    for each in path.parent.iterdir():
        each.unlink()
    assert reader.get("a") is MISSING
    writer.set("b", record("b"))
    assert reader.get("b") == record("b")


@pytest.mark.parametrize("place", ["file/records.sqlite", "folder", "file/folder/records.sqlite"])
def test_where_no_file_can_be_it_is_passed_over(
    tmp_path: Path, clock: FakeClock, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A read-only disk would keep sessions from working, or fill their logs."""
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder").mkdir()
    cache = SqliteCache(path=tmp_path / place, clock=clock)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            cache.set("a", record("a"))
            assert cache.get("a") is MISSING
            assert cache.remove("a") is False
            assert [*cache.keys(), *cache.values()] == []
            cache.clear()
            cache.clear("a")
            clock.advance(60)
    cache.close()
    assert len(caplog.records) == 1


def test_a_network_file_system_is_passed_over(
    make: Callable[..., SqliteCache], path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLite would damage its file there, sooner or later and without a word."""
    monkeypatch.setattr("ftrack_backends.sqlite_files._opening.network_file_system", lambda _path: "nfs4")
    cache = make()
    cache.set("a", record("a"))
    assert cache.get("a") is MISSING
    assert not path.exists()
    assert "nfs4" in caplog.text


def test_a_full_disk_is_passed_over_and_nothing_stale_is_served(
    make: Callable[..., SqliteCache],
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A record that could not be replaced would be served for the new one."""
    make().set_many({"a": record("a", name="old"), "b": record("b")})
    opened = SqliteFile.open
    monkeypatch.setattr(SqliteFile, "open", partial(opened, max_bytes=64 * 1024))
    cache = make()
    with caplog.at_level(logging.WARNING):
        cache.set_many({"a": record("a", text="x" * 100_000)})
        assert cache.get("b") is MISSING  # passed over for a while
    assert len(caplog.records) == 1
    clock.advance(60)
    assert cache.get("b") == record("b")
    assert cache.get("a") is MISSING
    assert cache.keys() == ["b"]
    cache.set("a", record("a", name="new"))
    assert cache.get("a") == record("a", name="new")


def test_after_a_clear_that_failed_nothing_is_served(
    make: Callable[..., SqliteCache], path: Path, clock: FakeClock
) -> None:
    """After a reconnect everything counts as stale; a cache that was busy would go on serving it."""
    cache = make(busy_seconds=0.0)
    cache.set("a", record("a"))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        cache.clear()
    clock.advance(60)
    assert cache.get("a") is MISSING
    assert [*cache.keys(), *cache.values()] == []
    cache.clear()
    cache.set("a", record("a"))
    assert cache.get("a") == record("a")


# Processes


def test_forked_children_go_on(make: Callable[..., SqliteCache]) -> None:
    """A pool of worker processes would damage the file, or hang."""
    if "fork" not in multiprocessing.get_all_start_methods():
        pytest.skip("this platform does not fork")
    cache = make()
    cache.set("a", record("a"))
    here = multiprocessing.get_context("fork")

    def child() -> None:
        ok = cache.get("a") == record("a")
        cache.set(f"from {os.getpid()}", record("b"))
        os._exit(0 if ok else 1)

    children = [here.Process(target=child) for _ in range(4)]
    for each in children:
        each.start()
    for each in children:
        each.join(30)
    assert [each.exitcode for each in children] == [0] * 4
    assert len(cache.keys()) == 5


def test_one_thread_may_close_it_while_others_use_it(make: Callable[..., SqliteCache]) -> None:
    """The end of a session would raise something foreign out of its threads."""
    cache = make()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            while True:
                cache.set("a", record("a"))
                cache.get("a")
        except ConnectionClosedError:
            return
        except BaseException as error:  # noqa: BLE001 - handed to the thread that tests
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    while cache.get("a") is MISSING:
        pass
    cache.close()
    for thread in threads:
        thread.join(30)
    assert failed == []


def test_an_entry_is_of_its_codec_and_version(make: Callable[..., SqliteCache], path: Path) -> None:
    """After an upgrade old bytes would be read as something else."""
    cache = make()
    cache.set("a", record("a"))
    [(data,)] = rows(path, "SELECT data FROM record")
    assert MsgpackRecordCodec().decode(data) == record("a")
    assert make(codec="json").get("a") is MISSING
    assert KIND.version == rows(path, "PRAGMA user_version")[0][0]

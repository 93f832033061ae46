"""Sessions whose records lie in a SQLite file: what they share, what it costs, and disks that fail them."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.caches import ProxyCache, SqliteCache
from ftrack_backends.workspace import Workspace
from ftrack_core import Session
from ftrack_core.testing import FakeClock

STATUS = {"freshness": {"Status": "1d"}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file lies."""
    return tmp_path / "records.sqlite"


@pytest.fixture
def make_cache(path: Path) -> Iterator[Callable[[], SqliteCache]]:
    """Makes caches of one file, as processes of their own would."""
    made: list[SqliteCache] = []

    def make() -> SqliteCache:
        made.append(SqliteCache(path=path, clock=FakeClock()))
        return made[-1]

    yield make
    for each in made:
        each.close()


def read_statuses(session: Session) -> list[Any]:
    """Ids of all statuses, read with their names."""
    return [status["id"] for status in session.query("select name, color from Status")]


class Counting(ProxyCache):
    """Notes what is asked of the cache behind it."""

    calls: list[tuple[str, int]]

    def get_many(self, keys: Any) -> Any:
        """Note it."""
        keys = list(keys)
        self.calls.append(("get", len(keys)))
        return self.cache.get_many(keys)

    def set_many(self, records: Any) -> None:
        """Note it."""
        self.calls.append(("set", len(records)))
        self.cache.set_many(records)

    def remove_many(self, keys: Any) -> int:
        """Note it."""
        keys = list(keys)
        self.calls.append(("remove", len(keys)))
        return int(self.cache.remove_many(keys))

    def get(self, key: Any) -> Any:
        """Note it."""
        return self.get_many((key,)).get(key)


def test_a_later_process_reads_what_an_earlier_one_kept(
    make_session: Callable[..., Session], wire: Any, make_cache: Callable[[], SqliteCache]
) -> None:
    """Statuses come over the network once a day, not once a process."""
    first = make_session(cache=make_cache(), settings=STATUS)
    [key, *_] = read_statuses(first)
    first.close()
    second = make_session(cache=make_cache(), settings=STATUS)
    wire.forget()
    status = second.get("Status", key)
    assert status is not None
    assert status["name"]
    assert status["color"]
    assert wire.calls == 0


def test_its_name_and_a_path_are_enough(make_session: Callable[..., Session], wire: Any, path: Path) -> None:
    """A studio's config says it in one line."""
    cache = {"backend": "sqlite", "path": str(path), "megabytes": 8}
    with make_session(cache=cache, settings=STATUS) as first:
        [key, *_] = read_statuses(first)
    second = make_session(cache=cache, settings=STATUS)
    wire.forget()
    assert second.get("Status", key)
    assert wire.calls == 0


def test_a_page_is_one_call_to_the_cache(
    make_session: Callable[..., Session], make_cache: Callable[[], SqliteCache]
) -> None:
    """A thousand entities would be a thousand transactions."""
    cache = Counting(make_cache())
    cache.calls = []
    session = make_session(cache=cache, settings=STATUS)
    ids = read_statuses(session)
    assert cache.calls == [("get", len(ids)), ("set", len(ids))]
    cache.calls.clear()
    second = make_session(cache=cache, settings=STATUS)
    assert len(second.get_many("Status", ids)) == len(ids)
    assert cache.calls == [("get", len(ids))]


def test_a_loop_over_what_is_kept_is_one_call_to_the_cache_for_each_cohort(
    make_session: Callable[..., Session], make_cache: Callable[[], SqliteCache], wire: Any
) -> None:
    """A loop over a thousand tasks would be a thousand look-ups, each of them a way there where the cache is far."""
    cache = Counting(make_cache())
    cache.calls = []
    ids = read_statuses(make_session(cache=cache, settings=STATUS))
    second = make_session(cache=cache, settings=STATUS)
    statuses = second.query("select id from Status").all()
    cache.calls.clear()
    wire.forget()
    names = [status["name"] for status in statuses]
    assert None not in names
    assert (cache.calls, wire.calls) == ([("get", len(ids))], 0)


def test_two_keys_of_one_user_on_one_file_never_see_each_others_rows(
    wire: Any, make_cache: Callable[[], SqliteCache]
) -> None:
    """Permissions follow the key, so what is read with one is not shown to whoever has the other."""
    user = {"username": "ann", "api_key": "ann's own"}
    with Workspace.open(seed={"User": [user], "api_key": [{"api_key": "everybody's", "label": "farm"}]}) as workspace:

        def session(key: str) -> Session:
            config = {"transport": type(wire)(workspace), "schema_cache_path": False, **STATUS}
            return Session("http://show.invalid", key, "ann", cache=make_cache(), config=config)

        with session("ann's own") as first, session("everybody's") as second:
            ids = read_statuses(first)
            assert len(second.get_many("Status", ids)) == len(ids)
            assert second.statistics().cache_hits == 0
            assert read_statuses(second) == ids
            assert len(make_cache().keys()) == 2 * len(ids)
        with session("everybody's") as third:
            assert len(third.get_many("Status", ids)) == len(ids)
            assert third.statistics().cache_hits == len(ids)


def _no_database(path: Path) -> None:
    path.write_bytes(b"something else " * 300)


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def _newer(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA user_version = 99")


def _somebody_elses(path: Path) -> None:
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE precious (thing)")


def _a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _spoilt_entries(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE record SET data = substr(data, 1, 20)")


@pytest.mark.parametrize(
    "spoil",
    [_no_database, _truncated, _newer, _somebody_elses, _a_folder, _spoilt_entries],
    ids=lambda it: it.__name__,
)
def test_a_session_goes_on_whatever_becomes_of_the_file(
    make_session: Callable[..., Session],
    make_cache: Callable[[], SqliteCache],
    path: Path,
    spoil: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One bad block on one machine would end every publish there."""
    earlier = make_cache()
    ids = read_statuses(make_session(cache=earlier, settings=STATUS))
    earlier.close()
    spoil(path)
    session = make_session(cache=make_cache(), settings=STATUS)
    with caplog.at_level(logging.WARNING):
        names = {status["name"] for status in session.get_many("Status", ids) if status is not None}
        task = session.query("select name, status from Task").first()
        assert task is not None
        task["name"] = "renamed"
        session.commit()
        assert task["status"]["name"] in names
    assert len(caplog.records) == 1
    assert len(names) == len(ids)


_READING_AND_WRITING = """
import sys
from ftrack_backends.caches import SqliteCache
from ftrack_core.testing import FakeClock, record
cache = SqliteCache(path=sys.argv[1], clock=FakeClock(), max_bytes=1024 * 1024)
number = 0
while True:
    number += 1
    cache.set_many({f"{n}": record(number=number, more=[number] * 300) for n in range(50)})
    cache.remove_many([f"{number % 50}"])
    cache.get_many([f"{n}" for n in range(50)])
    print("step", flush=True)
"""


def test_killed_writers_leave_a_file_that_can_be_read(path: Path, make_cache: Callable[[], SqliteCache]) -> None:
    """A farm kills processes all day; each entry is whole or absent, and nobody tidies up."""
    for round_ in range(4):
        command = [sys.executable, "-c", _READING_AND_WRITING, str(path)]
        writers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
        for each in writers:
            assert each.stdout is not None
            for _ in range(2 + round_):
                assert each.stdout.readline() == b"step\n"
        for each in writers:
            each.kill()
            each.communicate(timeout=60)
        cache = make_cache()
        records, keys = cache.values(), cache.keys()
        assert len(records) == len(keys) >= 48
        assert all(found.values["more"] == [found.values["number"]] * 300 for found in records)
        assert set(cache.get_many([str(n) for n in range(50)])) == set(keys)
    assert [each.name for each in path.parent.glob("*.damaged")] == []

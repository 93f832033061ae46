"""The contract of caches."""

from __future__ import annotations

import copy
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ftrack_core.errors import ConnectionClosedError
from ftrack_core.interfaces import IBatchCache, ICache, IDiagnosed, IExpiringCache, IPersistentCache, ISharedCache
from ftrack_core.testing._fakes import FakeClock, record
from ftrack_core.testing.suites._suite import ContractSuite, needs
from ftrack_core.values import MISSING, EntityIdentity, EntityRecord

__all__ = ["CacheContract"]

RICH = EntityRecord(
    EntityIdentity("Shot", ("a",)),
    1234.5,
    {
        "text": "ü\u2028\x00", "empty": "", "none": None, "yes": True, "no": False, "one": 1, "float": 1.0,
        "big": 2**60, "date": {"__type__": "datetime", "value": "2022-10-10T10:12:09"},
        "parent": EntityIdentity("Project", ("p",)), "link": [{"id": "p", "type": "Project"}, {}], "children": [],
        "assignees": [EntityIdentity("User", ("u",)), EntityIdentity("Group", ("g", "2"))],
    },
)  # fmt: skip
"""A record with every kind of value that there is."""
_WRITING = """
number = 0
while True:
    number += 1
    cache.set(str(number % 3), record("a", number=number, more=[number] * 5000))
    print("written", flush=True)
"""


class CacheContract(ContractSuite):
    """Subclass it and override `make`.

    A cache that keeps its records as bytes, which can be damaged, names `"stored entries"` among its capabilities and
    overrides `spoil`. One that other processes can open names `"processes"` and overrides `expression`.
    """

    interface = ICache
    powers = frozenset(
        {IBatchCache, IExpiringCache, ISharedCache, IPersistentCache, IDiagnosed, "stored entries", "processes"}
    )

    def make(self, folder: Path, clock: FakeClock) -> Any:
        """A cache.

        Args:
            folder: Where to keep things, for caches that need a place. Two caches of one folder share what they keep.
            clock: The time, for caches that expire.
        """
        raise AssertionError(f"override make() so that it gives a cache in {folder} with {clock}")

    def spoil(self, cache: Any, folder: Path, key: str) -> None:
        """Damage what stands under a key, as a disk or another program would; for `"stored entries"`.

        Args:
            cache: The cache, open.
            folder: Where it keeps things.
            key: The key.
        """
        raise AssertionError(f"override spoil() so that it damages the entry {key!r} of {cache} in {folder}")

    def expression(self, folder: Path) -> str:
        """A Python expression that makes the cache of a folder in another process; for `"processes"`.

        Args:
            folder: Where it keeps things.
        """
        raise AssertionError(f"override expression() so that it tells how to make the cache of {folder}")

    @pytest.fixture
    def clock(self) -> FakeClock:
        """Time that the test moves."""
        return FakeClock()

    @pytest.fixture
    def cache(self, tmp_path: Path, clock: FakeClock) -> Iterator[Any]:
        """The cache under test."""
        cache = self.make(tmp_path, clock)
        yield cache
        cache.close()

    def test_it_has_the_shape_and_the_powers_it_says(self, cache: Any) -> None:
        """A caller that passes arguments by name, or uses a power, would meet an error."""
        self.check_shape(cache)

    def test_c1_what_was_set_is_got(self, cache: Any) -> None:
        """Every get would go to the server."""
        cache.set(key="a", record=record("a"))
        cache.set(key="b", record=record("b"))
        assert cache.get(key="a") == record("a")
        assert cache.get(key="b") == record("b")

    def test_c1_every_kind_of_value_comes_back_as_it_was(self, cache: Any) -> None:
        """A reference would become a list, or 1 would become 1.0, on the way through a cache."""
        cache.set(key="rich", record=RICH)
        found = cache.get(key="rich")
        assert repr(found) == repr(RICH)
        assert isinstance(found.identity, EntityIdentity)
        assert isinstance(found.values["parent"], EntityIdentity)

    def test_c1_what_was_never_set_is_missing(self, cache: Any) -> None:
        """None would be taken for a value."""
        assert cache.get(key="a") is MISSING
        cache.set(key="a", record=record("a"))
        assert cache.get(key="A") is MISSING
        assert cache.get(key="") is MISSING
        assert cache.get(key=b"a") is MISSING

    @pytest.mark.parametrize("key", ["Shot,a/b\\c", "ü", "x" * 1000, " ", "%s{0}", b"\x00\xff", b""], ids=repr)
    def test_c1_any_key_will_do(self, cache: Any, key: str | bytes) -> None:
        """An entity with an odd key would never be found, or break the store."""
        cache.set(key=key, record=record("odd"))
        assert cache.get(key=key) == record("odd")
        assert cache.keys() == [key]
        assert cache.remove(key=key) is True
        assert cache.get(key=key) is MISSING

    def test_c2_a_record_is_not_changed(self, cache: Any) -> None:
        """Whoever holds a record would see it change under its hands."""
        given = copy.deepcopy(RICH)
        cache.set(key="a", record=given)
        first = cache.get(key="a")
        cache.set(key="a", record=record("a", fetched_at=2.0))
        cache.remove(key="a")
        assert given == RICH
        assert first == RICH

    def test_c3_a_later_set_replaces_the_earlier(self, cache: Any) -> None:
        """A stale record would come back."""
        cache.set(key="a", record=record("a", fetched_at=1.0, name="old", more="gone"))
        cache.set(key="a", record=record("a", fetched_at=2.0, name="new"))
        assert cache.get(key="a") == record("a", fetched_at=2.0, name="new")
        assert cache.keys() == ["a"]

    def test_c4_what_was_removed_is_missing_until_it_is_set_again(self, cache: Any) -> None:
        """A deleted entity would come back from the dead."""
        cache.set(key="a", record=record("a"))
        assert cache.remove(key="a") is True
        assert cache.get(key="a") is MISSING
        assert cache.remove(key="a") is False
        cache.set(key="a", record=record("a"))
        assert cache.get(key="a") == record("a")

    def test_c5_clear_without_a_pattern_forgets_everything(self, cache: Any) -> None:
        """A reset would leave things behind."""
        self._fill(cache)
        cache.clear()
        assert cache.keys() == []
        assert cache.values() == []
        assert cache.get(key="Shot,a") is MISSING

    @pytest.mark.parametrize(
        ("pattern", "left"),
        [
            ("^Shot,", {"Task,a", "AssetVersion,Shot,"}),
            ("a$", {"Shot,b", "AssetVersion,Shot,"}),
            ("Shot", {"Task,a"}),
            ("x", {"Shot,a", "Shot,b", "Task,a", "AssetVersion,Shot,"}),
            ("", set()),
        ],
    )
    def test_c5_clear_forgets_the_keys_that_the_pattern_is_found_in(
        self, cache: Any, pattern: str, left: set[str]
    ) -> None:
        """Too much would be forgotten, or too little."""
        self._fill(cache)
        cache.clear(pattern=pattern)
        assert set(cache.keys()) == left

    def test_c5_keys_of_bytes_are_searched_in_their_text(self, cache: Any) -> None:
        """A key maker that gives bytes would make clear useless."""
        cache.set(key="Shot,ü".encode(), record=record("a"))
        cache.set(key=b"\xff\x00", record=record("b"))
        cache.clear(pattern="ü$")
        assert cache.keys() == [b"\xff\x00"]

    def test_c5_a_pattern_that_is_none_removes_nothing(self, cache: Any) -> None:
        """A typing error would empty the cache or raise something foreign."""
        self._fill(cache)
        with pytest.raises(ValueError, match="pattern"):
            cache.clear(pattern="(")
        assert len(cache.keys()) == 4

    def test_c6_keys_and_values_are_of_their_moment(self, cache: Any) -> None:
        """A loop that removes what it walks over would raise."""
        self._fill(cache)
        keys, values = cache.keys(), cache.values()
        for key in keys:
            cache.remove(key=key)
        assert len(keys) == len(values) == 4
        assert sorted(value.identity.key[0] for value in values) == ["a", "b", "t", "v"]

    @needs("stored entries")
    def test_c7_an_entry_that_cannot_be_read_is_missing(self, cache: Any, tmp_path: Path) -> None:
        """A damaged file would raise out of a session, or be served."""
        cache.set(key="a", record=RICH)
        cache.set(key="b", record=record("b"))
        self.spoil(cache, tmp_path, "a")
        assert cache.values() == [record("b")]
        assert cache.get(key="a") is MISSING
        assert cache.keys() == ["b"]
        cache.set(key="a", record=RICH)
        assert cache.get(key="a") == RICH

    @needs("stored entries")
    def test_c7_it_is_logged_once(self, cache: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """A damaged disk would fill the log, or nobody would ever know."""
        with caplog.at_level(logging.WARNING):
            for key in ("a", "b", "c"):
                cache.set(key=key, record=record(key))
                self.spoil(cache, tmp_path, key)
                assert [cache.get(key=key), cache.get(key=key)] == [MISSING, MISSING]
        assert len(caplog.records) == 1

    @needs("stored entries", IBatchCache)
    def test_c7_a_batch_leaves_out_what_cannot_be_read(self, cache: Any, tmp_path: Path) -> None:
        """One damaged entry would make a page of good ones useless."""
        cache.set_many(records={key: record(key) for key in ("a", "b")})
        self.spoil(cache, tmp_path, "a")
        assert cache.get_many(keys=["a", "b"]) == {"b": record("b")}

    def test_c8_a_closed_cache_says_so(self, cache: Any) -> None:
        """A closed store would be opened anew behind its owner's back, or raise something foreign."""
        cache.close()
        cache.close()
        calls = [
            lambda: cache.get(key="a"),
            lambda: cache.set(key="a", record=record()),
            lambda: cache.remove(key="a"),
        ]
        for call in [*calls, cache.keys, cache.values, cache.clear]:
            with pytest.raises(ConnectionClosedError):
                call()

    def test_many_threads_may_call_at_once(self, cache: Any) -> None:
        """A threaded host would lose records or meet errors that nobody can repeat."""
        failed: list[BaseException] = []

        def work(name: str) -> None:
            try:
                for n in range(30):
                    cache.set(key=f"{name}{n}", record=record(f"{name}{n}"))
                    assert cache.get(key=f"{name}{n}") in (MISSING, record(f"{name}{n}"))
                    found = cache.get(key="shared")
                    assert found is MISSING or found.values["one"] == found.values["other"]
                    cache.set(key="shared", record=record("shared", one=n, other=n))
                    cache.keys()
                    cache.values()
                    cache.remove(key=f"{name}{n}")
            except BaseException as error:  # noqa: BLE001 - handed to the thread that tests
                failed.append(error)

        threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert cache.keys() == ["shared"]

    @needs(IBatchCache)
    def test_c9_a_batch_has_the_result_of_its_steps(self, cache: Any) -> None:
        """Loading a page through the cache would differ from loading its entities."""
        cache.set_many(records={"a": record("a"), "b": record("b"), "c": record("c")})
        assert cache.get_many(keys=["b", "x", "a"]) == {"a": record("a"), "b": record("b")}
        cache.set_many(records={"a": record("a", name="new")})
        assert cache.get(key="a") == record("a", name="new")
        assert cache.remove_many(keys=["a", "x", "b"]) == 2
        assert cache.keys() == ["c"]

    @needs(IBatchCache)
    def test_c9_batches_of_nothing_and_of_generators_are_fine(self, cache: Any) -> None:
        """A page with no rows would raise."""
        cache.set_many(records={})
        assert dict(cache.get_many(keys=[])) == {}
        assert cache.remove_many(keys=[]) == 0
        cache.set_many(records={"a": record("a")})
        assert dict(cache.get_many(keys=(key for key in ["a", "a"]))) == {"a": record("a")}
        assert cache.remove_many(keys=(key for key in ["a", "a"])) == 1

    @needs(IBatchCache)
    def test_c8_a_closed_cache_refuses_batches_too(self, cache: Any) -> None:
        """A closed store would be opened anew behind its owner's back."""
        cache.close()
        with pytest.raises(ConnectionClosedError):
            cache.get_many(keys=["a"])
        with pytest.raises(ConnectionClosedError):
            cache.set_many(records={"a": record()})
        with pytest.raises(ConnectionClosedError):
            cache.remove_many(keys=["a"])

    @needs(IExpiringCache)
    def test_c10_a_record_is_missing_once_its_time_is_over(self, cache: Any, clock: FakeClock) -> None:
        """A record would be served for ever."""
        cache.set_expiring(key="a", record=record("a"), seconds=10.0)
        clock.advance(9.9)
        assert cache.get(key="a") == record("a")
        clock.advance(0.2)
        assert cache.get(key="a") is MISSING

    @needs(IExpiringCache)
    def test_c10_an_expired_record_is_in_no_list(self, cache: Any, clock: FakeClock) -> None:
        """A look through the cache would show what is not there."""
        cache.set(key="stays", record=record("stays"))
        cache.set_expiring(key="a", record=record("a"), seconds=10.0)
        assert set(cache.keys()) == {"stays", "a"}
        clock.advance(11)
        assert cache.keys() == ["stays"]
        assert cache.values() == [record("stays")]
        assert cache.remove(key="a") is False

    @needs(IExpiringCache)
    def test_c10_a_plain_set_ends_the_expiry(self, cache: Any, clock: FakeClock) -> None:
        """A record that was set to stay would vanish with an older one's time."""
        cache.set_expiring(key="a", record=record("a"), seconds=10.0)
        cache.set(key="a", record=record("a", name="stays"))
        clock.advance(11)
        assert cache.get(key="a") == record("a", name="stays")

    @needs(IExpiringCache)
    @pytest.mark.parametrize("seconds", [0, -1.0])
    def test_c10_no_time_keeps_nothing(self, cache: Any, seconds: float) -> None:
        """What must not be kept would be kept."""
        cache.set(key="a", record=record("a"))
        cache.set_expiring(key="a", record=record("a"), seconds=seconds)
        assert cache.get(key="a") is MISSING

    @needs(ISharedCache)
    def test_c11_what_one_sets_another_gets(self, cache: Any, tmp_path: Path, clock: FakeClock) -> None:
        """Every process of a farm would ask the server for the same statuses."""
        other = self.make(tmp_path, clock)
        cache.set(key="a", record=RICH)
        assert other.get(key="a") == RICH
        other.remove(key="a")
        assert cache.get(key="a") is MISSING
        other.close()

    @needs(ISharedCache, "processes")
    def test_c11_what_another_process_sets_is_got_here(self, cache: Any, tmp_path: Path) -> None:
        """What looks shared in one process would be everybody's own."""
        cache.set(key="b", record=record("b"))
        run = self._program(
            tmp_path, "print(cache.get('b') == record('b')); cache.set('a', record('a')); cache.close()"
        )
        told, _ = run.communicate(timeout=60)
        assert told.split() == [b"True"]
        assert cache.get(key="a") == record("a")

    @needs(IPersistentCache, "processes")
    def test_c13_a_kill_leaves_each_entry_whole_or_absent(self, tmp_path: Path, clock: FakeClock) -> None:
        """A render node that is switched off would leave half a record, or a store that nobody can open."""
        for delay_seconds in (0.001, 0.01, 0.03):
            run = self._program(tmp_path, _WRITING)
            assert run.stdout is not None
            for _ in range(4):
                assert run.stdout.readline() == b"written\n"
            time.sleep(delay_seconds)  # to kill it at another point of its next writes each time
            run.kill()
            run.communicate(timeout=60)
            self._check_whole(tmp_path, clock)

    def _check_whole(self, folder: Path, clock: FakeClock) -> None:
        cache = self.make(folder, clock)
        records = cache.values()
        assert records
        for found in records:
            assert found.values["more"] == [found.values["number"]] * 5000
        cache.set(key="after", record=record("after"))
        assert cache.get(key="after") == record("after")
        cache.remove(key="after")
        cache.close()

    def _program(self, folder: Path, what: str) -> subprocess.Popen[bytes]:
        text = f"from ftrack_core.testing import record\ncache = {self.expression(folder)}\n{what}"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, env=environment)  # noqa: S603

    @needs(IPersistentCache)
    def test_c12_what_was_set_is_there_after_closing(self, cache: Any, tmp_path: Path, clock: FakeClock) -> None:
        """Each start would begin with an empty cache."""
        cache.set(key="a", record=RICH)
        cache.close()
        again = self.make(tmp_path, clock)
        assert again.get(key="a") == RICH
        again.close()

    @needs(IDiagnosed)
    def test_d1_what_goes_wrong_in_a_diagnosis_is_no_error(self, cache: Any, tmp_path: Path) -> None:
        """`ftrack doctor` would fail where something is wrong, which is where it is needed."""
        assert list(cache.diagnose(timeout_seconds=10.0))
        cache.set(key="a", record=RICH)
        if "stored entries" in self.capabilities:
            self.spoil(cache, tmp_path, "a")
        assert list(cache.diagnose(timeout_seconds=10.0))
        cache.close()
        list(cache.diagnose(timeout_seconds=10.0))

    @needs(IDiagnosed)
    def test_d3_a_diagnosis_changes_nothing(self, cache: Any) -> None:
        """Looking at a cache that a farm shares would throw something out of it, or put something in."""
        self._fill(cache)
        keys = sorted(cache.keys())
        before = [cache.get(key=key) for key in keys]
        list(cache.diagnose(timeout_seconds=10.0))
        assert sorted(cache.keys()) == keys
        assert [cache.get(key=key) for key in keys] == before

    def _fill(self, cache: Any) -> None:
        cache.set(key="Shot,a", record=record("a"))
        cache.set(key="Shot,b", record=record("b"))
        cache.set(key="Task,a", record=record("t"))
        cache.set(key="AssetVersion,Shot,", record=record("v"))

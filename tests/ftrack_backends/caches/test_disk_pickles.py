"""The disk cache on a database in which everything is planted that diskcache would unpickle, open or remove."""

from __future__ import annotations

import math
import os
import pickle
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import FunctionType
from typing import Any

import diskcache
import pytest

from ftrack_backends.caches import DiskCache
from ftrack_backends.caches._disk_bytes import BytesCache, BytesDisk
from ftrack_core.testing import record
from ftrack_core.values import MISSING

KEY = b"ta"
"""How the key `a` stands in the table."""
HEAD = struct.pack(">d", math.inf)


class Canary:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


class Planted:
    """The database of a disk cache, to plant things in.

    Attributes:
        folder: Where diskcache has it.
        sung: The folder that a canary makes.
        precious: A file that is none of the cache's.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "kept"
        self.folder = self.path / "v1" / "0-of-1" / "0"
        self.sung = folder / "sung"
        self.precious = folder / "precious"
        self.precious.write_bytes(self.canary)
        with closing(DiskCache(self.path)) as cache:
            cache.set("b", record("b"))

    @property
    def canary(self) -> bytes:
        """A pickle that must not be loaded."""
        return pickle.dumps(Canary(self.sung))

    def row(self, mode: Any = 4, key: Any = KEY, raw: Any = 1, filename: Any = None, value: Any = None) -> None:
        """Put a row into the table, which is the first to go."""
        self.run(
            "INSERT OR REPLACE INTO Cache (key, raw, store_time, access_time, mode, filename, value, expire_time) "
            "VALUES (?, ?, 0, 0, ?, ?, ?, NULL)",
            (key, raw, mode, filename, value),
        )

    def setting(self, name: Any, value: Any) -> None:
        """Put a setting into the table of settings."""
        self.run("INSERT OR REPLACE INTO Settings VALUES (?, ?)", (name, value))

    def run(self, statement: str, values: Any = ()) -> None:
        """Change the database as another program would."""
        with closing(sqlite3.connect(self.folder / "cache.db", isolation_level=None)) as connection:
            connection.execute(statement, values)


def _file(planted: Planted) -> None:
    (planted.folder / "it.val").write_bytes(planted.canary)
    planted.row(filename="it.val")


def _far(planted: Planted) -> None:
    planted.row(filename=str(planted.precious))


def _upwards(planted: Planted) -> None:
    planted.row(filename=os.path.relpath(planted.precious, planted.folder))


def _everything(planted: Planted) -> None:
    for number, mode in enumerate([0, 1, 2, 3, 4, 5, -1, "4", 4.0, b"4", None]):
        planted.row(mode=mode, key=b"t%d" % number, value=planted.canary)
        planted.row(mode=mode, key=b"tf%d" % number, filename=str(planted.precious))


WAYS: dict[str, Callable[[Planted], None]] = {
    "a value": lambda planted: planted.row(value=planted.canary),
    "a value of ours that is a pickle": lambda planted: planted.row(mode=1, value=HEAD + planted.canary),
    "a value without a head": lambda planted: planted.row(mode=1, value=planted.canary),
    "a file in the folder": _file,
    "a file elsewhere": _far,
    "a file upwards": _upwards,
    "a binary file elsewhere": lambda planted: planted.row(mode=2, filename=str(planted.precious)),
    "a key": lambda planted: planted.row(mode=1, key=planted.canary, raw=0, value=b"x"),
    "our key as a pickle": lambda planted: planted.row(mode=1, key=KEY, raw=0, value=b"x"),
    "a key that says it is raw": lambda planted: planted.row(mode=1, key=planted.canary, value=b"x"),
    "every mode": _everything,
}
SETTINGS: dict[str, tuple[Any, Any]] = {
    "a protocol": ("disk_pickle_protocol", 5),
    "a protocol that is none": ("disk_pickle_protocol", "five"),
    "a class": ("disk", "diskcache.Disk"),
    "an option that there is not": ("disk_compress_level", 9),
    "the disk's folder": ("disk__directory", "/"),
    "the folder": ("_directory", "/"),
    "a method": ("get", "x"),
    "the class itself": ("__class__", "x"),
    "the connections": ("_connections", "x"),
    "memory maps": ("sqlite_mmap_size", 1 << 30),
    "a pragma": ("sqlite_writable_schema", 1),
    "a pragma with more behind it": ("sqlite_user_version = 9; --", 1),
    "no journal": ("sqlite_journal_mode", "off"),
    "a policy": ("eviction_policy", "whatever"),
    "a limit": ("size_limit", "much"),
    "a number": (7, "x"),
}


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    """A database with one entry."""
    return Planted(tmp_path)


def _use(cache: Any) -> None:
    """Call everything that a cache has."""
    cache.get("a")
    cache.get_many(["a", "b", "0", "1"])
    cache.keys()
    cache.values()
    cache.set("a", record("a"))
    cache.set_many({"a": record("a"), "c": record("c")})
    cache.set_expiring("d", record("d"), 60)
    cache.remove("a")
    cache.remove_many(["a", "c", "4", "f4"])
    cache.clear("zz")
    assert cache.get("b") == record("b")


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("policy", ["least-recently-stored", "least-recently-used"])
def test_what_is_planted_is_neither_loaded_nor_touched(planted: Planted, way: Any, policy: str) -> None:
    """Whoever can write to a cache folder could run programs as everybody who reads it, or remove their files."""
    way(planted)
    with closing(DiskCache(planted.path, eviction_policy=policy)) as cache:
        _use(cache)
        cache.clear()
        assert cache.keys() == []
    assert not planted.sung.exists()
    assert planted.precious.read_bytes() == planted.canary


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_what_is_planted_goes_without_a_trace_when_there_is_no_room(planted: Planted, way: Any) -> None:
    """Making room would remove the files that planted rows name."""
    way(planted)
    with closing(DiskCache(planted.path, megabytes=1)) as cache:
        for number in range(40):
            cache.set(f"large{number}", record("a", text="x" * 50_000))
        assert cache.get("large39") is not MISSING
    assert not planted.sung.exists()
    assert planted.precious.exists()


def test_what_is_planted_under_a_key_is_missing_and_removed(
    planted: Planted, caplog: pytest.LogCaptureFixture
) -> None:
    """A planted row would be served, or come back for ever."""
    planted.row(value=planted.canary)
    with closing(DiskCache(planted.path)) as cache:
        assert [cache.get("a"), cache.get("a")] == [MISSING, MISSING]
        assert cache.keys() == ["b"]
    assert len(caplog.records) == 1


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_a_planted_setting_changes_nothing(planted: Planted, setting: Any, tmp_path: Path) -> None:
    """A row in a table would send the cache elsewhere, or replace parts of it."""
    planted.setting(*setting)
    with closing(DiskCache(planted.path)) as cache:
        _use(cache)
        shard = cache.cache.shards[0]
        assert shard._opened().directory == str(planted.folder)
        assert shard._opened().disk._directory == str(planted.folder)
        assert shard._opened().size_limit == 512 * 1024 * 1024
        assert shard.use(lambda each: each._number("PRAGMA user_version")) == 1
        assert shard.use(lambda each: each._number("PRAGMA writable_schema")) == 0
        assert shard.use(lambda each: each._number("PRAGMA mmap_size")) == 0
    assert {each.name for each in tmp_path.iterdir()} == {"kept", "precious"}


@pytest.mark.parametrize("name", ["disk_directory", b"blob", "count"], ids=repr)
def test_settings_that_make_no_sense_are_damage(planted: Planted, name: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A session would stop for errors of a library that it never heard of."""
    planted.setting(name, "x")
    with closing(DiskCache(planted.path)) as cache:
        assert cache.get("b") is MISSING
        cache.set("b", record("b"))
        _use(cache)
    assert len(caplog.records) == 1


@pytest.mark.parametrize("way", ["a value", "a file in the folder", "a file elsewhere", "a file upwards", "a key"])
def test_diskcache_itself_would_load_it(planted: Planted, way: str) -> None:
    """The tests above would plant nothing that is alive."""
    WAYS[way](planted)
    with closing(diskcache.Cache(str(planted.folder))) as cache:
        if way == "a key":
            list(cache)
        else:
            cache.get(KEY)
    assert planted.sung.exists()


def test_diskcache_itself_would_remove_a_file_elsewhere(planted: Planted) -> None:
    """As above."""
    _far(planted)
    with closing(diskcache.Cache(str(planted.folder))) as cache:
        cache.delete(KEY)
    assert not planted.precious.exists()


def _with_pickles(kind: type) -> set[str]:
    functions = {name: each for name, each in vars(kind).items() if isinstance(each, FunctionType)}
    return {name for name, each in functions.items() if {"pickle", "pickletools"} & {*each.__code__.co_names}}


def test_all_that_pickles_in_diskcache_is_replaced() -> None:
    """A later diskcache could pickle in a place that nobody looks at."""
    assert _with_pickles(diskcache.Disk) == {"put", "get", "store", "fetch"}
    assert _with_pickles(diskcache.Disk) <= vars(BytesDisk).keys()
    assert _with_pickles(BytesDisk) == _with_pickles(BytesCache) == _with_pickles(diskcache.Cache) == set()


def test_nothing_but_bytes_is_written() -> None:
    """A pickle would be written where another program reads it."""
    disk = BytesDisk("/nowhere")
    for value in ("text", 1, None, [1], {"a": 1}):
        with pytest.raises(TypeError, match="only bytes"):
            disk.store(value, read=False)
    with pytest.raises((TypeError, AttributeError)):
        disk.put(("a",))
    assert disk.put("a") == (KEY, True)

"""The `sqlite` schema cache, beyond its contract: its file, its size, and what is wrong with it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.schema_caches import SqliteSchemaOptions, sqlite
from ftrack_backends.schema_caches._json_file import JsonFileSchemaCache
from ftrack_backends.schema_caches._sqlite import SqliteSchemaCache
from ftrack_backends.workspace.model import ftrack_model, query_schemas
from ftrack_core.errors import CacheError
from ftrack_core.testing import FakeBackendContext, FakeClock
from ftrack_core.values import MISSING

SERVER = "https://acme.invalid"
SCHEMAS = [{"id": "Shot"}]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., SqliteSchemaCache]]:
    """Makes caches of one folder."""
    made: list[SqliteSchemaCache] = []

    def make_one(**options: Any) -> SqliteSchemaCache:
        made.append(SqliteSchemaCache(**{"folder": tmp_path, "clock": FakeClock(), **options}))
        return made[-1]

    yield make_one
    for each in made:
        each.close()


def rows(folder: Path, statement: str, *values: object) -> list[Any]:
    """What another program sees in the file, or does to it."""
    with contextlib.closing(sqlite3.connect(folder / "schemas.sqlite")) as connection, connection:
        return connection.execute(statement, values).fetchall()


def test_real_schemas_take_a_tenth(make: Callable[..., SqliteSchemaCache], tmp_path: Path) -> None:
    """Home folders of a farm's users are small and slow."""
    schemas = query_schemas(ftrack_model())
    cache = make()
    cache.save(SERVER, "h", schemas)
    assert cache.load(SERVER, "h") == schemas
    [(size,)] = rows(tmp_path, "SELECT length(data) FROM schemas")
    assert size < len(json.dumps(schemas)) / 10


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_the_file_is_for_its_user_only_and_has_no_credentials(tmp_path: Path) -> None:
    """A studio's custom attributes would be readable by everybody on the machine."""
    folder = tmp_path / "a" / "b"
    cache = SqliteSchemaCache(folder=folder, clock=FakeClock())
    cache.save("https://ann:s3cr3t@acme.invalid", "h", SCHEMAS)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}
    cache.close()
    assert not any(b"s3cr3t" in each.read_bytes() for each in folder.iterdir())


def test_a_hundred_servers_are_kept(make: Callable[..., SqliteSchemaCache], tmp_path: Path) -> None:
    """A test farm with a server for each run would fill the disk."""
    cache = make()
    for number in range(110):
        cache.save(f"https://{number}.invalid", "h", SCHEMAS)
    assert rows(tmp_path, "SELECT count(*) FROM schemas") == [(100,)]
    assert cache.load("https://109.invalid", "h") == SCHEMAS
    assert cache.load("https://9.invalid", "h") is MISSING


@pytest.mark.parametrize("data", [b"", b"no zlib", "text", 5], ids=repr)
def test_an_entry_of_something_else_is_missing_and_can_be_replaced(
    make: Callable[..., SqliteSchemaCache], tmp_path: Path, data: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A bad block would keep every session of a machine from starting."""
    make().save(SERVER, "h", SCHEMAS)
    rows(tmp_path, "UPDATE schemas SET data = ?", data)
    cache = make()
    with caplog.at_level(logging.WARNING):
        assert cache.load(SERVER, "h") is MISSING
        assert cache.load_or_fetch(SERVER, "h", lambda: SCHEMAS) == SCHEMAS
    assert len(caplog.records) == 1
    assert make().load(SERVER, "h") == SCHEMAS


def test_what_unpacks_without_end_is_not_read(make: Callable[..., SqliteSchemaCache]) -> None:
    """A few bytes in the cache folder would take all memory."""
    make().save(SERVER, "h", [{"id": "x" * 1_000_000}])
    assert make(max_bytes=1000).load(SERVER, "h") is MISSING
    small = make(max_bytes=1000)
    small.save(SERVER, "h2", [{"id": "x" * 1_000_000}])
    assert make().load(SERVER, "h2") is MISSING


def test_on_a_network_file_system_json_files_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Home folders lie on servers, where SQLite cannot keep a file sound."""
    monkeypatch.setattr("ftrack_backends.sqlite_files.network_file_system", lambda _path: "nfs4")
    cache = sqlite.create(SqliteSchemaOptions(folder=str(tmp_path)), FakeBackendContext())
    assert isinstance(cache, JsonFileSchemaCache)
    cache.save(SERVER, "h", SCHEMAS)
    assert cache.load(SERVER, "h") == SCHEMAS


def test_what_is_closed_keeps_nothing(make: Callable[..., SqliteSchemaCache], tmp_path: Path) -> None:
    """A file would be opened behind its owner's back."""
    cache = make()
    cache.close()
    cache.save(SERVER, "h", SCHEMAS)
    assert cache.load(SERVER, "h") is MISSING
    assert list(tmp_path.iterdir()) == []


def test_clearing_makes_no_file(make: Callable[..., SqliteSchemaCache], tmp_path: Path) -> None:
    """Whoever clears what there never was would find a new file there."""
    assert make(folder=tmp_path / "none").clear(None) == 0
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_cleared_is_an_error(make: Callable[..., SqliteSchemaCache], tmp_path: Path) -> None:
    """Somebody would believe that the schemas are gone, and meet them again."""
    cache = make(busy_seconds=0.0)
    cache.save(SERVER, "h", SCHEMAS)
    with contextlib.closing(sqlite3.connect(tmp_path / "schemas.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CacheError, match="cannot be cleared now"):
            cache.clear(SERVER)
    cache.close()
    with pytest.raises(CacheError, match="cannot be cleared now"):
        cache.clear(SERVER)


def test_its_diagnosis_tells_the_folder_and_the_file(make: Callable[..., SqliteSchemaCache], tmp_path: Path) -> None:
    """The doctor could not say where the schemas are, nor how old."""
    cache = make()
    (before,) = cache.diagnose(1.0)
    assert list(tmp_path.iterdir()) == []
    cache.save(SERVER, "h", SCHEMAS)
    (after,) = cache.diagnose(1.0)
    assert (before.facts["files"], after.facts["path"]) == (0, str(tmp_path))
    assert after.facts["files"] >= 1

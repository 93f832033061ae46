"""The `json_file` schema cache, beyond its contract: files, permissions, processes."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ftrack_backends.schema_caches import JsonFileOptions
from ftrack_backends.schema_caches._json_file import JsonFileSchemaCache, user_folder
from ftrack_core.errors import ConfigurationError
from ftrack_core.values import MISSING

SERVER = "https://acme.invalid"
SCHEMAS = [{"id": "Shot"}]


def the_file(folder: Path) -> Path:
    """The one file in a folder."""
    (found,) = folder.iterdir()
    return found


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_files_are_for_their_user_only(tmp_path: Path) -> None:
    """A studio's custom attributes would be readable by everybody on the machine."""
    folder = tmp_path / "a" / "b"
    JsonFileSchemaCache(folder=folder).save(SERVER, "h", SCHEMAS)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(the_file(folder).stat().st_mode) == 0o600


def test_a_file_says_what_it_is(tmp_path: Path) -> None:
    """Nobody could tell whose schema a file is, nor a later version what to do with it."""
    JsonFileSchemaCache(folder=tmp_path).save("https://ann:s3cr3t@acme.invalid", "h", SCHEMAS)
    content = json.loads(the_file(tmp_path).read_text())
    assert content == {"format": 1, "server": "https://acme.invalid", "schema_hash": "h", "schemas": SCHEMAS}
    assert JsonFileSchemaCache(folder=tmp_path).load("https://ann:s3cr3t@acme.invalid", "h") == SCHEMAS


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b'{"format": 2, "server": "https://acme.invalid", "schema_hash": "h", "schemas": []}',
        b'{"format": 1, "server": "https://acme.invalid", "schema_hash": "h", "schemas": {}}',
        b'{"format": 1, "server": "https://acme.invalid", "schema_hash": "h", "schemas": [1]}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
    ids=lambda content: repr(content[:20]),
)
def test_a_file_of_something_else_is_one_line_in_the_log(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that another program wrote would end the session, or be taken for a schema."""
    cache = JsonFileSchemaCache(folder=tmp_path)
    cache.save(SERVER, "h", SCHEMAS)
    the_file(tmp_path).write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert cache.load(SERVER, "h") is MISSING
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(tmp_path) in caplog.text


def test_a_file_of_another_server_is_not_ours_whatever_its_name(tmp_path: Path) -> None:
    """A file that was copied about would give another server's types."""
    cache = JsonFileSchemaCache(folder=tmp_path)
    cache.save(SERVER, "h", SCHEMAS)
    path = the_file(tmp_path)
    path.write_text(path.read_text().replace("acme", "ecma"))
    assert cache.load(SERVER, "h") is MISSING


def test_nothing_at_all_is_no_reason_for_a_line_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each first start would alarm somebody."""
    assert JsonFileSchemaCache(folder=tmp_path / "none").load(SERVER, "h") is MISSING
    assert caplog.records == []


def test_what_is_too_large_is_neither_written_nor_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file of many gigabytes in the cache folder would take all memory."""
    small, large = JsonFileSchemaCache(folder=tmp_path, max_bytes=100), JsonFileSchemaCache(folder=tmp_path)
    small.save(SERVER, "h", [{"id": "x" * 100}])
    assert not list(tmp_path.iterdir())
    large.save(SERVER, "h", [{"id": "x" * 100}])
    assert small.load(SERVER, "h") is MISSING
    assert caplog.text.count("larger than 100 bytes") == 2


def test_what_is_no_json_is_not_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A half-written file would stay behind."""
    JsonFileSchemaCache(folder=tmp_path).save(SERVER, "h", [{"id": object()}])
    assert not list(tmp_path.iterdir())
    assert "cannot be written" in caplog.text


def test_what_killed_writers_left_behind_is_removed_in_time(tmp_path: Path) -> None:
    """A home folder would fill up with halves of files."""
    old, young = tmp_path / "schemas-old.tmp", tmp_path / "schemas-young.tmp"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    JsonFileSchemaCache(folder=tmp_path).save(SERVER, "h", SCHEMAS)
    assert not old.exists()
    assert young.exists()


WRITER = """
import sys
from ftrack_backends.schema_caches._json_file import JsonFileSchemaCache
cache = JsonFileSchemaCache(folder=sys.argv[1])
print("ready", flush=True)
for n in range(int(sys.argv[3])):
    cache.save("https://acme.invalid", "h", [{"id": sys.argv[2], "padding": sys.argv[2] * 200_000}])
"""


def test_many_processes_read_and_write_one_folder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A farm that starts at once would read halves of files."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), letter, "60"], stdout=subprocess.PIPE)
        for letter in "ab"
    ]
    cache, seen = JsonFileSchemaCache(folder=tmp_path), set()
    while any(writer.poll() is None for writer in writers):
        found = cache.load(SERVER, "h")
        if found is not MISSING:
            assert found[0]["padding"] == found[0]["id"] * 200_000
            seen.add(found[0]["id"])
    assert [writer.communicate() and writer.returncode for writer in writers] == [0, 0]
    assert seen == {"a", "b"} or seen
    assert caplog.records == []
    assert len(list(tmp_path.iterdir())) == 1


def test_a_writer_that_is_killed_leaves_a_whole_file_or_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A farm job that was killed would break the start of all others."""
    cache = JsonFileSchemaCache(folder=tmp_path)
    for _ in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), "a", "100000"], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            while cache.load(SERVER, "h") is MISSING:
                pass
            writer.kill()
        found = cache.load(SERVER, "h")
        assert found is not MISSING
        assert found[0]["padding"] == "a" * 200_000
    assert caplog.records == []


def test_without_a_folder_it_is_the_user_s_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files would land in the folder that a program was started in."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    assert tmp_path in user_folder().parents
    assert JsonFileOptions().folder is None


def test_a_user_without_a_home_is_asked_for_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service account would meet something foreign."""
    monkeypatch.setattr("ftrack_backends.schema_caches._json_file.home_folder", lambda _environment: None)
    with pytest.raises(ConfigurationError, match="folder"):
        user_folder()

"""Files beside the database file: private, whole or not there, and nothing left lying about."""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_core.errors import ConfigurationError
from ftrack_core.values import Request

ID = "0b5b3a4e-6f0e-4a3e-9a3d-5a1f6c1d2e3f"


def folder(database: Path) -> Path:
    """Where the files are."""
    return database.with_name(f"{database.name}.files")


def names(database: Path) -> list[str]:
    """What lies there."""
    return sorted(os.listdir(folder(database)))  # noqa: PTH208


def test_files_are_there_when_the_workspace_is_opened_again(database: Path, sender_of: Any) -> None:
    """A show that was served yesterday has its movies today."""
    with Workspace.open(database) as workspace:
        sender = sender_of(workspace)
        sender.client.create("FileComponent", id=ID, name="a")
        sender.upload(b"abc", component_id=ID)
        bodies = [b"d" * 10, b"e" * 10]
        other = sender.client.create("FileComponent", name="b", id="7d3c7a53-6a8e-4f39-a2a7-62f9f8f7f3cd")["id"]
        upload_id, parts = sender.parts(other, bodies)
        sender.client.call(sender.complete(other, upload_id, parts))

    with Workspace.open(database) as workspace:
        sender = sender_of(workspace)
        assert sender.get(ID).body == b"abc"
        assert sender.get(other, range="bytes=9-10").body == b"de"
    assert len(names(database)) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="rights are another matter there")
def test_nobody_else_may_read_them(database: Path, sender_of: Any) -> None:
    """A show that is not out yet."""
    with Workspace.open(database) as workspace:
        sender_of(workspace).upload(b"abc")

        assert stat.S_IMODE(folder(database).stat().st_mode) == 0o700
        assert {stat.S_IMODE(one.stat().st_mode) for one in folder(database).iterdir()} == {0o600}


def test_a_workspace_without_files_makes_no_folder(database: Path) -> None:
    """Most tests have none."""
    Workspace.open(database).close()

    assert not folder(database).exists()


def test_what_a_killed_process_left_is_removed(database: Path, sender_of: Any) -> None:
    """Half an upload, a part that nobody completes, a file whose row was never written: gigabytes in a year."""
    with Workspace.open(database) as workspace:
        sender = sender_of(workspace)
        sender.client.create("FileComponent", id=ID, name="a")
        sender.upload(b"abc", component_id=ID)
    kept = names(database)
    for name in ("0" * 32, "1" * 32 + ".part"):
        (folder(database) / name).write_bytes(b"x")
    (folder(database) / "README").write_text("somebody's own")

    with Workspace.open(database) as workspace:
        assert names(database) == sorted([*kept, "README"])
        assert sender_of(workspace).get(ID).body == b"abc"


def test_parts_of_an_upload_go_when_the_workspace_is_closed(database: Path, sender_of: Any) -> None:
    """Its URLs may still be good then, and the parts are not known any more."""
    with Workspace.open(database) as workspace:
        sender = sender_of(workspace)
        sender.parts(ID, [b"abc", b"def"])
        arrival = workspace.receive(Request("PUT", sender.metadata(ID, file_name="a", file_size=9)["url"]))
        arrival.write(b"abc")
        arrival.abandon()

    assert names(database) == []


def test_a_file_whose_component_never_came_goes_after_a_day(database: Path, sender_of: Any) -> None:
    """The official client sends the file before the component is committed, which may then fail."""
    from ftrack_core.testing import FakeClock

    clock = FakeClock(1_800_000_000)
    with Workspace.open(database, clock=clock) as workspace:
        sender_of(workspace).upload(b"abc", component_id=ID)
    with Workspace.open(database, clock=clock) as workspace:
        assert sender_of(workspace).get(ID).body == b"abc"
    clock.advance(24 * 3600 + 1)
    with Workspace.open(database, clock=clock) as workspace:
        assert sender_of(workspace).get(ID).status == 404
    assert names(database) == []


def test_data_that_somebody_removed_is_not_found(database: Path, sender_of: Any) -> None:
    """A disk that was tidied by hand is no failure of the workspace; half a file is none at all."""
    with Workspace.open(database) as workspace:
        sender = sender_of(workspace)
        sender.upload(b"abc", component_id=ID)
        for one in folder(database).iterdir():
            one.unlink()

        response = sender.get(ID)
        assert response.status == 404
        assert b"gone from the workspace's disk" in response.body


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_in_the_folder_s_place_is_not_followed(database: Path, tmp_path: Path, sender_of: Any) -> None:
    """Files would be written where somebody else wants them."""
    (tmp_path / "elsewhere").mkdir()
    folder(database).symlink_to(tmp_path / "elsewhere")
    with Workspace.open(database) as workspace:
        sender = sender_of(workspace)
        url = sender.metadata(ID, file_name="a", file_size=3)["url"]

        assert sender.put(url, b"abc").status == 500
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("place", ["memory", "disk"])
def test_a_file_beyond_the_limit_is_refused(database: Path, sender_of: Any, place: str) -> None:
    """A workspace on a laptop is not the place for a terabyte."""
    with Workspace.open(database if place == "disk" else None, file_limit_bytes=10) as workspace:
        sender = sender_of(workspace)
        component = sender.client.create("FileComponent", id=ID, name="a")["id"]
        refused = sender.client.refused({"action": "get_upload_metadata", "component_id": ID, "file_size": 11})
        assert "10 bytes at most" in refused[1]
        signed = {"action": "generate_signed_url", "component_id": component, "operation": "put"}
        url = sender.client.call(signed)[0]["signed_url"]

        assert sender.put(url, b"x" * 11).status == 413
        assert (sender.put(url, b"x" * 10).status, sender.kept()) == (200, 1)


def test_a_folder_that_cannot_be_made_is_told(database: Path) -> None:
    """The fault names what stands in the way."""
    from ftrack_backends.workspace.files import DiskPieces

    folder(database).write_text("a file")

    with pytest.raises(ConfigurationError, match="no folder; move it away"):
        DiskPieces(folder(database)).begin()


def test_a_disk_that_is_full_is_told(database: Path, sender_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The artist sees why, and the half that fitted is gone."""

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with Workspace.open(database) as workspace:
        sender = sender_of(workspace)
        url = sender.metadata(ID, file_name="a", file_size=3)["url"]
        monkeypatch.setattr(os, "fsync", full)
        response = sender.put(url, b"abc")

        assert (response.status, json.loads(response.body)["error_code"]) == (507, "disk_full")
        assert names(database) == []


def test_a_row_that_cannot_be_written_leaves_no_file(database: Path, sender_of: Any) -> None:
    """The bytes are there before the row is; without it they belong to nobody."""
    with Workspace.open(database) as workspace:
        sender = sender_of(workspace)
        url = sender.metadata(ID, file_name="a", file_size=3)["url"]
        workspace.failures.add("upload", "during", error="ValidationError")
        sender.put(url, b"abc")

        assert names(database) == []
        assert sender.put(url, b"abc").status == 200

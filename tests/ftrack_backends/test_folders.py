"""What backends can tell of a folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ftrack_backends._folders import folder_finding


def test_what_is_in_a_folder_is_counted_with_its_age(tmp_path: Path) -> None:
    """Whether a cache is used at all shows in how old its newest file is."""
    for name, size, at in (("a", 10, 1000.0), ("b", 30, 5000.0)):
        (tmp_path / name).write_bytes(b"x" * size)
        os.utime(tmp_path / name, (at, at))
    found = folder_finding(tmp_path, [tmp_path / "a", tmp_path / "b", tmp_path / "gone"], now=5000.0 + 7300)
    assert found.state in {"ok", "warning"}
    assert (found.facts["files"], found.facts["bytes"]) == (2, 40)
    assert (found.facts["newest_seconds"], found.facts["oldest_seconds"]) == (7300, 11300)
    assert "the newest 2 h old" in found.text


def test_a_folder_that_is_not_there_yet_is_fine(tmp_path: Path) -> None:
    """Nobody should make a folder by hand because a doctor said so."""
    found = folder_finding(tmp_path / "a" / "b", [], now=0.0)
    assert found.state == "ok"
    assert "can be made" in found.text
    assert not (tmp_path / "a").exists()


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    """The path as a whole does not say which part of it is wrong."""
    (tmp_path / "a").touch()
    found = folder_finding(tmp_path / "a" / "b", [], now=0.0)
    assert found.state == "failed"
    assert found.text.startswith(str(tmp_path / "a") + " is a file")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    """Sessions go on without a cache, and nobody knows."""
    tmp_path.chmod(0o500)
    try:
        assert folder_finding(tmp_path / "a", [], now=0.0).state == "failed"
    finally:
        tmp_path.chmod(0o700)


def test_a_disk_that_is_nearly_full_and_one_of_the_network_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both look like a cache that is slow for no reason."""
    monkeypatch.setattr("ftrack_backends.sqlite_files.network_file_system", lambda _path: "nfs4")
    free = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: free._replace(free=1000))
    found = folder_finding(tmp_path, [], now=0.0)
    assert found.state == "warning"
    assert "only 1,000 bytes are free" in found.text
    assert found.facts["file_system"] == "a network file system (nfs4)"

"""Which files of plug-in folders are plug-ins, and in which order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ftrack_core.plugins import found_plugins
from ftrack_core.plugins._folders import plugins_in

ROOT = Path(__file__).parents[3]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and permissions as POSIX has them")
AS_SOMEBODY = """
import json, os, sys
from ftrack_core.plugins._folders import plugins_in
if os.geteuid() == 0:
    os.setuid(65534)  # permissions mean nothing to root
print(json.dumps([(found.name, found.state, found.reason) for found in plugins_in([sys.argv[1]])]))
"""


def tree(root: Path, *names: str) -> Path:
    """A folder with empty files."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def test_files_come_in_one_order_on_every_machine(tmp_path: Path) -> None:
    """The order of plug-ins decides who hears an event first: it must not depend on a file system."""
    folder = tree(tmp_path, "z.py", "10_late.py", "pkg/a.py", "pkg/__init__.py", "pkg/inner/b.py", "a.py", "B.py")
    names = [plugin.name for plugin in plugins_in([folder])]
    assert names == ["10_late", "B", "a", "z", "pkg", "pkg/a", "pkg/inner/b"]
    assert [plugin.order for plugin in found_plugins([folder], installed=False)] == list(range(1, 8))


def test_paths_come_in_the_order_given(tmp_path: Path) -> None:
    """A show's folder goes before the studio's by standing before it."""
    first, second = tree(tmp_path / "z", "x.py"), tree(tmp_path / "a", "x.py")
    found = plugins_in([str(first), "", "  ", second])
    assert [plugin.path for plugin in found] == [str(first / "x.py"), str(second / "x.py")]


def test_what_is_no_plug_in_is_not_looked_at(tmp_path: Path) -> None:
    """What version control, editors, macOS and Python leave in folders would be imported, and fail."""
    tree(
        tmp_path,
        ".git/hook.py",
        "._a.py",
        ".#a.py",
        "__pycache__/a.py",
        "a.pyc",
        "a.py~",
        "a.PYW",
        "notes.txt",
        "a.py",
    )
    assert [plugin.name for plugin in plugins_in([tmp_path])] == ["a"]


def test_a_folder_that_looks_like_a_file_is_a_folder(tmp_path: Path) -> None:
    """Names with dots and dashes are common where names carry versions."""
    tree(tmp_path, "v1.py/with-dash.py", "two.dots.py")
    assert [plugin.name for plugin in plugins_in([tmp_path])] == ["two.dots", "v1.py/with-dash"]


@POSIX
def test_a_file_that_is_reached_twice_is_one_plug_in(tmp_path: Path) -> None:
    """An action that is registered twice runs twice: paths of several tools often overlap."""
    folder = tree(tmp_path, "sub/a.py")
    (folder / "sub" / "link.py").symlink_to(folder / "sub" / "a.py")
    told = [(plugin.state, plugin.reason) for plugin in plugins_in([folder, folder / "sub", folder])]
    assert [state for state, _ in told] == ["found", *["skipped"] * 5]
    assert told[1][1] == f"it is the same file as {folder / 'sub' / 'a.py'}"
    assert told[2][1] == "its folder was named before"


@POSIX
def test_links_to_folders_are_told_and_not_followed(tmp_path: Path) -> None:
    """A link to a folder above would never end."""
    folder = tree(tmp_path, "a/x.py")
    (folder / "a" / "up").symlink_to(folder)
    last = plugins_in([folder])[-1]
    assert (last.name, last.state) == ("a/up", "skipped")
    assert "name the folder itself in plugin_paths" in last.reason


@POSIX
def test_a_link_to_a_folder_can_be_named(tmp_path: Path) -> None:
    """Studios point `current` at the version that is live."""
    folder = tree(tmp_path / "v12", "x.py")
    (tmp_path / "current").symlink_to(folder)
    [found] = plugins_in([tmp_path / "current"])
    assert found.path == str(tmp_path / "current" / "x.py")


@POSIX
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nowhere", "there is no such folder"),
        ("a.py", "it is a file: name the folder that holds it"),
        ("folder/nothing.py", "it is a link to nothing"),
        ("folder/pipe.py", "it is no file"),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path: Path, name: str, reason: str) -> None:
    """The official client says nothing, and the plug-in that is missed is looked for in vain."""
    tree(tmp_path, "a.py", "folder/ok.py")
    if name == "folder/nothing.py":
        (tmp_path / name).symlink_to(tmp_path / "gone.py")
    if name == "folder/pipe.py":
        os.mkfifo(tmp_path / name)
    path = tmp_path / name if "/" not in name else tmp_path / "folder"
    failed = [plugin for plugin in plugins_in([path]) if plugin.state == "failed"]
    assert [(plugin.path, plugin.reason) for plugin in failed] == [(str(tmp_path / name), reason)]


@POSIX
def test_a_folder_that_may_not_be_read_is_told_and_the_others_count() -> None:
    """One folder with wrong permissions must not take a show's plug-ins away."""
    with tempfile.TemporaryDirectory() as name:  # and not below pytest's own folder, which is shut to others
        folder = tree(Path(name), "open/a.py", "shut/b.py", "z/c.py")
        folder.chmod(0o755)
        (folder / "shut").chmod(0)
        done = subprocess.run(
            [sys.executable, "-c", AS_SOMEBODY, name], cwd=ROOT, capture_output=True, text=True, check=False
        )
        (folder / "shut").chmod(0o700)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        ["open/a", "found", ""],
        ["shut", "failed", "it cannot be read: Permission denied"],
        ["z/c", "found", ""],
    ]

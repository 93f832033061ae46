"""The template of a backend: whoever copies and renames it has a backend that works."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DISTRIBUTION = "backend-template"
SESSION = """
from ftrack_core import Session
settings = {"transport": {"seed": "demo"}, "freshness": {"User": "1d"}}
with Session("embedded:", cache="orchid", config=settings) as session:
    session.query("select username from User").first()
    print(type(session.cache).__name__)
"""

pytestmark = pytest.mark.slow


def _ok(done: Any) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


def test_a_renamed_copy_passes_its_suite_beside_the_wheel(fresh: Any, copied: Path, tmp_path: Path) -> None:
    """An author of a backend would begin with something that works on our machines only."""
    copied = Path(shutil.copytree(copied, tmp_path / "copy"))
    _ok(fresh.run("rename.py", "orchid", cwd=copied))
    texts = {str(path.relative_to(copied)): path.read_text(encoding="utf-8") for path in _files(copied)}
    assert [name for name, text in texts.items() if "acme" in (name + text).lower()] == []

    fresh.install("--no-build-isolation", str(copied))
    assert " passed" in _ok(fresh.run("-m", "pytest", "-q", cwd=copied))
    listed = json.loads(_ok(fresh.run("-m", "ftrack_core.cli", "backends", "cache", "--json", cwd=tmp_path)))
    [orchid] = [backend for backend in listed if backend["name"] == "orchid"]
    assert (orchid["state"], orchid["distribution"]) == ("ok", "ftrack-orchid")
    assert [option["name"] for option in orchid["options"]] == ["folder"]

    kept = tmp_path / "kept"
    _ok(fresh.run("-c", SESSION, cwd=tmp_path, environment={"ORCHID_FOLDER": str(kept)}))
    assert list(kept.glob("*.entry"))


@pytest.mark.parametrize("name", ["Orchid", "my-cache", "2d", ""])
def test_a_name_that_is_none_is_refused_before_anything_is_renamed(copied: Path, tmp_path: Path, name: str) -> None:
    """Half a renamed package is worse than none."""
    copied = Path(shutil.copytree(copied, tmp_path / "copy"))
    before = {path: path.read_bytes() for path in _files(copied)}
    done = subprocess.run([sys.executable, "rename.py", name], cwd=copied, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "is no name for a Python package" in done.stderr
    assert {path: path.read_bytes() for path in _files(copied)} == before


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "rename.py"]

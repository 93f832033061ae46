"""Files between the official Python client and `ftrack serve`: what is sent is what is fetched, byte for byte."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCRIPT = HERE / "files_day.py"
JPEG = "ffd8"

pytestmark = pytest.mark.interop


@pytest.mark.parametrize("place", ["memory", "disk"])
def test_the_official_client_lives_a_day_with_files(
    official_python: Path, serve: Callable[..., Any], tmp_path: Path, place: str
) -> None:
    """A studio's publishers and loaders run unchanged, and a thumbnail is a thumbnail."""
    image = pytest.importorskip("PIL.Image", reason="pictures need the `server` extra")
    picture = tmp_path / "still.png"
    image.new("RGB", (640, 360), (20, 90, 160)).save(picture)
    folder = tmp_path / "work"
    folder.mkdir()
    database = ("--database", str(tmp_path / "show.sqlite")) if place == "disk" else ()
    with serve("--seed", "demo", *database) as served:
        seen = lived(official_python, served, folder, picture)
        log = served.log()

    assert seen["files"] == {
        name: [True, size, 100.0]
        for name, size in {"nothing": 0, "one": 1, "middle": 5_000_000, "large": 20_000_000}.items()
    }
    assert seen["parts"] == [True, True]
    assert seen["copied"] is True
    assert seen["sequence"] == ["frame 1", "frame 2", "frame 3"]
    assert seen["thumbnail"] == [True, [JPEG, JPEG, JPEG], True]
    names = ["ftrackreview-image", "large", "middle", "nothing", "one"]
    assert seen["encoded"] == ["done", "image/jpeg", True, 0, names]
    assert seen["not encoded"] == ["failed", [], True]
    assert seen["removed"] == [404, 0.0]
    assert seen["refused"] == ["AccessorOperationFailedError", True]
    assert "Traceback" not in log


def lived(python: Path, served: Any, folder: Path, picture: Path) -> dict[str, Any]:
    """What the official client saw."""
    user = served.users[0]
    done = subprocess.run(
        [
            str(python),
            "-W",
            "ignore",
            str(SCRIPT),
            served.url,
            user["username"],
            user["api_key"],
            str(folder),
            str(picture),
        ],
        env={name: value for name, value in os.environ.items() if not name.startswith(("FTRACK_", "PYTHON"))},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen

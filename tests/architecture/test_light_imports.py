"""What an import costs: hosts start hundreds of times a day, so heavy libraries wait until they are needed."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = (
    "diskcache", "h11", "hypothesis", "msgpack", "orjson", "pytest", "requests", "rich", "sqlite3", "starlette",
    "stevedore", "uvicorn", "websocket",
)  # fmt: skip
SEAMS = sorted(
    f"ftrack_backends.{folder.name}"
    for folder in (ROOT / "ftrack_backends").iterdir()
    if (folder / "__init__.py").exists()
)
ENTRY_POINTS = {
    f"{point.group}:{point.name}": point.value.partition(":")[0]
    for point in importlib.metadata.distribution("ftrack-core").entry_points
}


@functools.cache
def _heavy_after(statement: str) -> list[str]:
    """Heavy libraries that a fresh interpreter has loaded after a statement, and had not before."""
    program = (
        f"import json, sys\nheavy = set({HEAVY!r})\nbefore = set(sys.modules)\n{statement}\n"
        "print(json.dumps(sorted(heavy & (set(sys.modules) - before))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded: list[str] = json.loads(done.stdout)
    return loaded


@pytest.mark.parametrize("module", ["ftrack_core", *SEAMS])
def test_importing_a_package_loads_no_heavy_library(module: str) -> None:
    """`import ftrack_core` in Maya must not pay for HTTP, plug-in discovery or a database that nobody asked for."""
    loaded = _heavy_after(f"import {module}")
    assert loaded == [], f"import {module} also imported: {', '.join(loaded)}"


@pytest.mark.parametrize("point", [name for name in ENTRY_POINTS if name.startswith("ftrack.")])
def test_what_an_entry_point_names_is_light(point: str) -> None:
    """Listing the backends loads every factory object: one heavy module makes the listing slow or break."""
    loaded = _heavy_after(f"import {ENTRY_POINTS[point]}")
    assert loaded == [], f"{point} ({ENTRY_POINTS[point]}) also imported: {', '.join(loaded)}"


def test_the_check_itself_can_fail() -> None:
    """A check that sees nothing would pass whatever we import."""
    assert "requests" in _heavy_after("import requests")

"""The official client reads and writes custom attributes over HTTP, as pipelines do today."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.workspace.front import serve

HERE = Path(__file__).parent
USUAL = HERE.parents[3] / ".venv-official" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

pytestmark = pytest.mark.interop


@pytest.fixture
def seen(workspace: Any) -> dict[str, Any]:
    """What the official client saw in a day of its own."""
    if os.environ.get("FTRACK_INTEROP") == "off":
        pytest.skip("FTRACK_INTEROP=off: the comparison with the official client was switched off on purpose")
    python = Path(os.environ.get("FTRACK_OFFICIAL_PYTHON") or USUAL)
    if not python.exists():
        pytest.fail(f"the official client is not there: {python} does not exist; `make test` prepares it")
    user = workspace.users[0]
    with serve(workspace) as server:
        done = subprocess.run(
            [python, "-W", "ignore", HERE / "official_attributes.py", server.url, user.username, user.api_key],
            env={name: value for name, value in os.environ.items() if not name.startswith(("FTRACK_", "PYTHON"))},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_official_client_reads_and_writes_custom_attributes(seen: dict[str, Any]) -> None:
    """Whoever tests a pipeline against the workspace runs this client."""
    defaults = {"day": None, "flag": True, "fps": None, "fstart": 2, "note": "bar", "tags": ["a"]}
    written = {
        "day": "2020-01-02T03:04:05",
        "flag": False,
        "fps": 24.5,
        "fstart": 5,
        "note": "foo",
        "tags": ["b", "a"],
    }
    told = {name: values for name, values in seen.items() if name not in {"refused", "at once", "written"}}
    assert told == {
        "defaults": defaults,
        "new": {**defaults, "fps": 25, "fstart": 7},
        "by the project's": [5, 7],
        "unknown": "ValueError",
        "found": ["sh010"],
        "version": {"fps": 12},
        "reset": {**defaults, "fps": 25},
    }
    for read in (seen["at once"], seen["written"]):
        assert {**read, "day": read["day"].removesuffix("+00:00")} == written
    assert 'Custom attribute value for "fstart" must be of type number' in seen["refused"]

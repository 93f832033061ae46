"""The official client reads and writes custom attributes over HTTP, as pipelines do today; ours sees the same."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_backends.workspace.front import serve
from ftrack_core import Session

SCRIPT = Path(__file__).parent / "official_attributes.py"
ROOT = SCRIPT.parents[4]

DEFAULTS = {"day": None, "flag": True, "fps": None, "fstart": 2, "note": "bar", "tags": ["a"]}
WRITTEN = {
    "day": "2020-01-02T03:04:05+00:00",
    "flag": False,
    "fps": 24.5,
    "fstart": 5,
    "note": "foo",
    "tags": ["b", "a"],
}
EXPECTED = {
    "defaults": DEFAULTS,
    "at once": WRITTEN,
    "written": WRITTEN,
    "new": {**DEFAULTS, "fps": 25, "fstart": 7},
    "stored": [5, 7],
    "version": {"fps": 12},
    "refused": True,
    "unknown": True,
    "found": ["sh010"],
    "reset": {**DEFAULTS, "fps": 25},
}


@pytest.fixture
def official_python() -> Path:
    """The interpreter that has the official client."""
    if os.environ.get("FTRACK_INTEROP") == "off":
        pytest.skip("FTRACK_INTEROP=off: the comparison with the official client was switched off on purpose")
    usual = ROOT / ".venv-official" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    found = Path(os.environ.get("FTRACK_OFFICIAL_PYTHON") or usual)
    if not found.exists():
        pytest.fail(f"the official client is not there: {found} does not exist; `make test` prepares it")
    return found


@pytest.mark.interop
def test_the_official_client_reads_and_writes_custom_attributes(workspace: Workspace, official_python: Path) -> None:
    """Whoever tests a pipeline against the workspace runs this client."""
    user = workspace.users[0]
    with serve(workspace) as server:
        done = subprocess.run(
            [str(official_python), "-W", "ignore", str(SCRIPT), server.url, user.username, user.api_key],
            env={name: value for name, value in os.environ.items() if not name.startswith(("FTRACK_", "PYTHON"))},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == EXPECTED


def test_our_own_session_sees_the_same(workspace: Workspace) -> None:
    """A pipeline that changes clients must not notice."""
    seen_by: Any = runpy.run_path(str(SCRIPT))["seen_by"]
    user = workspace.users[0]
    with (
        serve(workspace) as server,
        Session(server.url, user.api_key, user.username, schema_cache_path=False) as session,
    ):
        assert seen_by(session) == EXPECTED

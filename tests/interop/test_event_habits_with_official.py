"""What existing plug-ins do with events gives the same with the official Python client and with ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

pytestmark = pytest.mark.interop


def _given(python: Path, client: str, server: Any) -> dict[str, Any]:
    """What each habit gave to a client."""
    ann = server.users[0]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FTRACK_", "PYTHON"))}
    done = subprocess.run(
        [
            *(str(python), "-W", "ignore", str(HERE / "event_habits.py")),
            *(client, server.url, ann["api_key"], ann["username"]),
        ],
        env=kept | ({"PYTHONPATH": str(ROOT)} if client == "ftrack_core" else {}),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    given: dict[str, Any] = json.loads(done.stdout)
    return given


def test_existing_code_does_with_events_what_it_did(serve: Callable[..., Any], official_python: Path) -> None:
    """A studio that moves would have to go through all of its listeners, call by call."""
    with serve("--seed", "demo") as server:
        official = _given(official_python, "ftrack_api", server)
        ours = _given(Path(sys.executable), "ftrack_core", server)
    assert ours == official
    assert ours["leaving_and_coming_back"] == [False, [{"n": 1}]]
    assert len(ours) > 14

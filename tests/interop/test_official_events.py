"""The official Python client's event hub against `ftrack serve`."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
SCRIPT = HERE / "official_events.py"

pytestmark = pytest.mark.interop


def test_two_official_sessions_talk_to_each_other(serve: Callable[..., Any], official_python: Path) -> None:
    """Listeners and actions of studios run on this client: each form of talk must arrive whole, once and in order."""
    with serve("--seed", "demo") as server:
        credentials = [value for user in server.users[:2] for value in (user["username"], user["api_key"])]
        done = subprocess.run(
            [str(official_python), "-W", "ignore", str(SCRIPT), server.url, *credentials],
            env={name: value for name, value in os.environ.items() if not name.startswith(("FTRACK_", "PYTHON"))},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        ann = server.users[0]["username"]
        log = server.log()
    seen = json.loads(done.stdout)
    assert seen["heard"] == {
        "numbers": list(range(1, 100, 2)),
        "text": "élan {x}: 1+1",
        "author": [ann, True],
        "hub": True,
        "sent": True,
    }
    assert seen["own"] == 1
    assert seen["targeted"] == {"ann": ['id="window-ann"'], "ben": ["applicationId=ben and not id=x"]}
    entry = {"label": "Publish", "actionIdentifier": "studio.publish-action"}
    assert seen["actions"] == [[{"items": [entry]}], [{"success": True, "message": "2 published"}]]
    assert seen["update"] == {
        "type": ["task", "Task", "update", ["statusid"]],
        "change": True,
        "parents": [True, "show"],
        "user": True,
        "author": True,
        "count": 1,
    }
    assert seen["again"] == [1000]
    assert "ERROR" not in log
    assert "Traceback" not in done.stderr

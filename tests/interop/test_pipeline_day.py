"""A whole pipeline day: by the official Python client over HTTP, and by our session over HTTP and in process."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ftrack_core
from ftrack_backends.workspace import Workspace

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCRIPT = HERE / "pipeline_day.py"
DAY = runpy.run_path(str(SCRIPT))
SHARED = [name for name, (_, shared) in DAY["steps"]().items() if shared]

pytestmark = pytest.mark.interop


def _official_day(python: Path, served: Any) -> dict[str, dict[str, Any]]:
    user = served.users[0]
    done = subprocess.run(
        [str(python), "-W", "ignore", str(SCRIPT), served.url, user["username"], user["api_key"]],
        env={name: value for name, value in os.environ.items() if not name.startswith(("FTRACK_", "PYTHON"))},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lived: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return lived


def _our_day(url: str, cache: Path, mark: Callable[[str], None], **credentials: Any) -> dict[str, dict[str, Any]]:
    def opened(**more: Any) -> ftrack_core.Session:
        return ftrack_core.Session(url, plugin_paths=[], schema_cache_path=str(cache), **{**credentials, **more})

    day = DAY["Day"](opened, official=False)
    try:
        lived: dict[str, dict[str, Any]] = DAY["lived"](day, mark)
    finally:
        day.close()
    return lived


@pytest.fixture(scope="module")
def over_http(demo_server: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, dict[str, Any]], str]:
    """Our day over HTTP, lived once for all, and the server's log of it."""
    user = demo_server.users[0]
    mark = DAY["marker"](demo_server.url)
    cache = tmp_path_factory.mktemp("cache") / "schemas"
    lived = _our_day(demo_server.url, cache, mark, api_user=user["username"], api_key=user["api_key"])
    return lived, demo_server.log()


def _demand_no_fault(lived: dict[str, dict[str, Any]]) -> None:
    """Every step's assertions held; otherwise all tracebacks are told at once."""
    faults = {name: result["fault"] for name, result in lived.items() if "fault" in result}
    told = "\n".join(f"--- {name}\n{fault}" for name, fault in faults.items())
    assert not faults, f"{len(faults)} of {len(lived)} steps failed: {', '.join(faults)}\n{told}"


def _differences(one: dict[str, dict[str, Any]], other: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {name: (one[name], other[name]) for name in SHARED if one[name] != other[name]}


def _posts(log: str) -> dict[str, int]:
    """Posts to the API by step, counted between the marks that the day left in the access log."""
    posts: dict[str, int] = {}
    count = 0
    for method, path in re.findall(r"\b(GET|POST) (/\S+) \d{3} ", log):
        if path.startswith("/mark/"):
            posts[path.removeprefix("/mark/")] = count
            count = 0
        else:
            count += method == "POST"
    return posts


@pytest.mark.slow
def test_the_official_client_lives_a_pipeline_day_and_ours_sees_the_same(
    official_python: Path, serve: Callable[..., Any], over_http: tuple[dict[str, dict[str, Any]], str]
) -> None:
    """A studio's scripts run unchanged against the workspace, and see in our session what they saw before.

    Nor may a step cost more server calls in our session than in the official one.
    """
    with serve("--seed", "demo") as served:
        official = _official_day(official_python, served)
        official_log = served.log()
    _demand_no_fault(official)
    ours, our_log = over_http
    _demand_no_fault(ours)
    assert _differences(ours, official) == {}
    assert "Traceback" not in official_log + our_log
    posts, our_posts = _posts(official_log), _posts(our_log)
    assert posts["session"] == our_posts["session"] == 2
    assert {name: (our_posts[name], posts[name]) for name in SHARED if our_posts[name] > posts[name]} == {}


def test_our_day_in_process_is_our_day_over_http(
    over_http: tuple[dict[str, dict[str, Any]], str], tmp_path: Path
) -> None:
    """Pipelines are tested against `embedded:` and run against HTTP: a difference is a bug found too late."""
    database = tmp_path / "show.sqlite"
    Workspace.open(database, seed="demo").close()
    in_process = _our_day(f"embedded://{database.as_posix()}", tmp_path / "schemas", lambda _: None)
    _demand_no_fault(in_process)
    assert _differences(in_process, over_http[0]) == {}

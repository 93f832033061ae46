"""The official Python client against `ftrack serve`, and our session's same day beside it."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import ftrack_core
from ftrack_backends.workspace import Workspace

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCRIPT = HERE / "official_day.py"
PARTS = ("start", "query", "create", "update", "read back", "delete")

pytestmark = pytest.mark.interop


@pytest.fixture
def server(serve: Callable[..., Any]) -> Iterator[Any]:
    """`ftrack serve` in a process of its own, with the demo show."""
    with serve("--seed", "demo") as running:
        yield running


@pytest.fixture
def official_run(official_python: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the script under the official client's interpreter."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(official_python), "-W", "ignore", str(SCRIPT), *arguments],
            env={name: value for name, value in os.environ.items() if not name.startswith(("FTRACK_", "PYTHON"))},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def _seen(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def _calls_by_part(log: str) -> dict[str, int]:
    """Posts to the API between the marks that the day left in the access log."""
    calls: dict[str, int] = {}
    count = 0
    for method, path in re.findall(r"\b(GET|POST) (/\S+) \d{3} ", log):
        if path.startswith("/mark/"):
            calls[path.removeprefix("/mark/").replace("-", " ")] = count
            count = 0
        else:
            count += method == "POST"
    return calls


def _our_day(url: str, mark: Callable[[str], None], **credentials: Any) -> dict[str, Any]:
    shared = runpy.run_path(str(SCRIPT))

    def opened() -> ftrack_core.Session:
        return ftrack_core.Session(url, plugin_paths=[], schema_cache_path=False, **credentials)

    seen: dict[str, Any] = shared["day"](opened, mark)
    return seen


def _unmarked(part: str) -> None:
    """Nothing counts the calls of this day."""


def test_the_official_client_starts_with_exactly_two_posts(
    server: Any, official_run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """More would mean that it finds something missing and asks again, at every start of every host."""
    user = server.users[0]
    assert _seen(official_run(server.url, user["username"], user["api_key"], "--only-start"))["version"] == "3.1.0"
    server.stop()
    assert re.findall(r"(\w+ /\S*) (\d+) ", server.log()) == [("POST /api", "200")] * 2


def test_the_official_client_lives_its_day(
    server: Any, official_run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """Studios have thousands of lines against the official client: what it creates, changes and deletes must hold."""
    user = server.users[0]
    seen = _seen(official_run(server.url, user["username"], user["api_key"]))
    assert seen["start"]["user"] == user["username"]
    assert len(seen["query"]) == 20
    assert seen["create"]["names"] == ["interop_show", "sq010", "sh010", "animation"]
    assert seen["create"]["pending"] == [True, False]
    assert seen["update"]["name"] == seen["read back"]["name"] == seen["read back"]["got"] == "animation_final"
    assert seen["read back"]["description"] == 'the "final" take, élan and all'
    assert seen["read back"]["link"] == ["interop_show", "sq010", "sh010", "animation_final"]
    assert seen["read back"]["children"] == ["sq010"]
    assert seen["delete"] == {"tasks": 0, "shots": 0, "project": None}


def test_our_day_over_http_is_the_official_one(
    server: Any, official_run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """The same script, line for line, must see the same values, and cost no more server calls in any part."""
    user = server.users[0]
    official = _seen(official_run(server.url, user["username"], user["api_key"]))
    calls_official = _calls_by_part(server.log())
    seen_before = len(server.log())
    mark = runpy.run_path(str(SCRIPT))["marker"](server.url)
    ours = _our_day(server.url, mark, api_user=user["username"], api_key=user["api_key"])
    calls_ours = _calls_by_part(server.log()[seen_before:])
    assert ours == official
    assert set(calls_ours) == set(calls_official) == set(PARTS)
    assert {part: calls_ours[part] for part in PARTS if calls_ours[part] > calls_official[part]} == {}
    assert calls_ours["start"] == calls_official["start"] == 2


def test_our_day_in_process_is_our_day_over_http(server: Any, tmp_path: Path) -> None:
    """A pipeline is developed against `embedded:` and deployed against HTTP: a difference is a bug found too late."""
    user = server.users[0]
    over_http = _our_day(server.url, _unmarked, api_user=user["username"], api_key=user["api_key"])
    database = tmp_path / "show.sqlite"
    Workspace.open(database, seed="demo").close()
    assert _our_day(f"embedded://{database.as_posix()}", _unmarked) == over_http


def test_a_wrong_key_is_refused_to_the_official_client(
    server: Any, official_run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """The workspace always authenticates, and says so in the words that clients look for."""
    done = official_run(server.url, server.users[0]["username"], "not-the-key", "--only-start")
    assert done.returncode == 1
    assert "ServerError" in done.stderr
    assert "InvalidCredentialsError" in done.stderr
    assert "not-the-key" not in done.stderr

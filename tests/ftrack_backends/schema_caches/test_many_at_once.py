"""Many processes that start at once on one cold schema cache."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ftrack_backends.schema_caches import JsonFileOptions, SqliteSchemaOptions, json_file, sqlite
from ftrack_backends.workspace import Workspace
from ftrack_backends.workspace.front import serve
from ftrack_core.testing import FakeBackendContext

START = """
import hashlib, json, sys
import ftrack_core
print("ready", flush=True)
sys.stdin.readline()
url, key, user, cache, folder = sys.argv[1:]
config = {"schema_cache": {"backend": cache, "folder": folder}}
with ftrack_core.Session(url, key, user, plugin_paths=[], config=config) as session:
    print(hashlib.sha256(json.dumps(session.schemas, sort_keys=True).encode()).hexdigest())
"""


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A server with a show."""
    with Workspace.open(seed="demo") as opened:
        yield opened


def _started(workspace: Workspace, url: str, cache: str, folder: Path, count: int) -> list[subprocess.Popen[str]]:
    """Processes that are about to make a session."""
    who = workspace.users[0]
    command = [sys.executable, "-c", START, url, who.api_key, who.username, cache, str(folder)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FTRACK_")}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    processes = [
        subprocess.Popen(command, env=environment, text=True, **pipes)  # type: ignore[call-overload]
        for _ in range(count)
    ]
    for each in processes:
        assert each.stdout.readline() == "ready\n"
    return processes


@pytest.mark.parametrize(("cache", "count"), [("sqlite", 8), ("json_file", 8)])
def test_one_of_all_who_start_at_once_asks_the_server(
    workspace: Workspace, tmp_path: Path, cache: str, count: int
) -> None:
    """A farm that starts at once would have its server answer its largest question once a process."""
    with serve(workspace) as server:
        processes = _started(workspace, server.url, cache, tmp_path / "cold", count)
        for each in processes:
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()
        told = [each.communicate(timeout=120) for each in processes]
    assert [err for _, err in told] == [""] * count
    assert len({out for out, _ in told}) == 1
    assert workspace.requests.count("query_schemas") == 1
    assert [each.name for each in (tmp_path / "cold").glob("*.claim")] == []


HOLD = """
import sys, time
from ftrack_backends.schema_caches import *
from ftrack_core.testing import FakeBackendContext
def fetch():
    print("fetching", flush=True)
    time.sleep(600)
factory, options = (sqlite, SqliteSchemaOptions) if sys.argv[1] == "sqlite" else (json_file, JsonFileOptions)
factory.create(options(folder=sys.argv[2]), FakeBackendContext()).load_or_fetch("s", "h", fetch)
"""


@pytest.mark.parametrize("name", ["sqlite", "json_file"])
def test_nobody_waits_long_for_one_that_was_killed(tmp_path: Path, name: str) -> None:
    """A session would hang since another one died while it asked the server."""
    factory, options = (sqlite, SqliteSchemaOptions) if name == "sqlite" else (json_file, JsonFileOptions)
    holder = subprocess.Popen([sys.executable, "-c", HOLD, name, str(tmp_path)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"fetching\n"
    holder.kill()
    holder.communicate()
    schemas = [{"id": "Shot"}]
    cache = factory.create(options(folder=str(tmp_path), wait_seconds=1.0), FakeBackendContext())
    began = time.monotonic()
    assert cache.load_or_fetch("s", "h", lambda: schemas) == schemas
    assert time.monotonic() - began < 5.0
    assert cache.load_or_fetch("s", "h", pytest.fail) == schemas
    cache.close()
    assert [each.name for each in tmp_path.glob("*.claim")] == []

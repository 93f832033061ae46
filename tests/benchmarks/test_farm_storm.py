"""What a farm asks its server for when its sessions share a cache: calls are counted, time is not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = Path(__file__).with_name("farm_storm.py")
SESSIONS = 12


@pytest.fixture(scope="module")
def storm() -> dict[tuple[str, str], list[dict[str, Any]]]:
    """What each session counted, by cache and schemas."""
    command = [
        sys.executable,
        str(COMMAND),
        "--sessions",
        str(SESSIONS),
        "--shots",
        "20",
        "--processes",
        "2",
        "--json",
    ]
    command += ["--cache", "none", "--cache", "sqlite", "--cache", "disk", "--cache", "memory+sqlite"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"sessions failed, or read different values:\n{done.stderr}"
    return {(row["cache"], row["schemas"]): row["sessions"] for row in json.loads(done.stdout)}


def test_without_a_cache_every_session_asks_for_the_shots(storm: Any) -> None:
    """The other tests here would pass with a script that reads nothing."""
    for schemas in ("own", "cold", "warm"):
        assert all(session["shots"] == 2 for session in storm["none", schemas])


@pytest.mark.parametrize("cache", ["sqlite", "disk", "memory+sqlite"])
def test_with_a_shared_cache_later_sessions_send_no_query_for_the_shots(storm: Any, cache: str) -> None:
    """Two hundred farm jobs that start at once would bring the server down."""
    assert [session["shots"] for session in storm[cache, "warm"]] == [0] * SESSIONS
    asked = sorted((session["shots"] for session in storm[cache, "cold"]), reverse=True)
    assert 2 <= sum(asked) <= 4, "only those of the two processes that came first"


@pytest.mark.parametrize("cache", ["sqlite", "disk", "memory+sqlite"])
def test_a_cache_never_makes_a_session_ask_more_often(storm: Any, cache: str) -> None:
    """What comes out of a cache was once loaded alone, shot by shot: eight times the calls of a farm without."""
    without = max(session["calls"] for session in storm["none", "warm"])
    assert max(session["calls"] for session in storm[cache, "warm"]) <= without - 2


def test_the_schemas_are_asked_for_once(storm: Any) -> None:
    """The schemas, for each of two hundred jobs, are most of what goes over the line."""
    assert sum(session["start"] for session in storm["none", "own"]) == 2 * SESSIONS
    assert sum(session["start"] for session in storm["none", "cold"]) == SESSIONS + 1
    assert sum(session["start"] for session in storm["none", "warm"]) == SESSIONS

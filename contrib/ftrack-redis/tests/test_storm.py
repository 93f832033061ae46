"""What a farm asks its server for with its records in Redis: calls are counted, time is not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

STORM = Path(__file__).parents[3] / "tests" / "benchmarks" / "farm_storm.py"
SESSIONS = 3


def test_later_sessions_send_no_query_for_what_is_in_redis(shared_server: Any) -> None:
    """The rows of the farm storm in the documentation would be of a day long gone."""
    options = {"url": shared_server.url, "timeout_seconds": "30.0"}
    command = [sys.executable, str(STORM), "--sessions", str(SESSIONS), "--shots", "10", "--processes", "1", "--json"]
    command += ["--cache", "redis", *(f"--option={name}={value}" for name, value in options.items())]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"sessions failed, or read different values:\n{done.stderr}"
    cold, warm = ([session["shots"] for session in row["sessions"]] for row in json.loads(done.stdout))
    assert warm == [0] * SESSIONS
    assert cold == [2, 0, 0], "only the one that came first"

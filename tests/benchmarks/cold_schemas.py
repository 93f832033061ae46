"""Many processes start at once on one cold schema cache: how often the server is asked, and how long it takes.

    python tests/benchmarks/cold_schemas.py [PROCESSES]

Prints a line for each schema cache; 1 when the server was asked more than once, or a process failed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from typing import Any

from ftrack_backends.workspace import Workspace
from ftrack_backends.workspace.front import serve

START = """
import sys
import ftrack_core
print("ready", flush=True)
sys.stdin.readline()
url, key, user, cache, folder = sys.argv[1:]
config = {"schema_cache": {"backend": cache, "folder": folder, "wait_seconds": 120.0}}
with ftrack_core.Session(url, key, user, plugin_paths=[], config=config) as session:
    print(len(session.schemas))
"""


def main(count: int) -> int:
    """Measure and print."""
    good = [_measured(cache, count) for cache in ("json_file", "sqlite")]
    return 0 if all(good) else 1


def _measured(cache: str, count: int) -> bool:
    with Workspace.open(seed="demo") as workspace, serve(workspace) as server, tempfile.TemporaryDirectory() as folder:
        who = workspace.users[0]
        command = [sys.executable, "-c", START, server.url, who.api_key, who.username, cache, folder]
        processes = [_started(command) for _ in range(count)]
        for each in processes:
            each.stdout.readline()
        began = time.monotonic()
        for each in processes:
            each.stdin.write("go\n")
            each.stdin.flush()
        told = [each.communicate(timeout=600) for each in processes]
        took, asked = time.monotonic() - began, workspace.requests.count("query_schemas")
    failed = [errors for _, errors in told if errors]
    print(f"{cache}: {count} processes in {took:.1f} s, the server was asked {asked} times, {len(failed)} failed")
    print("".join(failed[:1]), end="", file=sys.stderr)
    return asked == 1 and not failed and len({out for out, _ in told}) == 1


def _started(command: list[str]) -> Any:
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, **pipes)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 48))

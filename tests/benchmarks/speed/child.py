"""One program doing one case once, in a process of its own; prints what it found as one JSON object.

    python child.py FAMILY PROGRAM URL SCHEMA_FOLDER CASE

Runs under the official client's interpreter too. CASE is the case's options as JSON.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[1])

from speed.clients import opened


def main(family: str, program: str, url: str, folder: str, case: str) -> None:
    """Do it."""
    options = json.loads(case)
    client = opened(program, url, folder, options.get("settings", {}))
    told = importlib.import_module(f"speed.rows.{family}").run(client, options)
    client.close()
    print(json.dumps({**told, "process_cpu": time.process_time()}))


if __name__ == "__main__":
    main(*sys.argv[1:6])

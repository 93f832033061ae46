"""Starts a session of either client for each folder of plug-ins, and prints what the plug-ins told.

    python plugin_day.py ftrack_api|ftrack_core URL KEY USER FOLDER

Plug-ins append lines of JSON to the file that `NOTES` names.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
from pathlib import Path


def main() -> None:
    """Print, for each folder, whether a session started and what its plug-ins noted."""
    client, url, key, user, root = sys.argv[1:]
    logging.disable(logging.CRITICAL)
    session_class = importlib.import_module(client).Session
    seen = {}
    for folder in sorted(Path(root).iterdir()):
        notes = Path(f"{folder}.{client}.notes")
        notes.touch()
        os.environ["NOTES"] = str(notes)
        outcome = started(session_class, url, key, user, str(folder))
        seen[folder.name] = [outcome, [json.loads(line) for line in notes.read_text().splitlines()]]
        notes.unlink()
    print(json.dumps(seen))


def started(session_class: type, url: str, key: str, user: str, folder: str) -> str:
    """`started`, or the name of what the start raised."""
    try:
        session = session_class(
            server_url=url,
            api_key=key,
            api_user=user,
            plugin_paths=[folder],
            plugin_arguments={"k": 1, "other": 2},
            schema_cache_path=False,
            auto_connect_event_hub=False,
        )
    except BaseException as error:  # noqa: BLE001 - told by its name
        return type(error).__name__
    session.close()
    return "started"


if __name__ == "__main__":
    main()

"""Uses a server with a store of some kind on the disk, here or as a program of its own.

python visiting.py           visits for each line of JSON with fewer rights, after a visit with all; prints JSON
python visiting.py JSON      keeps writing until it is killed
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ftrack_core import Session


def visit(facts: Mapping[str, Any], settings: Mapping[str, Any], ids: Sequence[str] = ()) -> dict[str, Any]:
    """Read statuses as a tool does.

    Args:
        facts: Where the server is: `url`, `user` and `key`.
        settings: Of the session.
        ids: Statuses to ask for one by one, before all are queried.

    Returns:
        `got`, the names of those; `calls`, how many requests that took from the start of the session; `all`, the
        names of all by id; `log`, what was worth a warning.
    """
    with _logged() as log:
        settings = {"freshness": {"Status": "1d"}, **settings}
        with Session(facts["url"], facts["key"], facts["user"], plugin_paths=[], config=settings) as session:
            found = [session.get("Status", each) for each in ids]
            got = [status["name"] for status in found if status is not None]
            calls = session.statistics().calls
            known = {status["id"]: status["name"] for status in session.query("select name, color from Status")}
    return {"got": got, "calls": calls, "all": known, "log": log}


@contextmanager
def _logged() -> Iterator[list[str]]:
    """What is logged as a warning or worse."""
    lines: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: lines.append(f"{record.name}: {record.getMessage()}")  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        yield lines
    finally:
        logging.getLogger().removeHandler(handler)


@contextmanager
def _with_fewer_rights(uid: int, file_bytes: int) -> Iterator[None]:
    import resource

    before, was = resource.getrlimit(resource.RLIMIT_FSIZE), os.geteuid()
    if file_bytes >= 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, before[1]))
    if uid >= 0:
        os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(was)
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def main() -> None:
    """Visit as the argument says."""
    if sys.argv[1:]:
        told = json.loads(sys.argv[1])
        while True:
            visit(told["facts"], told["settings"])
            print("visited", flush=True)
    for told in map(json.loads, sys.stdin):
        visit(told["facts"], told["warm"], told["ids"])  # imports all that is needed
        with _with_fewer_rights(told.get("uid", -1), told.get("file_bytes", -1)):
            found = visit(told["facts"], told["settings"], told["ids"])
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()

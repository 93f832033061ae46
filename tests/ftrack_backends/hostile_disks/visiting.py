"""Uses a server with a store of some kind on the disk, here or as a program of its own.

python visiting.py JSON      visits twice: to import all that is needed, and again with fewer rights; prints JSON
python visiting.py JSON go   keeps writing until it is killed
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


def _with_fewer_rights(uid: int, file_bytes: int) -> None:
    if file_bytes >= 0:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, resource.RLIM_INFINITY))
    if uid >= 0:
        os.setuid(uid)


def main() -> None:
    """Visit as the argument says."""
    told = json.loads(sys.argv[1])
    if sys.argv[2:]:
        while True:
            visit(told["facts"], told["settings"])
            print("visited", flush=True)
    visit(told["facts"], told["warm"], told["ids"])
    _with_fewer_rights(told.get("uid", -1), told.get("file_bytes", -1))
    print(json.dumps(visit(told["facts"], told["settings"], told["ids"])))


if __name__ == "__main__":
    main()

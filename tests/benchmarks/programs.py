"""The programs that are measured against each other, each run in a process of its own.

    python programs.py floor|official|ours MODE URL SCHEMA_FOLDER

Runs under the official client's interpreter too, so it imports nothing of ours at the top. Prints one JSON object.
MODE is `query` (times), `memory` (traced bytes) or `start` (nothing: the caller takes the time of the whole process).
"""

from __future__ import annotations

import gc
import hashlib
import json
import sys
import time
import tracemalloc
from typing import Any

EXPRESSION = "select name, status.name, type.name, parent.name, parent.project.name, link from Task"
PAGE_ROWS = 500
SCALAR_ROUNDS = 20


class Floor:
    """The same calls with `requests` and `json.loads`, and nothing else."""

    def __init__(self, url: str, folder: str) -> None:
        import requests

        self.url = f"{url}/api"
        self.http = requests.Session()
        self.call({"action": "query_server_information"})

    def call(self, operation: dict[str, Any]) -> Any:
        """One operation in one post."""
        reply = self.http.post(self.url, data=json.dumps([operation]), headers={"content-type": "application/json"})
        return json.loads(reply.content)[0]

    def rows(self, expression: str) -> list[Any]:
        """All rows, page by page."""
        rows: list[Any] = []
        offset: int | None = 0
        while offset is not None:
            page = self.call({"action": "query", "expression": f"{expression} offset {offset} limit {PAGE_ROWS}"})
            rows += page["data"]
            offset = page["metadata"]["next"]["offset"]
        return rows

    def close(self) -> None:
        """Hang up."""
        self.http.close()


class Client:
    """A session, of either kind: they have the same signature."""

    def __init__(self, kind: Any, url: str, folder: str) -> None:
        self.session = kind(url, "key", "ann", plugin_paths=[], auto_connect_event_hub=False, schema_cache_path=folder)

    def rows(self, expression: str) -> list[Any]:
        """All entities of a query."""
        return list(self.session.query(expression).all())

    def close(self) -> None:
        """End the session."""
        self.session.close()


def opened(program: str, url: str, folder: str) -> Any:
    """The program, ready to query."""
    if program.startswith("floor"):
        return Floor(url, folder)
    if program == "official":
        import ftrack_api  # type: ignore[import-not-found]  # only the other environment has it

        return Client(ftrack_api.Session, url, folder)
    if program == "ours":
        sys.modules["orjson"] = None  # type: ignore[assignment]  # as if the `fast` extra were not installed
    import ftrack_core

    return Client(ftrack_core.Session, url, folder)


def query(client: Any) -> dict[str, Any]:
    """Times of the query, of reading loaded scalars, and of first reaching a nested name."""
    gc.collect()
    told: dict[str, Any] = {}
    told["query"], rows = timed(lambda: client.rows(EXPRESSION))
    told["scalars"], _ = timed(lambda: [row["name"] for _ in range(SCALAR_ROUNDS) for row in rows])
    if "once" not in sys.argv[3]:  # rows of that shape hold most names only once
        told["nested"], _ = timed(lambda: [row["status"]["name"] for row in rows])
    return {**told, "rows": len(rows), "checksum": checksum(rows)}


def timed(work: Any) -> tuple[float, Any]:
    """Seconds that the work took, and what it gave."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def memory(client: Any) -> dict[str, Any]:
    """Traced bytes for each row that is held."""
    rows = client.rows("select name from Project")  # whatever is made on first use is made before counting
    gc.collect()
    tracemalloc.start()
    rows = client.rows(EXPRESSION)
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {"bytes": held / len(rows), "rows": len(rows)}


def checksum(rows: list[Any]) -> str:
    """A digest of every value that the query asked for, so that nobody is quick by reading less."""
    digest = hashlib.sha256()
    known: dict[str, str] = {}
    for row in rows:
        parent = row["parent"]
        names = [row["id"], row["name"], *(name_of(each, known) for each in (row["status"], row["type"], parent))]
        project = parent.get("project")
        names.append(name_of(project, known) if project is not None else known[f"{parent['id']}/project"])
        known[f"{parent['id']}/project"] = names[-1]
        digest.update(json.dumps([names, [dict(item) for item in row["link"]]], sort_keys=True).encode())
    return digest.hexdigest()


def name_of(entity: Any, known: dict[str, str]) -> str:
    """The entity's name; in the raw rows it may have come with an earlier row."""
    if "name" in entity:
        known[entity["id"]] = entity["name"]
    return known[entity["id"]]


def main(program: str, mode: str, url: str, folder: str) -> None:
    """Run one program once."""
    client = opened(program, url, folder)
    if mode == "start":
        assert len(client.rows("select name from Project")) == 1
        told = {}
    else:
        told = {"query": query, "memory": memory}[mode](client)
    client.close()
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:5])

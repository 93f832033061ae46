"""A server that answers from memory with replies prepared beforehand, so that only clients are measured.

It serves the same show in two shapes, each under a path of its own: `/full` repeats each nested entity in every row
that has it, `/once` gives it in full the first time in a page and as a reference afterwards, as ftrack's server does.
"""

from __future__ import annotations

import json
import re
import socketserver
import sys
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from ftrack_backends.workspace.model import ftrack_model, query_schemas, schema_hash

__all__ = ["PAGE_ROWS", "Replies", "Show", "main"]

PAGE_ROWS = 500
TASKS_PER_SHOT = 4
SHOTS_PER_SEQUENCE = 25
STATUSES = (
    "Not started",
    "Ready to start",
    "In progress",
    "Pending review",
    "Revise",
    "On hold",
    "Approved",
    "Omitted",
)
KINDS = ("Animation", "Lighting", "Compositing", "FX", "Layout", "Modelling", "Rigging", "Matchmove")
_LIMITS = re.compile(rb"(?:offset (?P<offset>\d+))?\s*(?:limit (?P<limit>\d+))?\s*$")

Entity = dict[str, Any]


def _id(*parts: object) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(map(str, parts))))


class Show:
    """The rows of a task query over a show of so many tasks."""

    def __init__(self, tasks: int) -> None:
        self.tasks = tasks
        self.project = self._context("Project", "show", "p", name="Big Buck", full_name="Big Buck: The Sequel")

    def rows(self, start: int, count: int) -> Iterator[Entity]:
        """Rows with everything nested in full."""
        return (self._task(index) for index in range(start, min(start + count, self.tasks)))

    def _task(self, index: int) -> Entity:
        shot = self._shot(index // TASKS_PER_SHOT)
        kind, status = KINDS[index % len(KINDS)], STATUSES[index * 7 % len(STATUSES)]
        link = [*shot.pop("link"), {"type": "TypedContext", "id": _id("Task", index), "name": kind.lower()}]
        return self._context(
            "Task",
            "task",
            index,
            name=f"{kind.lower()}_{index:05d}",
            status={"__entity_type__": "Status", "id": _id("Status", status), "name": status},
            type={"__entity_type__": "Type", "id": _id("Type", kind), "name": kind},
            parent=shot,
            link=link,
        )

    def _shot(self, index: int) -> Entity:
        sequence = index // SHOTS_PER_SEQUENCE
        link = [
            {"type": "Project", "id": self.project["id"], "name": self.project["name"]},
            {"type": "TypedContext", "id": _id("Sequence", sequence), "name": f"sq{sequence:03d}"},
            {"type": "TypedContext", "id": _id("Shot", index), "name": f"sh{index:05d}"},
        ]
        return self._context("Shot", "task", index, name=f"sh{index:05d}", project=dict(self.project), link=link)

    def _context(self, kind: str, context_type: str, number: object, **values: object) -> Entity:
        known = {"__entity_type__": kind, "id": _id(kind, number), "context_type": context_type}
        if kind != "Project":
            known |= {"object_type_id": _id("ObjectType", kind), "project_id": self.project["id"]}
        return {**known, **values}


def _each_once(rows: list[Entity]) -> list[Entity]:
    """The rows with every entity in full the first time and as a reference afterwards."""
    seen: set[str] = set()

    def shaped(value: Any) -> Any:
        if not isinstance(value, dict) or "__entity_type__" not in value:
            return value
        if value["id"] in seen:
            return {"__entity_type__": value["__entity_type__"], "id": value["id"]}
        seen.add(value["id"])
        return {name: shaped(each) for name, each in value.items()}

    return [shaped(row) for row in rows]


class Replies:
    """Everything the server may be asked for, as bytes."""

    def __init__(self, tasks: int) -> None:
        schemas = query_schemas(ftrack_model())
        self.schemas = json.dumps(schemas).encode()
        self.information = json.dumps(_information(schema_hash(schemas))).encode()
        self.project = json.dumps(_query_reply([Show(1).project], None)).encode()
        show = Show(tasks)
        self.pages = {
            "full": _pages(show, list),
            "once": _pages(show, _each_once),
        }

    def answer(self, path: str, operation: Entity) -> bytes:
        """The reply to one operation."""
        action = operation["action"]
        if action == "query_server_information":
            return self.information
        if action == "query_schemas":
            return self.schemas
        return self._page(path, operation["expression"].encode())

    def _page(self, path: str, expression: bytes) -> bytes:
        if b"from Task" not in expression:
            return self.project
        found = _LIMITS.search(expression)
        offset, limit = (int(found[name] or 0) for name in ("offset", "limit")) if found else (0, 0)
        assert limit in {0, PAGE_ROWS}, f"pages have {PAGE_ROWS} rows here: {expression!r}"
        return self.pages["once" if path.startswith("/once") else "full"][offset]


def _information(digest: str) -> Entity:
    return {
        "version": "4.13.8",
        "schema_hash": digest,
        "is_timezone_support_enabled": True,
        "is_nested_subqueries_enabled": True,
        "storage_scenario": None,
    }


def _query_reply(rows: list[Entity], following: int | None) -> Entity:
    return {"action": "query", "data": rows, "metadata": {"next": {"offset": following}}}


def _pages(show: Show, shaped: Callable[[list[Entity]], list[Entity]]) -> dict[int, bytes]:
    pages = {}
    for start in range(0, show.tasks, PAGE_ROWS):
        following = start + PAGE_ROWS
        rows = shaped(list(show.rows(start, PAGE_ROWS)))
        pages[start] = json.dumps(_query_reply(rows, following if following < show.tasks else None)).encode()
    return pages


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64
    replies: Replies


class _Connection(socketserver.StreamRequestHandler):
    """HTTP/1.1 with keep-alive, and no more of it than a client's POST needs."""

    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer until the client hangs up."""
        while line := self.rfile.readline():
            path = line.split()[1].decode()
            self.connection.sendall(self._reply(path, self.rfile.read(self._body_length())))

    def _body_length(self) -> int:
        length = 0
        while (header := self.rfile.readline()) not in {b"\r\n", b""}:
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return length

    def _reply(self, path: str, body: bytes) -> bytes:
        answers = b", ".join(self.server.replies.answer(path, operation) for operation in json.loads(body))
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answers) + 2}\r\n\r\n"
        return head.encode() + b"[" + answers + b"]"


def main(tasks: int) -> None:
    """Serve on a free loopback port until ended; the first line printed says where."""
    with _Server(("127.0.0.1", 0), _Connection) as server:
        server.replies = Replies(tasks)
        sizes = {shape: sum(map(len, pages.values())) for shape, pages in server.replies.pages.items()}
        told = {"url": f"http://127.0.0.1:{server.server_address[1]}", "bytes": sizes}
        print(json.dumps(told), flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))

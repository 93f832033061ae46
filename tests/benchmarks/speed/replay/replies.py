"""What the server answers: rows that are encoded once and then kept, and writes echoed with what a server fills in."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

from speed.replay import show
from speed.replay.show import Entity

from ftrack_backends.workspace.model import ftrack_model, query_schemas, schema_hash

__all__ = ["Replies"]

_QUERY = re.compile(
    r"""(?:select\s+(?P<paths>.*?)\s+from\s+)?(?P<type>\w+)
        (?:\s+where\s+id\s+(?:in|is)\s+(?P<ids>.*?))?
        (?:\s+order\s+by\s+id)?
        (?:\s+offset\s+(?P<offset>\d+))?(?:\s+limit\s+(?P<limit>\d+))?\s*""",
    re.VERBOSE | re.DOTALL,
)
_FILLED = {
    "context_type": "task",
    "created_at": {"__type__": "datetime", "value": "2024-05-06T07:08:09"},
    "description": "",
    "project_id": show.entities()["Project"][0]["id"],
    "sort": 1.0,
}
"""What the server adds to a task that is created."""


class Replies:
    """Everything the server may be asked for, as bytes."""

    def __init__(self) -> None:
        schemas = query_schemas(ftrack_model())
        self._keys: dict[str, Any] = {str(each["id"]): each["primary_key"] for each in schemas}
        self._schemas = json.dumps(schemas).encode()
        self._information = json.dumps(_information(schema_hash(schemas))).encode()
        self._rows: dict[tuple[tuple[str, ...], str, int], bytes] = {}
        self._pages: dict[tuple[Any, ...], bytes] = {}
        self._numbers: dict[str, int] = {}

    def prepare(self, tasks: int) -> None:
        """Have the tasks of a show at hand by their ids."""
        for index in range(len(self._numbers), tasks):
            self._numbers[show.task_id(index)] = index

    def answer(self, shape: str, tasks: int, operation: Entity) -> bytes:
        """The reply to one operation; a show of so many tasks is meant."""
        action = operation["action"]
        if action == "query_server_information":
            return self._information
        if action == "query_schemas":
            return self._schemas
        if action == "query":
            return self._queried(shape, tasks, operation["expression"])
        return self._written(operation)

    def _queried(self, shape: str, tasks: int, expression: str) -> bytes:
        found = _QUERY.fullmatch(expression.strip())
        if found is None:
            raise ValueError(f"the replay server cannot answer {expression!r}")
        paths = tuple(path.strip() for path in (found["paths"] or "id").split(","))
        offset, limit = int(found["offset"] or 0), int(found["limit"] or 1_000_000)
        if found["type"] != "Task":
            return self._others(found["type"], paths, found["ids"])
        if found["ids"] is not None:
            numbers = [self._numbers[each] for each in _ids(found["ids"])][offset : offset + limit]
            return _query_reply([self._row(paths, index) for index in numbers], None)
        return self._page(shape, paths, offset, min(offset + limit, tasks), tasks)

    def _page(self, shape: str, paths: tuple[str, ...], start: int, end: int, tasks: int) -> bytes:
        following = end if end < tasks else None
        if shape == "full":
            return _query_reply([self._row(paths, index) for index in range(start, end)], following)
        asked = (paths, start, end, following)
        if asked not in self._pages:
            rows = show.each_once([show.projected(show.task(index), paths) for index in range(start, end)])
            self._pages[asked] = _query_reply([json.dumps(row).encode() for row in rows], following)
        return self._pages[asked]

    def _row(self, paths: tuple[str, ...], index: int) -> bytes:
        asked = (paths, "Task", index)
        if asked not in self._rows:
            self._rows[asked] = json.dumps(show.projected(show.task(index), paths)).encode()
        return self._rows[asked]

    def _others(self, kind: str, paths: tuple[str, ...], ids: str | None) -> bytes:
        wanted = None if ids is None else set(_ids(ids))
        there = show.entities()[kind]
        rows = [show.projected(each, paths) for each in there if wanted is None or each["id"] in wanted]
        return _query_reply([json.dumps(row).encode() for row in rows], None)

    def _written(self, operation: Entity) -> bytes:
        """What was sent, with the key, and for a create with what the server fills in."""
        kind = operation["entity_type"]
        data = {**dict(zip(self._keys[kind], operation["entity_key"], strict=True)), **operation["entity_data"]}
        if operation["action"] == "create":
            data = {**_FILLED, **data}
        return json.dumps({"action": operation["action"], "data": data}).encode()


@functools.lru_cache(maxsize=64)
def _ids(text: str) -> list[str]:
    return re.findall(r"[\w-]{8,}", text)


def _information(digest: str) -> Entity:
    return {
        "version": "4.13.8",
        "schema_hash": digest,
        "is_timezone_support_enabled": True,
        "is_nested_subqueries_enabled": True,
        "storage_scenario": None,
    }


def _query_reply(rows: list[bytes], following: int | None) -> bytes:
    end = json.dumps({"next": {"offset": following}}).encode()
    return b'{"action": "query", "data": [' + b", ".join(rows) + b'], "metadata": ' + end + b"}"

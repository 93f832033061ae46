"""Create entities and commit; change loaded ones and commit; push updates of custom attributes by hand and commit."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from speed.clients import Floor, Wire
from speed.measuring import digest, timed
from speed.plan import Block, Case, Results, faster, taken

COUNTS = {
    "create": {"full": 1_000, "quick": 200, "tiny": 5},
    "update": {"full": 2_000, "quick": 400, "tiny": 10},
    "attributes": {"full": 500, "quick": 500, "tiny": 5},
}
LABELS = {
    "create": "create {:,} tasks below shots, then commit",
    "update": "change {:,} loaded tasks, then commit",
    "attributes": "push {:,} updates of custom attributes by hand, then commit",
}
EXPRESSION = "select name, bid, status.name, type.name, parent.name from Task"
VALUES = "ContextCustomAttributeValue"
READ = ("name", "project_id", "context_type", "sort", "bid")


def cases(size: str) -> list[Case]:
    """One for each kind of work; the show has as many tasks as are changed."""
    tasks = COUNTS["update"][size]
    return [Case(work, {"work": work, "count": counts[size]}, tasks) for work, counts in COUNTS.items()]


def run(client: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """What one program does; it must have written the same as the others, and read the same from the answer."""
    count, wire = options["count"], Wire()
    tasks = client.rows(EXPRESSION)
    wire.keep = True
    work = (_FLOOR if isinstance(client, Floor) else _SESSION)[options["work"]]
    time, values = timed(lambda: work(client, tasks, count))
    wire.keep = False
    values = [[row[name] for name in READ] for row in values]
    return {"time": time, "calls": wire.calls, "checksum": digest([wire.writes(), values])}


def blocks(size: str, results: Mapping[str, Results]) -> list[Block]:
    """The tables."""
    tables = []
    for work, counts in COUNTS.items():
        targets = () if work == "attributes" else (faster(20),)
        label = LABELS[work].format(counts[size])
        tables.append(Block(label, "ms", taken(results[work], "time", 1000), targets))
    return tables


# A session's work.


def _create(client: Any, tasks: list[Any], count: int) -> list[Any]:
    made = []
    for number in range(count):
        like = tasks[number % len(tasks)]
        values = {"name": f"new_{number:05d}", "parent": like["parent"], "status": like["status"]}
        made.append(client.session.create("Task", {**values, "type": like["type"], "bid": float(number)}))
    client.session.commit()
    return made


def _update(client: Any, tasks: list[Any], count: int) -> list[Any]:
    for number, task in enumerate(tasks[:count]):
        task["bid"] = float(number + 1)
    client.session.commit()
    return []


def _push(client: Any, tasks: list[Any], count: int) -> list[Any]:
    for number in range(count):
        key = {"configuration_id": "attribute-1", "entity_id": tasks[number % len(tasks)]["id"]}
        client.session.recorded_operations.push(client.update(VALUES, key, "value", f"{number}"))
    client.session.commit()
    return []


# The same as raw posts.


def _raw_create(client: Any, tasks: list[Any], count: int) -> list[Any]:
    batch = []
    for number in range(count):
        like, key = tasks[number % len(tasks)], str(uuid.uuid4())
        related = {name: _reference(like[name]) for name in ("parent", "status", "type")}
        scalars = {"id": key, "name": f"new_{number:05d}", "bid": float(number), **_DEFAULTS}
        batch.append(_operation("create", "Task", [key], {**scalars, **related}))
    return [result["data"] for result in client.call(batch)]


def _raw_update(client: Any, tasks: list[Any], count: int) -> list[Any]:
    client.call([raw_update(task["id"], float(number + 1)) for number, task in enumerate(tasks[:count])])
    return []


def _raw_push(client: Any, tasks: list[Any], count: int) -> list[Any]:
    batch = [
        _operation("update", VALUES, ["attribute-1", tasks[number % len(tasks)]["id"]], {"value": f"{number}"})
        for number in range(count)
    ]
    client.call(batch)
    return []


def raw_update(task: str, bid: float) -> dict[str, Any]:
    """The update of a task, as it goes over the wire."""
    return _operation("update", "Task", [task], {"bid": bid})


def _operation(action: str, kind: str, key: list[str], data: dict[str, Any]) -> dict[str, Any]:
    return {
        "action": action,
        "entity_type": kind,
        "entity_key": key,
        "entity_data": {"__entity_type__": kind, **data},
    }


def _reference(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("__entity_type__", "id")}


_DEFAULTS = {
    "object_type_id": "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c",
    "priority_id": "9661b320-3a0c-11e2-81c1-0800200c9a66",
}
"""What the schema says that a new task has; both clients send it."""

_SESSION = {"create": _create, "update": _update, "attributes": _push}
_FLOOR = {"create": _raw_create, "update": _raw_update, "attributes": _raw_push}

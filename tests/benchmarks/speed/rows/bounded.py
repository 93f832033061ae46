"""Long lives in flat memory: a walk that keeps nothing, and a listener that reads, changes, commits and drops."""

from __future__ import annotations

import time
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from speed.clients import Floor
from speed.measuring import resident_bytes
from speed.plan import SESSIONS, Block, Case, Results, Value, at_most
from speed.rows.commits import raw_update
from speed.rows.tasks import EXPRESSION

SIZES = {"full": 100_000, "quick": 10_000, "tiny": 200}
OFFICIAL = {"full": 5_000, "quick": 1_000, "tiny": 200}
HELD_STRONGLY = 2_000
"""`memory_cache_size` of ours, so that a walk is much longer than what a session keeps; nothing else is changed."""
AT_ONCE = 100
CHANGED = 10
LABELS = {
    "stream": "walk over all tasks, keeping none",
    "listener": f"listener: {AT_ONCE} tasks at a time, read, {CHANGED} changed and committed, dropped",
}


def cases(size: str) -> list[Case]:
    """Each kind of life, of ours and the floor, and a shorter one of the official client."""
    return [case for work in LABELS for case in _of(work, size)]


def _of(work: str, size: str) -> list[Case]:
    options = {"work": work, "settings": {"memory_cache_size": HELD_STRONGLY}}
    return [
        Case(work, options, SIZES[size], programs=SESSIONS[:2], rounds=1),
        Case(f"{work}, official", options, OFFICIAL[size], programs=("official",), official_rounds=1),
    ]


def run(client: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """What one program does; memory is read at every fifth of the way."""
    if options["work"] == "stream":
        return _measured(_walk(client), options["tasks"])
    work = _raw_listener if isinstance(client, Floor) else _listener
    return _measured(work(client, options["tasks"]), options["tasks"])


def _measured(life: Iterable[list[str]], tasks: int) -> dict[str, Any]:
    """Live, and look at the memory at every fifth of the way."""
    marks: list[int] = []
    done = checksum = 0
    started = time.process_time()
    for names in life:
        done += len(names)
        checksum = zlib.crc32(",".join(names).encode(), checksum)
        if done * 5 // tasks > len(marks):
            marks.append(resident_bytes())
    seconds = time.process_time() - started
    return {"marks": marks, "count": done, "seconds": seconds, "checksum": f"{done} tasks, {checksum}"}


def _walk(client: Any) -> Iterator[list[str]]:
    for task in client.walk(EXPRESSION):
        yield [task["name"]]


def _listener(client: Any, tasks: int) -> Iterator[list[str]]:
    for expression, start in _expressions(tasks):
        yield _handled(client, expression, start)


def _handled(client: Any, expression: str, start: int) -> list[str]:
    """One event's work; nothing of it is held when it returns."""
    found = client.session.query(expression).all()
    names = [_name(task) for task in found]
    for task in found[:CHANGED]:
        task["bid"] = float(start + 1)
    client.session.commit()
    return names


def _raw_listener(client: Any, tasks: int) -> Iterator[list[str]]:
    for expression, start in _expressions(tasks):
        rows = client.rows(expression)
        client.call([raw_update(row["id"], float(start + 1)) for row in rows[:CHANGED]])
        yield [_name(row) for row in rows]


def _name(task: Any) -> str:
    return f"{task['name']} {task['status']['name']} {task['parent']['name']}"


def _expressions(tasks: int) -> Iterator[tuple[str, int]]:
    """One query for each event: the tasks that it names."""
    for start in range(0, tasks, AT_ONCE):
        names = (f"Task/{index}" for index in range(start, start + AT_ONCE))
        ids = ", ".join(f'"{uuid.uuid5(uuid.NAMESPACE_URL, name)}"' for name in names)
        yield f"select name, bid, status.name, parent.name from Task where id in ({ids})", start


def blocks(size: str, results: Mapping[str, Results]) -> list[Block]:
    """How memory grew between the second fifth of the way and its end, and what an entity cost."""
    tables = []
    for work, label in LABELS.items():
        told = {**results[work], **results[f"{work}, official"]}
        there = {name: one for name, one in told.items() if "marks" in one}
        number = f"{SIZES[size]:,} tasks; official {OFFICIAL[size]:,}"
        grown = {name: Value(_growth(one)) for name, one in there.items()}
        notes = tuple(f"{name}: MB at each fifth: {_shown(one['marks'])}" for name, one in there.items())
        title = f"{label} ({number}): growth of the process from 40 % to the end"
        tables.append(Block(title, "x", grown, (at_most(1.05, None),), notes))
        cost = {name: Value(one["seconds"] / one["count"] * 1_000_000) for name, one in there.items()}
        tables.append(Block(f"{label}: processor time for each", "us", cost))
    return tables


def _growth(one: Mapping[str, Any]) -> float:
    marks = one["marks"]
    return float(marks[-1] / marks[1]) if marks[1] else 1.0


def _shown(marks: list[int]) -> str:
    return ", ".join(f"{mark / 1e6:.1f}" for mark in marks)

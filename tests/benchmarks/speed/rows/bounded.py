"""Long lives in flat memory: a walk that keeps nothing, and a listener that reads, changes, commits and drops."""

from __future__ import annotations

import time
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from speed.clients import Floor
from speed.measuring import resident_bytes
from speed.plan import Block, Case, Results, Value, at_most
from speed.rows.commits import raw_update
from speed.rows.tasks import EXPRESSION

SIZES = {"full": 100_000, "quick": 20_000, "tiny": 1_000}
OFFICIAL = {"full": 3_000, "quick": 1_000, "tiny": 100}
HELD_STRONGLY = 2_000
"""`memory_cache_size` of ours, so that a walk is much longer than what a session keeps; nothing else is changed."""
AT_ONCE = 100
CHANGED = 10
LISTENER = f"listener: {AT_ONCE} tasks at a time, read, {CHANGED} changed and committed, dropped"
OURS, THEIRS = ("floor", "ours"), ("official",)
PARTS = {"a tenth": 10, "all": 1}
PLACES = 10
MIDDLE = 6
""" of so many places on the way: by then whatever is kept for good is there."""


def cases(size: str) -> list[Case]:
    """A short walk and a long one; a listener's life; both shorter of the official client."""
    most, of_official = SIZES[size], OFFICIAL[size]
    return [
        *(_case(f"stream, {part}", "stream", most // by, OURS) for part, by in PARTS.items()),
        *(_case(f"stream, {part}, official", "stream", of_official // by, THEIRS) for part, by in PARTS.items()),
        _case("listener", "listener", most, OURS),
        _case("listener, official", "listener", of_official, THEIRS),
    ]


def _case(name: str, work: str, tasks: int, programs: tuple[str, ...]) -> Case:
    options = {"work": work, "settings": {"memory_cache_size": HELD_STRONGLY}}
    return Case(name, options, tasks, programs=programs, rounds=1, official_rounds=1)


def run(client: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """What one program does; memory is read at every tenth of the way."""
    if options["work"] == "stream":
        return _measured(_walk(client), options["tasks"])
    work = _raw_listener if isinstance(client, Floor) else _listener
    return _measured(work(client, options["tasks"]), options["tasks"])


def _measured(life: Iterable[list[str]], tasks: int) -> dict[str, Any]:
    """Live, and look at the memory at every tenth of the way."""
    marks: list[int] = []
    done = checksum = 0
    started = time.process_time()
    for names in life:
        done += len(names)
        checksum = zlib.crc32(",".join(names).encode(), checksum)
        if done * PLACES // tasks > len(marks):
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
    """How memory grows with the length of a walk, and on the way of a listener; and what an entity costs."""
    most, of_official = SIZES[size], OFFICIAL[size]
    short, walk = (_ended(results, f"stream, {part}") for part in PARTS)
    listener = _ended(results, "listener")
    longer = {name: Value(max(walk[name]["marks"]) / max(short[name]["marks"])) for name in walk if name in short}
    on_the_way = {name: Value(max(one["marks"][MIDDLE:]) / one["marks"][MIDDLE - 1]) for name, one in listener.items()}
    numbers = f"{most:,} tasks; official {of_official:,}"
    peak = f"walk with stream(), keeping none: most memory with all ({numbers}), against with a tenth of them"
    return [
        Block(peak, "x", longer, (at_most(1.05, None),), _notes(walk)),
        Block(f"walk ({numbers}): processor time for each", "us", _costs(walk)),
        Block(
            f"{LISTENER} ({numbers}): memory from 60 % on", "x", on_the_way, (at_most(1.05, None),), _notes(listener)
        ),
        Block(f"listener ({numbers}): processor time for each", "us", _costs(listener)),
    ]


def _ended(results: Mapping[str, Results], case: str) -> dict[str, Mapping[str, Any]]:
    """What everybody told who came to the end."""
    told = {**results[case], **results[f"{case}, official"]}
    return {name: one for name, one in told.items() if len(one.get("marks", ())) >= MIDDLE and min(one["marks"])}


def _costs(ended: Mapping[str, Mapping[str, Any]]) -> dict[str, Value]:
    return {name: Value(one["seconds"] / one["count"] * 1_000_000) for name, one in ended.items()}


def _notes(ended: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    shown = {name: ", ".join(f"{mark / 1e6:.0f}" for mark in one["marks"]) for name, one in ended.items()}
    return tuple(f"{name}: MB at each tenth of the way: {marks}" for name, marks in shown.items())

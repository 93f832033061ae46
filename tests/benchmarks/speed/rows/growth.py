"""How time and memory of one entity grow from 1,000 to 100,000 of them, beside how the floor's own grow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speed.measuring import digest, timed, traced
from speed.plan import Block, Case, Results, Value, at_most, value
from speed.rows.tasks import EXPRESSION, read

SIZES = {"full": (1_000, 10_000, 100_000), "quick": (500, 5_000), "tiny": (10, 20)}
MOST_FOR_OFFICIAL = 10_000
WARM = "select name, status.name, type.name, parent.name, parent.project.name, link from Task where id is"
"""Whatever is made for the first row of a process is made before the time is taken."""


def cases(size: str) -> list[Case]:
    """Time and memory of each number of entities; the official client is spared the largest."""
    return [case for tasks in SIZES[size] for case in _of(tasks)]


def _of(tasks: int) -> list[Case]:
    programs = ("floor", "ours", "official") if tasks <= MOST_FOR_OFFICIAL else ("floor", "ours")
    rounds = 3 if tasks > MOST_FOR_OFFICIAL else 5
    return [
        Case(f"time, {tasks}", {}, tasks, programs=programs, rounds=rounds, official_rounds=1),
        Case(f"memory, {tasks}", {"memory": True}, tasks, programs=("floor", "ours"), rounds=1),
    ]


def run(client: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """What one program does."""
    [first] = client.rows(f'{WARM} "b2df2aeb-7e06-54b3-b197-ffa92d498f8c"')
    work = traced if "memory" in options else timed
    cost, rows = work(lambda: client.rows(EXPRESSION))
    assert rows[0]["name"] == first["name"]
    return {"cost": cost, "count": len(rows), "checksum": digest(read(rows))}


def blocks(size: str, results: Mapping[str, Results]) -> list[Block]:
    """What one entity costs with each number of them, and how that grew."""
    tables = []
    for what, unit, scale in (("time", "us", 1_000_000.0), ("memory", "bytes", 1.0)):
        costs = {tasks: _each(results[f"{what}, {tasks}"], scale) for tasks in SIZES[size]}
        tables += [Block(f"{what} for each of {tasks:,} tasks", unit, costs[tasks]) for tasks in costs]
        first, last = SIZES[size][0], SIZES[size][-1]
        label = f"{what}: growth for one entity from {first:,} to {last:,} of them"
        tables.append(Block(label, "x", _growth(costs[first], costs[last]), (at_most(1.25, "floor"),)))
    return tables


def _each(told: Results, scale: float) -> dict[str, Value]:
    return {name: value(one["cost"], scale / one["count"]) for name, one in told.items() if "cost" in one}


def _growth(first: Mapping[str, Value], last: Mapping[str, Value]) -> dict[str, Value]:
    return {name: _ratio(last[name], first[name]) for name in last if name in first}


def _ratio(one: Value, by: Value) -> Value:
    return Value(one.wall / by.wall, one.cpu / by.cpu if one.cpu and by.cpu else None)

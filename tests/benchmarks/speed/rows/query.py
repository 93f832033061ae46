"""Query 10,000 tasks, read what came, and what that holds in memory; with either form of replies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speed.measuring import digest, timed, traced
from speed.plan import EVERYBODY, Block, Case, Results, at_most, faster, taken
from speed.rows.tasks import EXPRESSION, read

SIZES = {"full": 10_000, "quick": 2_000, "tiny": 20}
SHAPES = {"full": "nested entities in full in every row", "once": "nested entities in full once a page"}
SCALAR_ROUNDS = 20
_MEMORY = {"full": EVERYBODY, "once": ("floor", "ours", "ours-fast")}
"""The official client holds the same whatever the form, and is slow while its memory is counted."""


def cases(size: str) -> list[Case]:
    """Times for both forms, then memory for both."""
    tasks = SIZES[size]
    times = [Case(f"time, {shape}", {"nested": shape == "full"}, tasks, shape, official_rounds=1) for shape in SHAPES]
    held = [Case(f"memory, {shape}", {"memory": True}, tasks, shape, _MEMORY[shape], 1, 1) for shape in SHAPES]
    return [*times, *held]


def run(client: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """What one program does."""
    if "memory" in options:
        client.rows("select name from Project")  # whatever is made on first use is made before counting
        held, rows = traced(lambda: client.rows(EXPRESSION))
        return {"bytes": held / len(rows), "checksum": digest(read(rows))}
    query, rows = timed(lambda: client.rows(EXPRESSION))
    scalars, _ = timed(lambda: [row["name"] for _ in range(SCALAR_ROUNDS) for row in rows])
    told = {"query": query, "scalars": scalars}
    if options["nested"]:  # raw rows of the other form hold most names only once
        told["nested"], _ = timed(lambda: [row["status"]["name"] for row in rows])
    return {**told, "checksum": digest(read(rows))}


def blocks(size: str, results: Mapping[str, Results]) -> list[Block]:
    """The tables."""
    tables = []
    for shape, what in SHAPES.items():
        told = results[f"time, {shape}"]
        tables += [
            Block(
                f"query and hold {SIZES[size]:,} tasks; {what}",
                "ms",
                taken(told, "query", 1000),
                (at_most(1.6, "floor"), at_most(1.3, "floor", "ours-fast"), faster(40, "ours-fast")),
            ),
            Block(
                f"read a loaded scalar of each, {SCALAR_ROUNDS} times; {what}",
                "ms",
                taken(told, "scalars", 1000),
                (faster(5),),
            ),
        ]
        if shape == "full":
            label = "first reach of a nested reference's name, of each"
            tables.append(Block(label, "ms", taken(told, "nested", 1000), (faster(40),)))
    official = {name: one for name, one in taken(results["memory, full"], "bytes").items() if name == "official"}
    for shape, what in SHAPES.items():
        held = {**taken(results[f"memory, {shape}"], "bytes"), **official}
        targets = (at_most(1.15, "floor"), at_most(0.5, "official"))
        tables.append(Block(f"memory held for each task; {what}", "bytes", held, targets))
    return tables

"""A loop over tasks that reads what was not asked for: the name of the status and of the type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speed.clients import Floor, Wire
from speed.measuring import digest, timed
from speed.plan import SESSIONS, Block, Case, Results, at_most, taken

SIZES = {"full": 1_000, "quick": 1_000, "tiny": 20}


def cases(size: str) -> list[Case]:
    """One."""
    return [Case("loop", tasks=SIZES[size], programs=SESSIONS, rounds=3, official_rounds=1)]


def run(client: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """What one program does; the floor asks for everything in its query, which a session is not told to."""
    wire = Wire()
    raw = isinstance(client, Floor)
    expression = "select name, status.name, type.name from Task" if raw else "select name from Task"

    def loop() -> list[Any]:
        rows = client.rows(expression) if raw else client.session.query(expression)
        return [[task["name"], task["status"]["name"], task["type"]["name"]] for task in rows]

    time, values = timed(loop)
    return {"time": time, "calls": wire.calls, "checksum": digest(values)}


def blocks(size: str, results: Mapping[str, Results]) -> list[Block]:
    """Calls and time."""
    told, what = results["loop"], f"loop over {SIZES[size]:,} tasks reading status and type names, unloaded"
    return [
        Block(f"{what}: server calls, the query's own included", "calls", taken(told, "calls"), (at_most(6, None),)),
        Block(f"{what}: time (the floor selects the names at once)", "ms", taken(told, "time", 1000)),
    ]

"""A process from its start to its end: import, a session with a warm schema cache, one query, close."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speed.measuring import digest
from speed.plan import Block, Case, Results, at_most, taken

ROUNDS = {"full": 7, "quick": 3, "tiny": 1}


def cases(size: str) -> list[Case]:
    """One; everybody's schema cache and byte code are there."""
    return [Case("start", rounds=ROUNDS[size], official_rounds=ROUNDS[size], warm=True)]


def run(client: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """What one program does; its whole process is measured from outside."""
    return {"checksum": digest([row["name"] for row in client.rows("select name from Project")])}


def blocks(size: str, results: Mapping[str, Results]) -> list[Block]:
    """The table."""
    label = "a process: import, session with warm schema cache, one query, close"
    return [Block(label, "ms", taken(results["start"], "process", 1000), (at_most(0.8, "official"),))]

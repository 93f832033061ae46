"""How findings are told: to a person as they come, to a program as one JSON document."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import attrs

from ftrack_core.cli import _output
from ftrack_core.values import Finding

__all__ = ["JsonReport", "TextReport"]

_STATES = ("failed", "warning", "ok", "skipped")


@attrs.define(eq=False)
class TextReport:
    """Prints findings as they come."""

    _counts: Counter[str] = attrs.field(factory=Counter, init=False)
    _group: str = attrs.field(default="", init=False)

    def add(self, group: str, finding: Finding) -> None:
        """Print a finding."""
        if group != self._group:
            _output.heading(group)
            self._group = group
        self._counts[finding.state] += 1
        took = f" ({_duration(finding.seconds)})" if finding.seconds is not None else ""
        first, *more = finding.text.splitlines() or [""]
        _output.say(f"{finding.state:<8} {finding.check}: {first}{took}")
        for line in more:
            _output.say(f"{'':<8} {line}")
        if finding.advice:
            _output.say(f"{'':<8} -> {finding.advice}")
        for value in finding.facts.values():
            _print_rows(value)

    def end(self) -> int:
        """Print how many there were of each state, and give the exit status."""
        counted = [f"{self._counts[state]} {state}" for state in _STATES if self._counts[state]]
        _output.say()
        _output.say(f"{', '.join(counted)}.")
        return int(self._counts["failed"] > 0)


@attrs.define(eq=False)
class JsonReport:
    """Prints one document at the end."""

    _found: list[dict[str, Any]] = attrs.field(factory=list, init=False)

    def add(self, group: str, finding: Finding) -> None:
        """Keep a finding."""
        self._found.append({"group": group, **attrs.asdict(finding), "facts": dict(finding.facts)})

    def end(self) -> int:
        """Print all of them, and give the exit status."""
        counts = Counter(each["state"] for each in self._found)
        document = {"ok": not counts["failed"], "counts": {state: counts[state] for state in _STATES}}
        _output.say(json.dumps({**document, "findings": self._found}, indent=2))
        return int(counts["failed"] > 0)


def _print_rows(value: Any) -> None:
    """A fact that is a list of objects, as a table."""
    if isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
        headers = list(value[0])
        _output.table(headers, [[_cell(row.get(name)) for name in headers] for row in value])


def _cell(value: Any) -> str:
    if isinstance(value, str) or value is None:
        return value or ""
    return json.dumps(value)


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"

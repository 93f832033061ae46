"""Trees: many contexts by a few patterns.

[[tree]]
under = "harbour"
levels = ["Sequence sq[010-050/010]", "Shot sh[010-240/010]", "Task layout, animation"]
values.Task = { status = "Ready to start" }
values."Task animation" = { type = "Animation", bid = 28800 }
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import attrs

from ftrack_backends.workspace.seeds._ids import stable_id
from ftrack_backends.workspace.seeds._tables import Table

__all__ = ["tree"]

_Row: TypeAlias = "tuple[str, str, dict[str, Any]]"
_LEVEL = re.compile(r"\s*([A-Za-z][A-Za-z0-9]*)\s+(\S.*)", re.DOTALL)
_RANGE = re.compile(r"\[(\d{1,9})-(\d{1,9})(?:/(\d{1,9}))?\]")
_MOST_NAMES = 100_000
"""Of one pattern."""


@attrs.frozen
class _Level:
    """One level of a tree: a type, and the names that each parent gets below it."""

    type_name: str
    names: tuple[str, ...]


def tree(values: Mapping[str, Any]) -> Iterator[_Row]:
    """Contexts below one: each of a level gets all of the next."""
    table = Table(values).only("under", "levels", "values")
    levels = [_level(table, place, text) for place, text in enumerate(table.texts("levels"))]
    more = table.table("values")
    known = {f"{level.type_name}{name}" for level in levels for name in ("", *(f" {one}" for one in level.names))}
    for name in more.values:
        if name not in known:
            more.refuse_name(name, known, "is no type and no name of the levels")
        more.table(name)
    yield from _below(table.text("under"), levels, more, 0)


def _below(parent: str, levels: list[_Level], more: Table, depth: int) -> Iterator[_Row]:
    if depth == len(levels):
        return
    level = levels[depth]
    for sort, name in enumerate(level.names):
        said = {**more.table(level.type_name).values, **more.table(f"{level.type_name} {name}").values}
        own_id = stable_id(level.type_name, parent, name)
        row = {"sort": sort, **said, "id": own_id, "name": name, "parent_id": parent}
        yield f"levels[{depth}]", level.type_name, row
        yield from _below(own_id, levels, more, depth + 1)


def _level(table: Table, place: int, text: str) -> _Level:
    found = _LEVEL.fullmatch(text)
    if not found:
        table.fail(f"levels[{place}] must be a type and names, as 'Shot sh[010-100/010]', not {text!r}")
    names: list[str] = []
    for pattern in found[2].split(","):
        for one in _names(table, place, pattern.strip()):
            names.append(one)
            if len(names) > _MOST_NAMES:
                table.fail(f"levels[{place}] stands for more than {_MOST_NAMES} names")
    if "" in names:
        table.fail(f"levels[{place}] has an empty name between its commas")
    return _Level(found[1], tuple(names))


def _names(table: Table, place: int, pattern: str) -> Iterator[str]:
    """Put out the ranges of a pattern: `ep[1-2]_sq[010-030/010]` is six names."""
    parts = _RANGE.split(pattern)
    texts, ranges = parts[::4], list(zip(parts[1::4], parts[2::4], parts[3::4], strict=True))
    if any("[" in one or "]" in one for one in texts):
        table.fail(f"levels[{place}] {pattern!r}: a range is written [first-last] or [first-last/step]")
    for first, last, step in ranges:
        if int(last) < int(first) or step == "0" * len(step or "1"):
            table.fail(f"levels[{place}] {pattern!r}: a range goes up, in steps of 1 or more")
    for numbers in itertools.product(*(_numbers(*one) for one in ranges)):
        yield "".join(text + number for text, number in zip(texts, (*numbers, ""), strict=True))


def _numbers(first: str, last: str, step: str | None) -> list[str]:
    found = range(int(first), int(last) + 1, int(step or 1))[: _MOST_NAMES + 1]
    return [str(number).zfill(len(first)) for number in found]

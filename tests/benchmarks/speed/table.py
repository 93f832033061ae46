"""Prints what came of it: a table for each row, and at the end every target with what was reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from speed.plan import Block, Target, Value

__all__ = ["Verdict", "lines", "summary", "verdicts"]

_RATIOS = f"{'x floor':>9}{'official/it':>13}"


class Verdict(NamedTuple):
    """A target, and what was reached: by the clock, and by the processor's time where there is one.

    Attributes:
        label: The row.
        target: What was to be reached.
        reached: How it is told.
        met: In a word or two.
    """

    label: str
    target: Target
    reached: str
    met: str


def lines(block: Block) -> Iterator[str]:
    """One table, line by line."""
    yield f"  {block.label}, {block.unit}"
    timed = any(one.cpu is not None for one in block.values.values())
    yield f"    {'':10}{'clock' if timed else '':>12}{_RATIOS}" + (f"   |{'processor':>12}{_RATIOS}" if timed else "")
    for name, one in block.values.items():
        clock = _figures(one.wall, *(_of(block, other, "wall") for other in ("floor", "official")))
        cpu = _figures(one.cpu, *(_of(block, other, "cpu") for other in ("floor", "official")))
        yield f"    {name:10}{clock}" + (f"   |{cpu}" if timed else "")
    for note in block.notes:
        yield f"    {note}"
    for verdict in verdicts(block):
        yield f"    target: {verdict.target.program} {verdict.target.text}: {verdict.reached}, {verdict.met}"
    yield ""


def _of(block: Block, program: str, kind: str) -> float | None:
    one = block.values.get(program)
    found: float | None = None if one is None else getattr(one, kind)
    return found


def _figures(one: float | None, floor: float | None, official: float | None) -> str:
    shown = f"{one:12,.{1 if one >= 10 else 2}f}" if one is not None else f"{'-':>12}"
    times = f"{one / floor:9.2f}" if one and floor else f"{'-':>9}"
    return f"{shown}{times}" + (f"{official / one:13.2f}" if one and official else f"{'-':>13}")


def verdicts(block: Block) -> Iterator[Verdict]:
    """What was reached of each target; none where a figure is missing."""
    for target in block.targets:
        one = block.values.get(target.program)
        by = Value(1.0) if target.of is None else block.values.get(target.of)
        if one is not None and by is not None:
            yield _verdict(block.label, target, one, by)


def _verdict(label: str, target: Target, one: Value, by: Value) -> Verdict:
    reached = [one.wall / by.wall, *([one.cpu / by.cpu] if one.cpu is not None and by.cpu else [])]
    met = [figure <= target.most for figure in reached]
    word = "met" if all(met) else "NOT met" if not any(met) else f"met by {'clock' if met[0] else 'processor'} only"
    shown = [f"{1 / figure:.1f}" if target.text.startswith("at least") else f"{figure:.2f}" for figure in reached]
    told = f"{shown[0]} by the clock, {shown[1]} by the processor" if len(shown) > 1 else shown[0]
    return Verdict(label, target, told, word)


def summary(found: Iterable[Verdict]) -> Iterator[str]:
    """Every target with what was reached."""
    rows = [(f"{one.label}", f"{one.target.program} {one.target.text}", one.reached, one.met) for one in found]
    if not rows:
        return
    yield "Targets"
    for label, target, reached, met in rows:
        yield f"  {met:22} {target:42} {reached:42} {label}"
    yield f"  {sum(met == 'met' for *_, met in rows)} of {len(rows)} met"

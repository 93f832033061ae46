"""The words in which a family of rows says what is to be done and what came of it. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["EVERYBODY", "Block", "Case", "Results", "Target", "Value", "at_most", "faster", "taken", "value"]

EVERYBODY = ("floor", "ours", "ours-fast", "official")
SESSIONS = ("floor", "ours", "official")
"""Where orjson makes no difference."""

Results = Mapping[str, Mapping[str, Any]]
"""What each program told of a case, by program's name; `fault` says why there is nothing else."""


class Case(NamedTuple):
    """Something that programs do.

    Attributes:
        name: Unique within the family.
        options: What `run` of the family's module gets.
        tasks: Size of the show that is served.
        shape: Form of replies, `full` or `once`.
        programs: Who does it.
        rounds: How often; the best counts.
        official_rounds: How often the official client does, which is slow.
        warm: Whether everybody does it once before, without counting.
    """

    name: str
    options: Mapping[str, Any] = {}
    tasks: int = 1_000
    shape: str = "full"
    programs: tuple[str, ...] = EVERYBODY
    rounds: int = 5
    official_rounds: int = 2
    warm: bool = False


class Value(NamedTuple):
    """A figure of one program: by the clock, and where it is a time, of its own process too."""

    wall: float
    cpu: float | None = None


class Target(NamedTuple):
    """A figure of one program shall be at most so many times another's; of nobody's: at most so many."""

    program: str
    most: float
    of: str | None
    text: str


class Block(NamedTuple):
    """One table: a figure of every program."""

    label: str
    unit: str
    values: Mapping[str, Value]
    targets: tuple[Target, ...] = ()
    notes: tuple[str, ...] = ()


def at_most(most: float, of: str | None, program: str = "ours") -> Target:
    """A target: at most so many times the floor, the official client, or nobody."""
    return Target(program, most, of, f"at most {most:g} x {of}" if of else f"at most {most:g}")


def faster(times: float, program: str = "ours") -> Target:
    """A target: so many times faster than the official client."""
    return Target(program, 1 / times, "official", f"at least {times:g} x faster than official")


def value(told: Any, scale: float = 1.0) -> Value:
    """A figure from what a program told: a time of both kinds, or a number."""
    if isinstance(told, Mapping):
        return Value(told["wall"] * scale, told["cpu"] * scale)
    return Value(told * scale)


def taken(results: Results, key: str, scale: float = 1.0) -> dict[str, Value]:
    """A figure of everybody who told it."""
    return {name: value(told[key], scale) for name, told in results.items() if key in told}

"""The syntax tree of a query: frozen values, the one form that text, builder and workspace share.

A tree says what a query means to any server; it knows no schema, so a path in it may name anything.
"""

from __future__ import annotations

import enum
import math
import re
from typing import TypeAlias

import attrs

from ftrack_core.values import ByValue

__all__ = [
    "Aggregate",
    "And",
    "Comparison",
    "Condition",
    "Membership",
    "Not",
    "Operator",
    "Or",
    "Ordering",
    "Path",
    "Projection",
    "Quantified",
    "Quantifier",
    "Query",
    "Step",
    "Value",
]

_INTEGER = re.compile(r"[+-]?[0-9]{1,1000}\Z")  # a longer one is text: Python refuses to read it as a number
_FLOAT = re.compile(r"[+-]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][+-]?[0-9]+)?\Z")
_KEYWORD_VALUES: dict[str, bool | None] = {"none": None, "null": None, "true": True, "false": False}


class Operator(enum.Enum):
    """How a comparison compares; the value is the spelling that rendering uses."""

    EQUAL = "is"
    NOT_EQUAL = "is_not"
    GREATER = ">"
    LESS = "<"
    GREATER_OR_EQUAL = ">="
    LESS_OR_EQUAL = "<="
    LIKE = "like"
    NOT_LIKE = "not_like"


class Quantifier(enum.Enum):
    """What a parenthesised condition on a relation asks: `has` of a reference, `any` of a collection."""

    HAS = "has"
    ANY = "any"


@attrs.frozen(eq=False, repr=False)
class Step(ByValue):
    """One name in a path, with the type it is cast to: `parent[TypedContext]`.

    Attributes:
        name: Attribute name.
        cast: Entity type in brackets behind the name, or None.
    """

    name: str
    cast: str | None = None


@attrs.frozen(eq=False, repr=False)
class Path(ByValue):
    """A dotted path of attribute names: `asset.parent[Shot].name`. It has at least one step."""

    steps: tuple[Step, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The attribute names, without casts."""
        return tuple(step.name for step in self.steps)


@attrs.frozen(eq=False, repr=False)
class Aggregate(ByValue):
    """A function over the rows of a group: `count(id)`.

    Attributes:
        function: One of count, sum, avg, min, max, in lower case.
        path: What it is computed over.
    """

    function: str
    path: Path


Projection: TypeAlias = "Path | Aggregate"


@attrs.frozen(eq=False, repr=False)
class Value(ByValue):
    """A value as it was written; what it means depends on the attribute it is compared with.

    Attributes:
        text: The characters, unescaped and without quotes.
        quoted: Whether it stood in quotes: a quoted value is always a string.
    """

    text: str
    quoted: bool

    @property
    def literal(self) -> str | int | float | bool | None:
        """What the text alone says: None, a truth value or a number where it is a bare one, else the text itself."""
        if self.quoted:
            return self.text
        lowered = self.text.lower()
        if lowered in _KEYWORD_VALUES:
            return _KEYWORD_VALUES[lowered]
        if _INTEGER.match(self.text):
            return int(self.text)
        number = float(self.text) if _FLOAT.match(self.text) else math.inf
        return number if math.isfinite(number) else self.text


@attrs.frozen(eq=False, repr=False)
class Comparison(ByValue):
    """`path operator value`."""

    path: Path
    operator: Operator
    value: Value


@attrs.frozen(eq=False, repr=False)
class Membership(ByValue):
    """`path in (...)` or `path not_in (...)`, with values or with a query that gives them."""

    path: Path
    choices: tuple[Value, ...] | Query
    negated: bool = False


@attrs.frozen(eq=False, repr=False)
class Quantified(ByValue):
    """`path has (condition)` or `path any (condition)`; without a condition it asks whether there is anything."""

    path: Path
    quantifier: Quantifier
    condition: Condition | None = None


@attrs.frozen(eq=False, repr=False)
class And(ByValue):
    """All conditions hold; there are at least two."""

    conditions: tuple[Condition, ...]


@attrs.frozen(eq=False, repr=False)
class Or(ByValue):
    """At least one condition holds; there are at least two."""

    conditions: tuple[Condition, ...]


@attrs.frozen(eq=False, repr=False)
class Not(ByValue):
    """The condition does not hold."""

    condition: Condition


Condition: TypeAlias = "Comparison | Membership | Quantified | And | Or | Not"


@attrs.frozen(eq=False, repr=False)
class Ordering(ByValue):
    """One path to order by."""

    path: Path
    descending: bool = False


@attrs.frozen(eq=False, repr=False)
class Query(ByValue):
    """A whole query.

    Attributes:
        entity_type: The type asked for.
        projections: What is selected; empty for the short form without `select`.
        condition: The filter, or None.
        group_by: Paths that rows are grouped by; only with aggregates.
        order_by: Orderings, the first one first.
        offset: Rows to skip, or None where none was written.
        limit: Rows to give at most, or None where none was written.
    """

    entity_type: str
    projections: tuple[Projection, ...] = ()
    condition: Condition | None = None
    group_by: tuple[Path, ...] = ()
    order_by: tuple[Ordering, ...] = ()
    offset: int | None = None
    limit: int | None = None

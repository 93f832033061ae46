"""The syntax tree of the subscription language, and what it means for a mapping."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

from ftrack_core.values import MISSING

__all__ = ["AllOf", "AnyOf", "Condition", "Node", "Not"]

_ORDERINGS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


@attrs.frozen
class Condition:
    """A field compared with a value.

    A field that is not there matches nothing, `!=` neither. With `=`, a value that ends in `*` is found anywhere in
    the field's text: this is what ftrack's own client does, although ftrack's documentation speaks of beginnings.

    Attributes:
        field: Dotted path, as `source.user.username`.
        operator: One of `=`, `!=`, `>`, `>=`, `<`, `<=`.
        value: What to compare with; always text.
        path: The parts of `field`.
    """

    field: str
    operator: str
    value: str
    path: tuple[str, ...] = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "path", tuple(self.field.split(".")))

    def matches(self, candidate: Mapping[str, object]) -> bool:
        """Whether the condition holds for a mapping."""
        found: object = candidate
        for part in self.path:
            if found.__class__ is not dict and not isinstance(found, Mapping):  # the first is quick, and most common
                return False
            found = found.get(part, MISSING)
        if found is MISSING:
            return False
        if self.operator == "=":
            return self._found_in(found) if self.value.endswith("*") else self._equals(found)
        if self.operator == "!=":
            return not self._equals(found)
        return self._ordered(found)

    def required_topic(self) -> str | None:
        """The topic without which the condition cannot hold; None when several can."""
        exact = self.field == "topic" and self.operator == "=" and not self.value.endswith("*")
        return self.value if exact else None

    def _found_in(self, found: object) -> bool:
        part = self.value[:-1]
        if isinstance(found, str):
            return part in found
        return isinstance(found, (list, tuple)) and part in found

    def _equals(self, found: object) -> bool:
        if isinstance(found, str):
            return found == self.value
        if isinstance(found, bool):
            return str(found).lower() == self.value.lower()
        if isinstance(found, (int, float)):
            return found == _number(self.value)
        return False

    def _ordered(self, found: object) -> bool:
        compare = _ORDERINGS[self.operator]
        left, right = _number(found), _number(self.value)
        if left is not None and right is not None:
            return compare(left, right)
        return isinstance(found, str) and compare(found, self.value)


@attrs.frozen
class Not:
    """The opposite of a node."""

    node: Node

    def matches(self, candidate: Mapping[str, object]) -> bool:
        """Whether the node does not hold for a mapping."""
        return not self.node.matches(candidate)

    def required_topic(self) -> str | None:
        """None: the opposite of one topic is all others."""
        return None


@attrs.frozen
class AllOf:
    """Nodes joined by `and`."""

    nodes: tuple[Node, ...]

    def matches(self, candidate: Mapping[str, object]) -> bool:
        """Whether every node holds for a mapping."""
        return all(node.matches(candidate) for node in self.nodes)

    def required_topic(self) -> str | None:
        """The topic that one of the nodes requires; None when none does."""
        required = (node.required_topic() for node in self.nodes)
        return next((topic for topic in required if topic is not None), None)


@attrs.frozen
class AnyOf:
    """Nodes joined by `or`."""

    nodes: tuple[Node, ...]

    def matches(self, candidate: Mapping[str, object]) -> bool:
        """Whether some node holds for a mapping."""
        return any(node.matches(candidate) for node in self.nodes)

    def required_topic(self) -> str | None:
        """The topic that all nodes require; None when they require several or none."""
        required = {node.required_topic() for node in self.nodes}
        return required.pop() if len(required) == 1 else None


Node: TypeAlias = "Condition | Not | AllOf | AnyOf"


def _number(value: object) -> float | int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return value
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return None
    return int(value) if value.lstrip("+-").isdigit() and len(value) < 400 else float(value)

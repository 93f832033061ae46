"""What programs give to a session's methods, looked at before anything happens."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from ftrack_core.entity import TypePlan
from ftrack_core.errors import InvalidTypeError, InvalidValueError

__all__ = ["key_of", "operations_of", "projected", "series", "shortened", "values_of"]

_T = TypeVar("_T")


def shortened(value: object) -> str:
    """A value as a message shows it."""
    text = repr(value)
    return f"{text[:80]}..." if len(text) > 80 else text


def series(given: Iterable[_T], what: str) -> list[_T]:
    """What should be several things, as a list.

    Args:
        given: What a program gave.
        what: How they are given, for the message.

    Raises:
        InvalidTypeError: It is none, or text, which would fall into letters.
    """
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        raise InvalidTypeError(f"{what}, and {shortened(given)} was given.")
    return list(given)


def operations_of(given: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The operations of a batch.

    Raises:
        InvalidTypeError: They are no list, or one of them is no mapping.
    """
    operations = series(given, "Operations are a list of mappings")
    for operation in operations:
        if not isinstance(operation, Mapping):
            raise InvalidTypeError(f"Operations are a list of mappings, and {shortened(operation)} was in it.")
    return operations


def projected(given: str | Iterable[str]) -> list[str]:
    """Paths that were given as a list, or as text with commas.

    Raises:
        InvalidTypeError: They are neither.
    """
    names = (
        given.split(",") if isinstance(given, str) else series(given, "Projections are a list, or text with commas")
    )
    for name in names:
        if not isinstance(name, str):
            raise InvalidTypeError(f"A projection is text, as 'status.name', and {shortened(name)} was given.")
    return [name.strip() for name in names if name.strip()]


def key_of(plan: TypePlan, given: Any) -> tuple[str, ...]:
    """The primary key of an entity, as text; ids that are numbers or UUIDs are told as they are written.

    Raises:
        InvalidValueError: It has the wrong number of values.
        InvalidTypeError: A value of it is none of an id.
    """
    several = isinstance(given, Iterable) and not isinstance(given, (str, Mapping))
    key = tuple(given) if several else (given,)
    if len(key) == len(plan.primary_key) and all(map(_may_be_id, key)):
        return tuple(map(str, key))
    kind = InvalidValueError if all(map(_may_be_id, key)) else InvalidTypeError
    raise kind(f"The key of a {plan.name} is {' and '.join(plan.primary_key)}, and {shortened(given)} was given.")


def _may_be_id(part: object) -> bool:
    return isinstance(part, (str, int, uuid.UUID)) and not isinstance(part, bool)


def values_of(entity_type: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values of an entity.

    Raises:
        InvalidTypeError: They are no mapping.
    """
    if not isinstance(given, Mapping):
        raise InvalidTypeError(f"The values of a {entity_type} are a mapping, and {shortened(given)} was given.")
    return given

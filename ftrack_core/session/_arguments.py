"""What programs give to a session's methods, looked at before anything happens."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from ftrack_core.entity import TypePlan
from ftrack_core.errors import InvalidTypeError, InvalidValueError

__all__ = ["key_of", "operations_of", "projected", "series", "values_of"]

_T = TypeVar("_T")


def series(given: Iterable[_T], what: str) -> Iterable[_T]:
    """What should be a list of things, as a list or anything that gives them.

    Raises:
        InvalidTypeError: It is none, or text, which would fall into letters.
    """
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        raise InvalidTypeError(f"{what}, and {given!r} was given.")
    return given


def operations_of(given: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The operations of a batch.

    Raises:
        InvalidTypeError: They are no list, or one of them is no mapping.
    """
    operations = list(series(given, "Operations are given as a list of mappings"))
    for operation in operations:
        if not isinstance(operation, Mapping):
            raise InvalidTypeError(f"Operations are given as a list of mappings, and {operation!r} was in it.")
    return operations


def projected(given: str | Iterable[str]) -> list[str]:
    """Paths that were given as a list, or as text with commas.

    Raises:
        InvalidTypeError: They are neither.
    """
    names = (
        given.split(",")
        if isinstance(given, str)
        else list(series(given, "Paths are given as a list, or as text with commas"))
    )
    for name in names:
        if not isinstance(name, str):
            raise InvalidTypeError(f"Paths to populate are text, as 'status.name', and {name!r} was given.")
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
    raise kind(f"The key of a {plan.name} is {' and '.join(plan.primary_key)}, and {given!r} was given.")


def _may_be_id(part: object) -> bool:
    return isinstance(part, (str, int, uuid.UUID)) and not isinstance(part, bool)


def values_of(entity_type: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values of an entity.

    Raises:
        InvalidTypeError: They are no mapping.
    """
    if not isinstance(given, Mapping):
        raise InvalidTypeError(f"The values of a {entity_type} are a mapping, and {given!r} was given.")
    return given

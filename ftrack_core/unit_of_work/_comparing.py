"""Values as they are compared with what a server gives back: by meaning, not by spelling."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from ftrack_core.entity import ENTITY_TYPE, TypePlan
from ftrack_core.errors import MalformedReplyError
from ftrack_core.protocol import is_date, parse_date
from ftrack_core.values import EntityIdentity

__all__ = ["comparable", "same_value"]

_SECOND: Final = datetime.timedelta(seconds=1)


def comparable(value: Any, plan_of: Callable[[str], TypePlan]) -> Any:
    """A value in wire form, made ready for `same_value`.

    Entities become identities without a type, since a base type and a concrete one name the same entity; lists of
    entities, and empty ones, become sets of them; dates become moments.

    Args:
        value: Plain JSON, entities in it as they go over the wire.
        plan_of: Gives the plan of a type by name.

    Raises:
        MalformedReplyError: An entity in it lacks its key, or a date in it is none.
    """
    if isinstance(value, Mapping):
        if ENTITY_TYPE in value:
            return EntityIdentity("", plan_of(value[ENTITY_TYPE]).key_of(value))
        if is_date(value):
            return parse_date(value["value"])
        return {name: comparable(item, plan_of) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [comparable(item, plan_of) for item in value]
        identities = frozenset(item for item in items if isinstance(item, EntityIdentity))
        return identities if len(identities) == len(items) else items
    return value


def same_value(one: Any, other: Any) -> bool:
    """Whether two comparable values mean the same; dates are held against each other at second precision.

    Servers keep whole seconds, may send a whole number for a float, and null for an empty collection.
    """
    if isinstance(one, datetime.datetime) or isinstance(other, datetime.datetime):
        first, second = _moment(one), _moment(other)
        return first is not None and second is not None and abs(first - second) < _SECOND
    if isinstance(one, float) or isinstance(other, float):
        return _is_number(one) and _is_number(other) and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(one, frozenset) or isinstance(other, frozenset):
        return bool((one or frozenset()) == (other or frozenset()))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_value, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_value(one[name], other[name]) for name in one)
    return bool(one == other)


def _moment(value: Any) -> datetime.datetime | None:
    """A moment, also of a date that was given as text."""
    if isinstance(value, datetime.datetime):
        return value
    try:
        return parse_date(value) if isinstance(value, str) else None
    except MalformedReplyError:
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)

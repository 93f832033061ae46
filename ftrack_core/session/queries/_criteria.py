"""Conditions made of values: what `ensure` looks for."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ftrack_core.entity import Entity, inspection
from ftrack_core.errors import InvalidValueError, UnknownAttributeError
from ftrack_core.query import literal, quote
from ftrack_core.schema import AttributeKind
from ftrack_core.session._arguments import series, shortened

__all__ = ["bring_in_line", "criteria"]


def criteria(data: Mapping[str, Any], identifying_keys: Sequence[str] | None) -> str:
    """A condition that an entity with these values meets.

    Raises:
        ValueError: There is nothing to tell an entity by, or the values are no mapping.
        KeyError: An identifying key is not among the values.
    """
    if not isinstance(data, Mapping):
        raise InvalidValueError(f"The values of an entity are a mapping, and {shortened(data)} was given.")
    names = list(data) if identifying_keys is None else series(identifying_keys, "Identifying keys are a list")
    if not names:
        raise InvalidValueError("ensure needs at least one value to tell the entity by.")
    missing = [name for name in names if name not in data]
    if missing:
        raise UnknownAttributeError(f"The identifying keys {missing} are not among the values {sorted(data)}.")
    return " and ".join(_criterion(name, data[name]) for name in names)


def _criterion(name: str, value: Any) -> str:
    if isinstance(value, Entity):
        key = inspection.primary_key(value)
        return " and ".join(f"{name}.{part} is {quote(text)}" for part, text in key.items())
    return f"{name} is {_written(value)}"


def _written(value: Any) -> str:
    told = literal(value)
    return quote(told.text) if told.quoted else told.text


def bring_in_line(entity: Entity, data: Mapping[str, Any]) -> None:
    """Set those attributes of an entity that have another value than they should; dates differ by whole seconds."""
    key = inspection.primary_key(entity)
    for name, value in data.items():
        if name not in key and not _holds(entity, name, value):
            entity[name] = value


def _holds(entity: Entity, name: str, value: Any) -> bool:
    kind, held = entity._attribute(name).kind, entity[name]
    if kind is AttributeKind.COLLECTION and isinstance(value, Iterable):
        return set(held) == set(value)
    if kind is AttributeKind.MAPPED and isinstance(value, Mapping):
        return dict(held) == dict(value)
    return bool(_comparable(held) == _comparable(value))


def _comparable(value: Any) -> Any:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        value = datetime.datetime(value.year, value.month, value.day, tzinfo=datetime.timezone.utc)
    if not isinstance(value, datetime.datetime):
        return value
    moment = value if value.tzinfo is not None else value.replace(tzinfo=datetime.timezone.utc)
    return moment.astimezone(datetime.timezone.utc).replace(microsecond=0)

"""Which values a record may hold, how deep, and how large an entry may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ftrack_core.errors import CacheError
from ftrack_core.values import EntityIdentity, EntityRecord

__all__ = ["MAX_BYTES", "MAX_DEPTH", "checked", "is_identity", "read_record", "refuse_size"]

MAX_BYTES: Final = 4 * 1024 * 1024
"""An entry longer than this is neither written nor read."""
MAX_DEPTH: Final = 32
"""Lists and mappings in a record may stand this deep in each other; the values of the record are the first level."""

_SCALARS: Final = frozenset({str, int, float, bool, type(None)})


def read_record(fields: Any, max_depth: int) -> EntityRecord | None:
    """The record that four fields make, or None if they make none."""
    if fields.__class__ is not list or len(fields) != 4:
        return None
    entity_type, key, fetched_at, values = fields
    if key.__class__ is not list or fetched_at.__class__ not in (float, int) or values.__class__ is not dict:
        return None
    identity = EntityIdentity(entity_type, tuple(key))
    if not is_identity(identity) or not _sound(values, max_depth):
        return None
    return EntityRecord(identity, fetched_at, values)


def checked(record: EntityRecord, max_depth: int) -> dict[str, Any]:
    """The values of a record as a dict, once they were found to be such as come over the wire.

    Raises:
        CacheError: One of them is not, or they stand too deep.
    """
    values = record.values if record.values.__class__ is dict else dict(record.values)
    if record.fetched_at.__class__ not in (float, int) or not is_identity(record.identity):
        raise CacheError(f"{record.identity!r} at {record.fetched_at!r} is no identity with a time; nothing was kept")
    if not _sound(values, max_depth):
        raise CacheError(f"the record of {record.identity} cannot be kept: {_fault(values, max_depth)}")
    return values  # type: ignore[return-value]  # it is the dict that it was found to be


def is_identity(value: Any) -> bool:
    """Whether a value is an identity made of text only."""
    if value.__class__ is not EntityIdentity or value.key.__class__ is not tuple:
        return False
    return value.entity_type.__class__ is str and all(part.__class__ is str for part in value.key)


def refuse_size(record: EntityRecord, size: int, max_bytes: int) -> None:
    """Refuse an entry that is longer than the limit.

    Raises:
        CacheError: It is.
    """
    if size > max_bytes:
        raise CacheError(
            f"the record of {record.identity} cannot be kept: it takes {size} bytes, and the limit is {max_bytes}",
            {"bytes": size, "max_bytes": max_bytes},
        )


def _sound(values: dict[str, Any], max_depth: int) -> bool:
    """Whether all is of the wire's types, keys are text, and nothing stands too deep; a level at a time."""
    level: list[Any] = [values]
    for _ in range(max_depth):
        below: list[Any] = []
        for each in level:
            if each.__class__ is dict:
                if not all([name.__class__ is str for name in each]):  # noqa: C419 - a list is faster than a generator
                    return False
                below += [value for value in each.values() if value.__class__ not in _SCALARS]
            elif each.__class__ is list:
                below += [value for value in each if value.__class__ not in _SCALARS]
            elif not is_identity(each):
                return False
        if not below:
            return True
        level = below
    return all(is_identity(each) for each in level)


def _fault(value: Any, depth: int, path: str = "") -> str:
    """What is wrong with values that are not sound, and where."""
    if value.__class__ in _SCALARS or is_identity(value):
        return ""
    if value.__class__ not in {dict, list}:
        return f"{path} is of type {type(value).__name__}, which is none that comes over the wire"
    if depth == 0:
        return f"{path} stands deeper than the limit"
    faults = (_entry_fault(name, each, depth, path) for name, each in _entries(value))
    return next((fault for fault in faults if fault), "")


def _entry_fault(name: Any, value: Any, depth: int, path: str) -> str:
    place = f"{path}[{name!r}]"
    if isinstance(path, str) and not isinstance(name, (str, int)):
        return f"the name {place} is of type {type(name).__name__}; names are text"
    return _fault(value, depth - 1, place)


def _entries(value: Any) -> Iterable[tuple[Any, Any]]:
    return value.items() if isinstance(value, Mapping) else enumerate(value)

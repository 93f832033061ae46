"""Which values a record may hold, how deep, and how large an entry may be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from ftrack_core.errors import CacheError
from ftrack_core.values import EntityIdentity, EntityRecord

__all__ = [
    "SCALARS",
    "UnsoundError",
    "all_scalars",
    "explained",
    "holds_references",
    "is_identity",
    "refuse_size",
]

SCALARS: Final = frozenset({str, int, float, bool, type(None)})
"""The types of values that hold no others; exactly these, no subclasses."""

all_scalars: Final = SCALARS.issuperset
"""Whether some types are all of these."""


class UnsoundError(ValueError):
    """A value is none that comes over the wire, or stands too deep."""


def is_identity(value: Any) -> bool:
    """Whether a value is an identity made of text only."""
    if value.__class__ is not EntityIdentity:
        return False
    entity_type, key = value
    if entity_type.__class__ is not str or key.__class__ is not tuple:
        return False
    for part in key:  # noqa: SIM110 - a loop over one part is faster than a generator
        if part.__class__ is not str:
            return False
    return True


def holds_references(value: Any, depth: int) -> bool:
    """Whether there are references in a value that is no scalar.

    Args:
        value: A list, a mapping or a reference.
        depth: How many levels it may have.

    Returns:
        Whether there are; all of it is looked at in any case.

    Raises:
        UnsoundError: Something in it is none of the wire's, or stands deeper.
        TypeError: A name in it is no text.
    """
    each: Iterable[Any] = value
    if value.__class__ is dict:
        "".join(value)  # a TypeError for a name that is no text
        each = value.values()
    elif value.__class__ is not list:
        if is_identity(value):
            return True
        raise UnsoundError
    if depth <= 0:
        raise UnsoundError
    found = False
    for inner in each:
        kind = inner.__class__
        if kind in SCALARS:
            continue
        if kind is dict and depth > 1 and all_scalars(map(type, inner.values())):
            "".join(inner)  # the usual case, without a call
        elif holds_references(inner, depth - 1):
            found = True
    return found


def explained(record: EntityRecord, max_depth: int) -> CacheError:
    """The error for a record that is not sound: what is wrong with it, and where."""
    fault = "its identity is not of text, or its time is no number"
    if is_identity(record.identity) and record.fetched_at.__class__ in (float, int):
        fault = _fault(dict(record.values), max_depth, "values") or "it cannot be written"
    return CacheError(
        f"the record of {record.identity} cannot be kept: {fault}; a record holds text, numbers, true, false, None, "
        f"identities, and lists and dicts of these, at most {max_depth} deep"
    )


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


def _fault(value: Any, depth: int, place: str) -> str:
    if value.__class__ in SCALARS or is_identity(value):
        return ""
    if value.__class__ not in {dict, list}:
        return f"{place} is of type {type(value).__name__}"
    if depth == 0:
        return f"{place} stands too deep"
    entries: Iterable[tuple[Any, Any]] = value.items() if value.__class__ is dict else enumerate(value)
    faults = (_entry_fault(name, each, depth, place, value.__class__ is dict) for name, each in entries)
    return next((fault for fault in faults if fault), "")


def _entry_fault(name: Any, value: Any, depth: int, place: str, named: bool) -> str:
    if named and not isinstance(name, str):
        return f"the name {name!r} in {place} is of type {type(name).__name__}"
    return _fault(value, depth - 1, f"{place}[{name!r}]")

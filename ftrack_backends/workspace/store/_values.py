"""What values look like in the database, and how they come from the wire and go back to it.

| kind | wire | stored |
|---|---|---|
| text, key | string | TEXT |
| truth | true, false | INTEGER 1, 0 |
| integer, number | number | INTEGER or REAL |
| moment | `__type__: datetime` with an ISO value; in: also plain text, an offset | TEXT, UTC, whole seconds |
| variable, structure | anything of JSON | TEXT, as JSON |

Nothing is None everywhere.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, TypeAlias

from ftrack_backends.workspace._faults import Fault
from ftrack_backends.workspace.model import Integer, Key, Moment, Number, Structure, Text, Truth, Variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftrack_backends.workspace.model import Scalar

__all__ = ["Stored", "moment_text", "to_storage", "to_wire", "wire_reader"]

Stored: TypeAlias = "str | int | float | None"
"""What one column of one row can hold."""

_MOMENT = re.compile(
    r"""\s* (\d{4}-\d\d-\d\d)
        (?: [T ] \s* (\d\d:\d\d) (:\d\d)? (?: [.,] \d* )? )?
        \s* (Z | [+-]\d\d (?: :? \d\d )? )? \s* \Z""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_FALSE_AND_TRUE = {"false": 0, "true": 1, "0": 0, "1": 1}
_LARGEST_INTEGER = 2**63 - 1


def to_storage(attribute: Scalar, wire_value: object) -> Stored:
    """Give the stored form of a value as a client sent it.

    Args:
        attribute: What the value is of.
        wire_value: JSON value, decoded.

    Raises:
        Fault: `ValidationError`: the attribute cannot hold such a value.
    """
    if wire_value is None:
        return None
    try:
        return _STORING[_kind(attribute)](wire_value)
    except ValueError as fault:
        message = f"{attribute.name} cannot be {_shown(wire_value)}: {fault}"
        raise Fault("ValidationError", message) from None


def to_wire(attribute: Scalar, stored: Stored) -> object:
    """Give the wire form of a value as a row holds it."""
    reader = wire_reader(attribute)
    return stored if reader is None or stored is None else reader(stored)


def wire_reader(attribute: Scalar) -> Callable[[Any], object] | None:
    """Give the function that makes wire values of an attribute's stored ones; it is never called with None.

    Returns:
        None where both forms are the same, so that a reader of many rows can leave such columns alone.
    """
    return _READING.get(_kind(attribute))


def moment_text(text: str) -> str:
    """Bring a date or a point in time to the one form that is stored: `2022-10-10T10:12:09`, in UTC.

    Args:
        text: ISO date, with or without a time behind `T` or a blank, a fraction, `Z` or an offset.

    Raises:
        ValueError: It is none; the message says what one looks like.
    """
    found = _MOMENT.match(text)
    if not found:
        raise ValueError("a date and time look like 2022-10-10T10:12:09")
    date, minutes, seconds, offset = found.groups()
    whole = f"{date}T{minutes or '00:00'}{seconds or ':00'}"
    try:
        moment = datetime.fromisoformat(whole) - _offset(offset)
    except (ValueError, OverflowError) as error:
        raise ValueError(str(error)) from None
    return moment.isoformat(timespec="seconds")


def _offset(text: str | None) -> timedelta:
    if not text or text in "zZ":
        return timedelta()
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -size if text[0] == "-" else size


def _kind(attribute: Scalar) -> type:
    return Integer if isinstance(attribute, Key) and attribute.holds == "integer" else type(attribute)


def _json(value: object) -> str:
    return _text(json.dumps(value, ensure_ascii=False))


def _text(value: object) -> str:
    if isinstance(value, str):
        value.encode()
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise ValueError("it holds text")


def _integer(value: object) -> int:
    number = _number(value)
    if number != int(number):
        raise ValueError("it holds whole numbers")
    return int(number)


def _number(value: object) -> int | float:
    if isinstance(value, str):
        value = _parsed_number(value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int) and abs(value) <= _LARGEST_INTEGER:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise ValueError("it holds numbers")


def _parsed_number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise ValueError("it holds numbers") from None


def _truth(value: object) -> int:
    if isinstance(value, (bool, int, float)) and value in {0, 1}:
        return int(value)
    if isinstance(value, str) and value.lower() in _FALSE_AND_TRUE:
        return _FALSE_AND_TRUE[value.lower()]
    raise ValueError("it is true or false")


def _moment(value: object) -> str:
    if isinstance(value, Mapping):
        value = value.get("value")
    if isinstance(value, datetime):
        naive = value.astimezone(timezone.utc).replace(tzinfo=None) if value.tzinfo else value
        return naive.isoformat(timespec="seconds")
    if isinstance(value, str):
        return moment_text(value)
    raise ValueError("a date and time look like 2022-10-10T10:12:09")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _moment_to_wire(stored: str) -> dict[str, str]:
    return {"__type__": "datetime", "value": stored}


_STORING: dict[type, Callable[[object], Stored]] = {
    Text: _text,
    Key: _text,
    Integer: _integer,
    Number: _number,
    Truth: _truth,
    Moment: _moment,
    Variable: _json,
    Structure: _json,
}
_READING: dict[type, Callable[[Any], object]] = {
    Truth: bool,
    Moment: _moment_to_wire,
    Variable: json.loads,
    Structure: json.loads,
}

"""Which values a scalar attribute takes.

The schema says what an attribute holds; a value that surely is something else is refused before it is recorded. What
is not certain goes to the server, which decides. So numbers may stand where text belongs in metadata, where studios
put them and servers make text of them; text that begins like a date may be one; JSON and attributes of variable type
take anything that can be sent.

| holds | takes | becomes |
|---|---|---|
| text | text | |
| a whole number | integers, also those of other libraries; floats and decimals without a fraction | `int` |
| a number | these, floats, decimals, fractions; no infinity, for JSON has none | `int` or `float` |
| true or false | these; 0 and 1 | `bool` |
| a date | anything with `isoformat` and a year; ISO text; a date as the wire has it | |

None stands everywhere.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ftrack_core.errors import InvalidTypeError, InvalidValueError
from ftrack_core.protocol import is_date
from ftrack_core.schema import AttributeSchema

__all__ = ["AT_HOME", "checked_scalar", "fit_scalar"]

_NONE: Final = type(None)
AT_HOME: Final[Mapping[str, frozenset[type]]] = {
    "string": frozenset({str, _NONE}),
    "boolean": frozenset({bool, _NONE}),
    "integer": frozenset({int, _NONE}),
    "float": frozenset({int, _NONE}),
    "datetime": frozenset({datetime.datetime, datetime.date, _NONE}),
    "variable": frozenset({str, int, bool, _NONE}),
    "object": frozenset({str, int, bool, _NONE}),
}
"""By data type, the classes whose values need no look: nearly every value that a program sets."""

_HELD: Final[Mapping[str, str]] = {
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "float": "a number",
    "word": "text",
    "options": "its options: one, or a list of them",
    "datetime": "a date: a datetime, a date, or text as 2022-10-10T10:12:09",
}
_DAY: Final = re.compile(r"\s*(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?!\d)")


class _UnfitError(Exception):
    """It is no value of this kind; the text says why, where the type alone does not."""


def checked_scalar(entity_type: str, attribute: AttributeSchema, value: Any) -> Any:
    """A value that may be assigned to a scalar attribute, as Python and JSON have it.

    Args:
        entity_type: Name of the type that has the attribute.
        attribute: The attribute.
        value: What a program assigns; no entity, and not None.

    Raises:
        InvalidTypeError: It surely is nothing that the attribute can hold.
        InvalidValueError: It is of the right type, and no such value: a day that no calendar has.
    """
    if attribute.format == "json":
        return value
    holds = "word" if entity_type == "Metadata" and attribute.data_type == "string" else attribute.data_type
    return fit_scalar(f"{entity_type}.{attribute.name}", holds, value)


def fit_scalar(name: str, data_type: str, value: Any) -> Any:
    """A value that may stand where a data type is held.

    Args:
        name: What holds it, for messages.
        data_type: As `AttributeSchema.data_type`, or `word` for text and what servers make text of, or `options` for
            one or several words.
        value: The value; None always fits.

    Raises:
        InvalidTypeError: It surely is of another type.
        InvalidValueError: It is of the right type, and no such value.
    """
    if value is None:
        return None
    value = _native(value)
    try:
        return _FORMS.get(data_type, _anything)(value)
    except _UnfitError as error:
        message = f"{name} holds {_HELD.get(data_type, 'what JSON can say')}, and was given {_shown(value)}"
        details = {"attribute": name.rpartition(".")[2]}
        if str(error):
            raise InvalidValueError(f"{message}: {error}.", details) from None
        raise InvalidTypeError(f"{message} ({type(value).__name__}).", details) from None


def _shown(value: object) -> str:
    text = repr(value)
    return f"{text[:80]}..." if len(text) > 80 else text


def _native(value: Any) -> Any:
    """A number or truth of an array library as Python's own."""
    return value.item() if getattr(value, "shape", None) == () and hasattr(value, "item") else value


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return value
    raise _UnfitError


def _word(value: Any) -> Any:
    return _anything(value) if isinstance(value, (int, float)) else _text(value)


def _truth(value: Any) -> bool:
    if isinstance(value, bool) or (isinstance(value, (int, float)) and value in {0, 1}):
        return bool(value)
    raise _UnfitError


def _whole(value: Any) -> int:
    number = _number(value)
    if number != int(number):
        raise _UnfitError("it has a fraction")
    return int(number)


def _number(value: Any) -> int | float:
    if isinstance(value, bool):
        raise _UnfitError
    if isinstance(value, int) or hasattr(value, "__index__"):
        return value if isinstance(value, int) else int(value)
    if not isinstance(value, float) and not _is_exact(value):
        raise _UnfitError
    number = value if isinstance(value, float) else float(value)
    if not math.isfinite(number):
        raise _UnfitError("JSON has no such number")
    return number


def _is_exact(value: Any) -> bool:
    """Whether it is a decimal or a fraction; their modules are slow to import, and few programs have such numbers."""
    import decimal
    import fractions

    return isinstance(value, (decimal.Decimal, fractions.Fraction))


def _date(value: Any) -> Any:
    text = value
    if isinstance(value, Mapping) and is_date(value):
        text = value.get("value")
    elif hasattr(value, "isoformat") and hasattr(value, "year"):  # dates of any library, and no bare time of day
        text = value.isoformat()
    if not isinstance(text, str):
        raise _UnfitError
    _check_day(text)
    return value


def _options(value: Any) -> Any:
    listed = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
    if all(isinstance(each, (str, int, float)) and not isinstance(each, bool) for each in listed):
        return value
    raise _UnfitError


def _check_day(text: str) -> None:
    """Refuse text that does not begin with a day; what follows it is the server's to judge."""
    found = _DAY.match(text)
    if not found:
        raise _UnfitError("it is no date")
    year, _, month, day = found.groups()
    try:
        datetime.date(int(year), int(month), int(day))
    except ValueError as error:
        raise _UnfitError(str(error)) from None


def _anything(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise _UnfitError("JSON has no such number")
    return value


_FORMS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "string": _text,
    "boolean": _truth,
    "integer": _whole,
    "float": _number,
    "datetime": _date,
    "options": _options,
    "word": _word,
}

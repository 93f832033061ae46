"""Dates on the wire: `{"__type__": "datetime", "value": "2022-10-10T10:12:09"}`, naive meaning UTC (contract 5)."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Mapping
from typing import Any, Final

from ftrack_core.errors import MalformedReplyError

__all__ = ["encode_date", "is_date", "parse_date"]

_TAG: Final = "__type__"
_TAGS: Final = frozenset({"datetime", "date"})
_FRACTION: Final = re.compile(r"\.(\d{1,9})")


def is_date(value: Mapping[str, Any]) -> bool:
    """Whether an object on the wire is a tagged date."""
    return value.get(_TAG) in _TAGS


def encode_date(value: Any) -> dict[str, str]:
    """The wire form of anything that has `isoformat`; a plain date is tagged the same way."""
    return {_TAG: "datetime", "value": value.isoformat()}


@functools.lru_cache(maxsize=16384)
def parse_date(text: str) -> datetime.datetime:
    """The moment that a text names, aware; a text without an offset is UTC.

    Args:
        text: ISO 8601: a date, or a date and time with `T` or a blank between, fractions and offset optional.

    Raises:
        MalformedReplyError: The text names no moment.
    """
    try:
        parsed = datetime.datetime.fromisoformat(_normalised(text))
    except (TypeError, ValueError) as error:
        raise MalformedReplyError(f"The server sent a date that is none: {text!r}.") from error
    return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=datetime.timezone.utc)


def _normalised(text: str) -> str:
    """ISO text that Python 3.10 reads too: no `Z`, and fractions of six digits."""
    if text.endswith(("Z", "z")):
        text = f"{text[:-1]}+00:00"
    return _FRACTION.sub(lambda found: f".{found.group(1)[:6]:0<6}", text, count=1)

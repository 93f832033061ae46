"""What a user filled in, read as the items of the form say."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from typing import Any

from ftrack_core.errors import ActionError

__all__ = ["KINDS", "OUTLINE", "Values", "read_values"]

OUTLINE = "__outline__"
"""Name of the hidden item that carries what the form asked for, so that whoever gets the values can read them."""

_TRUTHS = {"true": True, "1": True, "on": True, "yes": True, "false": False, "0": False, "off": False, "no": False}
_DATE_CHARACTERS = len("2026-01-31")
_WORDS = {"number": "number", "boolean": "yes or no", "date": "day (as 2026-01-31)"}


class Values(dict[str, Any]):
    """What a user filled in, by name of item; asking for a value that did not come tells the user so."""

    def __missing__(self, name: str) -> Any:
        came = ", ".join(map(repr, self)) or "none"
        raise ActionError(f"The value {name!r} of the form is missing; these came: {came}. Launch it from the menu.")


def read_values(raw: Mapping[str, Any], expected: Mapping[str, Any] | None = None) -> tuple[Values, list[str]]:
    """The values that came back with a form, converted to what its items say.

    Args:
        raw: What came.
        expected: Outline of the form that it should be, for a client that did not send back what the form carried.

    Returns:
        The values by name, and what is wrong with them, for a person to read.
    """
    given = Values(raw)
    try:
        outline = json.loads(given.pop(OUTLINE, "") or "null")
    except (TypeError, ValueError):
        outline = None
    if outline is None and given and expected is not None:
        outline = expected
    problems: list[str] = []
    for name, described in outline.items() if isinstance(outline, dict) else ():
        given[name] = _read(name, described, given.get(name), problems)
    return given, problems


def _read(name: str, outline: Mapping[str, Any], raw: Any, problems: list[str]) -> Any:
    label = outline.get("label") or name
    if raw is None or raw in ("", []):
        if outline.get("required"):
            problems.append(f"{label} is needed.")
        return [] if outline.get("multiple") else raw if raw == "" else None
    try:
        return KINDS[outline["type"]](raw, outline)
    except (KeyError, TypeError, ValueError):
        problems.append(f"{label}: {raw!r} is no {_WORDS.get(str(outline.get('type')), 'value that fits')}.")
        return raw


def _number(raw: Any, _: Mapping[str, Any]) -> int | float:
    number = float(raw)
    return int(number) if number.is_integer() else number


def _boolean(raw: Any, _: Mapping[str, Any]) -> bool:
    return raw if isinstance(raw, bool) else _TRUTHS[str(raw).lower()]


def _date(raw: Any, _: Mapping[str, Any]) -> datetime.date:
    return datetime.date.fromisoformat(str(raw)[:_DATE_CHARACTERS])


def _choice(raw: Any, outline: Mapping[str, Any]) -> Any:
    if not outline.get("multiple"):
        return raw
    if isinstance(raw, str) and raw.startswith("["):
        raw = json.loads(raw)
    return list(raw) if isinstance(raw, (list, tuple)) else [raw]


def _as_it_is(raw: Any, _: Mapping[str, Any]) -> Any:
    return raw


KINDS: Mapping[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "text": _as_it_is,
    "textarea": _as_it_is,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "enumerator": _choice,
    "hidden": _as_it_is,
    "label": _as_it_is,
}
"""Types of items, and how each reads its value."""

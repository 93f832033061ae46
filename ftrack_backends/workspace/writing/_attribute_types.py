"""The types of custom attributes: what a value of each may be, and the form it is stored in.

| type | a client sends | it is stored as |
|---|---|---|
| text, url, notification | text | text |
| number | a number, no text | the number; a whole one stays whole |
| boolean | true or false | true or false |
| date | a date and time, or ISO text | a date and time, in UTC |
| enumerator | a list of its options, or one as text; one at most unless `multiSelect` | the list |
| dynamic enumerator | the same, of any text | the list |
| expression | its text, as the configuration's default | text; nobody evaluates it |

Nothing (null) is allowed everywhere.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

from ftrack_backends.workspace._faults import ValidationFault
from ftrack_backends.workspace.model import Moment
from ftrack_backends.workspace.store import to_storage, to_wire

__all__ = ["AttributeType", "attribute_type"]

_MOMENT = Moment("value")
_WORDS = {str: "text", bool: "true or false", int: "number", float: "number", list: "list", dict: "object"}
_LISTED_OPTIONS = 12
_Options: TypeAlias = "tuple[str, ...] | None"


@attrs.frozen
class AttributeType:
    """The type of one custom attribute, with what its configuration says about values.

    Attributes:
        name: Name of the type, as `number`.
        many: Whether an enumerator takes several options at a time.
        options: Values of an enumerator's options; None where anything goes.
    """

    name: str
    many: bool = False
    options: _Options = None

    def value(self, sent: object) -> object:
        """Give the stored form of a value, as JSON has it.

        Raises:
            ValueError: It is none of this type; the message says what one is.
        """
        return None if sent is None else _CASTS.get(self.name, _text)(self, sent)

    def default(self, sent: object) -> object:
        """Give the stored form of a default; where none was given, what entities have instead.

        Raises:
            ValueError: As by `value`.
        """
        if sent is None or (sent == "" and self.name not in _OF_TEXT):
            return _EMPTY.get(self.name)
        return self.value(sent)


def attribute_type(name: str, config: object) -> AttributeType:
    """Make a type of its name and of the `config` of a configuration.

    Raises:
        ValidationFault: The config is not what the type needs.
    """
    described = _config(config)
    many = described.get("multiSelect", False)
    if not isinstance(many, bool):
        raise ValidationFault(f"multiSelect in the config is true or false, not {many!r}.")
    options = _options(described) if name == "enumerator" else None
    return AttributeType(name, many, options)


def _config(config: object) -> Mapping[str, Any]:
    if config in {None, ""}:
        return {}
    described = _parsed(config, "config")
    if not isinstance(described, Mapping):
        raise ValidationFault("config must be a JSON object, as text.")
    return described


def _options(described: Mapping[str, Any]) -> tuple[str, ...]:
    data = described.get("data")
    listed = _parsed(data, "data in the config") if isinstance(data, str) else data
    if not isinstance(listed, list) or not all(_is_option(one) for one in listed):
        raise ValidationFault(
            "The config of an enumerator needs data: a JSON list, as text, of objects with menu and value."
        )
    return tuple(str(one["value"]) for one in listed)


def _is_option(one: object) -> bool:
    return isinstance(one, Mapping) and isinstance(one.get("value"), (str, int, float))


def _parsed(text: object, what: str) -> Any:
    if not isinstance(text, str):
        raise ValidationFault(f"{what} must be JSON, as text.")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValidationFault(f"{what} is not JSON: {error}") from None


def _text(kind: AttributeType, sent: object) -> object:
    return _demand(kind, sent, str)


def _number(kind: AttributeType, sent: object) -> object:
    if isinstance(sent, bool):
        raise ValueError(_mismatch(kind, sent))
    return _demand(kind, sent, int, float)


def _boolean(kind: AttributeType, sent: object) -> object:
    return _demand(kind, sent, bool)


def _date(kind: AttributeType, sent: object) -> object:
    if not isinstance(sent, (str, Mapping)):
        raise ValueError(_mismatch(kind, sent))
    if sent == "":
        return None
    try:
        return to_wire(_MOMENT, to_storage(_MOMENT, sent))
    except Exception:  # noqa: BLE001 - whatever was wrong with it, it is no date
        raise ValueError(_mismatch(kind, sent)) from None


def _choices(kind: AttributeType, sent: object) -> object:
    """Options are stored as a list always; which of those that look alike is meant, upper and lower case decide."""
    chosen = [sent] if isinstance(sent, str) else sent
    if not isinstance(chosen, list) or not all(isinstance(one, str) for one in chosen):
        raise ValueError(_mismatch(kind, sent))
    chosen = [one for one in dict.fromkeys(chosen) if one]
    if len(chosen) > 1 and not kind.many:
        raise ValueError(f"takes one option at a time, not {len(chosen)} (multiSelect is off)")
    if kind.options is not None and (unknown := [one for one in chosen if one not in kind.options]):
        known = ", ".join(kind.options[:_LISTED_OPTIONS]) + (", ..." if len(kind.options) > _LISTED_OPTIONS else "")
        raise ValueError(f"has no option {unknown[0]!r}; there are: {known or 'none'}")
    return chosen


def _demand(kind: AttributeType, sent: object, *classes: type) -> object:
    if not isinstance(sent, classes):
        raise ValueError(_mismatch(kind, sent))
    if isinstance(sent, float) and not math.isfinite(sent):
        raise ValueError(_mismatch(kind, sent))
    return sent


def _mismatch(kind: AttributeType, sent: object) -> str:
    text = json.dumps(sent, ensure_ascii=False, default=repr)
    shown = text if len(text) <= 60 else f"{text[:57]}..."
    return f"must be of type {kind.name}, not {shown} ({_WORDS.get(type(sent), 'something else')})"


_CASTS: dict[str, Callable[[AttributeType, object], object]] = {
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "enumerator": _choices,
    "dynamic enumerator": _choices,
}
_OF_TEXT = {"text", "url", "notification", "expression"}
_EMPTY: dict[str, object] = {
    "boolean": False,
    "enumerator": [],
    "dynamic enumerator": [],
    **dict.fromkeys(_OF_TEXT, ""),
}

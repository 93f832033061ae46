"""Reading the fields of an operation. A field that is not what it may be is refused by its name.

Fields that nobody reads are nobody's business: every operation may carry a `metadata` object, and newer clients send
more than this workspace knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ftrack_backends.workspace._faults import ValidationFault

__all__ = ["flag", "key", "number", "optional_text", "text", "texts"]


def text(operation: Mapping[str, Any], name: str) -> str:
    """A text that must be there and not be empty."""
    value = operation.get(name)
    if isinstance(value, str) and value:
        return value
    raise _refused(operation, name, "a text")


def optional_text(operation: Mapping[str, Any], name: str) -> str | None:
    """A text; None where there is none. Empty text, `null` and `false` are none too, as clients send them."""
    value = operation.get(name)
    if value is None or value is False or value == "":
        return None
    return text(operation, name)


def texts(operation: Mapping[str, Any], name: str) -> Sequence[str]:
    """A list of texts, empty where there is none; a single text is a list of one."""
    value = operation.get(name)
    if value is None:
        return ()
    value = [value] if isinstance(value, str) else value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return value
    raise _refused(operation, name, "a list of texts")


def flag(operation: Mapping[str, Any], name: str, *, default: bool) -> bool:
    """A truth value, or the default where there is none."""
    value = operation.get(name)
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    raise _refused(operation, name, "true or false")


def number(operation: Mapping[str, Any], name: str) -> int | None:
    """A whole number from 0; None where there is none."""
    value = operation.get(name)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62:
        return value
    raise _refused(operation, name, "a whole number from 0")


def key(operation: Mapping[str, Any], name: str) -> str | None:
    """An entity's key of one part, as a text or as a list of one; None where there is none."""
    value = operation.get(name)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return optional_text({**operation, name: value}, name)


def _refused(operation: Mapping[str, Any], name: str, expected: str) -> ValidationFault:
    found = "it is missing" if operation.get(name) is None else f"it is {operation[name]!r:.100}"
    action = operation.get("action")
    return ValidationFault(f"{name!r} of {action!r} must be {expected}; {found}.", "malformed_operation", name)

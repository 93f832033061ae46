"""Checks of single values: each says what it wants when it does not get it, and nothing else."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

__all__ = [
    "Check",
    "backend_check",
    "cache_check",
    "choice_check",
    "folder_check",
    "folders_check",
    "mapping_check",
    "number_check",
    "seconds_check",
    "secret_check",
    "switch_check",
    "text_check",
    "text_mapping_check",
    "timeout_check",
]

Check: TypeAlias = Callable[[object], "str | None"]
"""Gives what the value should be, in words, or None when it is that."""


def text_check(value: object) -> str | None:
    """Text."""
    return None if isinstance(value, str) else "text"


def secret_check(value: object) -> str | None:
    """Text, or a table that says where the text lies: `{file = "..."}` or `{env = "..."}`."""
    if isinstance(value, str):
        return None
    if isinstance(value, Mapping) and len(value) == 1 and set(value) <= {"file", "env"}:
        return None if all(isinstance(each, (str, os.PathLike)) for each in value.values()) else "text in the table"
    return 'text, or {file = "..."} or {env = "..."}'


def switch_check(value: object) -> str | None:
    """A real bool; 0, 1 and text are none."""
    return None if isinstance(value, bool) else "true or false"


def number_check(value: object) -> str | None:
    """A whole number that is not negative."""
    return None if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else "a whole number from 0"


def seconds_check(value: object) -> str | None:
    """Seconds, perhaps none."""
    return None if _is_duration(value) or (value == 0 and not isinstance(value, bool)) else "seconds, 0 or more"


def timeout_check(value: object) -> str | None:
    """Seconds, or a pair of them: to connect, and to wait for a reply."""
    pair = value if isinstance(value, (tuple, list)) and len(value) == 2 else (value,)
    return None if all(_is_duration(each) for each in pair) else "seconds above 0, or a pair (connect, read) of them"


def choice_check(*choices: str) -> Check:
    """The check of a setting that takes one of several words."""

    def check(value: object) -> str | None:
        return None if value in choices else f"one of {', '.join(map(repr, choices))}"

    return check


def mapping_check(value: object) -> str | None:
    """A mapping with text keys."""
    return None if isinstance(value, Mapping) and all(isinstance(key, str) for key in value) else "a mapping by name"


def text_mapping_check(value: object) -> str | None:
    """A mapping of text to text."""
    if isinstance(value, Mapping) and all(isinstance(each, str) for pair in value.items() for each in pair):
        return None
    return "a mapping of text to text"


def folder_check(value: object) -> str | None:
    """A folder, or False for none."""
    return None if value is False or isinstance(value, (str, os.PathLike)) else "a folder, or false to turn it off"


def folders_check(value: object) -> str | None:
    """A list of folders."""
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return None if all(isinstance(each, (str, os.PathLike)) for each in value) else "a list of folders"
    return "a list of folders"


def backend_check(value: object) -> str | None:
    """How a backend can be named: name, path, table or instance."""
    if isinstance(value, Mapping):
        named = value.get("backend", "default")
        well_formed = all(isinstance(key, str) for key in value) and backend_check(named) is None
        return None if well_formed and not isinstance(named, Mapping) else _BACKEND
    if isinstance(value, (bool, int, float, bytes, list, tuple, set)) or value == "":
        return _BACKEND
    return None


def cache_check(value: object) -> str | None:
    """A backend, or a list of them."""
    if isinstance(value, (list, tuple)):
        return None if all(backend_check(each) is None for each in value) else f"{_BACKEND}, or a list of these"
    return None if backend_check(value) is None else f"{_BACKEND}, or a list of these"


_BACKEND = "the name of a backend, a path as package.module:object, a table with `backend`, or an instance"


def _is_duration(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0 and math.isfinite(value)

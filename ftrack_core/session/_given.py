"""What programs hand to a session's methods, looked at before anything is done with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ftrack_core.entity import Entity
from ftrack_core.errors import InvalidValueError

__all__ = ["given_entities", "given_items", "given_paths", "shortened"]


def given_items(given: Any, what: str) -> list[Any]:
    """Several things, as a list.

    Args:
        given: What a program gave.
        what: What they are, in the plural, for the message.

    Raises:
        InvalidValueError: It is one thing, or a text or mapping, whose letters or names nobody means.
    """
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        raise InvalidValueError(f"{what} come as a list, and {shortened(given)} was given.")
    return list(given)


def given_entities(given: Any) -> list[Entity]:
    """One entity or several, as a list.

    Raises:
        InvalidValueError: Something is no entity.
    """
    if isinstance(given, Entity):
        return [given]
    found = given_items(given, "Entities")
    strange = [each for each in found if not isinstance(each, Entity)]
    if strange:
        raise InvalidValueError(f"Entities are needed here, and {shortened(strange[0])} was given.")
    return found


def given_paths(given: Any) -> list[str]:
    """Paths of attributes, as a list; they may come as text with commas.

    Raises:
        InvalidValueError: Something is no path.
    """
    found = given.split(",") if isinstance(given, str) else given_items(given, "Projections")
    strange = [each for each in found if not isinstance(each, str)]
    if strange:
        raise InvalidValueError(f"A projection is a text, and {shortened(strange[0])} was given.")
    return [each.strip() for each in found if each.strip()]


def shortened(value: object) -> str:
    """A value as a message shows it."""
    text = repr(value)
    return f"{text[:80]}..." if len(text) > 80 else text

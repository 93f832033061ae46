"""A custom attribute, as entities know it."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["ConfiguredAttribute"]


class ConfiguredAttribute(NamedTuple):
    """A custom attribute as its configuration says it.

    Attributes:
        id: Id of the configuration.
        default: What entities have that nobody gave a value, as a program sees it.
    """

    id: str
    default: Any

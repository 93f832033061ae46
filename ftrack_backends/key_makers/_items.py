"""Which items keys are made of, for every key maker of ours."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Final

from ftrack_core.errors import UnkeyableItemError

__all__ = ["MAX_DEPTH", "as_plain", "nothing_given", "refused", "too_deep"]

MAX_DEPTH: Final = 64
"""Tuples, lists and mappings may stand this deep in each other."""


def as_plain(item: Any) -> Any:
    """A tuple, list or mapping as such, and an entity as its identity; None for anything else.

    A live collection is refused, since walking it would load it.
    """
    if isinstance(item, (tuple, list, dict)):
        return item
    if isinstance(item, Mapping):
        entity = sys.modules.get("ftrack_core.entity")  # not there: then the item is no entity
        if entity is not None and isinstance(item, entity.Entity):
            return entity.inspection.identity(item)
        return None if type(item).__module__.startswith("ftrack_core.") else item
    return None


def refused(item: object, more: str = "") -> UnkeyableItemError:
    """The error for an item of a kind that a key maker cannot tell apart reliably."""
    return UnkeyableItemError(
        f"a key was asked for an item of type {type(item).__name__}; items may be str, bytes, int, float, bool, None, "
        f"entities{more}, and tuples, lists and mappings of these"
    )


def too_deep() -> UnkeyableItemError:
    """The error for items that stand too deep in each other."""
    return UnkeyableItemError(
        f"a key was asked for an item with more than {MAX_DEPTH} tuples, lists or mappings in each other, or one that "
        "holds itself; make the key of what tells it apart, as an id"
    )


def nothing_given() -> UnkeyableItemError:
    """The error for no items."""
    return UnkeyableItemError("a key was asked for with no items; it needs at least one")

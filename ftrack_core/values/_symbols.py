"""Symbols: values that say that there is no value, and entity states."""

from __future__ import annotations

import enum
from typing import Final, Literal, TypeAlias

__all__ = ["MISSING", "NOT_GIVEN", "NOT_SET", "Missing", "NotGiven", "NotSet", "State", "Symbol"]


class Symbol(enum.Enum):
    """A typed marker; always false, one object in a process, and itself after a copy."""

    NOT_SET = "NOT_SET"
    NOT_GIVEN = "NOT_GIVEN"
    MISSING = "MISSING"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return self.name


NOT_SET: Final = Symbol.NOT_SET
"""An attribute has no value: it was never loaded, or never set."""
NOT_GIVEN: Final = Symbol.NOT_GIVEN
"""An optional argument was not passed, so that environment, profile and studio defaults decide."""
MISSING: Final = Symbol.MISSING
"""A look-up found nothing; None would be a value."""

NotSet: TypeAlias = Literal[Symbol.NOT_SET]
NotGiven: TypeAlias = Literal[Symbol.NOT_GIVEN]
Missing: TypeAlias = Literal[Symbol.MISSING]


class State(enum.Enum):
    """What a commit would do with an entity."""

    CREATED = "CREATED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"

    def __repr__(self) -> str:
        return self.name

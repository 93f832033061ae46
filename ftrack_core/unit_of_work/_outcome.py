"""How a batch ended whose reply was lost."""

from __future__ import annotations

import enum

__all__ = ["Outcome"]


class Outcome(enum.Enum):
    """What became of a batch."""

    APPLIED = "applied"
    """It was carried out, or what it was for is so; it must not be sent again."""
    NOT_APPLIED = "not applied"
    """Everything is as it was before: it may be sent again."""
    UNCERTAIN = "uncertain"
    """Neither can be said: to send it again might do something twice, or overwrite somebody else's change."""

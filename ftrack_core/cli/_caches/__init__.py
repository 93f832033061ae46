"""Behind `ftrack cache`: which entries are meant, how many there are, and taking them away."""

from __future__ import annotations

from ftrack_core.cli._caches._clearing import clear
from ftrack_core.cli._caches._showing import show

__all__ = ["clear", "show"]

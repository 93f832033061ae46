"""What entities can do at Acme: plain classes, which `pyproject.toml` names for their types."""

from __future__ import annotations

from typing import Any, cast

__all__ = ["Slate"]


class Slate:
    """What goes onto the slate of a shot."""

    def slate(self) -> str:
        """Names from the project down to the shot."""
        shot = cast("Any", self)
        return " / ".join(item["name"] for item in shot["link"])

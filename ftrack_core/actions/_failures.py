"""What a user is told of an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_core.errors import Error

if TYPE_CHECKING:
    from ftrack_core.session import Session

__all__ = ["told"]

_SHOWN = 500


def told(error: BaseException, session: Session) -> str:
    """The message of an exception, cut to what a window shows, and without the session's API key."""
    text = error.message if isinstance(error, Error) else ": ".join(filter(None, (type(error).__name__, str(error))))
    key = session.api_key
    hidden = text.replace(key, "***") if key else text
    return hidden if len(hidden) <= _SHOWN else f"{hidden[:_SHOWN]}..."

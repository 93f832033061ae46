"""What a user is told of an exception, and what the log."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

from ftrack_core.errors import Error

if TYPE_CHECKING:
    from ftrack_core.session import Session

__all__ = ["log_failure", "told"]

_SHOWN = 500


def told(error: BaseException, session: Session) -> str:
    """The message of an exception, cut to what a window shows, and without the session's API key."""
    text = error.message if isinstance(error, Error) else ": ".join(filter(None, (type(error).__name__, str(error))))
    hidden = _hidden(text, session)
    return hidden if len(hidden) <= _SHOWN else f"{hidden[:_SHOWN]}..."


def log_failure(log: logging.Logger, text: str, error: BaseException, session: Session) -> None:
    """Log an exception with its traceback; where the session's API key is in it, as text without the key."""
    whole = "".join(traceback.format_exception(error))
    hidden = _hidden(whole, session)
    if hidden == whole:
        log.error("%s", text, exc_info=error)
    else:
        log.error("%s\n%s", text, hidden)


def _hidden(text: str, session: Session) -> str:
    key = session.api_key
    return text.replace(key, "***") if key else text

"""Tells of each value that is loaded because it was read, and of the line that read it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, Sequence
from types import FrameType
from typing import Any

__all__ = ["tell_of_load"]

_log = logging.getLogger(__name__)


def tell_of_load(entities: Sequence[Any], names: Collection[str]) -> None:
    """Log a load with the program's line that caused it."""
    frame = _program_frame(sys._getframe(1))
    place = f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame is not None else "an unknown line"
    told = f"{entities[0]}" if len(entities) == 1 else f"{len(entities)} entities"
    _log.warning("%s loads %s of %s because it was read; select it in the query.", place, ", ".join(names), told)


def _program_frame(frame: FrameType | None) -> FrameType | None:
    """The innermost frame that is not of this project or of the abstract mappings that it builds on."""
    own = ("ftrack_core.", "_collections_abc", "collections.abc")
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith(own):
        frame = frame.f_back
    return frame

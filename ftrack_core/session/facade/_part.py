"""What the parts of the session's class have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftrack_core.session._parts import Parts

__all__ = ["SessionPart"]


class SessionPart:
    """Mixed into the session, which has its collaborators in `_parts`."""

    _parts: Parts

    def _check_open(self) -> None:
        self._parts.server.check_usable()

"""The session and its collaborators."""

from __future__ import annotations

from ftrack_core.session import _formatter as formatter
from ftrack_core.session import behaviours
from ftrack_core.session._query import QueryResult
from ftrack_core.session._session import Session

__all__ = ["QueryResult", "Session", "behaviours", "formatter"]

"""The session and its collaborators."""

from __future__ import annotations

from ftrack_core.session import _formatter as formatter
from ftrack_core.session import behaviours
from ftrack_core.session._query import QueryResult
from ftrack_core.session._session import Session
from ftrack_core.session._unit_of_work import UnitOfWork

__all__ = ["QueryResult", "Session", "UnitOfWork", "behaviours", "formatter"]

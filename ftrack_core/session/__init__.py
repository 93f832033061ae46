"""The session and its collaborators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_core._lazy import names_on_demand
from ftrack_core.session._query import QueryResult
from ftrack_core.session._session import Session

if TYPE_CHECKING:
    from ftrack_core.session import _formatter as formatter
    from ftrack_core.session import behaviours

__all__ = ["QueryResult", "Session", "behaviours", "formatter"]

__getattr__ = names_on_demand(__name__, {}, modules={"behaviours": "behaviours", "formatter": "_formatter"})

"""The session and its collaborators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_core._lazy import names_on_demand
from ftrack_core.session._session import Session
from ftrack_core.session.queries._query import QueryResult

if TYPE_CHECKING:
    from ftrack_core.session import _formatter as formatter
    from ftrack_core.session import behaviours
    from ftrack_core.session.commits._unit_of_work import UnitOfWork

__all__ = ["QueryResult", "Session", "UnitOfWork", "behaviours", "formatter"]

__getattr__ = names_on_demand(
    __name__, {"UnitOfWork": "commits._unit_of_work"}, modules={"behaviours": "behaviours", "formatter": "_formatter"}
)

"""Recorded operations, and the plan that a commit makes of them: values only."""

from __future__ import annotations

from ftrack_core.unit_of_work._operations import (
    CreateEntityOperation,
    DeleteEntityOperation,
    Operation,
    UpdateEntityOperation,
)
from ftrack_core.unit_of_work._plan import Plan, PlannedWrite, make_plan
from ftrack_core.unit_of_work._recorded import RecordedOperations

__all__ = [
    "CreateEntityOperation",
    "DeleteEntityOperation",
    "Operation",
    "Plan",
    "PlannedWrite",
    "RecordedOperations",
    "UpdateEntityOperation",
    "make_plan",
]

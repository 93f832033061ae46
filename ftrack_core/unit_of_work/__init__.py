"""Recorded operations, and the plan that a commit makes of them: values only."""

from __future__ import annotations

from ftrack_core.unit_of_work._comparing import comparable, same_value
from ftrack_core.unit_of_work._index import OperationIndex
from ftrack_core.unit_of_work._operations import (
    CreateEntityOperation,
    DeleteEntityOperation,
    Operation,
    UpdateEntityOperation,
)
from ftrack_core.unit_of_work._outcome import (
    Evidence,
    ExpectedUpdate,
    Findings,
    Outcome,
    conflicts_of,
    doubts_of,
    evidence_of,
    outcome_of,
)
from ftrack_core.unit_of_work._plan import Plan, PlannedWrite, entity_of, first_values, make_plan
from ftrack_core.unit_of_work._recorded import RecordedOperations

__all__ = [
    "CreateEntityOperation",
    "DeleteEntityOperation",
    "Evidence",
    "ExpectedUpdate",
    "Findings",
    "Operation",
    "OperationIndex",
    "Outcome",
    "Plan",
    "PlannedWrite",
    "RecordedOperations",
    "UpdateEntityOperation",
    "comparable",
    "conflicts_of",
    "doubts_of",
    "entity_of",
    "evidence_of",
    "first_values",
    "make_plan",
    "outcome_of",
    "same_value",
]

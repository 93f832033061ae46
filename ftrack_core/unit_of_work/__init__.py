"""Recorded operations, and the plan that a commit makes of them: values only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_core._lazy import names_on_demand
from ftrack_core.unit_of_work._index import OperationIndex
from ftrack_core.unit_of_work._operations import (
    CreateEntityOperation,
    DeleteEntityOperation,
    Operation,
    UpdateEntityOperation,
    entity_of,
)
from ftrack_core.unit_of_work._recorded import RecordedOperations

if TYPE_CHECKING:
    from ftrack_core.unit_of_work._comparing import comparable, same_value
    from ftrack_core.unit_of_work._evidence import (
        Evidence,
        ExpectedUpdate,
        Findings,
        conflicts_of,
        doubts_of,
        evidence_of,
        outcome_of,
    )
    from ftrack_core.unit_of_work._outcome import Outcome
    from ftrack_core.unit_of_work._plan import Plan, PlannedWrite, first_values, make_plan

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

# A session that only reads makes no plan.
__getattr__ = names_on_demand(
    __name__,
    {
        "Evidence": "_evidence",
        "ExpectedUpdate": "_evidence",
        "Findings": "_evidence",
        "Outcome": "_outcome",
        "Plan": "_plan",
        "PlannedWrite": "_plan",
        "comparable": "_comparing",
        "conflicts_of": "_evidence",
        "doubts_of": "_evidence",
        "evidence_of": "_evidence",
        "first_values": "_plan",
        "make_plan": "_plan",
        "outcome_of": "_evidence",
        "same_value": "_comparing",
    },
)

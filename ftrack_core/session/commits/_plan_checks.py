"""Whether a plan fits the server that it is to be committed to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftrack_core.errors import PlanError
from ftrack_core.session.entities._types import EntityTypes
from ftrack_core.unit_of_work import Plan, PlannedWrite
from ftrack_core.values import EntityIdentity

__all__ = ["check_plan"]


def check_plan(plan: Plan, types: EntityTypes) -> None:
    """Refuse a plan that the server's schema has no place for; everything that is wrong is told at once.

    Raises:
        PlanError: It does not fit.
    """
    if not isinstance(plan, Plan):
        raise PlanError(f"A plan is committed here, and {plan!r:.80} was given; text becomes one by Plan.from_json.")
    faults = list(dict.fromkeys(fault for write in plan.writes for fault in _faults(write, types)))
    if faults:
        told = "\n".join(f"- {fault}" for fault in faults)
        raise PlanError(f"The plan does not fit the schema of this server; nothing was sent:\n{told}", faults=faults)


def _faults(write: PlannedWrite, types: EntityTypes) -> Iterator[str]:
    yield from _entity_faults(write.entity, types)
    if write.entity.entity_type not in types:
        return
    attributes = types.plan(write.entity.entity_type).attributes
    for name, value in write.values.items():
        if name not in attributes:
            near = types.schemas.nearest_attribute(write.entity.entity_type, name)
            yield f"{write.entity.entity_type} has no attribute {name!r}" + (
                f"; did you mean {near!r}?" if near else ""
            )
        for entity in _identities(value):
            yield from _entity_faults(entity, types)


def _entity_faults(entity: EntityIdentity, types: EntityTypes) -> Iterator[str]:
    if entity.entity_type not in types:
        yield f"there is no entity type {entity.entity_type!r}"
    elif len(types.plan(entity.entity_type).primary_key) != len(entity.key):
        key = " and ".join(types.plan(entity.entity_type).primary_key)
        yield f"the key of {entity} is of {len(entity.key)} parts; that of its type is {key}"


def _identities(value: Any) -> Iterator[EntityIdentity]:
    if isinstance(value, EntityIdentity):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _identities(item)

"""What a batch needs to be there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ftrack_core.entity import Collection, Entity, MappedCollection
from ftrack_core.errors import UnitOfWorkError
from ftrack_core.session.commits._pending import Pending
from ftrack_core.unit_of_work import OperationIndex, Plan, PlannedWrite
from ftrack_core.values import EntityIdentity, State

__all__ = ["check_references", "check_unrecorded"]


def check_references(plan: Plan, others: Sequence[Pending]) -> None:
    """Refuse a batch that needs what another unit of work created and has not committed: the server has none of it.

    Args:
        plan: What is to be sent.
        others: The other units of work.

    Raises:
        UnitOfWorkError: It does.
    """
    pending = [index for index in (unit.index() for unit in others) if index.made or index.lives]
    if not pending:
        return
    for write in plan.writes:
        for needed in _needed(write, pending):
            raise UnitOfWorkError(
                f"The {write.action} of {write.entity} needs {needed}, which another unit of work created and has not "
                "committed. Commit that one first: a unit of work that begins later sees what it made on the server. "
                "Or do both in one unit of work. Nothing was sent.",
                {"entities": (write.entity, needed)},
            )


def check_unrecorded(plan: Plan, units: Sequence[Pending]) -> None:
    """Refuse a plan of what is recorded in this session, so that it is not done twice.

    Args:
        plan: What is to be sent, besides what is recorded.
        units: All units of work.

    Raises:
        UnitOfWorkError: One of them has recorded it.
    """
    recorded = {id(operation) for unit in units for operation in unit.operations}
    made = {write.entity for write in plan.writes if write.action == "create"}
    twice = [each for each in made for unit in units if unit.index().lives.get(each) is State.CREATED]
    if twice or not recorded.isdisjoint(map(id, plan.operations)):
        raise UnitOfWorkError(
            "This plan is of what is still recorded in this session, and would be done twice: commit() sends it; "
            "after rollback() it can be committed as a plan. Nothing was sent.",
            {"entities": tuple(twice)},
        )


def _needed(write: PlannedWrite, pending: Sequence[OperationIndex]) -> Iterator[EntityIdentity]:
    """The entities of a write that wait for another commit."""
    for index in pending:
        if index.lives.get(write.entity) is State.CREATED:
            yield write.entity
        for value in write.values.values():
            if value.__class__ is str:
                if value in index.made:
                    yield index.made[value]
            elif value is not None:
                yield from (each for each in _identities(value) if index.lives.get(each) is State.CREATED)


def _identities(value: Any) -> Iterable[EntityIdentity]:
    """The entities of a value, also of one that was pushed by hand."""
    if isinstance(value, EntityIdentity):
        return (value,)
    if isinstance(value, Entity):
        return (value._identity,)
    if isinstance(value, MappedCollection):
        value = value.collection
    if isinstance(value, Collection):
        return tuple(value._items())
    if isinstance(value, (list, tuple, set, frozenset)):
        return (item for each in value for item in _identities(each))
    return ()

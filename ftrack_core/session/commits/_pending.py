"""What one unit of work has recorded."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from ftrack_core.entity import Entity
from ftrack_core.errors import UnitOfWorkError
from ftrack_core.unit_of_work import Operation, OperationIndex, RecordedOperations
from ftrack_core.values import EntityIdentity, State

__all__ = ["Pending"]


class Pending:
    """The operations of one unit of work, and the entities that it changed.

    Thread safety: several threads may record in it at once.

    Args:
        around: The unit of work in which it was begun; None for a session's own.
        operations: What is recorded in it from the start.

    Attributes:
        operations: What waits for its commit.
        over: Whether it has ended: nothing can be recorded in it any more.
        left: Whether its `with` block is over while one of its batches is still unsettled.
    """

    def __init__(self, around: Pending | None = None, operations: Iterable[Operation] = ()) -> None:
        self.around = around
        self.operations = RecordedOperations(operations, threading.Lock())
        self.over = False
        self.left = False
        self._changed: dict[EntityIdentity, Entity] = {}
        self._lock = threading.Lock()
        self._index = OperationIndex()

    def check_going(self) -> None:
        """Refuse to go on after the end.

        Raises:
            UnitOfWorkError: It is over.
        """
        if self.over:
            message = (
                "This unit of work is over: its `with` block was left. Begin a new one with session.unit_of_work(), "
                "or record outside of one."
            )
            raise UnitOfWorkError(message)

    def index(self) -> OperationIndex:
        """What its operations amount to at this moment; costs what was recorded since the last time."""
        with self._lock:
            known = self._index
            fresh = self.operations.after(max(0, known.count - 1))
            if known.count and (not fresh or fresh[0] is not known.last):  # some were taken away
                known, fresh = OperationIndex(), self.operations.after(0)
            for operation in fresh[1:] if known.count else fresh:
                known.add(operation)
            self._index = known
            return known

    def is_within(self, other: Pending) -> bool:
        """Whether it is another one, or was begun within that."""
        unit: Pending | None = self
        while unit is not None and unit is not other:
            unit = unit.around
        return unit is other

    # The entities that it changed.

    def note(self, entity: Entity) -> None:
        """Know an entity as changed."""
        self._changed[entity._identity] = entity

    def find(self, identity: EntityIdentity) -> Entity | None:
        """The entity of an identity, if it was changed here."""
        return self._changed.get(identity)

    def __iter__(self) -> Iterator[Entity]:
        return iter(list(self._changed.values()))

    def of_state(self, state: State) -> list[Entity]:
        """The changed entities with which its commit does something, in the order in which that was first recorded."""
        index = self.index()
        found = [identity for identity in list(index.names) if index.state(identity) is state]
        return [entity for entity in map(self._changed.get, found) if entity is not None]

    def tidy(self, identities: Iterable[EntityIdentity]) -> None:
        """Forget those of the entities that hold no change any more."""
        for identity in identities:
            entity = self._changed.pop(identity, None)
            if entity is not None and (entity._state is not None or entity._local):  # also if that came just now
                self._changed.setdefault(identity, entity)

    def clear(self) -> None:
        """Forget everything."""
        self.operations.clear()
        self._changed.clear()

"""The operations of a unit of work, in the order in which they were recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ftrack_core.errors import NothingRecordedError, OperationError, UnitOfWorkError
from ftrack_core.unit_of_work._operations import (
    CreateEntityOperation,
    DeleteEntityOperation,
    Operation,
    UpdateEntityOperation,
)

__all__ = ["RecordedOperations"]

_KINDS = (CreateEntityOperation, UpdateEntityOperation, DeleteEntityOperation)
_ALONE: Final = contextlib.nullcontext()
_OVER: Final = "The unit of work of these operations is over: nothing would ever commit this one."


class RecordedOperations:
    """Operations waiting for a commit. Programs may push their own, for entities they never loaded.

    Each single method is atomic, so several threads may record at once.

    Args:
        operations: What is recorded from the start.
        ending: Held while an operation is added, and while it is decided that no more are taken.
    """

    __slots__ = ("_ending", "_operations", "_over")

    def __init__(
        self,
        operations: Iterable[Operation] = (),
        ending: contextlib.AbstractContextManager[object] = _ALONE,
    ) -> None:
        self._operations: list[Operation] = list(operations)
        self._over = False
        self._ending = ending

    def push(self, operation: Operation) -> None:
        """Add an operation at the end.

        Raises:
            OperationError: It is no operation.
            UnitOfWorkError: Their unit of work is over, so that it would never be committed.
        """
        self.push_all((operation,))

    def push_all(self, operations: Sequence[Operation]) -> None:
        """Add several operations at the end, in one step.

        Raises:
            OperationError: One of them is no operation; none is added then.
            UnitOfWorkError: Their unit of work is over, so that it would never be committed.
        """
        for operation in operations:
            if not isinstance(operation, _KINDS):
                raise OperationError(f"Only create, update and delete operations can be recorded, not {operation!r}.")
        with self._ending:
            if self._over:
                raise UnitOfWorkError(_OVER)
            self._operations.extend(operations)

    def pop(self) -> Operation:
        """Take the last operation away.

        Raises:
            NothingRecordedError: There is none.
        """
        try:
            return self._operations.pop()
        except IndexError:
            raise NothingRecordedError("No operation is recorded.") from None

    def clear(self) -> None:
        """Forget all operations."""
        self._operations = []

    def end(self) -> None:
        """Take no more operations."""
        with self._ending:
            self._over = True

    def end_if_empty(self) -> bool:
        """Take no more operations if there are none; else go on. Gives whether it is over."""
        with self._ending:
            self._over = self._over or not self._operations
        return self._over

    def keep(self, count: int) -> None:
        """Forget all operations but the first ones."""
        del self._operations[count:]

    def snapshot(self) -> tuple[Operation, ...]:
        """The operations of this moment."""
        return tuple(self._operations)

    def after(self, count: int) -> list[Operation]:
        """The operations without the first ones, of this moment."""
        return self._operations[count:]

    def forget(self, operations: tuple[Operation, ...]) -> None:
        """Forget exactly these operations, which are the first ones; what was recorded since stays."""
        recorded = self._operations
        count = 0
        for mine, done in zip(recorded, operations, strict=False):
            if mine is not done:
                break
            count += 1
        del recorded[:count]  # one step: an operation that another thread pushes meanwhile cannot be lost

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.snapshot())

    def __len__(self) -> int:
        return len(self._operations)

    def __repr__(self) -> str:
        return f"<RecordedOperations: {len(self)}>"

"""The list of recorded operations."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_core.errors import OperationError, UnitOfWorkError
from ftrack_core.unit_of_work import DeleteEntityOperation, RecordedOperations

ONE = DeleteEntityOperation("Task", {"id": "a"})
TWO = DeleteEntityOperation("Task", {"id": "b"})


def test_several_operations_are_added_in_one_step_or_not_at_all() -> None:
    """Half of what makes an entity must never wait for a commit."""
    recorded = RecordedOperations([ONE])
    wrong: list[Any] = [TWO, "delete"]
    with pytest.raises(OperationError, match="'delete'"):
        recorded.push_all(wrong)
    assert list(recorded) == [ONE]
    recorded.push_all([TWO, ONE])
    assert list(recorded) == [ONE, TWO, ONE]


def test_nothing_is_added_after_the_end() -> None:
    """It would never be committed."""
    recorded = RecordedOperations()
    recorded.end()
    with pytest.raises(UnitOfWorkError):
        recorded.push_all([ONE])
    assert len(recorded) == 0

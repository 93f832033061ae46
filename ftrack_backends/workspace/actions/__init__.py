"""The actions of the API: one file a family, and one table of names.

An action takes a `Turn` (the workspace's services, the caller, the batch's transaction) and its operation as the
client sent it, and returns its entry of the reply. What can only be said once the whole batch is written, it returns
as a function, which is called then. To add one, write it in the file of its family and name it in that file's table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftrack_backends.workspace._faults import InvalidActionFault
from ftrack_backends.workspace.actions._information import INFORMATION
from ftrack_backends.workspace.actions._queries import QUERIES
from ftrack_backends.workspace.actions._turn import Action, Services, Turn
from ftrack_backends.workspace.actions._writes import WRITES
from ftrack_backends.workspace.writing import Batch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ftrack_backends.workspace._accounts import Caller

__all__ = ["ACTIONS", "Action", "Services", "Turn", "run_batch"]

ACTIONS: dict[str, Action] = {**INFORMATION, **QUERIES, **WRITES}
"""Every action by name."""


def run_batch(services: Services, caller: Caller, operations: Sequence[Mapping[str, Any]]) -> list[object]:
    """Do a batch of operations: all of them, or none.

    Args:
        services: Those of the workspace.
        caller: Who asks.
        operations: As the client sent them.

    Returns:
        One entry for each operation, in order.

    Raises:
        Fault: The batch is refused; nothing of it was done.
    """
    actions = [_action(operation) for operation in operations]
    if not any(action in _WRITING for action in actions):
        turn = Turn(services, caller, batch=None)
        return [action(turn, operation) for action, operation in zip(actions, operations, strict=True)]
    with services.store.writing() as connection:
        batch = Batch(connection, services.model, services.reader, services.clock, caller)
        turn = Turn(services, caller, batch)
        entries = [action(turn, operation) for action, operation in zip(actions, operations, strict=True)]
        batch.finish()
        return [entry() if callable(entry) else entry for entry in entries]


def _action(operation: Mapping[str, Any]) -> Action:
    name = operation.get("action")
    action = ACTIONS.get(name) if isinstance(name, str) else None
    if action is None:
        raise InvalidActionFault(name, ", ".join(sorted(ACTIONS)))
    return action


_WRITING = frozenset(WRITES.values())

"""The actions of the API: one file a family, and one table of names.

An action takes a `Turn` (the workspace's services, the caller, the batch's transaction) and its operation as the
client sent it, and returns its entry of the reply. What can only be said once the whole batch is written, it returns
as a function, which is called then. To add one, write it in the file of its family and name it in that file's table.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ftrack_backends.workspace._faults import InvalidActionFault, PermissionFault, ValidationFault
from ftrack_backends.workspace.actions._files import READING_FILES, WRITING_FILES
from ftrack_backends.workspace.actions._information import INFORMATION
from ftrack_backends.workspace.actions._invitations import INVITATIONS
from ftrack_backends.workspace.actions._jobs import JOBS
from ftrack_backends.workspace.actions._keys import KEYS
from ftrack_backends.workspace.actions._media import MEDIA
from ftrack_backends.workspace.actions._queries import QUERIES
from ftrack_backends.workspace.actions._roles import PERMISSIONS, ROLES
from ftrack_backends.workspace.actions._search import SEARCHES
from ftrack_backends.workspace.actions._turn import Action, Services, Turn
from ftrack_backends.workspace.actions._urls import URLS
from ftrack_backends.workspace.actions._writes import WRITES
from ftrack_backends.workspace.updates import update_event
from ftrack_backends.workspace.writing import Batch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ftrack_backends.workspace._accounts import Caller
    from ftrack_backends.workspace.updates import Collected

__all__ = ["ACTIONS", "Action", "Services", "Turn", "run_batch"]

_READING: dict[str, Action] = {**INFORMATION, **QUERIES, **SEARCHES, **URLS, **PERMISSIONS, **READING_FILES}
_WRITING: dict[str, Action] = {**WRITES, **KEYS, **INVITATIONS, **JOBS, **MEDIA, **ROLES, **WRITING_FILES}
ACTIONS: dict[str, Action] = {**_READING, **_WRITING}
"""Every action by name."""


def run_batch(
    services: Services, caller: Caller, operations: Sequence[Mapping[str, Any]], address: str = ""
) -> list[object]:
    """Do a batch of operations: all of them, or none.

    Args:
        services: Those of the workspace.
        caller: Who asks.
        operations: As the client sent them.
        address: Address that the client reached the workspace at; empty in process.

    Returns:
        One entry for each operation, in order.

    Raises:
        Fault: The batch is refused; nothing of it was done.
    """
    actions = [_action(operation) for operation in operations]
    writing = [str(operation["action"]) for operation in operations if operation["action"] in _WRITING]
    if not writing:
        return _done(Turn(services, caller, None, address), actions, operations)
    if caller.read_only:
        raise PermissionFault(f"This API key may only read; {writing[0]!r} writes. Use a key whose role may write.")
    told: list[Collected] = []
    with services.store.writing(lambda: _publish(services, caller, told)) as connection:
        batch = Batch(connection, services.model, services.reader, services.clock, caller)
        turn = Turn(services, caller, batch, address)
        entries = _done(turn, actions, operations)
        batch.finish()
        reply = [entry() if callable(entry) else entry for entry in entries]
        told.append(batch.done())
    if "delete" in writing:
        turn.committed.append(services.files.sweep)
    for follow_up in turn.committed:
        follow_up()
    return reply


def _publish(services: Services, caller: Caller, told: Sequence[Collected]) -> None:
    """Have the broker tell what a committed batch did: it makes the event and hands it on, in a thread of its own."""
    for collected in told:
        if collected.entities:
            make = partial(update_event, services.model, collected, caller, services.broker.id)
            services.broker.post(make, caller)


def _done(turn: Turn, actions: Sequence[Action], operations: Sequence[Mapping[str, Any]]) -> list[object]:
    entries: list[object] = []
    for place, (action, operation) in enumerate(zip(actions, operations, strict=True)):
        try:
            entries.append(action(turn, operation))
        except ValidationFault as fault:  # noqa: PERF203 - it has to know the place
            fault.place = place
            raise
    return entries


def _action(operation: Mapping[str, Any]) -> Action:
    name = operation.get("action")
    action = ACTIONS.get(name) if isinstance(name, str) else None
    if action is None:
        raise InvalidActionFault(name, ", ".join(sorted(ACTIONS)))
    return action

"""Writing: `create`, `update` and `delete`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ftrack_backends.workspace.actions._turn import Action, Turn

__all__ = ["WRITES"]


def create(turn: Turn, operation: Mapping[str, Any]) -> Callable[[], dict[str, object]]:
    """Create an entity; the reply has its values as they are at the end of the batch."""
    reply = turn.writing.create(operation)
    return lambda: {"action": "create", "data": reply()}


def update(turn: Turn, operation: Mapping[str, Any]) -> Callable[[], dict[str, object]]:
    """Change an entity; the reply has the changed values as they are at the end of the batch."""
    reply = turn.writing.update(operation)
    return lambda: {"action": "update", "data": reply()}


def delete(turn: Turn, operation: Mapping[str, Any]) -> dict[str, object]:
    """Delete an entity and all that belongs to it."""
    turn.writing.delete(operation)
    return {"action": "delete", "data": True}


WRITES: dict[str, Action] = {"create": create, "update": update, "delete": delete}

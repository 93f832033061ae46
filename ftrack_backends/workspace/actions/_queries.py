"""Reading: `query`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_backends.workspace._faults import ValidationFault

if TYPE_CHECKING:
    from ftrack_backends.workspace.actions._turn import Action, Turn

__all__ = ["QUERIES"]


def query(turn: Turn, operation: Mapping[str, Any]) -> dict[str, object]:
    """Answer a query; in a batch that writes, it sees what was written before it."""
    expression = operation.get("expression")
    if not isinstance(expression, str):
        raise ValidationFault("A query needs an 'expression', a text such as 'Task where name is compositing'.")
    if turn.batch is not None:
        turn.batch.settle()
    result = turn.services.reader.query(expression, strict=turn.caller.strict)
    return {
        "action": "query",
        "data": result.rows,
        "metadata": {"next": {"offset": result.next_offset}},
    }


QUERIES: dict[str, Action] = {"query": query}

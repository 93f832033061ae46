"""A connection that breaks off: what a test asked for, as a client would see a cable pulled."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Cuttable", "cut"]

_EXTENSION = "ftrack.cut"


@attrs.frozen(eq=False)
class Cuttable:
    """An application whose connections can be cut; it stands outermost, next to the server."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, with a way to cut the connection among the extensions."""
        scope.setdefault("extensions", {})[_EXTENSION] = _abort(send)
        await self.app(scope, receive, send)


def cut(scope: Scope) -> None:
    """Close the connection of a request at once; whatever is sent after that nobody gets.

    Under a server that gives no hold of its connections, nothing happens: the client gets what is sent.
    """
    abort: Callable[[], None] = scope.get("extensions", {}).get(_EXTENSION, _nothing)
    abort()


def _abort(send: Send) -> Callable[[], None]:
    """`send` of uvicorn is a method of what has the connection's transport."""
    cycle: Any = getattr(send, "__self__", None)
    abort: Callable[[], None] = getattr(getattr(cycle, "transport", None), "abort", _nothing)
    return abort


def _nothing() -> None:
    """There is nothing to cut."""

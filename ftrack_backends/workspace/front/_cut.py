"""A connection that breaks off: what a test asked for, as a client would see a cable pulled."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Cuttable", "cut", "write_raw"]

_EXTENSION = "ftrack.cut"
_RAW = "ftrack.raw"


@attrs.frozen(eq=False)
class Cuttable:
    """An application whose connections can be cut; it stands outermost, next to the server."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, with a way to cut the connection among the extensions."""
        transport = _transport(send)
        extensions = scope.setdefault("extensions", {})
        extensions[_EXTENSION] = getattr(transport, "abort", _nothing)
        extensions[_RAW] = getattr(transport, "write", _nothing)
        await self.app(scope, receive, send)


def cut(scope: Scope) -> None:
    """Close the connection of a request at once; whatever is sent after that nobody gets.

    Under a server that gives no hold of its connections, nothing happens: the client gets what is sent.
    """
    abort: Callable[[], None] = scope.get("extensions", {}).get(_EXTENSION, _nothing)
    abort()


def write_raw(scope: Scope, sent: bytes) -> None:
    """Write bytes to the connection, past the protocol that is spoken there."""
    write: Callable[[bytes], None] = scope.get("extensions", {}).get(_RAW, _nothing)
    write(sent)


def _transport(send: Send) -> Any:
    """`send` of uvicorn is a method of what has the connection's transport."""
    return getattr(getattr(send, "__self__", None), "transport", None)


def _nothing(*_: object) -> None:
    """There is nothing to do it to."""

"""Files over HTTP: taken and given piece by piece, so that none lies in memory as a whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse

from ftrack_backends.workspace.front._cut import cut
from ftrack_core.errors import ConnectionLostError
from ftrack_core.values import Request, Response

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from ftrack_core.interfaces import IStreamedResponse

__all__ = ["FileResponse", "FileWorkspace", "received"]

_PIECE_BYTES = 1024 * 1024
_READ_ANYWAY_BYTES = 64 * 1024 * 1024
_OURS_TO_SEND = frozenset({"connection", "date", "transfer-encoding"})


class Arrival(Protocol):
    """A file that is coming; see the workspace's `Arrival`.

    Attributes:
        refusal: What the client will be told, once it is sure that nothing is kept.
    """

    refusal: Response | None

    def write(self, data: bytes) -> None:
        """Take more."""

    def abandon(self) -> None:
        """Forget it, unless it was kept."""


@runtime_checkable
class FileWorkspace(Protocol):
    """What the front asks of a workspace that has files. Called by many threads at once."""

    def fetch(self, request: Request) -> IStreamedResponse:
        """The response, with its body still to be read."""

    def receive(self, request: Request) -> Arrival:
        """Begin to take a body."""

    def finish(self, arrival: Arrival) -> Response:
        """Keep it, and give the response."""


class FileResponse(StreamingResponse):
    """A response whose body is read from the workspace while it is sent."""

    def __init__(self, streamed: IStreamedResponse) -> None:
        self._streamed = streamed
        headers = {name: value for name, value in streamed.headers.items() if name not in _OURS_TO_SEND}
        super().__init__(iterate_in_threadpool(streamed.chunks(_PIECE_BYTES)), streamed.status, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, and let go of the file however that ends."""
        try:
            await super().__call__(scope, receive, send)
        except Exception as error:
            if not _is_lost(error):
                raise
            cut(scope)  # as a test asked, or because the file's data ended early: half of it must not pass for all
        finally:
            self._streamed.close()


def _is_lost(error: BaseException) -> bool:
    """Whether it is a lost connection, or a group of nothing else, as tasks raise it."""
    inner = getattr(error, "exceptions", None)
    return all(map(_is_lost, inner)) if inner else isinstance(error, ConnectionLostError)


async def received(workspace: FileWorkspace, request: Request, receive: Receive) -> tuple[Response, bool]:
    """Take the body of an upload.

    What comes after a refusal is read and dropped, because a client that is still sending would see a broken
    connection instead of the refusal; one that means to send very much is cut off.

    Returns:
        The response, and whether the body was read to its end.

    Raises:
        ClientDisconnect: The client went away before all of it was here; nothing is kept.
        ConnectionLostError: A test asked for it.
    """
    arrival = await run_in_threadpool(workspace.receive, request)
    read = arrival.refusal is None or _length(request) <= _READ_ANYWAY_BYTES
    try:
        pieces = _pieces(receive)
        while read and (piece := await anext(pieces, b"")):
            if arrival.refusal is None:
                await run_in_threadpool(arrival.write, piece)
            read = arrival.refusal is None or _length(request) <= _READ_ANYWAY_BYTES
        return await run_in_threadpool(workspace.finish, arrival), read
    finally:
        arrival.abandon()


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    """The body, in pieces that are worth a thread's while."""
    waiting = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        waiting += message.get("body", b"")
        more = message.get("more_body", False)
        if waiting and (len(waiting) >= _PIECE_BYTES or not more):
            yield bytes(waiting)
            waiting.clear()


def _length(request: Request) -> int:
    text = request.headers.get("content-length", "")
    return int(text) if text.isdecimal() else _READ_ANYWAY_BYTES + 1

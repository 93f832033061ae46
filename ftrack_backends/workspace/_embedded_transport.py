"""The transport that answers in process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from zope.interface import implementer

from ftrack_core.errors import ConnectionClosedError, NotSentError
from ftrack_core.interfaces import IStreamedResponse, IStreamingTransport
from ftrack_core.values import Request, Response

if TYPE_CHECKING:
    from ftrack_backends.workspace._workspace import Workspace

__all__ = ["EmbeddedTransport"]


@implementer(IStreamingTransport)
@attrs.define(eq=False)
class EmbeddedTransport:
    """Hands requests to a workspace of this process, as bytes, and its replies back, as bytes.

    There is no network, so nothing is ever lost on the way: a request is answered, or it is refused before it was
    sent. Time-outs mean nothing here. The exception are failures that a test asked the workspace for: these break the
    connection, and know the request's time-out.

    Thread safety: `exchange` is called by many threads at once; `close` by any, at any time.

    Attributes:
        workspace: The workspace. The transport does not close it.
        server_url: Address of the workspace; a request whose URL begins with anything else is not for it.
    """

    workspace: Workspace
    server_url: str = "embedded:"
    _closed: bool = attrs.field(default=False, init=False)

    @property
    def workspace_id(self) -> str:
        """Id of the workspace: what caches tell it from others by."""
        return self.workspace.id

    def exchange(self, request: Request) -> Response:
        """Have a request answered.

        Raises:
            NotSentError: Its URL is another server's.
            ConnectionClosedError: The transport is closed, or the workspace.
            ConnectionLostError: A test asked for it.
        """
        return self.workspace.exchange(self._own(request))

    def open(self, request: Request) -> IStreamedResponse:
        """Have a request answered, with the bytes of a file still to be read.

        Raises:
            NotSentError: Its URL is another server's.
            ConnectionClosedError: The transport is closed, or the workspace.
            ConnectionLostError: A test asked for it.
        """
        return self.workspace.fetch(self._own(request))

    def close(self) -> None:
        """Answer nothing more."""
        self._closed = True

    def _own(self, request: Request) -> Request:
        if self._closed:
            raise ConnectionClosedError("the transport is closed; make a new session to go on")
        return attrs.evolve(request, url=self._path(request.url))

    def _path(self, url: str) -> str:
        own = url.removeprefix(self.server_url)
        if own.startswith("/"):
            return own
        asked = url.partition("?")[0]  # the rest may hold credentials
        raise NotSentError(
            f"the embedded workspace {self.server_url!r} was asked for {asked!r}, which is not its own; only URLs "
            "that begin with / are"
        )

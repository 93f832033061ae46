"""The workspace over HTTP: the same application that answers in process, behind a socket.

It needs the `server` extra (Starlette, uvicorn and websockets). This module is light: they are imported when something
is served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ftrack_core.errors import BrokenBackendError
from ftrack_core.values import Request, Response

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from ftrack_backends.workspace.front._server import RunningServer

__all__ = ["ACCESS_LOGGER", "BODY_LIMIT_BYTES", "Exchange", "application", "serve"]

ACCESS_LOGGER = "ftrack_backends.workspace.front.access"
"""Name of the logger that writes one line a request, at level INFO."""

BODY_LIMIT_BYTES = 64 * 1024 * 1024
"""A request whose body is longer is refused with status 413."""

_HINT = 'install them with: pip install "ftrack-core[server]"'


class Exchange(Protocol):
    """What the front asks of a workspace. Called by many threads at once.

    One that also has `sockets`, as `Workspace` has, serves event clients; without it their sockets are refused.
    """

    def exchange(self, request: Request) -> Response:
        """The response to a request whose URL begins with `/`."""


def application(workspace: Exchange, *, body_limit_bytes: int = BODY_LIMIT_BYTES) -> Starlette:
    """The workspace as an ASGI application, for a server of your own.

    Args:
        workspace: Answers every request; the front adds nothing to its answers but headers.
        body_limit_bytes: A request with a longer body is refused with status 413.

    Returns:
        The application. It does not close the workspace.

    Raises:
        BrokenBackendError: The `server` extra is not installed.
    """
    try:
        from ftrack_backends.workspace.front import _application
    except ImportError as error:
        raise _extra_missing(error) from error
    return _application.build(workspace, body_limit_bytes)


def serve(
    workspace: Exchange, host: str = "127.0.0.1", port: int = 0, *, body_limit_bytes: int = BODY_LIMIT_BYTES
) -> RunningServer:
    """Serve a workspace from a thread of this process.

    Args:
        workspace: What to serve. Closing the server does not close it.
        host: Name or address to listen on.
        port: Port to listen on; 0 takes a free one.
        body_limit_bytes: A request with a longer body is refused with status 413.

    Returns:
        The server, which accepts connections already. Close it, or use it as a context manager.

    Raises:
        ConfigurationError: The address cannot be listened on.
        BrokenBackendError: The `server` extra is not installed.
    """
    app = application(workspace, body_limit_bytes=body_limit_bytes)
    try:
        from ftrack_backends.workspace.front import _server
    except ImportError as error:
        raise _extra_missing(error) from error
    return _server.start(app, host, port)


def _extra_missing(error: ImportError) -> BrokenBackendError:
    return BrokenBackendError(
        f"serving a workspace over HTTP needs Starlette, uvicorn and websockets, and '{error.name}' cannot be "
        f"imported ({error}); {_HINT}"
    )

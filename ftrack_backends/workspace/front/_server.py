"""uvicorn in a thread, with an address known beforehand and an orderly end."""

from __future__ import annotations

import ipaddress
import logging
import socket
import threading
from types import TracebackType
from typing import TYPE_CHECKING

import attrs
import uvicorn

from ftrack_backends.workspace.front._cut import Cuttable
from ftrack_backends.workspace.front._protocol import JsonH11Protocol
from ftrack_backends.workspace.front._websocket import FRAME_LIMIT_BYTES, QuietWebSocketProtocol
from ftrack_core.errors import BackendError, ConfigurationError

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import ASGIApp
    from typing_extensions import Self

__all__ = ["RunningServer", "start"]

_LOGGER = logging.getLogger(__name__)

_KEEP_ALIVE_SECONDS = 75  # longer than the 60 s after which official clients give up a request
_GRACE_SECONDS = 5
_BACKLOG = 512
_LAST_PORT = 65535


@attrs.define(eq=False)
class RunningServer:
    """A server that is accepting connections.

    Thread safety: every method may be called by any thread.
    Lifetime: until `close`; as a context manager it closes at the end of the block. It never keeps the interpreter
    from exiting.

    Attributes:
        url: Where clients of this machine reach it, without a slash at the end.
        loopback_only: No other machine can reach it.
    """

    url: str
    loopback_only: bool
    _uvicorn: uvicorn.Server
    _thread: threading.Thread

    @property
    def running(self) -> bool:
        """It accepts connections."""
        return self._thread.is_alive()

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Wait until it has ended, or so long.

        Returns:
            It has ended.
        """
        self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def close(self) -> None:
        """Stop accepting, let running requests finish for up to five seconds, end. Closing twice is fine."""
        self._uvicorn.should_exit = True
        self._thread.join(_GRACE_SECONDS * 2)
        if self._thread.is_alive():
            _LOGGER.warning("the server at %s has not ended %d s after it was closed", self.url, _GRACE_SECONDS * 2)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def start(app: Starlette, host: str, port: int) -> RunningServer:
    """Serve the application from a new thread, and return once it accepts.

    Raises:
        ConfigurationError: The address cannot be listened on.
        BackendError: The server ended before it accepted.
    """
    listener = _listener(host, port)
    server = _Announced(_configuration(Cuttable(app)))
    thread = threading.Thread(target=server.run_on, args=(listener,), name="ftrack-workspace-front", daemon=True)
    thread.start()
    server.accepting_or_ended.wait()
    if not server.started:
        raise BackendError(f"the server on {host}:{port} ended before it accepted a connection; its log says why")
    return RunningServer(_url(listener), _is_loopback(listener), server, thread)


class _Announced(uvicorn.Server):
    """Says when it accepts, so that nobody needs to poll."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.accepting_or_ended = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.accepting_or_ended.set()

    def run_on(self, listener: socket.socket) -> None:
        try:
            with listener:
                self.run([listener])
        finally:
            self.accepting_or_ended.set()


def _configuration(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=JsonH11Protocol,
        ws=QuietWebSocketProtocol,
        ws_max_size=FRAME_LIMIT_BYTES,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def _listener(host: str, port: int) -> socket.socket:
    try:
        if not 0 <= port <= _LAST_PORT:
            raise OSError(f"a port is a number from 0 to {_LAST_PORT}")  # before a socket exists that would stay open
        family, _, _, _, address = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
        return _as_tcp(socket.create_server((str(address[0]), port), family=family, backlog=_BACKLOG))
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {host}:{port}: {_reason(error)}; "
            f"give another --port (0 takes a free one) or another --host (127.0.0.1 is this machine)"
        ) from error


def _as_tcp(listener: socket.socket) -> socket.socket:
    """The same socket, with its protocol named: asyncio turns delayed sending off only where it reads "TCP".

    Without that every call of a client that keeps its connection takes 40 ms longer.
    """
    return socket.socket(listener.family, listener.type, socket.IPPROTO_TCP, listener.detach())


def _reason(error: OSError) -> str:
    text = error.strerror or str(error)
    return f"{text[:1].lower()}{text[1:]}"


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        address = ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")
    return f"http://{address}:{port}" if address.version == 4 else f"http://[{address}]:{port}"


def _is_loopback(listener: socket.socket) -> bool:
    return ipaddress.ip_address(listener.getsockname()[0]).is_loopback

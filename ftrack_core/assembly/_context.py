"""What backends may know of the assembly that they become part of."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import attrs
from zope.interface import implementer

from ftrack_core.assembly._scope import scope_of
from ftrack_core.errors import BackendError
from ftrack_core.interfaces import IAuthenticator, IBackendContext, IClock, ITransport
from ftrack_core.protocol import authorise, drive
from ftrack_core.values import Request, Response

__all__ = ["AssemblyContext", "close_all"]

_T = TypeVar("_T")
_logger = logging.getLogger(__name__)


@implementer(IBackendContext)
@attrs.define(eq=False, repr=False)
class AssemblyContext:
    """The context of one assembly; it learns of transport and authenticator as they come to stand.

    Attributes:
        server_url: URL of the server, without a slash at the end.
        clock: The clock of the assembly.
        transport: The transport once it stands, else None.
        authenticator: The authenticator once it stands, else None.
        owned: What is to be closed in the end, in the order in which it was made; the context itself is, last of all.
        closed: Whether that was done.
    """

    server_url: str
    clock: IClock
    transport: ITransport | None = None
    authenticator: IAuthenticator | None = None
    owned: list[Any] = attrs.field(default=attrs.Factory(lambda context: [context], takes_self=True), init=False)
    closed: bool = attrs.field(default=False, init=False)
    _shared: dict[str, Any] = attrs.field(factory=dict, init=False)
    _lock: Any = attrs.field(factory=threading.RLock, init=False, repr=False)

    @property
    def user(self) -> str:
        """Name of the user; empty before the authenticator stands."""
        return self.authenticator.user if self.authenticator is not None else ""

    @property
    def scope(self) -> str:
        """Text that tells server, user and credentials apart; holds no secret."""
        return scope_of(self.server_url, self.transport, self.authenticator)

    def close(self) -> None:
        """Take note that the assembly has ended: what is made from now on is closed at once."""
        self.closed = True

    def keep(self, made: Any) -> None:
        """Have something closed with the assembly, or now if that has ended."""
        self.owned.append(made)
        if self.closed:
            close_all(self.owned)

    def exchange(self, request: Request) -> Response:
        """Exchange a request with the server, with credentials."""
        return drive(self._authenticator().flow(request), self._transport().exchange)

    def authorised(self, request: Request) -> Request:
        """The request with credentials."""
        return authorise(self._authenticator().flow(request), request, self._transport().exchange)

    def shared(self, key: str, make: Callable[[], _T]) -> _T:
        """One thing for all backends of the assembly, closed with it."""
        with self._lock:
            if key not in self._shared:
                self._shared[key] = made = make()
                self.owned.append(made)
            found: _T = self._shared[key]
            return found

    def _transport(self) -> ITransport:
        if self.transport is None:
            raise BackendError("the transport is still being made: nothing can be exchanged with the server yet")
        return self.transport

    def _authenticator(self) -> IAuthenticator:
        if self.authenticator is None:
            raise BackendError("the authenticator is still being made: no request can be signed yet")
        return self.authenticator


def close_all(owned: list[Any]) -> None:
    """Close things in reverse order of their making; what fails is logged and keeps none of the others open."""
    with contextlib.suppress(IndexError):  # nothing left: all is closed, or another thread is closing the rest
        while True:
            _close(owned.pop())


def _close(thing: Any) -> None:
    close = getattr(thing, "close", None)
    if callable(close):
        try:
            close()
        except Exception:
            _logger.exception("closing %s failed", type(thing).__name__)

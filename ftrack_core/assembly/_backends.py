"""The backends of one session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from ftrack_core.assembly._context import close_all
from ftrack_core.assembly._deferred import Deferred
from ftrack_core.interfaces import (
    IAuthenticator,
    ICache,
    IEventHub,
    IEventInbox,
    IKeyMaker,
    ISchemaCache,
    IStreamedResponse,
    IStreamingTransport,
    ITransport,
)
from ftrack_core.protocol import drive, drive_streamed
from ftrack_core.values import Request, Response

__all__ = ["Backends"]


@attrs.frozen(eq=False)
class Backends:
    """Everything behind a session: verified instances, and who owns them.

    Thread safety: every method may be called by many threads.

    Attributes:
        server_url: URL of the server, without a slash at the end.
        transport: Moves bytes.
        authenticator: Puts credentials on requests.
        cache: The caches below the session's own memory, as one; None for none.
        schema_cache: Keeps schemas; None when that is off.
        scope: Text that tells server, user and credentials apart in a shared store; holds no secret.
        decode: Makes values of JSON bytes; raises ValueError for what is no JSON.
        encode: Makes JSON bytes of a value.
        layered: Puts caches on top of each other, from fast to slow. Closing the result leaves them open.
        make_inbox: Makes event inboxes, as `inbox` says.
        owned: What we made and `close` closes, in the order in which it was made.

    The event hub and what makes cache keys are made when they are first asked for where no setting chose them.
    """

    server_url: str
    transport: ITransport
    authenticator: IAuthenticator
    cache: ICache | None
    _key_maker: Deferred[IKeyMaker] = attrs.field(repr=False)
    schema_cache: ISchemaCache | None
    _event_hub: Deferred[IEventHub] = attrs.field(repr=False)
    scope: str
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]
    layered: Callable[[Sequence[ICache]], ICache] = attrs.field(repr=False)
    make_inbox: Callable[[Any], IEventInbox | None] = attrs.field(repr=False)
    owned: list[Any] = attrs.field(factory=list, repr=False)

    @property
    def key_maker(self) -> IKeyMaker:
        """Makes cache keys."""
        return self._key_maker.get()

    @property
    def event_hub(self) -> IEventHub:
        """Brings events."""
        return self._event_hub.get()

    @property
    def event_hub_stands(self) -> bool:
        """Whether there is an event hub already: a setting chose it, or somebody asked for it."""
        return self._event_hub.made is not None

    def exchange(self, request: Request) -> Response:
        """Exchange a request with the server, with credentials.

        Raises:
            TransportError: As the transport raises it.
            AuthenticationError: Credentials cannot be had.
            ConnectionClosedError: The transport is closed.
        """
        return drive(self.authenticator.flow(request), self.transport.exchange)

    def open(self, request: Request) -> IStreamedResponse:
        """Send a request with credentials and read its response piece by piece; close it, read or not.

        A transport that cannot stream reads the whole body first.

        Raises:
            TransportError: As the transport raises it.
            AuthenticationError: Credentials cannot be had.
            ConnectionClosedError: The transport is closed.
        """
        if not IStreamingTransport.providedBy(self.transport):
            from ftrack_core.assembly._whole_response import WholeResponse

            return WholeResponse(self.exchange(request))
        streaming: IStreamingTransport = self.transport
        opened: IStreamedResponse = drive_streamed(
            self.authenticator.flow(request), request, streaming.exchange, streaming.open
        )
        return opened

    def inbox(self, told: object = None) -> IEventInbox | None:
        """An event inbox: made now, verified, and closed by `close`; one that is handed in stays its owner's.

        Args:
            told: A file's path, the name of a backend, a table with `backend` and its options, an object as
                `package.module:object`, or an inbox; None for what the setting `event_inbox` says.

        Returns:
            The inbox; None where neither `told` nor the setting says anything.

        Raises:
            ConfigurationError: An option is wrong or missing; `faults` has every one.
            BackendNotFoundError: The backend is not installed.
            BrokenBackendError: It cannot be imported or made.
            WrongBackendError: What was made or handed in does not keep the contract.
            EventInboxError: There can be no inbox where it was told to lie.
        """
        return self.make_inbox(told)

    def close(self) -> None:
        """Close what we made, in reverse order; what was handed in stays open. Closing twice is fine."""
        close_all(self.owned)

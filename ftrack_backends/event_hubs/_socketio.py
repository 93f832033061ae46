"""The hub of ftrack's event server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ftrack_backends.hub_parts._line import OpenLine, Receiver
from ftrack_backends.hub_parts._remote import RemoteEventHub

if TYPE_CHECKING:
    from ftrack_backends.event_hubs import SocketIoOptions
    from ftrack_core.interfaces import IBackendContext

__all__ = ["SocketIoEventHub"]


@attrs.define(eq=False, kw_only=True, repr=False)
class SocketIoEventHub(RemoteEventHub):
    """Joined to others by ftrack's event server, with Socket.IO 0.9 over a WebSocket; what it promises says its base.

    Heartbeats are answered by the thread that receives. A server from which nothing comes for as long as it said in
    the handshake, and a quarter more at most, counts as gone. What nobody can read is passed over and logged once a
    connection.
    """

    @classmethod
    def of(cls, options: SocketIoOptions, context: IBackendContext) -> SocketIoEventHub:
        """Make one; nothing is opened, and nothing imported that only a connection needs."""
        return cls(
            line=_LateSocketLine(options, context),
            user=context.user,
            server_url=context.server_url,
            **options.of_hub(),
        )


@attrs.frozen(eq=False, repr=False)
class _LateSocketLine:
    """Imports what a connection needs with the first one."""

    _options: SocketIoOptions
    _context: IBackendContext

    def open(self, receiver: Receiver, again: bool) -> OpenLine:
        """Open a connection."""
        from ftrack_backends.event_hubs._socket_line import SocketLine

        options = self._options
        line = SocketLine(self._context, options, options.connect_seconds, options.headers, options.cookies)
        return line.open(receiver, again)

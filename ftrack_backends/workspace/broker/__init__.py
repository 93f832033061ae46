"""Events of a workspace: who takes part, who wants what, and how it gets there.

How to read it: `_broker` tells the story. Events come in from members and from commits, stand in one line, and a
thread of the broker's own hands each to every member that wants it, once. A `Member` is one connection: its
subscriptions, and an `Outlet`, a bounded queue that somebody else empties. Two kinds of members stand on that:
`_listener` has a thread and a function, for hubs of this process; `_socket_session` speaks Socket.IO 0.9 to a client,
for whatever moves frames. `_sockets` opens these for who has shaken hands. `_socket_failures` breaks them where a test
wants it.

What a slow or dead member costs: nothing waits for a member. An event is put into its outlet, and that is all. An
outlet that is full, with as many events or bytes as `Limits` allows that nobody fetched, is *overrun*: it is emptied
and the member is cut off, so that its client connects anew and knows that there is a gap. No event is ever left out of
the middle. A client from which nothing came for `SocketTiming.close_seconds`, not even an answer to a heartbeat, is
cut off too.
"""

from __future__ import annotations

from ftrack_backends.workspace.broker._broker import Broker
from ftrack_backends.workspace.broker._event_log import EventLog
from ftrack_backends.workspace.broker._listener import Listener
from ftrack_backends.workspace.broker._member import Limits, Member
from ftrack_backends.workspace.broker._socket_failures import SocketFailure, SocketFailures
from ftrack_backends.workspace.broker._socket_session import SocketSession
from ftrack_backends.workspace.broker._sockets import Sockets, SocketTiming

__all__ = [
    "Broker",
    "EventLog",
    "Limits",
    "Listener",
    "Member",
    "SocketFailure",
    "SocketFailures",
    "SocketSession",
    "SocketTiming",
    "Sockets",
]

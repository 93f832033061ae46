"""What all event hubs have in common: shared ground that knows no seam.

How to read it: `_base` is a hub without a way to anybody else: who subscribed, what came, who waits. `_remote` is one
that has a way: it keeps a connection, tells the other end what is wanted here, and sends in order what was published.
What a connection is made of says `_line`; the `socketio` and the `embedded` hub are a `RemoteEventHub` with a line of
their own. `_outgoing` holds what is on its way; `_delays` says when to try again; `_forks` is for forked children.
"""

from __future__ import annotations

from ftrack_backends.hub_parts._base import BaseEventHub, new_id

__all__ = ["BaseEventHub", "new_id"]

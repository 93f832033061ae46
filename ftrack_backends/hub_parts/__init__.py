"""What all event hubs have in common: shared ground that knows no seam.

How to read it, the simple before the rich:

- `_base` is a hub without a way to anybody else; `_subscribing` is its half that subscribers see, and `_familiar` what
  programs made for ftrack's own client ask beyond the contract. It is made of
  `_waiting` (what came, and who waits for more), `_asking` (who waits for which answers) and `_signing` (what a
  publisher leaves out).
- `_remote` is one that has a way: it tells the other end what is wanted here. It is made of `_connection` (opening it,
  serving it, opening it anew after `_delays`, and telling of that as `_news`) and `_writer` (sending in order what is
  `_outgoing`).
- What a connection consists of says `_line`: the `socketio` and the `embedded` hub are a `RemoteEventHub` with a line
  of their own.
- `_changes` is the one lock of a hub, which its parts share; `_forks` is for forked children.

What is exported here is for authors of hubs too: a hub with a way to others is a `RemoteEventHub` with a `Line` of
your own; the modules behind it are nobody else's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_backends.hub_parts._base import BaseEventHub
from ftrack_backends.hub_parts._signing import new_id
from ftrack_core._lazy import names_on_demand

if TYPE_CHECKING:
    from ftrack_backends.hub_parts._line import Line, OpenLine, Receiver
    from ftrack_backends.hub_parts._remote import RemoteEventHub

__all__ = ["BaseEventHub", "Line", "OpenLine", "Receiver", "RemoteEventHub", "new_id"]

# A program whose hub has no way to others needs none of these.
__getattr__ = names_on_demand(
    __name__, {"Line": "_line", "OpenLine": "_line", "Receiver": "_line", "RemoteEventHub": "_remote"}
)

"""What all event hubs have in common: shared ground that knows no seam.

How to read it, the simple before the rich:

- `_base` is a hub without a way to anybody else; `_subscribing` is its half that subscribers see, and `_familiar` what
  programs made for ftrack's own client ask beyond the contract. It is made of
  `_waiting` (what came, and who waits for more), `_asking` (who waits for which answers) and `_signing` (what a
  publisher leaves out).
- `_remote` is one that has a way: it tells the other end what is wanted here. It is made of `_connection` (opening it,
  serving it, opening it anew after `_delays`) and `_writer` (sending in order what is `_outgoing`).
- What a connection consists of says `_line`: the `socketio` and the `embedded` hub are a `RemoteEventHub` with a line
  of their own.
- `_changes` is the one lock of a hub, which its parts share; `_forks` is for forked children.
"""

from __future__ import annotations

from ftrack_backends.hub_parts._base import BaseEventHub
from ftrack_backends.hub_parts._signing import new_id

__all__ = ["BaseEventHub", "new_id"]

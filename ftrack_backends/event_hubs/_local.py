"""Events within one hub."""

from __future__ import annotations

import copy

import attrs
from zope.interface import implementer

from ftrack_backends.hub_parts import BaseEventHub
from ftrack_core.interfaces import IEventHub
from ftrack_core.values import Event

__all__ = ["LocalEventHub"]


@implementer(IEventHub)
@attrs.define(eq=False, kw_only=True, repr=False)
class LocalEventHub(BaseEventHub):
    """Brings what is published here to those who subscribed here.

    Ordering: events are handled in the order in which they were published. Delivery: a synchronous publish calls
    subscribers at once, in the publishing thread. Any other publish puts a copy of the event into a queue, where it
    stays until some thread calls `wait`; subscribers are looked for then. With several threads waiting each event is
    handled by one of them. A full queue drops its oldest event, which is logged once.
    Connecting: there is nobody to connect to, so it counts as connected until it is closed, and `connect` and
    `disconnect` do nothing: a program that is made for a server runs with it as it is.
    Replies: what a subscriber of a queued event returns, None excepted, is published as a reply to it. A reply's
    target is the id of the hub that published the event.

    Thread safety: all calls. The lock is held to look up and to queue, never while a callback runs.
    """

    @property
    def connected(self) -> bool:
        """Whether events reach everybody whom they can reach: until it is closed."""
        return not self._changed.closed

    def init_connection(self) -> None:
        """Nothing: there is nobody to connect to."""

    def connect(self) -> None:
        """Nothing: there is nobody to connect to."""

    def connect_in_background(self) -> None:
        """Nothing: there is nobody to connect to."""

    def disconnect(self, unsubscribe: bool = False) -> None:
        """End subscriptions if asked to; there is nobody to leave."""
        if unsubscribe:
            self._unsubscribe_all()

    def reconnect(self, attempts: int = 10, delay: float = 5.0) -> None:
        """Nothing: there is nobody to connect to."""

    def wait_until_connected(self, timeout_seconds: float | None = None) -> bool:  # noqa: ARG002 - there is no waiting
        """Whether it is connected; at once."""
        return self.connected

    def _send(self, event: Event) -> None:
        self._received(attrs.evolve(event, data=copy.deepcopy(event.data), source=copy.deepcopy(event.source)))

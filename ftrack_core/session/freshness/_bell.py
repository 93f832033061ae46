"""Waiting for an event hub to connect, which most sessions never have it do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ftrack_core.interfaces import IRemoteEventHub

if TYPE_CHECKING:
    from ftrack_core.session.freshness._following import Following
    from ftrack_core.values import Event

__all__ = ["Bell"]


class Bell:
    """Has a session follow a hub once that is connected; until then it costs next to nothing.

    Args:
        make: Makes what follows it.
    """

    __slots__ = ("_end", "_ended", "_following", "_lock", "_make")

    def __init__(self, make: Callable[[], Following]) -> None:
        self._make = make
        self._following: Following | None = None
        self._end: Callable[[], None] | None = None
        self._ended = False
        self._lock = threading.Lock()

    def hang(self, hub: Any) -> None:
        """Begin to wait at the session's event hub; hubs that are joined to nobody never ring.

        It is the first tap that a session has, and what comes goes on from here: so whoever taps later, as a listener
        does, gets an event when the session has dealt with it.
        """
        if self._ended or not IRemoteEventHub.providedBy(hub):
            return
        self._end = hub.tap(self._rang)
        if hub.connected:
            self._follow()

    def _rang(self, event: Event) -> None:
        following = self._following
        if following is not None:
            following.receive(event)
        elif event.topic == "ftrack.meta.connected":
            self._follow()

    def _follow(self) -> None:
        with self._lock:
            if self._ended or self._following is not None:
                return
            following = self._following = self._make()
        following.begin()

    def end(self) -> None:
        """Hear nothing more."""
        with self._lock:
            self._ended = True
        if self._end is not None:
            self._end()
        if self._following is not None:
            self._following.end()

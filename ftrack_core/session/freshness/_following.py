"""Following what an event hub brings, for as long as a session lives."""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import Callable
from typing import Any, Final

from ftrack_core.errors import Error
from ftrack_core.session.freshness._aging import Aging
from ftrack_core.session.freshness._update import changes_of
from ftrack_core.values import Event

__all__ = ["Following"]

_UPDATE: Final = "ftrack.update"
_CONNECTED: Final = "ftrack.meta.connected"
_ECHO: Final = "ftrack.core.following"
_log = logging.getLogger(__name__)


class Following:
    """Hears of every change on the server while the hub is connected.

    A server takes note of a subscription some time after the connection stands, and says nothing about it. So an
    event goes after each, which only comes back to this hub: what was asked for until then may have changed unheard.

    Thread safety: events come in the hub's own thread, one at a time.

    Args:
        hub: The event hub.
        aging: Told of what happened.
        client_token: Known in events that tell of this session's own commits.
        configurations_changed: Called when custom attributes are configured anew.
    """

    def __init__(self, hub: Any, aging: Aging, client_token: str, configurations_changed: Callable[[], None]) -> None:
        self._hub = hub
        self._aging = aging
        self._client_token = client_token
        self._configurations_changed = configurations_changed
        self._ear = uuid.uuid4().hex
        self._echo = ""
        self._reconnected = False
        self._ends: list[Callable[[], None]] = []
        self._over = False

    def begin(self) -> None:
        """Begin, at a hub that is connected; somebody has to call `receive` with each event that comes."""
        self._ends.append(self._hub.tap(self._ignore, f"topic={_UPDATE}"))
        self._ends.append(self._hub.tap(self._ignore, f"topic={_ECHO}", {"id": self._ear}))
        self._joined(None)
        if self._over:  # it ended meanwhile, and had taken back less than has begun
            self.end()

    def end(self) -> None:
        """Hear nothing more; any thread may call it."""
        self._over = True
        with contextlib.suppress(IndexError):  # another thread may end it as well
            while True:
                self._ends.pop()()

    def receive(self, event: Event) -> None:
        """Take an event, whatever is in it."""
        if event.topic == _UPDATE:
            self._updated(event)
        elif event.topic == _CONNECTED and event.source.get("id") == self._hub.id:
            self._joined(event.data.get("lost_at"))
        elif event.topic == _ECHO and event.id == self._echo:
            reconnected, self._reconnected = self._reconnected, False
            self._aging.all(records=reconnected)

    def _updated(self, event: Event) -> None:
        try:
            changes = list(changes_of(event.data))
            self._aging.told(changes, own=event.data.get("clientToken") == self._client_token)
        except (AttributeError, KeyError, TypeError, ValueError):
            _log.warning("The event %s tells of changes nobody knows how: all that is loaded is stale.", event.id)
            self._aging.all(records=True)
            return
        if any(change.table == "customattributeconfiguration" for change in changes):
            self._configurations_changed()

    def _joined(self, lost_at: float | None) -> None:
        if lost_at is not None:
            self._reconnected = True  # until the server has taken note, whoever else says that it is connected
        self._aging.all(records=lost_at is not None)
        self._echo = uuid.uuid4().hex
        try:
            self._hub.publish(Event(_ECHO, self._echo, target=f"id={self._ear}"), on_error="ignore")
        except Error:  # it was closed meanwhile
            _log.debug("The event hub does not tell when the server has taken note.", exc_info=True)

    def _ignore(self, event: Event) -> None:
        """What is tapped only so that the server sends it."""

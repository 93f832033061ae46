"""From the event hub to the inbox, on the thread that brings the events."""

from __future__ import annotations

import contextlib
import logging
import time
import uuid
from collections.abc import Callable
from typing import Any, Final

import attrs

from ftrack_core.errors import NotFoundError
from ftrack_core.events import DispatchedEvent
from ftrack_core.interfaces import IEventInbox
from ftrack_core.session.listener._coverage import Coverage
from ftrack_core.session.listener._handlers import Handler, Handlers
from ftrack_core.session.listener._storing import Storing
from ftrack_core.session.listener._tally import Tally
from ftrack_core.values import Event

__all__ = ["Intake"]

_STORING: Final = "events cannot be stored, and are lost until they can"
_META: Final = "ftrack.meta."
_log = logging.getLogger(__name__)


@attrs.define(eq=False, repr=False)
class Intake:
    """Keeps every event that a handler wants before anything is done about it.

    Nothing that goes wrong here reaches the hub's thread: an event that cannot be kept is counted, told, and becomes
    part of a gap.

    Thread safety: all calls.

    Attributes:
        hub: Where events come from.
        handlers: Who wants them.
        inbox: Where they are kept.
        coverage: Told of the connection, and of what could not be kept.
        tally: Counts.
        arrived: Called with how many deliveries are new.
        storing: Keeps them.
    """

    hub: Any
    handlers: Handlers
    inbox: IEventInbox
    coverage: Coverage
    tally: Tally
    arrived: Callable[[int], None]
    storing: Storing = attrs.field(init=False)
    _subscribers: list[str] = attrs.field(factory=list, init=False)
    _untap: Callable[[], None] | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self.storing = Storing(self.inbox, self._kept, self._lose)

    def begin(self) -> None:
        """Have events come: from hubs that can be tapped as they arrive, else with those that wait for them."""
        self.storing.begin()
        tap = getattr(self.hub, "tap", None)
        if tap is not None:
            self._untap = tap(self.receive)
        for handler in self.handlers.for_events():
            self.subscribe(handler)
        if self._untap is None:
            for topic in ("connected", "disconnected"):
                self._subscribers.append(self.hub.subscribe(f"topic={_META}{topic}", self._dispatched, None, -1000))
        if getattr(self.hub, "connected", True) and self.coverage.since is None:
            self.coverage.joined(time.time())

    def subscribe(self, handler: Handler) -> None:
        """Have the server send what a handler wants."""
        if handler.expression is not None:
            callback = self._dispatched if self._untap is None else _taken_already
            subscriber = dict(handler.subscriber)
            self._subscribers.append(self.hub.subscribe(handler.expression.text, callback, subscriber, -1000))

    def end(self, seconds: float) -> None:
        """Have nothing more come, and what came stored, within so many seconds."""
        if self._untap is not None:
            self._untap()
        with contextlib.suppress(NotFoundError):  # the hub was closed before
            while self._subscribers:
                self.hub.unsubscribe(self._subscribers.pop())
        self.storing.end(seconds)

    def _dispatched(self, event: DispatchedEvent) -> None:
        self.receive(event.as_event())

    def receive(self, event: Event) -> None:
        """Take an event. Never raises."""
        if event.topic.startswith(_META):
            self._of_the_connection(event)
            return
        try:
            wanted = self.handlers.wanting(event)
        except Exception as error:  # noqa: BLE001 - the hub's thread has to go on, whatever it is
            self._lose(event, error)
            return
        if wanted:
            self.tally.came()
            named = event if event.id else attrs.evolve(event, id=uuid.uuid4().hex)  # it is told from others by its id
            self.storing.put(named, wanted)

    def _kept(self, new: int) -> None:
        self.tally.well(_STORING)
        if new:
            self.tally.count("stored", new)
            self.arrived(new)

    def _lose(self, event: Event, error: Exception) -> None:
        now = time.time()
        self.tally.count("lost")
        self.tally.trouble(_STORING, error)
        self.coverage.left(now, again=now if self.coverage.since is not None else None)
        _log.error("the event %s (%s) is lost: %s", event.id, event.topic, error)

    def _of_the_connection(self, event: Event) -> None:
        if event.source.get("id") != self.hub.id:
            return
        if event.topic == f"{_META}connected":
            self.coverage.joined(time.time(), event.data.get("lost_at"))
        elif event.topic == f"{_META}disconnected":
            self.coverage.left(time.time())


def _taken_already(_event: object) -> None:
    """What hubs call that were tapped: the subscription is there for the server's sake."""

"""From the event hub to the inbox, on the thread that brings the events."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from typing import Any, Final

import attrs

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
        left: Called when the hub was disconnected for good.
        storing: Keeps them.
    """

    hub: Any
    handlers: Handlers
    inbox: IEventInbox
    coverage: Coverage
    tally: Tally
    arrived: Callable[[int], None]
    left: Callable[[], None]
    storing: Storing = attrs.field(init=False)
    _ends: list[Callable[[], None]] = attrs.field(factory=list, init=False)

    def __attrs_post_init__(self) -> None:
        self.storing = Storing(self.inbox, self._kept, self._lose)

    def begin(self) -> None:
        """Have events come."""
        self.storing.begin()
        self._ends.append(self.hub.tap(self.receive))
        for handler in self.handlers.for_events():
            self.subscribe(handler)
        if getattr(self.hub, "connected", True) and self.coverage.since is None:
            self.coverage.joined(time.time())

    def subscribe(self, handler: Handler) -> None:
        """Have the server send what a handler wants."""
        if handler.expression is not None:
            self._ends.append(self.hub.tap(_taken_already, handler.expression.text, handler.subscriber))

    def end(self, seconds: float) -> None:
        """Have nothing more come, and what came stored, within so many seconds."""
        while self._ends:
            self._ends.pop()()
        self.storing.end(seconds)

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
            if not event.data.get("reconnecting", True):
                self.left()


def _taken_already(_event: object) -> None:
    """What a handler's own tap calls: it is there for the server's sake, and another one takes what comes."""

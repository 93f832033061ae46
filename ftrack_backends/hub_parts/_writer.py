"""Sending, in order, what is on its way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from ftrack_backends.hub_parts._changes import Changes
from ftrack_backends.hub_parts._line import OpenLine
from ftrack_backends.hub_parts._outgoing import Letter, Outgoing

__all__ = ["Writer"]

_LOG = logging.getLogger("ftrack_backends.event_hubs")


class Writer:
    """Sends letters over the line that stands, in a thread for each, and hears what became of them.

    Thread safety: the hub's lock is held by whoever calls, `acknowledged` excepted.

    Args:
        changes: The hub's lock.
        most: How many published events wait at most.
        refused: Called, under the lock, with the id of an event that the other end refused, and why.

    Attributes:
        changes: The hub's lock.
        most: How many published events wait at most.
        opened: The line that stands; None for none.
        outgoing: What is on its way.
    """

    def __init__(self, changes: Changes, most: int, refused: Callable[[str, str], None]) -> None:
        self.changes = changes
        self.most = most
        self._refused = refused
        self.opened: OpenLine | None = None
        self.outgoing = Outgoing()

    @property
    def full(self) -> bool:
        """Whether there is no room for another published event."""
        return self.outgoing.waiting >= self.most

    @property
    def idle(self) -> bool:
        """Whether all is done that can be done now: sent and acknowledged while a line stands, sent without one."""
        return self.outgoing.empty if self.opened is not None else not self.outgoing

    def begin(self, opened: OpenLine, greeting: Iterable[Letter]) -> threading.Thread:
        """Begin to send over a line, a greeting first; gives the thread that does it."""
        thread = threading.Thread(target=self._write, args=(opened,), name="ftrack-event-hub-writer", daemon=True)
        thread.start()  # it waits for the lock
        self.opened = opened
        self.outgoing.begin(greeting)
        return thread

    def end(self) -> int:
        """Take note that the line is over; gives how many events were sent of which nobody knows whether they came."""
        self.opened = None
        return self.outgoing.lost()

    def append(self, letter: Letter) -> None:
        """Have a letter sent after all others."""
        self.outgoing.append(letter)
        self.changes.notify_all()

    def acknowledged(self, number: int, refusal: str) -> None:
        """Take note of what the other end says to a letter."""
        with self.changes:
            letter = self.outgoing.acknowledged(number, refusal)
            if letter is not None:
                self.changes.notify_all()
                if refusal and letter.event_id:
                    self._refused(letter.event_id, refusal)
        if letter is not None and refusal:
            _LOG.warning("the event server refused %s: %s", letter.topic, refusal)

    def forked(self) -> None:
        """Let go of all: it is the parent's."""
        if self.opened is not None:
            self.opened.drop()
        self.opened, self.outgoing = None, Outgoing()

    def _write(self, opened: OpenLine) -> None:
        while (taken := self._next_letter(opened)) is not None:
            number, letter = taken
            try:
                opened.send(letter.text, number)
            except Exception as error:  # noqa: BLE001 - whatever it is, the connection cannot be used any more
                _LOG.debug("the event connection took no more: %s", type(error).__name__)
                with self.changes:
                    self.outgoing.put_back(number)
                opened.close()
                return

    def _next_letter(self, opened: OpenLine) -> tuple[int, Letter] | None:
        with self.changes:
            self.changes.wait_for(lambda: self.opened is not opened or self.outgoing)
            if self.opened is not opened:
                return None
            taken = self.outgoing.take()
            if self.outgoing.waiting in {0, self.most - 1}:
                self.changes.notify_all()
            return taken

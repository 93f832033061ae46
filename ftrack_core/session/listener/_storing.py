"""Keeping events in the inbox: as many at a time as have come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import attrs

from ftrack_core.interfaces import IBatchEventInbox, IEventInbox
from ftrack_core.values import Event

__all__ = ["Kept", "Storing"]

Kept = tuple[Event, Mapping[str, str]]
"""An event with the order of its delivery by the handler's name."""

_MOST_ON_THE_WAY: Final = 1_000


@attrs.define(eq=False, repr=False)
class Storing:
    """Takes events from the thread that brings them, and stores them in another, all that came meanwhile at once.

    A disk that has to confirm each event alone would hold up that thread until the server cuts it off. No more events
    are on the way than a disk takes in a moment: beyond that whoever brings one waits.

    Thread safety: all calls.

    Attributes:
        inbox: Where they are kept.
        stored: Called with how many deliveries are new.
        failed: Called with each event that cannot be kept, and why.
    """

    inbox: IEventInbox
    stored: Callable[[int], None]
    failed: Callable[[Event, Exception], None]
    _coming: list[Kept] = attrs.field(factory=list, init=False)
    _thread: threading.Thread | None = attrs.field(default=None, init=False)
    _over: bool = attrs.field(default=False, init=False)
    _changed: threading.Condition = attrs.field(factory=threading.Condition, init=False)

    def begin(self) -> None:
        """Start its thread."""
        self._thread = threading.Thread(target=self._work, name="ftrack-listener-store", daemon=True)
        self._thread.start()

    def put(self, event: Event, wanted: Mapping[str, str]) -> None:
        """Have an event stored soon; after the end it is left out, for the time that is covered ends before."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or len(self._coming) < _MOST_ON_THE_WAY)
            if not self._over:
                self._coming.append((event, wanted))
                self._changed.notify_all()

    def end(self, seconds: float) -> None:
        """Store what came, and take no more; return once that is done, or the time is over."""
        with self._changed:
            self._over = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(seconds)

    def _work(self) -> None:
        while taken := self._taken():
            self._store(taken)

    def _taken(self) -> Sequence[Kept]:
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._coming)
            taken, self._coming = self._coming, []
            self._changed.notify_all()
            return taken

    def _store(self, taken: Sequence[Kept]) -> None:
        try:
            if len(taken) > 1 and IBatchEventInbox.providedBy(self.inbox):
                batching: IBatchEventInbox = self.inbox
                self.stored(batching.store_all(taken))
                return
        except Exception:  # noqa: BLE001, S110 - one of them may be the fault: each is tried alone
            pass
        for event, wanted in taken:
            self._store_one(event, wanted)

    def _store_one(self, event: Event, wanted: Mapping[str, str]) -> None:
        try:
            self.stored(self.inbox.store(event, wanted))
        except Exception as error:  # noqa: BLE001 - an inbox is anybody's code; what it is told is how it ended
            self.failed(event, error)

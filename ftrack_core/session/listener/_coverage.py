"""Which time is covered: whether somebody who shares the inbox received events, from when to when."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

import attrs

from ftrack_core.interfaces import IEventInbox

__all__ = ["Coverage"]

_MARK: Final = "connected"
_UNNOTICED_SECONDS: Final = 90.0
"""A gap is told to begin so much earlier than it was seen to. A server that falls silent counts as gone only after as
long as it said, often a minute, and a quarter more; and what came just before a process died may not be stored."""
_AHEAD_SECONDS: Final = 2.0
"""A mark that is ahead by more was made before the machine's clock was set back."""


@attrs.define(eq=False, repr=False)
class Coverage:
    """Extends the time that is covered while the connection stands, and finds the gaps.

    The inbox has one mark: until when everything came, to this process or another. Only a process that was connected
    at that moment already moves it on. One that connected later waits a little, for another may have been there all
    the time; if none moves the mark past its own beginning, nobody was: that is a gap.

    A process that stood still, as on a machine that slept, finds a gap as well: its connection seems to stand for a
    while, whatever became of it. So it does where the machine's clock is set far ahead, which costs a look too many.

    Where the machine's clock is set back, the mark stays ahead and says nothing any more: another one, named after it,
    goes on from there, in all processes.

    Thread safety: all calls.

    Attributes:
        inbox: Has the mark.
        grace_seconds: For how long another process may move the mark on; at least twice as often does each.
        told: Keeps a gap: what tells it from others, the same in all processes, when it began and when it ended. What
            it raises makes the next attempt find the gap again.
    """

    inbox: IEventInbox
    grace_seconds: float
    told: Callable[[str, float, float], None]
    _since: float | None = attrs.field(default=None, init=False)
    _lost_at: float | None = attrs.field(default=None, init=False)
    _known: float | None = attrs.field(default=None, init=False)
    """The connection of which it is known whether there was a gap before it."""
    _last: tuple[float, float] | None = attrs.field(default=None, init=False)
    _looked_at: float | None = attrs.field(default=None, init=False)
    """When this connection was last seen to stand."""
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    @property
    def since(self) -> float | None:
        """Since when events come, in seconds since the epoch; None while none do."""
        return self._since

    def joined(self, at: float, lost_at: float | None = None) -> None:
        """The connection stands.

        Args:
            at: Since when.
            lost_at: When the one before was found to be lost.
        """
        with self._lock:
            self._since, self._looked_at = at, None
        if lost_at is not None:
            self.left(lost_at, at)

    def left(self, at: float, again: float | None = None) -> None:
        """From a moment on events did not come, or were not kept.

        Args:
            at: The moment.
            again: Since when they do again; None for not yet.
        """
        with self._lock:
            self._since, self._looked_at = again, None
            self._lost_at = at if self._lost_at is None else min(at, self._lost_at)

    def advance(self, now: float) -> None:
        """Move the mark on, if what lies between was covered; else find out whether it was, and tell the gap.

        Raises:
            EventInboxError: The inbox fails; the next call makes up for it.
        """
        self._look(now)
        since, lost_at = self._beginning(now)
        if since is None:
            return
        name, covered, ahead = self._mark_at(now)
        if self._known != since and (covered is not None or ahead is not None) and (covered or 0.0) < since:
            if now < since + self.grace_seconds:
                return
            self._tell(covered, ahead, since, lost_at, now)
        self.inbox.mark(name, now)
        with self._lock:
            if self._since == since:
                self._lost_at, self._known = None, since

    def _look(self, now: float) -> None:
        """Take a time in which nobody looked, though somebody does all the time, for one in which nothing came."""
        looked_at = self._looked_at
        if self._since is not None and looked_at is not None and now - looked_at > _UNNOTICED_SECONDS:
            self.left(looked_at, again=now)
        self._looked_at = now

    def _beginning(self, now: float) -> tuple[float | None, float | None]:
        """Since when events come, and when they did not before; a clock that was set back since takes them along."""
        with self._lock:
            if self._since is not None and self._since > now and self._known != self._since:
                self._since = now
                self._lost_at = None if self._lost_at is None else min(now, self._lost_at)
            return self._since, self._lost_at

    def _mark_at(self, now: float) -> tuple[str, float | None, float | None]:
        """The name of the mark that counts, what it says, and the last one that is ahead of the clock, or was."""
        name, ahead = _MARK, None
        covered = self.inbox.marked(name)
        while covered is not None:
            following = f"{_MARK} after {covered!r}"
            later = self.inbox.marked(following)
            if later is None and covered <= now + _AHEAD_SECONDS:
                break
            name, covered, ahead = following, later, covered
        return name, covered, ahead

    def _tell(
        self, covered: float | None, ahead: float | None, since: float, lost_at: float | None, now: float
    ) -> None:
        """Keep a gap, once; where the mark could not be moved on after it, more may have been lost since."""
        key = covered if covered is not None else ahead or 0.0
        if self._last == (key, since):
            return
        began = covered if covered is not None else 2 * since - key  # nobody knows: as far back as that is ahead
        began = began if lost_at is None else min(began, lost_at)
        again = self._last is not None and self._last[0] == key
        self.told(f"{key!r} {since!r}" if again else repr(key), began - _UNNOTICED_SECONDS, now)
        self._last = (key, since)

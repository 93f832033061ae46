"""What a connection is made of, as the remote hub sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import attrs

from ftrack_core.values import Event

__all__ = ["Line", "OpenLine", "Receiver"]


@attrs.frozen
class Receiver:
    """Whom a line tells of what comes. Both functions are quick and never raise.

    Attributes:
        event: Called with each event.
        acknowledged: Called with the number of what was sent, and why it was refused, empty for not at all.
    """

    event: Callable[[Event], None]
    acknowledged: Callable[[int, str], None]


class OpenLine(Protocol):
    """A connection that stands."""

    def send(self, text: str, number: int) -> None:
        """Send the JSON of an event; called by one thread. Where it raises, the other end has not got all of it."""

    def run(self) -> str:
        """Bring what comes until the connection is over, and let go of it; gives the reason.

        Called once, by one thread; where nobody wants the connection any more, after `close`.
        """

    def close(self) -> None:
        """End it soon, from any thread; never raises, never waits. A second call does nothing."""

    def drop(self) -> None:
        """Let go of it in a forked child, without a sign to the other end."""


class Line(Protocol):
    """A way to the others."""

    def open(self, receiver: Receiver, again: bool) -> OpenLine:
        """Connect, and return once the connection stands.

        Args:
            receiver: Told of what comes.
            again: Whether this takes the place of a connection that broke; else somebody has joined, who is owed
                nothing of what was said before.

        Raises:
            Error: It cannot be reached, or refuses.
        """

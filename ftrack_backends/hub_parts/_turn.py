"""From one start of a connection to its end."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Final

import attrs

from ftrack_backends.hub_parts._line import OpenLine, Receiver
from ftrack_core.values import Event

__all__ = ["Attempt", "Turn", "join", "let_go", "receiver_while"]

_JOIN_SECONDS: Final = 2.0


class Attempt:
    """The first attempt of a connection, for whoever waits for it.

    Attributes:
        error: Why it failed.
        done: Set once it is over.
    """

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.done = threading.Event()


@attrs.define(eq=False)
class Turn:
    """From one `start` to its end.

    Attributes:
        number: Which it is.
        patient: Whether it is tried until it succeeds; else once.
        receiver: Told of what comes, as long as the turn lasts.
        attempt: The first one.
        stood: Whether a connection stood already.
    """

    number: int
    patient: bool
    receiver: Receiver
    attempt: Attempt = attrs.field(factory=Attempt)
    stood: bool = False


def receiver_while(receiver: Receiver, lasts: Callable[[], bool]) -> Receiver:
    """Whom the lines of one turn tell, as long as it lasts: what they bring after it is nobody's."""

    def event(event: Event) -> None:
        if lasts():
            receiver.event(event)

    def acknowledged(sent: int, refusal: str) -> None:
        if lasts():
            receiver.acknowledged(sent, refusal)

    return Receiver(event, acknowledged)


def let_go(opened: OpenLine) -> None:
    """Have a connection that nobody wants any more let go of what it holds."""
    opened.close()
    with contextlib.suppress(Exception):  # whatever it is, it is over
        opened.run()


def join(threads: tuple[threading.Thread, ...]) -> None:
    """Wait for threads to end, not for long, and not for this one."""
    deadline = time.monotonic() + _JOIN_SECONDS
    for thread in threads:
        if thread is not threading.current_thread() and thread.ident is not None:
            thread.join(max(0.0, deadline - time.monotonic()))

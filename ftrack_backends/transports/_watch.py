"""How far the exchange of this thread has come.

An exception of an HTTP library does not tell surely whether bytes were sent: a broken TLS handshake and a broken TLS
read look alike. So the connections themselves note what they do, in the watch of the thread that uses them.
"""

from __future__ import annotations

import contextlib
import enum
import threading
from collections.abc import Iterator

import attrs

__all__ = ["Stage", "Watch", "current_watch", "watching"]


class Stage(enum.Enum):
    """What a connection was doing."""

    UNKNOWN = enum.auto()
    """No connection was asked for yet, or it is of a kind that notes nothing."""
    CONNECTING = enum.auto()
    """Connecting or connected; no byte of the request was sent."""
    SENDING = enum.auto()
    """The first byte may have been sent; the reply has not begun."""
    READING = enum.auto()
    """The reply has begun."""


@attrs.define(eq=False, repr=False)
class Watch:
    """One exchange.

    Attributes:
        read_seconds: How long to wait for each piece to be sent or received.
        stage: How far it came.
        target: What the request line shall ask for, where libraries (and their logs) were told less; else None.
    """

    read_seconds: float
    stage: Stage = Stage.UNKNOWN
    target: str | None = None


_LOCAL = threading.local()


def current_watch() -> Watch | None:
    """The watch of the exchange that this thread is in, if any."""
    watch: Watch | None = getattr(_LOCAL, "watch", None)
    return watch


@contextlib.contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Make a watch this thread's own for a while."""
    _LOCAL.watch = watch
    try:
        yield
    finally:
        _LOCAL.watch = None

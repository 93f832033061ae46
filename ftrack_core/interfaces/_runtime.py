"""Time, ids and work in the background, handed in so that everything else stays a matter of values."""

from __future__ import annotations

from collections.abc import Callable

from zope.interface import Interface

__all__ = ["IClock", "IIdentifierFactory", "IWorker"]


class IClock(Interface):
    """Tells the time. Thread safety: called by many threads."""

    def now() -> float:
        """Seconds since the epoch, for what is stored or shown."""

    def monotonic() -> float:
        """Seconds that never go back, for measuring durations."""


class IIdentifierFactory(Interface):
    """Makes ids. Thread safety: called by many threads."""

    def uuid() -> str:
        """A new random uuid in its hyphenated text form, as primary keys are."""


class IWorker(Interface):
    """Runs work in the background. Thread safety: called by many threads."""

    def start(work: Callable[[], None], name: str) -> None:
        """Run `work` soon, in a thread that never keeps the interpreter from exiting.

        Args:
            work: What to do; an exception in it is logged.
            name: Name for the thread, for people who look at a stuck process.
        """

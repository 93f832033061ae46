"""Having a function run in another thread, as the main thread of a host, and waiting for what becomes of it."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable

__all__ = ["Call", "CallAbandonedError"]

_LOOK_SECONDS = 0.1


class CallAbandonedError(Exception):
    """Nobody waits for a call any more; it never began."""


class Call:
    """A call that somebody else carries out, once, in the context of whoever made it.

    Dispatchers that return when it is done and dispatchers that return at once will both do: `outcome` waits for the
    call itself.

    Thread safety: all calls.

    Args:
        work: What is called.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._context = contextvars.copy_context()
        self._error: BaseException | None = None
        self._begun = threading.Lock()
        self._done = threading.Event()

    def __call__(self) -> None:
        """Carry it out; a second time, or after it was given up, nothing happens.

        What it raises is for whoever waits for `outcome`; only what is to end the host goes on here too.
        """
        if not self._begun.acquire(blocking=False):
            return
        try:
            self._context.run(self._work)
        except Exception as error:  # noqa: BLE001 - it is raised where somebody waits for it
            self._error = error
        except BaseException as error:
            self._error = error
            raise
        finally:
            self._done.set()

    def outcome(self, given_up: Callable[[], bool]) -> None:
        """Wait until it was carried out.

        Args:
            given_up: Tells whether it should not begin any more; what has begun is waited for.

        Raises:
            CallAbandonedError: It was given up before it began.
            BaseException: What it raised.
        """
        while not self._done.wait(_LOOK_SECONDS):
            if given_up() and self._begun.acquire(blocking=False):
                raise CallAbandonedError("The host's main thread did not get to this call before it was given up.")
        if self._error is not None:
            raise self._error

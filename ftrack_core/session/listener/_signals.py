"""SIGTERM and Ctrl+C, for as long as a listener runs in the main thread."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Final

__all__ = ["told_by_signals"]

_NAMES: Final = ("SIGTERM", "SIGINT", "SIGBREAK")
"""The last one is what Windows has for a service that is to end."""


@contextlib.contextmanager
def told_by_signals(stop: Callable[[str], object]) -> Iterator[None]:
    """Have a function called with the name of a signal, once; a second one does what it did before.

    Outside the main thread, where Python lets nobody handle signals, nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Any] = {}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)
        before.clear()

    def tell(number: int, _frame: FrameType | None) -> None:
        restore()
        stop(signal.Signals(number).name)

    try:
        for number in (getattr(signal, name) for name in _NAMES if hasattr(signal, name)):
            if (handler := signal.getsignal(number)) is not None:  # None: not set by Python, so it cannot be put back
                before[number] = handler
                signal.signal(number, tell)
        yield
    finally:
        restore()

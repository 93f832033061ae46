"""Steps that cannot hang, and what is logged while they go on."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Iterable, Iterator

from ftrack_core.errors import Error
from ftrack_core.values import Finding

__all__ = ["Log", "limited", "of_error"]

_END = object()


def limited(check: str, make: Callable[[], Iterable[Finding]], seconds: float) -> Iterator[Finding]:
    """The findings of a check, as they come. Whatever it raises is a finding too, and so is that it hangs.

    Args:
        check: What to call the check where it does not end.
        make: Begins the check. It runs in a thread of its own, which is left alone where it takes too long.
        seconds: How long each finding may take.
    """
    found: queue.SimpleQueue[object] = queue.SimpleQueue()
    threading.Thread(target=_work, args=(check, make, found), name=f"ftrack doctor: {check}", daemon=True).start()
    last = ""
    while True:
        try:
            each = found.get(timeout=seconds)
        except queue.Empty:
            text = f"it gave no answer within {seconds:g} s{last}, and was given up"
            yield Finding(check, "failed", text, "give it longer with --timeout, or see what it waits for", seconds)
            return
        if not isinstance(each, Finding):
            return
        last = f" after {each.check!r}"
        yield each


def _work(check: str, make: Callable[[], Iterable[Finding]], found: queue.SimpleQueue[object]) -> None:
    try:
        for each in make():
            found.put(each)
    except BaseException as error:  # noqa: BLE001 - a stranger's backend may raise anything, SystemExit too
        found.put(of_error(check, error))
    finally:
        found.put(_END)


def of_error(check: str, error: BaseException, advice: str = "", seconds: float | None = None) -> Finding:
    """What an error says, as a finding."""
    kind = type(error).__name__
    code = error.code if isinstance(error, Error) else ""
    text = str(error) or kind
    shown = text if code else f"{kind}: {text}"
    return Finding(check, "failed", shown, advice, seconds, {"error": kind, **({"code": code} if code else {})})


class Log(logging.Handler):
    """Keeps warnings that are logged, in place of their being printed between the findings."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        with contextlib.suppress(Exception):  # arguments that do not fit their text
            self._lines.put(record.getMessage())

    def lines(self) -> list[str]:
        """What was logged since the last time, each line once."""
        lines: list[str] = []
        with contextlib.suppress(queue.Empty):
            while True:
                lines.append(self._lines.get_nowait())
        return list(dict.fromkeys(lines))

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to everybody for a while."""
        root = logging.getLogger()
        root.addHandler(self)
        try:
            yield
        finally:
            root.removeHandler(self)

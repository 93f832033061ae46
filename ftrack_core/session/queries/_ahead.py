"""Asking for the next page of a walk while the program works on this one.

Only the exchange with the server happens ahead, in a thread that lives as long as its one request. Its reply is read
and merged when the walk gets there, as if it had been slow to come; so it is thrown away, and the page asked for anew,
where that would not be true: when the session has sent anything else meanwhile (a commit, or a query, whose values
would be newer than the page's), or when it has waited for too long. A walk in which that happens asks ahead no more.
"""

from __future__ import annotations

import threading
import time
from typing import Final

from ftrack_core.entity import Entity
from ftrack_core.session.loading._pages import Answer, Pages

__all__ = ["Line"]

_WORTH_SECONDS: Final = 0.02
"""A page that comes faster than this is not worth a thread."""
_KEPT_SECONDS: Final = 10.0
"""A program that takes longer over a page gains little, and would see it too old."""


class Line:
    """Brings the pages of one walk, one of them ahead of its time where that pays.

    Thread safety: its walk holds a lock around it.

    Args:
        pages: Sends queries.
        seconds: How long the page before took to come; 0 where that is not known.
    """

    def __init__(self, pages: Pages, seconds: float = 0.0) -> None:
        self._pages = pages
        self._seconds = seconds
        self._ahead: _Ahead | None = None
        self._in_vain = False

    @property
    def is_worth_it(self) -> bool:
        """Whether the next page should be asked for now."""
        return self._ahead is None and not self._in_vain and self._seconds >= _WORTH_SECONDS

    def begin(self, text: str) -> None:
        """Ask for the page that comes next, if that is worth it and not done yet.

        Args:
            text: The query that will be fetched next.
        """
        if self.is_worth_it:
            self._ahead = _Ahead(self._pages, text)

    def fetch(self, text: str) -> list[Entity]:
        """The entities of a page, which form cohorts of their own.

        Raises:
            ServerError: The server refuses, or its rows are wrong.
        """
        return self._pages.read(self._answer(text), regroup=True)[0]

    def _answer(self, text: str) -> Answer:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            self._pages.check_usable()  # a forked child would wait for a thread that it does not have
            answer = ahead.answer(text)
            if answer is not None:
                return answer
            self._in_vain = True
        began = time.monotonic()
        answer = self._pages.ask(text)
        self._seconds = time.monotonic() - began
        return answer


class _Ahead:
    """One request that is under way."""

    def __init__(self, pages: Pages, text: str) -> None:
        self._pages = pages
        self._text = text
        self._calls_before = pages.watch.statistics.calls
        self._came: tuple[Answer, float] | None = None
        self._thread = threading.Thread(target=self._run, name="ftrack-next-page", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            answer = self._pages.ask(self._text)
        except Exception:  # noqa: BLE001 - the walk asks again, and sees the error for itself
            return
        self._came = (answer, time.monotonic())

    def answer(self, text: str) -> Answer | None:
        """Wait for the answer; None where it is not what asking now would give."""
        self._thread.join()
        alone = self._pages.watch.statistics.calls == self._calls_before + 1
        if self._came is None or not alone or text != self._text:
            return None
        answer, moment = self._came
        return answer if time.monotonic() - moment <= _KEPT_SECONDS else None

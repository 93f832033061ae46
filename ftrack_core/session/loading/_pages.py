"""One page of a query: sent, split, merged, and offered to the caches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ftrack_core.entity import Entity, SplitPage
from ftrack_core.errors import MalformedReplyError
from ftrack_core.query import with_page
from ftrack_core.session.line._server import Rows, Server
from ftrack_core.session.line._statistics import Watch
from ftrack_core.session.loading._live import LiveEntities, collector_paused
from ftrack_core.session.loading._records import RecordCache
from ftrack_core.values import Response

__all__ = ["Pages", "checked_offset"]


class Pages:
    """Brings rows from the server into the session.

    Args:
        server: Where queries go.
        live: Where rows arrive.
        records: The caches below, which get what their freshness policy keeps.
        now: Tells the time, in seconds since the epoch.
    """

    def __init__(self, server: Server, live: LiveEntities, records: RecordCache, now: Callable[[], float]) -> None:
        self._server = server
        self.live = live
        self._records = records
        self._now = now

    @property
    def watch(self) -> Watch:
        """Who counts and tells what happens."""
        return self._server.watch

    def fetch(self, expression: str, *, regroup: bool = False) -> tuple[list[Entity], int | None]:
        """One page.

        Args:
            expression: A whole query text, with its offset and limit.
            regroup: Whether its entities form new cohorts: those of a program's query do.

        Returns:
            Its entities in order, and the offset of the next page; None after the last one.

        Raises:
            ServerError: The server refuses, or its rows are wrong; nothing of them has reached the session then.
        """
        return self.read(self.ask(expression), regroup=regroup)

    def ask(self, expression: str) -> Response:
        """Send a query; `read` reads what comes back."""
        return self._server.ask(expression)

    def read(self, response: Response, *, regroup: bool = False) -> tuple[list[Entity], int | None]:
        """One page that `ask` brought, as `fetch` gives it."""
        with collector_paused():
            [page] = self._server.rows(response)
            return self.merge_rows(page.rows, regroup=regroup), page.following

    def check_usable(self) -> None:
        """Refuse to go on after the end, and in a forked child."""
        self._server.check_usable()

    def fetch_many(self, expressions: Sequence[str]) -> list[Rows]:
        """The first pages of several queries in one call, not yet merged.

        Args:
            expressions: Whole query texts, with offset and limit.

        Raises:
            ServerError: The server refuses one of them.
        """
        response = self._server.ask(*expressions)
        return self._server.rows(response, len(expressions))

    def rows(self, expression: str, *, strict: bool = False) -> list[Any]:
        """All rows of a query in wire form, in one call; they do not reach the session.

        Args:
            expression: A whole query text.
            strict: Whether it is for a strict call, as aggregates are.
        """
        [page] = self._server.rows(self._server.ask(expression, strict=strict))
        return page.rows

    def fetch_all(self, expression: str, page_size: int = 500) -> list[Entity]:
        """All pages of a query of the session's own, that has no offset and limit."""
        found: list[Entity] = []
        offset: int | None = 0
        while offset is not None:
            entities, following = self.fetch(with_page(expression, offset, page_size))
            found += entities
            offset = checked_offset(offset, following)
        return found

    def merge_rows(self, rows: Sequence[Any], *, regroup: bool = False) -> list[Entity]:
        """Split and merge rows that came from the server just now."""
        page = self.live.split(rows)
        entities = self.merge(page, regroup=regroup)
        self._records.keep(page)
        return entities

    def merge(self, page: SplitPage, *, regroup: bool = False) -> list[Entity]:
        """Merge a page that came from the server just now."""
        return self.live.merge(page, self._now(), regroup=regroup)


def checked_offset(offset: int, following: int | None) -> int | None:
    """The offset of the next page, if it leads on.

    Raises:
        MalformedReplyError: It leads back, so that paging would never end.
    """
    if following is not None and following <= offset:
        raise MalformedReplyError(f"The server's next page of a query begins at {following}, not after {offset}.")
    return following

"""One page of a query: sent, split, merged, and offered to the caches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from ftrack_core.entity import Entity
from ftrack_core.errors import MalformedReplyError
from ftrack_core.query import with_page
from ftrack_core.session.line._server import Rows, Server
from ftrack_core.session.line._statistics import Watch
from ftrack_core.session.loading._live import LiveEntities, collector_paused
from ftrack_core.session.loading._records import RecordCache
from ftrack_core.values import Response

__all__ = ["Answer", "Pages", "checked_offset"]


@attrs.frozen(eq=False, repr=False)
class Answer:
    """What came back for a query.

    Attributes:
        response: The server's response.
        asked_at: When the query went out: what it tells may be that old.
    """

    response: Response
    asked_at: float


class Pages:
    """Brings rows from the server into the session.

    Args:
        server: Where queries go.
        live: See below.
        records: The caches below, which get what their freshness policy keeps.
        moment: See below.

    Attributes:
        live: Where rows arrive.
        moment: Tells the time, in seconds since the epoch.
    """

    def __init__(self, server: Server, live: LiveEntities, records: RecordCache, moment: Callable[[], float]) -> None:
        self._server = server
        self.live = live
        self._records = records
        self.moment = moment

    @property
    def watch(self) -> Watch:
        """Who counts and tells what happens."""
        return self._server.watch

    def fetch(self, expression: str, *, regroup: bool = False, anew: bool = False) -> tuple[list[Entity], int | None]:
        """One page.

        Args:
            expression: A whole query text, with its offset and limit.
            regroup: Whether its entities form new cohorts: those of a program's query do.
            anew: Whether its entities shall hold nothing stale afterwards: those of a program's query never do.

        Returns:
            Its entities in order, and the offset of the next page; None after the last one.

        Raises:
            ServerError: The server refuses, or its rows are wrong; nothing of them has reached the session then.
        """
        return self.read(self.ask(expression), regroup=regroup, anew=anew)

    def ask(self, expression: str) -> Answer:
        """Send a query; `read` reads what comes back."""
        asked_at = self.moment()
        return Answer(self._server.ask(expression), asked_at)

    def read(self, answer: Answer, *, regroup: bool = False, anew: bool = False) -> tuple[list[Entity], int | None]:
        """One page that `ask` brought, as `fetch` gives it."""
        with collector_paused():
            [page] = self._server.rows(answer.response)
            return self._merge_rows(page.rows, answer.asked_at, regroup, anew), page.following

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
        asked_at = self.moment()
        response = self._server.ask(*expressions)
        return [attrs.evolve(page, asked_at=asked_at) for page in self._server.rows(response, len(expressions))]

    def rows(self, expression: str, *, strict: bool = False) -> list[Any]:
        """All rows of a query in wire form, in one call; they do not reach the session.

        Args:
            expression: A whole query text.
            strict: Whether it is for a strict call, as aggregates are.
        """
        [page] = self._server.rows(self._server.ask(expression, strict=strict))
        return page.rows

    def fetch_all(self, expression: str, page_size: int = 500, *, anew: bool = False) -> list[Entity]:
        """All pages of a query of the session's own, that has no offset and limit."""
        found: list[Entity] = []
        offset: int | None = 0
        while offset is not None:
            entities, following = self.fetch(with_page(expression, offset, page_size), anew=anew)
            found += entities
            offset = checked_offset(offset, following)
        return found

    def take(self, page: Rows) -> list[Entity]:
        """Split and merge the rows of a program's query that came in a call with others."""
        return self._merge_rows(page.rows, page.asked_at, regroup=True)

    def _merge_rows(self, rows: Sequence[Any], asked_at: float, regroup: bool, anew: bool = False) -> list[Entity]:
        page = self.live.split(rows)
        entities = self.live.merge(page, asked_at, regroup=regroup, anew=anew)
        self._records.keep(page, asked_at)
        return entities


def checked_offset(offset: int, following: int | None) -> int | None:
    """The offset of the next page, if it leads on.

    Raises:
        MalformedReplyError: It leads back, so that paging would never end.
    """
    if following is not None and following <= offset:
        raise MalformedReplyError(f"The server's next page of a query begins at {following}, not after {offset}.")
    return following

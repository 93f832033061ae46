"""Results of queries: sequences that fetch as they are read."""

from __future__ import annotations

import operator
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from ftrack_core.entity import Entity
from ftrack_core.errors import InvalidValueError, MultipleResultsFoundError, NoResultFoundError
from ftrack_core.query import split_paging, with_page
from ftrack_core.session.loading._pages import Pages
from ftrack_core.session.queries._counting import count_matches
from ftrack_core.session.queries._listed_pages import KEYS_AT_ONCE, ListedPages, long_list
from ftrack_core.session.queries._page_sources import NoPages, OffsetPages, PageSource
from ftrack_core.values import NOT_GIVEN

__all__ = ["QueryResult", "fetch_together"]

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    EntityT = TypeVar("EntityT", bound=Entity, default=Entity)
else:
    from typing import TypeVar

    EntityT = TypeVar("EntityT")


def _at_least_one(page_size: object) -> int:
    if not isinstance(page_size, int):
        raise InvalidValueError(f"page_size is a whole number of rows, and {page_size!r} was given.")
    return max(1, page_size)


class QueryResult(Sequence[EntityT]):
    """The entities that a query finds. Nothing is sent before the first one is read; pages come as they are needed.

    Thread safety: one result may be read by several threads; a page is fetched once.

    Args:
        pages: Sends queries.
        expression: The whole query text, with `select`; its own offset and limit are honoured.
        page_size: Rows to ask for at once, at most.
        matchless: Whether nothing can match it, so that nobody is asked.

    Raises:
        ParseError: The text cannot even be read as words.
        InvalidValueError: The page size is no whole number.
    """

    def __init__(self, pages: Pages, expression: str, page_size: int = 500, *, matchless: bool = False) -> None:
        paged = split_paging(expression)
        self.expression = expression
        self._pages = pages
        self._text = paged.text
        self._given = (paged.offset, paged.limit)
        self._page_size = _at_least_one(page_size)
        self._matchless = matchless
        self._entities: list[Any] = []
        self._source = self._from_the_start()
        self._lock = threading.RLock()

    def _from_the_start(self) -> PageSource:
        if self._matchless:
            return NoPages()
        return self._by_list() or self._by_offset()

    def _by_offset(self) -> OffsetPages:
        offset, limit = self._given
        return OffsetPages(self._pages, self._pages.live.types.plan, self._text, offset or 0, limit, self._page_size)

    def _by_list(self) -> ListedPages | None:
        """The pages of a query for a long list of keys, where that list may be split."""
        if self._given != (None, None) or self._page_size < KEYS_AT_ONCE:
            return None
        tree = long_list(self._text, self._pages.live.types.plan)
        return None if tree is None else ListedPages.of(self._pages, tree)

    def __repr__(self) -> str:
        more = "" if self._source.exhausted else " and more"
        return f"<QueryResult {self.expression!r}: {len(self._entities)} fetched{more}>"

    @overload
    def __getitem__(self, index: int) -> EntityT: ...
    @overload
    def __getitem__(self, index: slice) -> list[EntityT]: ...
    def __getitem__(self, index: int | slice) -> EntityT | list[EntityT]:
        self._fetch_until(_reach(index))
        return self._entities[index]

    def __iter__(self) -> Iterator[EntityT]:
        """Walk over every entity that matched at the beginning, each once.

        The loop may change and commit what it queries, and others may delete rows meanwhile: nothing is missed for
        that, and what is gone is left out.
        """
        self._fetch_until(1)
        self._note_the_rest()
        position, page_begins = 0, max(0, len(self._entities) - self._page_size)
        while self._fetch_until(position + 1):
            yield self._entities[position]
            if position == page_begins:
                page_begins = len(self._entities)
                with self._lock:
                    self._source.ahead()
            position += 1

    def stream(self) -> Iterator[EntityT]:
        """Walk as iteration does, from the start, and keep nothing: for queries of any length, in flat memory."""
        source = self._from_the_start()
        page: list[Any] = [] if source.exhausted else source.next()
        if isinstance(source, OffsetPages) and not source.exhausted:
            more, source = source.noted(page)
            yield from page
            page = more
        while page or not source.exhausted:
            yield from page[:1]
            source.ahead()
            yield from page[1:]
            page = [] if source.exhausted else source.next()

    def _note_the_rest(self) -> None:
        """Note which rows are still to come, so that paging no longer depends on what matches then."""
        with self._lock:
            if isinstance(self._source, OffsetPages) and not self._source.exhausted:
                found, source = self._source.noted(self._entities)
                self._entities += found
                self._source = source

    def __len__(self) -> int:
        self._fetch_until(None)
        return len(self._entities)

    def __bool__(self) -> bool:
        return self._fetch_until(1)

    def all(self) -> list[EntityT]:
        """All entities, as a list."""
        return self[:]

    def one(self) -> EntityT:
        """The only entity; asks the server anew.

        Raises:
            ValueError: The query has an offset or limit of its own.
            NoResultFoundError: There is none.
            MultipleResultsFoundError: There are several.
        """
        found = self.one_or_none()
        if found is None:
            raise NoResultFoundError(f"The query finds nothing: {self.expression}")
        return found

    def one_or_none(self) -> EntityT | None:
        """The only entity, or None when there is none; asks the server anew.

        Raises:
            ValueError: The query has an offset or limit of its own.
            MultipleResultsFoundError: There are several.
        """
        self._refuse_paging("one", *self._given)
        found = self._some(None, 2)
        if len(found) > 1:
            raise MultipleResultsFoundError(f"The query finds more than one entity: {self.expression}")
        return found[0] if found else None

    def first(self) -> EntityT | None:
        """The first entity, or None; asks the server anew.

        Raises:
            ValueError: The query has a limit of its own.
        """
        offset, limit = self._given
        self._refuse_paging("first", None, limit)
        found = self._some(offset, 1)
        return found[0] if found else None

    def count(self, value: object = NOT_GIVEN) -> int:
        """How many entities match, in one call and without loading them; its own offset and limit count.

        The server adds them up (aggregates are for strict calls); one that does not is asked for the keys.

        Args:
            value: An entity, to be told how often it is among the results, as any sequence tells; leave it out.
        """
        if value is not NOT_GIVEN:
            return super().count(value)
        if self._source.exhausted:
            return len(self._entities)
        counted = count_matches(self._pages, self._text)
        offset, limit = self._given
        behind = max(0, counted - (offset or 0))
        return behind if limit is None else min(behind, limit)

    def _some(self, offset: int | None, limit: int) -> list[Any]:
        return [] if self._matchless else self._pages.fetch(with_page(self._text, offset, limit), regroup=True)[0]

    def _refuse_paging(self, method: str, offset: int | None, limit: int | None) -> None:
        if offset is not None or limit is not None:
            word = "limit" if limit is not None else "offset"
            raise ValueError(f"{method}() sets the {word} itself; take it out of the query: {self.expression}")

    def _fetch_until(self, count: int | None) -> bool:
        """Fetch pages until there are so many entities, or all for None; gives whether there are so many."""
        while not self._source.exhausted and (count is None or len(self._entities) < count):
            with self._lock:
                if not self._source.exhausted and (count is None or len(self._entities) < count):
                    self._entities += self._source.next()
        return count is not None and len(self._entities) >= count


def fetch_together(results: Sequence[QueryResult]) -> None:
    """Fetch the first pages of several results in one call; those that have begun already are left alone."""
    fresh = [(result, result._source) for result in results if not result._entities]
    waiting = [
        (each, source)
        for each, source in fresh
        if isinstance(source, (ListedPages, OffsetPages)) and not source.exhausted
    ]
    if len(waiting) > 1:
        pages = waiting[0][0]._pages.fetch_many([source.page_text() for _, source in waiting])
        for (result, source), page in zip(waiting, pages, strict=True):
            result._entities += source.take(page)


def _reach(index: int | slice) -> int | None:
    """How many entities reading an index takes; None for all."""
    if not isinstance(index, slice):
        position = operator.index(index)
        return position + 1 if position >= 0 else None
    forward = (index.step or 1) > 0 and (index.start or 0) >= 0
    return index.stop if forward and index.stop is not None and index.stop >= 0 else None

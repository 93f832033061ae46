"""Results of queries: sequences that fetch as they are read."""

from __future__ import annotations

import operator
import threading
from collections.abc import Iterator, Sequence
from typing import overload

from ftrack_core.entity import Entity
from ftrack_core.errors import MultipleResultsFoundError, NoResultFoundError
from ftrack_core.query import split_paging, with_page
from ftrack_core.session._pages import PageSource, checked_offset

__all__ = ["QueryResult"]


class QueryResult(Sequence[Entity]):
    """The entities that a query finds. Nothing is sent before the first one is read; pages come as they are needed.

    Thread safety: one result may be read by several threads; a page is fetched once.

    Args:
        pages: Where pages come from.
        expression: The whole query text, with `select`; its own offset and limit are honoured.
        page_size: Rows to ask for at once, at most.

    Raises:
        ParseError: The text cannot even be read as words.
    """

    def __init__(self, pages: PageSource, expression: str, page_size: int = 500) -> None:
        paged = split_paging(expression)
        self.expression = expression
        self._pages = pages
        self._text = paged.text
        self._given = (paged.offset, paged.limit)
        self._page_size = max(1, page_size)
        self._entities: list[Entity] = []
        self._offset: int | None = paged.offset or 0
        self._left = paged.limit
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        more = "" if self._offset is None else " and more"
        return f"<QueryResult {self.expression!r}: {len(self._entities)} fetched{more}>"

    @overload
    def __getitem__(self, index: int) -> Entity: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entity]: ...
    def __getitem__(self, index: int | slice) -> Entity | list[Entity]:
        self._fetch_until(_reach(index))
        return self._entities[index]

    def __iter__(self) -> Iterator[Entity]:
        position = 0
        while self._fetch_until(position + 1):
            yield self._entities[position]
            position += 1

    def __len__(self) -> int:
        self._fetch_until(None)
        return len(self._entities)

    def __bool__(self) -> bool:
        return self._fetch_until(1)

    def all(self) -> list[Entity]:
        """All entities, as a list."""
        return self[:]

    def one(self) -> Entity:
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

    def one_or_none(self) -> Entity | None:
        """The only entity, or None when there is none; asks the server anew.

        Raises:
            ValueError: The query has an offset or limit of its own.
            MultipleResultsFoundError: There are several.
        """
        self._refuse_paging("one", *self._given)
        found, _ = self._pages.fetch(with_page(self._text, limit=2), regroup=True)
        if len(found) > 1:
            raise MultipleResultsFoundError(f"The query finds more than one entity: {self.expression}")
        return found[0] if found else None

    def first(self) -> Entity | None:
        """The first entity, or None; asks the server anew.

        Raises:
            ValueError: The query has a limit of its own.
        """
        offset, limit = self._given
        self._refuse_paging("first", None, limit)
        found, _ = self._pages.fetch(with_page(self._text, offset, 1), regroup=True)
        return found[0] if found else None

    def _refuse_paging(self, method: str, offset: int | None, limit: int | None) -> None:
        if offset is not None or limit is not None:
            word = "limit" if limit is not None else "offset"
            raise ValueError(f"{method}() sets the {word} itself; take it out of the query: {self.expression}")

    def _fetch_until(self, count: int | None) -> bool:
        """Fetch pages until there are so many entities, or all for None; gives whether there are so many."""
        while self._offset is not None and (count is None or len(self._entities) < count):
            with self._lock:
                if self._offset is not None and (count is None or len(self._entities) < count):
                    self._fetch_page(self._offset)
        return count is not None and len(self._entities) >= count

    def _fetch_page(self, offset: int) -> None:
        limit = self._page_size if self._left is None else min(self._page_size, self._left)
        if limit == 0:
            self._offset = None
            return
        found, following = self._pages.fetch(with_page(self._text, offset, limit), regroup=True)
        following = checked_offset(offset, following)
        if self._left is not None:
            self._left -= len(found)
            following = following if self._left > 0 else None
        self._entities += found
        self._offset = following  # last: who reads without the lock must not take the page before for all there is


def _reach(index: int | slice) -> int | None:
    """How many entities reading an index takes; None for all."""
    if not isinstance(index, slice):
        position = operator.index(index)
        return position + 1 if position >= 0 else None
    forward = (index.step or 1) > 0 and (index.start or 0) >= 0
    return index.stop if forward and index.stop is not None and index.stop >= 0 else None

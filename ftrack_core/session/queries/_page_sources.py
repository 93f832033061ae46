"""Where the pages of a query come from: by offset, or by keys that were noted at one moment.

Paging by offset counts rows of what matches *now*: a loop that changes what it queries, or a row that somebody deletes
meanwhile, shifts the rows behind it, and some are never seen. So a walk notes the keys of all rows that match at its
beginning, and fetches the rows behind the first pages by these.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Protocol

import attrs

from ftrack_core.entity import Entity
from ftrack_core.errors import ParseError
from ftrack_core.query import Query, parse, with_page
from ftrack_core.session.line._server import Rows
from ftrack_core.session.loading._pages import Pages, checked_offset
from ftrack_core.session.queries._ahead import Line

__all__ = ["NoPages", "OffsetPages", "PageSource"]


class PageSource(Protocol):
    """Gives the pages of one query, each once."""

    @property
    def exhausted(self) -> bool:
        """Whether there is no further page."""

    def next(self) -> list[Entity]:
        """The next page; it may be empty though others follow."""

    def ahead(self) -> None:
        """Ask for the next page already, if that is worth it."""


class NoPages:
    """The pages of a query that nothing can match: there are none, and nobody is asked for them."""

    exhausted = True

    def next(self) -> list[Entity]:
        """No entity."""
        return []

    def ahead(self) -> None:
        """Nothing."""


@attrs.define(eq=False, repr=False)
class OffsetPages:
    """Pages by offset.

    Attributes:
        pages: Sends queries.
        plan_of: Gives the plan of an entity type.
        text: The query without offset and limit.
        offset: Where the next page begins; None after the last one.
        left: How many rows its own limit leaves; None for no limit.
        page_size: Rows to ask for at once, at most.
        begins: Where the first page began.
    """

    pages: Pages
    plan_of: Any
    text: str
    offset: int | None
    left: int | None
    page_size: int
    begins: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Note where it begins."""
        self.begins = self.offset or 0

    @property
    def exhausted(self) -> bool:
        """Whether there is no further page."""
        return self.offset is None or self.left == 0

    def next(self) -> list[Entity]:
        """The next page."""
        found, following = self.pages.fetch(self.page_text(), regroup=True)
        self._advance(len(found), following)
        return found

    def ahead(self) -> None:
        """Nothing: rows that are counted from the first one shift while the program works."""

    def take(self, page: Rows) -> list[Entity]:
        """The next page, which came in a call with others."""
        entities = self.pages.take(page)
        self._advance(len(entities), page.following)
        return entities

    def page_text(self) -> str:
        """The query for the next page."""
        limit = self.page_size if self.left is None else min(self.page_size, self.left)
        return with_page(self.text, self.offset, limit)

    def _advance(self, found: int, following: int | None) -> None:
        following = checked_offset(self.offset or 0, following)
        if self.left is not None:
            self.left -= found
        self.offset = following

    def noted(self, seen: Sequence[Entity]) -> tuple[list[Entity], PageSource]:
        """The next page together with the keys of all rows behind it, as of one moment.

        Args:
            seen: The entities of the pages before.

        Returns:
            The next page's entities, and a source of the others. It pages by offset, as this one does, where the text
            cannot be read or the type's key has several parts.
        """
        from ftrack_core.session.queries._key_listing import KeyListing
        from ftrack_core.session.queries._key_pages import KeyPages

        tree = self._keyed_tree()
        if tree is None or self.offset is None:
            return self.next(), self
        last = seen[-1]._identity.key[0] if seen and self.left is None else None
        listing = KeyListing(self.pages, tree, self.begins, self.offset, self.left, last)
        began = time.monotonic()
        found = self.pages.fetch_many([self.page_text(), listing.text()])
        line = Line(self.pages, time.monotonic() - began)
        before = set(seen)
        entities = [entity for entity in self.take(found[0]) if entity not in before]
        known = {entity._identity.key[0] for entity in (*seen, *entities)}
        keys = listing.noted(found.pop(), known, self.page_size)  # popped, for the rows take more memory than the keys
        return entities, KeyPages(self.pages, tree, keys, line)

    def _keyed_tree(self) -> Query | None:
        try:
            tree = parse(self.text)
        except ParseError:
            return None
        return None if self.plan_of(tree.entity_type).single_key is None or tree.group_by else tree

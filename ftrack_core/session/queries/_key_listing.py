"""Which rows are still to come on a walk: their keys, as of one moment, however many they are.

Up to 4,000 keys come in one reply. The keys of more come in several, so that a walk of any length needs no more
memory at once than one of these replies. Each of them begins with the last row that came before it. Where that is
another row by now, rows came or went meanwhile, and those behind may have moved to places that were read already: then
all keys are asked for once more, in one reply. A query with an order of its own, by values that others may change, or
with a limit, is always asked for all keys in one reply.
"""

from __future__ import annotations

import operator
from collections.abc import Collection
from typing import Final, NamedTuple

import attrs

from ftrack_core.errors import MalformedReplyError
from ftrack_core.query import Path, Query, Step, render, with_page
from ftrack_core.session.line._server import Rows
from ftrack_core.session.loading._pages import Pages, checked_offset
from ftrack_core.session.queries._noted_keys import NotedKeys

__all__ = ["KeyListing"]

KEYS_AT_ONCE: Final = 4_000
"""Keys in one reply, where more replies will do."""
_ALL_KEYS: Final = 1_000_000
"""More rows than any query gives."""


@attrs.define(eq=False, repr=False)
class KeyListing:
    """Asks for the keys of what a query finds.

    Attributes:
        pages: Sends queries.
        tree: The query, without offset and limit; its type has a key of one part.
        begins: The offset of the walk's first row.
        offset: The offset of the first key to list.
        left: How many rows the query's own limit leaves; None for no limit.
        last: The key of the row before that offset; None where it does not matter whether that is still there.
    """

    pages: Pages
    tree: Query
    begins: int
    offset: int
    left: int | None
    last: str | None
    _name: str = attrs.field(init=False)
    _text: str = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Work out what is the same in each of its queries."""
        self._name = self.pages.live.types.plan(self.tree.entity_type).single_key or ""
        self._text = render(attrs.evolve(self.tree, projections=(Path((Step(self._name),)),)))

    def text(self) -> str:
        """The first query, whose reply `noted` takes."""
        if self.left is not None:
            return with_page(self._text, self.offset, self.left)
        back = 0 if self.last is None else 1
        at_once = _ALL_KEYS if self.tree.order_by else KEYS_AT_ONCE
        return with_page(self._text, self.offset - back, at_once + back)

    def noted(self, first: Rows, known: Collection[str], page_size: int) -> NotedKeys:
        """All keys, each once.

        Args:
            first: The reply to the query of `text`.
            known: Keys that are to be left out.
            page_size: How many make a page.

        Raises:
            ServerError: The server refuses a query, or a row has no key.
        """
        noted = NotedKeys(page_size)
        listed, last = self._listed(first), self.last
        del first
        while last is None or listed.keys[:1] == [last]:
            noted.add(key for key in dict.fromkeys(listed.keys) if key not in known and key != last)
            if listed.following is None or self.left is not None or not listed.keys:
                return noted
            offset, last = listed.following - 1, listed.keys[-1]
            listed = self._ask(offset, KEYS_AT_ONCE + 1)
            checked_offset(offset + 1, listed.following)
        there = {*known, *noted}
        noted.add(key for key in dict.fromkeys(self._ask(self.begins, _ALL_KEYS).keys) if key not in there)
        return noted

    def _ask(self, offset: int, limit: int) -> _Listed:
        [found] = self.pages.fetch_many([with_page(self._text, offset, limit)])
        return self._listed(found)

    def _listed(self, found: Rows) -> _Listed:
        try:
            return _Listed(list(map(str, map(operator.itemgetter(self._name), found.rows))), found.following)
        except (KeyError, TypeError):
            message = f"The server sent a {self.tree.entity_type} without {self._name} for a query of keys."
            raise MalformedReplyError(message) from None


class _Listed(NamedTuple):
    """A reply, without the rows that its keys came in."""

    keys: list[str]
    following: int | None

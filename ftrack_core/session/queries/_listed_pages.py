"""The pages of a query for a long list of keys: so many keys at a time.

Asked for page by page, such a query would send its whole list with every page, and the server would read it as often.
Cut into pieces of its list, it gives the same rows: but only where a row is matched by its own key and by nothing
else, so that no piece can give a row of another one, and none is wanted in a certain order or number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs

from ftrack_core.entity import Entity, TypePlan
from ftrack_core.errors import ParseError
from ftrack_core.query import Aggregate, Membership, Path, Query, Step, Value, parse, render, with_page
from ftrack_core.session.line._server import Rows
from ftrack_core.session.loading._pages import Pages
from ftrack_core.session.queries._ahead import Line

__all__ = ["KEYS_AT_ONCE", "ListedPages", "long_list"]

KEYS_AT_ONCE: Final = 500
"""Keys in one query."""
_SHORTEST: Final = 2 * KEYS_AT_ONCE
"""Characters that a longer list takes at least: what is shorter need not be parsed."""


def long_list(text: str, plan_of: Callable[[str], TypePlan]) -> Query | None:
    """The tree of a query that asks for a long list of keys and for nothing else; None for any other.

    Args:
        text: A whole query, without offset and limit.
        plan_of: Gives the plan of an entity type.
    """
    if len(text) < _SHORTEST:
        return None
    try:
        tree = parse(text)
    except ParseError:
        return None
    plain = not (tree.order_by or tree.group_by or any(isinstance(each, Aggregate) for each in tree.projections))
    return tree if plain and _listed(tree, plan_of(tree.entity_type).single_key) else None


def _listed(tree: Query, key: str | None) -> tuple[Value, ...]:
    """The keys that a query asks for, if they are all that it asks for, many, and none of them there twice."""
    condition = tree.condition
    if key is None or not isinstance(condition, Membership) or condition.negated:
        return ()
    if condition.path != Path((Step(key),)) or isinstance(condition.choices, Query):
        return ()
    keys = condition.choices
    spellings = {each.text.strip().casefold() for each in keys}
    return keys if len(spellings) == len(keys) > KEYS_AT_ONCE else ()


@attrs.define(eq=False, repr=False)
class ListedPages:
    """Pages by the keys that a query lists.

    Rows that change meanwhile are found all the same: only their keys count.

    Attributes:
        pages: Sends queries.
        tree: What `long_list` gave.
        keys: Those that are still to be asked for.
        line: Brings them.
    """

    pages: Pages
    tree: Query
    keys: tuple[Value, ...]
    line: Line

    @classmethod
    def of(cls, pages: Pages, tree: Query) -> ListedPages:
        """The pages of a query that `long_list` found."""
        assert isinstance(tree.condition, Membership)  # noqa: S101 - else it was not found
        return cls(pages, tree, tuple(tree.condition.choices), Line(pages))  # type: ignore[arg-type]  # a list of keys

    @property
    def exhausted(self) -> bool:
        """Whether there is no further page."""
        return not self.keys

    def next(self) -> list[Entity]:
        """The next page."""
        found = self.line.fetch(self.page_text())
        self.keys = self.keys[KEYS_AT_ONCE:]
        return found

    def take(self, page: Rows) -> list[Entity]:
        """The next page, which came in a call with others."""
        found = self.pages.take(page)
        self.keys = self.keys[KEYS_AT_ONCE:]
        return found

    def ahead(self) -> None:
        """Ask for the next page already, if that is worth it."""
        if self.keys and self.line.is_worth_it:
            self.line.begin(self.page_text())

    def page_text(self) -> str:
        """The query for the next page."""
        wanted = self.keys[:KEYS_AT_ONCE]
        name = self.pages.live.types.plan(self.tree.entity_type).single_key or ""
        tree = attrs.evolve(self.tree, condition=Membership(Path((Step(name),)), wanted))
        return with_page(render(tree), limit=len(wanted))

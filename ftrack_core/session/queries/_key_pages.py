"""The pages of a query by keys that were noted at one moment; what fits in one page has no use for them."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ftrack_core.entity import Entity
from ftrack_core.query import Membership, Path, Query, Step, Value, render, with_page
from ftrack_core.session.loading._pages import Pages
from ftrack_core.session.queries._ahead import Line
from ftrack_core.session.queries._noted_keys import NotedKeys

__all__ = ["KeyPages"]


@attrs.define(eq=False, repr=False)
class KeyPages:
    """Pages by keys, in the order in which the keys were noted; rows that are gone by now are left out.

    Attributes:
        pages: Sends queries.
        tree: The query.
        keys: Whose rows are still to be fetched.
        line: Brings them.
    """

    pages: Pages
    tree: Query
    keys: NotedKeys
    line: Line

    @property
    def exhausted(self) -> bool:
        """Whether there is no further page."""
        return not self.keys

    def ahead(self) -> None:
        """Ask for the next page already, if that is worth it."""
        if self.keys and self.line.is_worth_it:
            self.line.begin(self._page_text(self.keys.first()))

    def next(self) -> list[Entity]:
        """The next page."""
        wanted = self.keys.first()
        found = self.line.fetch(self._page_text(wanted))
        self.keys.drop_first()
        by_key = {entity._identity.key[0]: entity for entity in found}
        return [by_key[key] for key in wanted if key in by_key]

    def _page_text(self, wanted: Sequence[str]) -> str:
        name = self.pages.live.types.plan(self.tree.entity_type).single_key or ""
        chosen = Membership(Path((Step(name),)), tuple(Value(key, quoted=True) for key in wanted))
        tree = attrs.evolve(self.tree, condition=chosen, order_by=(), offset=None, limit=None)
        return with_page(render(tree), limit=len(wanted))

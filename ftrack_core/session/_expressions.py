"""What happens to a query's text before it is sent: a projection where it has none, and a look at its names."""

from __future__ import annotations

import functools

import attrs

from ftrack_core.errors import ParseError
from ftrack_core.query import Query, check_names, entity_type_of, has_select, parse, with_projections
from ftrack_core.schema import Schemas

__all__ = ["Expressions"]


@functools.lru_cache(maxsize=512)
def _parsed(text: str) -> Query | None:
    """The tree of a text; None for one that we cannot read, which a server may still understand."""
    try:
        return parse(text)
    except ParseError:
        return None


@attrs.frozen(eq=False)
class Expressions:
    """Completes query texts for one server.

    Attributes:
        schemas: The server's schemas.
        checked: Whether names are checked before anything is sent.
    """

    schemas: Schemas
    checked: bool = True

    def complete(self, text: str) -> str:
        """The text with a projection; otherwise as it was written.

        Raises:
            UnrecognisedEntityTypeError: There is no such entity type.
            UnknownNameError: A name is one that no type it can mean has.
            ParseError: The text cannot be read as words at all.
        """
        if not isinstance(text, str):
            raise ParseError(f"A query is a text, and {text!r} ({type(text).__name__}) was given.")
        name = entity_type_of(text)
        if name not in self.schemas:
            raise self.schemas.unrecognised(name)
        self._check(text)
        return text if has_select(text) else with_projections(text, self.schemas[name].default_projections)

    def _check(self, text: str) -> None:
        tree = _parsed(text) if self.checked else None
        if tree is not None:
            check_names(tree, self.schemas, text)

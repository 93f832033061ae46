"""What happens to a query before it is sent: a projection where it has none, and a look at its names."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

import attrs

from ftrack_core.errors import ParseError, QueryBuildError
from ftrack_core.query import (
    Query,
    check_names,
    entity_type_of,
    has_select,
    parse,
    split_paging,
    with_projections,
)
from ftrack_core.schema import Schemas

if TYPE_CHECKING:
    from ftrack_core.query import Selection

__all__ = ["Expressions", "surely_empty"]


_REMEMBERED: Final = 2000
"""Characters of the longest text whose tree is remembered: lists of a thousand ids hardly ever come again."""


def _parsed(text: str) -> Query | None:
    """The tree of a text; None for one that we cannot read, which a server may still understand."""
    return _remembered(text) if len(text) <= _REMEMBERED else _read(text)


def _read(text: str) -> Query | None:
    try:
        return parse(text)
    except ParseError:
        return None


_remembered = functools.lru_cache(maxsize=512)(_read)


@attrs.frozen(eq=False, repr=False)
class Expressions:
    """Completes queries for one server.

    Attributes:
        schemas: The server's schemas.
        checked: Whether names are checked before anything is sent.
    """

    schemas: Schemas
    checked: bool = True

    def complete(self, expression: str | Selection | Query) -> str:
        """The text with a projection; otherwise as it was written, or as it was built.

        Raises:
            UnrecognisedEntityTypeError: There is no such entity type.
            UnknownNameError: A name is one that no type it can mean has.
            ParseError: The text cannot be read as words at all, or the tree not be written.
            QueryBuildError: It is no query.
        """
        built = _built(expression)
        text = expression if isinstance(expression, str) else str(built)
        name = entity_type_of(text)
        if name not in self.schemas:
            raise self.schemas.unrecognised(name)
        self._check(text, built)
        return text if has_select(text) else with_projections(text, self.schemas[name].default_projections)

    def _check(self, text: str, built: Selection | None) -> None:
        """Check a text's names, or all that a program built: also what need not be asked, which the text lacks."""
        if not self.checked:
            return
        if built is not None:
            check_names(built.written, self.schemas)
            return
        tree = _parsed(text)
        if tree is not None:
            check_names(tree, self.schemas, text)
        else:
            split_paging(text)  # what is no words at all is told with the text as it was written


def surely_empty(expression: str | Selection | Query) -> bool:
    """Whether a built query finds nothing whatever the server has; a text is the server's to judge."""
    built = _built(expression)
    return built is not None and built.finds_nothing


def _built(expression: str | Selection | Query) -> Selection | None:
    if isinstance(expression, str):
        return None
    from ftrack_core.query import Selection

    if not isinstance(expression, (Selection, Query)):
        raise QueryBuildError(f"A query is a text or select(...), and {expression!r} was given.")
    return expression if isinstance(expression, Selection) else Selection(expression)

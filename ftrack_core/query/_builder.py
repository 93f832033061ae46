"""Queries as values: `select` and what can be added to it."""

from __future__ import annotations

import attrs

from ftrack_core import errors

from ._attributes import AttributePath, Filter, all_of
from ._keywords import MAX_DEPTH, MAX_DIGITS, is_name
from ._parser import parse_ordering, parse_path, parse_projection
from ._reduce import finds_nothing, reduced
from ._render import render
from ._tree import Ordering, Path, Projection, Query

__all__ = ["Selection", "select"]


def select(entity_type: str, *projections: str | AttributePath) -> Selection:
    """Return the query for all entities of a type, to be narrowed by its methods.

        select("Task", "name", "status.name").where(attr("end_date") < now, parent=shot).order_by("name").limit(20)

    Args:
        entity_type: The type asked for, or a base type of it.
        projections: What is loaded at once, as dotted paths; none for the type's defaults. Servers that can group
            take aggregates too: `count(id)`.

    Raises:
        ParseError: A projection is none.
        QueryBuildError: The type is no name, or a projection no text.
    """
    if not isinstance(entity_type, str) or not is_name(entity_type):
        raise errors.QueryBuildError(
            f"select() takes the name of an entity type, then projections: select('Task', 'name'); "
            f"{entity_type!r} was given. A whole query as text goes into session.query as it is"
        )
    return Selection(Query(entity_type, tuple(map(_projection, projections))))


@attrs.frozen(repr=False)
class Selection:
    """A query as a value: it belongs to no session, never changes, and can be compared, hashed and sent many times.

    Each method returns another one. `str` gives its text. A parsed text is taken on by
    `Selection(parse("Task where ..."))`.

    Attributes:
        written: The tree as the program wrote it, where a server need not be asked for every part: `id in ()`.
    """

    written: Query = attrs.field(validator=attrs.validators.instance_of(Query))

    def __repr__(self) -> str:
        return f"<Selection: {self}>"

    def __str__(self) -> str:
        return render(self.tree)

    @property
    def tree(self) -> Query:
        """The tree that is sent: without the conditions that are certain, as membership in an empty list.

        Raises:
            ParseError: Its conditions nest deeper than any text can.
        """
        try:
            return reduced(self.written)
        except RecursionError:
            message = f"the query cannot be written as text: its conditions are nested more than {MAX_DEPTH} deep"
            raise errors.ParseError(message) from None

    @property
    def finds_nothing(self) -> bool:
        """Whether it is certain, without a server, that it finds nothing."""
        return finds_nothing(self.tree)

    def where(self, *conditions: Filter, **equal: object) -> Selection:
        """Narrow it to what meets all conditions, and those that it has already.

        Args:
            conditions: Conditions, made by comparing `attr(...)`.
            equal: Attributes with the values that they shall equal; entities are compared by id.

        Raises:
            QueryBuildError: Something is no condition, or a keyword is not the name of an attribute.
            InvalidValueError: A value cannot stand in a query.
        """
        return Selection(attrs.evolve(self.written, condition=all_of(self.written.condition, conditions, equal)))

    def order_by(self, *orderings: str | AttributePath | Ordering) -> Selection:
        """Order it, behind the orderings that it has already.

        Args:
            orderings: Paths, `"end_date descending"`, or `attr("end_date").descending()`; the first one weighs most.
        """
        return Selection(attrs.evolve(self.written, order_by=(*self.written.order_by, *map(_ordering, orderings))))

    def group_by(self, *paths: str | AttributePath) -> Selection:
        """Give one row for each value of the paths, behind those that it has already; for aggregates."""
        return Selection(attrs.evolve(self.written, group_by=(*self.written.group_by, *map(_path, paths))))

    def offset(self, rows: int | None) -> Selection:
        """Skip so many rows, in place of what was said before; None skips none."""
        return Selection(attrs.evolve(self.written, offset=_number("offset", rows)))

    def limit(self, rows: int | None) -> Selection:
        """Give so many rows at most, in place of what was said before; None for all."""
        return Selection(attrs.evolve(self.written, limit=_number("limit", rows)))


def _projection(given: object) -> Projection:
    return given.path if isinstance(given, AttributePath) else parse_projection(_text(given, "a projection"))


def _path(given: object) -> Path:
    return given.path if isinstance(given, AttributePath) else parse_path(_text(given, "what is grouped by"))


def _ordering(given: object) -> Ordering:
    if isinstance(given, Ordering):
        return given
    return given.ascending() if isinstance(given, AttributePath) else parse_ordering(_text(given, "an ordering"))


def _text(given: object, what: str) -> str:
    if isinstance(given, str):
        return given
    advice = "; give several one by one, with a star in front of a list" if isinstance(given, (list, tuple)) else ""
    raise errors.QueryBuildError(f"{what} is a dotted path, as text or attr(...), and {given!r} was given{advice}")


def _number(method: str, rows: object) -> int | None:
    if rows is None:
        return None
    if isinstance(rows, bool) or not isinstance(rows, int) or not 0 <= rows < 10**MAX_DIGITS:
        raise errors.QueryBuildError(f"{method}() takes a whole number of rows from 0 on, and {rows!r} was given")
    return rows

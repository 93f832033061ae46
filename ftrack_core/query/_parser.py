"""Text to tree: a recursive-descent parser of the query language.

Keywords are recognised by position, so an attribute may be called `key`, `from`, `in` or `limit` and a bare value may
be `and`. Two words are reserved in one place each: `select` and `from` as the first word of a query, and `not` where a
condition begins (a path such as `not.name` is still a path).

In `in (...)` values are separated by commas. It is a sub-query when it begins with `select` or `from` and another
word, or with a word and a clause (`Task where ...`, `Task limit 5`). So `in (Task)` is a list of one value; every
task is `in (select id from Task)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ._cursor import Cursor
from ._excerpt import parse_error
from ._keywords import (
    AGGREGATES,
    CLAUSES,
    DIRECTIONS,
    MAX_DEPTH,
    MAX_DIGITS,
    MEMBERSHIPS,
    OPERATORS,
    QUANTIFIERS,
    is_name,
    is_number,
)
from ._tokens import STRING, WORD, Token, unquote
from ._tree import (
    Aggregate,
    And,
    Comparison,
    Condition,
    Membership,
    Not,
    Or,
    Ordering,
    Path,
    Projection,
    Quantified,
    Query,
    Step,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from ftrack_core import errors

    T = TypeVar("T")

__all__ = ["parse", "parse_ordering", "parse_path", "parse_projection"]

_OPERATOR_NAMES = "an operator (is, is_not, >, <, >=, <=, like, not_like, in, not_in, has, any)"
_SPLIT_OPERATORS = {"not": {"in": "not_in", "like": "not_like"}, "is": {"not": "is_not"}}


def parse(text: str) -> Query:
    """Return the tree of *text*.

    Args:
        text: A whole query, `select ... from Type ...` or the short form `Type ...`; it may span lines.

    Raises:
        ParseError: The text is not of the language. It carries the text and the position, and its message shows the
            place and what was expected there. No other error is raised for any text.
    """
    parser = _Parser(Cursor(text))
    try:
        return parser.whole()
    except RecursionError:
        raise parser.too_deep() from None


def parse_path(text: str) -> Path:
    """Return the path that *text* is and nothing else: `asset.parent[Shot].name`.

    Raises:
        ParseError: It is none.
    """
    return _piece(text, _Parser.path)


def parse_projection(text: str) -> Projection:
    """Return the path or aggregate, as `count(id)`, that *text* is and nothing else.

    Raises:
        ParseError: It is neither.
    """
    return _piece(text, _Parser.projection)


def parse_ordering(text: str) -> Ordering:
    """Return the ordering, as `name` or `end_date descending`, that *text* is and nothing else.

    Raises:
        ParseError: It is none.
    """
    return _piece(text, _Parser.ordering)


def _piece(text: str, read: Callable[[_Parser], T]) -> T:
    parser = _Parser(Cursor(text))
    piece = read(parser)
    if parser.cursor.token.text:
        raise parser.cursor.error("nothing more")
    return piece


@attrs.define(eq=False, repr=False)
class _Parser:
    """One reading of one text; each method reads one rule of the grammar."""

    cursor: Cursor
    depth: int = 0

    def whole(self) -> Query:
        query = self.query()
        if self.cursor.token.text:
            raise self.cursor.error(f"{_possible_clauses(query)} or the end", self._advice())
        return query

    def query(self) -> Query:
        projections = self._select()
        entity_type = self._name("an entity type")
        return Query(
            entity_type=entity_type,
            projections=projections,
            condition=self._condition() if self.cursor.accept("where") else None,
            group_by=self._group_by(),
            order_by=self._order_by(),
            **self._paging(),
        )

    # The clauses of a query.

    def _select(self) -> tuple[Projection, ...]:
        """Read up to and with `from`; nothing where the short form begins with its type."""
        if self.cursor.accept("from") or not self.cursor.accept("select"):
            return ()
        if self._at_from_without_projections():
            self.cursor.take()
            return ()
        projections = self._list_of(self.projection)
        self.cursor.expect("from", "',' or 'from'")
        return projections

    def _at_from_without_projections(self) -> bool:
        """Tell `select from Task`, which some clients send, from selecting an attribute called `from`."""
        following = self.cursor.ahead()
        if not self.cursor.at("from") or following.kind != WORD:
            return False
        return following.keyword != "from" or self.cursor.ahead(2).kind != WORD

    def projection(self) -> Projection:
        if self.cursor.ahead().text != "(":
            return self.path("an attribute to select")
        function = self.cursor.token
        if function.keyword not in AGGREGATES:
            raise self.cursor.error(f"one of the functions {', '.join(AGGREGATES)}")
        self.cursor.take()
        self.cursor.expect("(")
        path = self.path()
        self.cursor.expect(")")
        return Aggregate(function.keyword, path)

    def _group_by(self) -> tuple[Path, ...]:
        if not self.cursor.accept("group"):
            return ()
        self.cursor.expect("by")
        return self._list_of(self.path)

    def _order_by(self) -> tuple[Ordering, ...]:
        if not self.cursor.accept("order"):
            return ()
        self.cursor.expect("by")
        return self._list_of(self.ordering)

    def ordering(self) -> Ordering:
        path = self.path("an attribute to order by")
        direction = DIRECTIONS.get(self.cursor.token.keyword)
        if direction is None:
            return Ordering(path)
        self.cursor.take()
        return Ordering(path, descending=direction)

    def _paging(self) -> dict[str, int]:
        found: dict[str, int] = {}
        while self.cursor.at("offset", "limit"):
            clause = self.cursor.token
            if clause.keyword in found:
                raise self.cursor.error(f"{clause.keyword!r} only once")
            self.cursor.take()
            found[clause.keyword] = self._number()
        return found

    def _number(self) -> int:
        if not is_number(self.cursor.token.text):
            raise self.cursor.error(f"a whole number of at most {MAX_DIGITS} digits")
        return int(self.cursor.take().text)

    # Conditions.

    def _condition(self) -> Condition:
        conditions = [self._conjunction()]
        while self.cursor.accept("or"):
            conditions.append(self._conjunction())
        return conditions[0] if len(conditions) == 1 else Or(tuple(conditions))

    def _conjunction(self) -> Condition:
        conditions = [self._primary()]
        while self.cursor.accept("and"):
            conditions.append(self._primary())
        return conditions[0] if len(conditions) == 1 else And(tuple(conditions))

    def _primary(self) -> Condition:
        if self.cursor.at("not") and self.cursor.ahead().text != "[":
            self.cursor.take()
            return Not(self._nested(self._primary))
        if self.cursor.accept("("):
            condition = self._nested(self._condition)
            self._close()
            return condition
        return self._test(self.path("a condition"))

    def _test(self, path: Path) -> Condition:
        """Read what is said about *path*."""
        word = self.cursor.token.keyword
        if word in OPERATORS:
            self.cursor.take()
            return Comparison(path, OPERATORS[word], self._value())
        if word in MEMBERSHIPS:
            self.cursor.take()
            return Membership(path, self._choices(), negated=MEMBERSHIPS[word])
        if word in QUANTIFIERS:
            self.cursor.take()
            return Quantified(path, QUANTIFIERS[word], self._quantified())
        intended = _SPLIT_OPERATORS.get(word, {}).get(self.cursor.ahead().keyword, "")
        raise self.cursor.error(_OPERATOR_NAMES, f"the operator is written {intended}" if intended else "")

    def _quantified(self) -> Condition | None:
        self.cursor.expect("(")
        if self.cursor.accept(")"):
            return None
        condition = self._nested(self._condition)
        self._close()
        return condition

    def _choices(self) -> tuple[Value, ...] | Query:
        self.cursor.expect("(", "'(' and a list of values or a query")
        if self.cursor.accept(")"):
            return ()
        if self._at_query():
            query = self._nested(self.query)
            self._close(query)
            return query
        values = self._list_of(self._value)
        if not self.cursor.accept(")"):
            raise self.cursor.error("',' or ')'", self._advice())
        return values

    def _at_query(self) -> bool:
        following = self.cursor.ahead()
        if self.cursor.at("select", "from"):
            return following.kind == WORD
        return self.cursor.token.kind == WORD and following.keyword in CLAUSES

    # Small pieces.

    def _value(self) -> Value:
        token = self.cursor.token
        if token.kind == STRING:
            return Value(unquote(self.cursor.take().text), quoted=True)
        if token.kind != WORD:
            advice = "equality is written = or is" if token.text == "=" else ""
            raise self.cursor.error("a value", advice)
        return Value(self.cursor.take().text, quoted=False)

    def path(self, expected: str = "an attribute name") -> Path:
        token = self.cursor.token
        steps = self._steps(token, token.text, expected)
        while self.cursor.accept("["):
            steps[-1] = Step(steps[-1].name, self._name("an entity type"))
            self.cursor.expect("]")
            token = self.cursor.token
            if not token.text.startswith("."):
                break
            steps += self._steps(token, token.text[1:], expected)
        return Path(tuple(steps))

    def _steps(self, token: Token, text: str, expected: str) -> list[Step]:
        """Read the names of one word: *text* is *token* without the dot that may join it to a cast."""
        if token.kind != WORD:
            raise self.cursor.error(expected)
        start = token.end - len(text)
        names = text.split(".")
        for name in names:
            if not is_name(name):
                raise self.cursor.error(expected, token=Token(WORD, name or token.text, start, start + len(name)))
            start += len(name) + 1
        self.cursor.take()
        return [Step(name) for name in names]

    def _name(self, expected: str) -> str:
        if not is_name(self.cursor.token.text):
            raise self.cursor.error(expected)
        return self.cursor.take().text

    def _list_of(self, read: Callable[[], T]) -> tuple[T, ...]:
        items = [read()]
        while self.cursor.accept(","):
            items.append(read())
        return tuple(items)

    def _nested(self, read: Callable[[], T]) -> T:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.too_deep()
        result = read()
        self.depth -= 1
        return result

    def _close(self, query: Query | None = None) -> None:
        if not self.cursor.accept(")"):
            expected = "'and', 'or' or ')'" if query is None else f"{_possible_clauses(query)} or ')'"
            raise self.cursor.error(expected, self._advice())

    # What to say when it is wrong.

    def _advice(self) -> str:
        """Guess what was meant where a word stands behind a whole condition or value."""
        last, before = self.cursor.behind(), self.cursor.behind(2)
        if last and before and last.keyword == "not" and before.keyword == "is":
            return "the operator is written is_not"
        if last and last.kind == WORD and self.cursor.token.kind in {WORD, STRING} and before and before.text:
            return "a value that holds blanks or other punctuation needs quotes"
        return ""

    def too_deep(self) -> errors.ParseError:
        """Return the error for a text that nests deeper than anybody means."""
        advice = "write long alternatives side by side, a or b or c, or as in (...)"
        problem = f"conditions are nested more than {MAX_DEPTH} deep"
        return parse_error(self.cursor.text, self.cursor.token.start, problem, advice)


def _possible_clauses(query: Query) -> str:
    """Name what may follow what was read of *query*."""
    if query.offset is not None or query.limit is not None:
        possible = ["'offset'"] * (query.offset is None) + ["'limit'"] * (query.limit is None)
    elif query.order_by:
        possible = ["','", "'descending'", "'offset'", "'limit'"]
    elif query.group_by:
        possible = ["','", "'order by'", "'offset'", "'limit'"]
    else:
        start = ["'where'"] if query.condition is None else ["'and'", "'or'"]
        possible = [*start, "'group by'", "'order by'", "'offset'", "'limit'"]
    return ", ".join(possible)

"""The subscription language: which events a subscriber wants."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from ftrack_core.events._conditions import AllOf, AnyOf, Condition, Node, Not
from ftrack_core.events._tokens import Token, refuse, tokens

__all__ = ["Expression"]

_FIELD = re.compile(r"[A-Za-z0-9_.]+")
_DEEPEST = 100


@attrs.frozen
class Expression:
    """A parsed expression, as `topic=ftrack.update and not source.user.username=ann`.

    `field operator value`, joined by `and`, `or`, `not` (in this order of strength: `not`, `and`, `or`) and
    parentheses. Fields are dotted paths; operators are `=`, `!=`, `>`, `>=`, `<`, `<=`; values are single words, or
    quoted with either kind of quotation mark. Numbers are compared as numbers where both sides look like one.

    Attributes:
        text: As it was written.
        node: Root of its syntax tree.
    """

    text: str
    node: Node = attrs.field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Expression:
        """Parse an expression.

        Raises:
            ParseError: The text is not of the language, or nested deeper than 100 levels.
        """
        return cls(text, _Parser(text).parse())

    def matches(self, candidate: Mapping[str, object]) -> bool:
        """Whether the expression holds for a mapping: an event, or a subscriber's metadata. Never raises."""
        return self.node.matches(candidate)

    def required_topic(self) -> str | None:
        """The one topic without which the expression cannot hold; None when there are several or none."""
        return self.node.required_topic()


class _Parser:
    """Recursive descent, one method a level of strength."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(tokens(text))
        self._index = 0
        self._depth = 0

    def parse(self) -> Node:
        if self._next.kind == "end":
            refuse("nothing was found", self._text, 0)
        node = self._any_of()
        if self._next.kind != "end":
            self._refuse("and, or, or the end")
        return node

    @property
    def _next(self) -> Token:
        return self._tokens[self._index]

    def _take(self) -> Token:
        token = self._next
        self._index += token.kind != "end"
        return token

    def _refuse(self, expected: str) -> Node:
        found = repr(self._next.text) if self._next.kind != "end" else "the end"
        return refuse(f"expected {expected}, found {found}", self._text, self._next.position)

    def _any_of(self) -> Node:
        nodes = [self._all_of()]
        while self._takes_keyword("or"):
            nodes.append(self._all_of())
        return nodes[0] if len(nodes) == 1 else AnyOf(tuple(nodes))

    def _all_of(self) -> Node:
        nodes = [self._opposite()]
        while self._takes_keyword("and"):
            nodes.append(self._opposite())
        return nodes[0] if len(nodes) == 1 else AllOf(tuple(nodes))

    def _opposite(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            refuse(f"nested deeper than {_DEEPEST} levels", self._text, self._next.position)
        node = Not(self._opposite()) if self._takes_keyword("not") else self._single()
        self._depth -= 1
        return node

    def _single(self) -> Node:
        if self._next.kind != "bracket" or self._next.text != "(":
            return self._condition()
        self._take()
        node = self._any_of()
        if self._next.text != ")":
            self._refuse("a closing parenthesis")
        self._take()
        return node

    def _condition(self) -> Node:
        if self._next.kind != "word" or not _FIELD.fullmatch(self._next.text):
            return self._refuse("a field (letters, digits, _ and .)")
        field = self._take().text
        if self._next.kind != "operator":
            return self._refuse("one of = != > >= < <=")
        operator = self._take().text
        if self._next.kind not in {"word", "quoted"}:
            return self._refuse("a value")
        token = self._take()
        return Condition(field, operator, token.text[1:-1] if token.kind == "quoted" else token.text)

    def _takes_keyword(self, keyword: str) -> bool:
        """Take a keyword if it comes next; a word before an operator is a field, whatever its name."""
        token = self._next
        if token.kind != "word" or token.text.lower() != keyword:
            return False
        if self._tokens[self._index + 1].kind == "operator":
            return False
        self._take()
        return True

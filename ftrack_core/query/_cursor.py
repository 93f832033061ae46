"""A place in the tokens of a query, and how to say what was expected there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ._excerpt import parse_error, shortened
from ._tokens import END, Token, tokens

if TYPE_CHECKING:
    from ftrack_core import errors

__all__ = ["Cursor"]


@attrs.define(eq=False, repr=False)
class Cursor:
    """The tokens of one text and the place that reading has reached.

    Attributes:
        text: The text being read.
    """

    text: str
    _tokens: tuple[Token, ...] = attrs.field(init=False)
    _index: int = attrs.field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        self._tokens = tuple(tokens(self.text))

    @property
    def token(self) -> Token:
        """The token to be read next; at the end it is `END`, for ever."""
        return self._tokens[self._index]

    def ahead(self, distance: int = 1) -> Token:
        """Return the token *distance* behind the next one, or `END`."""
        return self._tokens[min(self._index + distance, len(self._tokens) - 1)]

    def behind(self, distance: int = 1) -> Token | None:
        """Return the token that was read *distance* steps ago, or None in front of the first."""
        index = self._index - distance
        return self._tokens[index] if index >= 0 else None

    def take(self) -> Token:
        """Read one token."""
        token = self._tokens[self._index]
        if token.kind != END:
            self._index += 1
        return token

    def at(self, *keywords: str) -> bool:
        """Say whether the next token is one of *keywords* or symbols."""
        return self._tokens[self._index].keyword in keywords

    def accept(self, keyword: str) -> bool:
        """Read the next token if it is *keyword*, and say whether it was."""
        if self._tokens[self._index].keyword != keyword:
            return False
        self._index += 1
        return True

    def expect(self, keyword: str, expected: str = "") -> None:
        """Read *keyword*.

        Raises:
            ParseError: Something else stands here; the message names *expected*, or else the keyword.
        """
        if not self.accept(keyword):
            raise self.error(expected or repr(keyword))

    def error(self, expected: str, advice: str = "", token: Token | None = None) -> errors.ParseError:
        """Return the error that *expected* was not found at *token*, by default the next one."""
        token = token or self.token
        found = "the end of the text" if token.kind == END else shortened(token.text)
        return parse_error(self.text, token.start, f"expected {expected}, found {found}", advice)

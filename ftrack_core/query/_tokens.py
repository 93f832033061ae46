r"""Tokens of the query language, and how values are quoted.

A text is words, quoted strings and symbols, with blanks between them where needed. A *word* is anything that holds no
blank, quote, parenthesis, bracket, comma or comparison sign, so uuids, e-mail addresses, user names, dates and
dotted paths are each one word. Which word is a keyword is for the parser to say, by position.

**Backslashes.** Inside quotes a backslash means something only in front of a quote, or as part of a run of backslashes
that ends at one: `\"` is a quote and `\\"` is a backslash and the end of the string. Anywhere else it is
itself: `"C:\temp"`, `"\\server\share"` and the wildcard escape in `like "%\%"` mean what they show. Clients that never
escape anything therefore say what they mean, and every string can still be written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ._excerpt import parse_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ftrack_core import errors

__all__ = ["END", "STRING", "SYMBOL", "WORD", "Token", "is_word", "quote", "tokens", "unquote"]

WORD = "word"
STRING = "string"
SYMBOL = "symbol"
END = "end"

_WORD = r"""(?:[^\s"'(),\[\]=<>!]|!(?!=))+"""
_TOKEN = re.compile(
    rf"""\s*(?:
        (?P<word>{_WORD})
      | (?P<string> "[^"\\]*(?:\\.[^"\\]*)*" | '[^'\\]*(?:\\.[^'\\]*)*' )
      | (?P<symbol> != | <= | >= | [=<>(),\[\]] )
      | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
_WHOLE_WORD = re.compile(rf"{_WORD}\Z")
_BLANKS = re.compile(r"\s*")
_ESCAPED = re.compile(r"""(?<!\\)(\\+)(?=["']|\Z)""")
_TO_ESCAPE = re.compile(r"""(?<!\\)(\\*)(["']|\Z)""")


class Token(NamedTuple):
    """One piece of a query.

    A quoted string keeps its quotes in `text`, so comparing `text` with a keyword or symbol never takes one for it.

    Attributes:
        kind: `WORD`, `STRING`, `SYMBOL` or `END`.
        text: The characters as written; empty for `END`.
        start: Offset of the first character.
        end: Offset behind the last character.
    """

    kind: str
    text: str
    start: int
    end: int

    @property
    def keyword(self) -> str:
        """The text in lower case, to compare with keywords."""
        return self.text.lower()


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of *text* one by one, `END` as the last.

    Only blanks stand between two tokens, so positions account for every character.

    Raises:
        ParseError: A quote is never closed; nothing else can be wrong at this level.
    """
    position = 0
    while True:
        match = _TOKEN.match(text, position)
        if match is None:
            raise _never_closed(text, position)
        kind = match.lastgroup or END
        position = match.end()
        yield Token(kind, match[kind], match.start(kind), position)
        if kind == END:
            return


def is_word(text: str) -> bool:
    """Say whether *text*, written without quotes, would be read back as one word."""
    return _WHOLE_WORD.match(text) is not None


def quote(value: str) -> str:
    r"""Return *value* in double quotes, such that any server text in it stays text: `say "hi"` as `"say \"hi\""`."""
    return f'"{_TO_ESCAPE.sub(_escape, value)}"'


def unquote(text: str) -> str:
    """Return what a quoted string means: *text* without its quotes and escapes. It undoes `quote`."""
    return _ESCAPED.sub(lambda run: "\\" * (len(run[1]) // 2), text[1:-1])


def _escape(run: re.Match[str]) -> str:
    backslashes, ending = run[1] * 2, run[2]
    return f'{backslashes}\\"' if ending == '"' else f"{backslashes}{ending}"


def _never_closed(text: str, position: int) -> errors.ParseError:
    blanks = _BLANKS.match(text, position)
    start = blanks.end() if blanks else position
    mark = text[start]
    advice = f"close it, or, if it belongs to a value, put the value in quotes and write the quote as \\{mark}"
    return parse_error(text, start, f"the quote {mark} that opens here is never closed", advice)

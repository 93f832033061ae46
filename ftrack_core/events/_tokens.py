"""The words of the subscription language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, NoReturn

from ftrack_core.errors import ParseError

__all__ = ["Token", "refuse", "tokens"]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<bracket>[()])
      | (?P<operator>!=|>=|<=|=|>|<)
      | (?P<quoted>"(?:[^"\\\n]|\\.|"")*"|'(?:[^'\\\n]|\\.|'')*')
      | (?P<word>[A-Za-z0-9\-_,./*@+]+)
    )""",
    re.VERBOSE,
)
_EXAMPLE = "an expression reads like: topic=ftrack.update and (source.user.username=ann or not data.x>5)"


class Token(NamedTuple):
    """A word of an expression: its kind (`bracket`, `operator`, `quoted`, `word`, `end`), text and position."""

    kind: str
    text: str
    position: int


def refuse(message: str, text: str, position: int) -> NoReturn:
    """Raise the error for a text that is not of the language, with a mark under the place."""
    shown = f"{message} at character {position + 1} of the subscription expression\n  {text}\n  {' ' * position}^"
    raise ParseError(f"{shown}\n{_EXAMPLE}", text=text, position=position)


def tokens(text: str) -> Iterator[Token]:
    """The words of an expression, then one of kind `end`.

    Raises:
        ParseError: Something is no word of the language.
    """
    end = len(text.rstrip())
    position = 0
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            refuse(f"found {text[start]!r}, which cannot stand unquoted", text, start)
        kind = str(match.lastgroup)
        yield Token(kind, match.group(kind), match.start(kind))
        position = match.end()
    yield Token("end", "", end)

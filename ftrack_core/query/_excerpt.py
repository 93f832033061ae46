"""Pointing at a place in a query: the line it stands on with a caret below."""

from __future__ import annotations

from ftrack_core import errors

__all__ = ["excerpt", "parse_error", "shortened"]

_REACH = 60
"""Characters shown on either side of the place; a query of a thousand ids stays readable."""


def excerpt(text: str, position: int) -> str:
    """Return the line of *text* that holds *position*, cut to a readable width, with a caret line below it."""
    begin, end = _line_bounds(text, position)
    left, right = max(begin, position - _REACH), min(end, position + _REACH)
    before, after = ("…" if left > begin else ""), ("…" if right < end else "")
    line = before + _printable(text[left:right]) + after
    return f"    {line}\n    {' ' * (position - left + len(before))}^"


def parse_error(text: str, position: int, problem: str, advice: str = "") -> errors.ParseError:
    """Return the error that says *problem* at *position*, shows the place, and ends with *advice*."""
    message = f"the query cannot be read at character {position + 1}: {problem}\n{excerpt(text, position)}"
    return errors.ParseError(f"{message}\n{advice}" if advice else message, text=text, position=position)


def shortened(text: str, length: int = 40) -> str:
    """Return *text* in quotes, cut to a length that a message can hold."""
    return repr(text if len(text) <= length else f"{text[:length]}…")


def _line_bounds(text: str, position: int) -> tuple[int, int]:
    end = text.find("\n", position)
    return text.rfind("\n", 0, position) + 1, len(text) if end < 0 else end


def _printable(text: str) -> str:
    """Return *text* with each character that would move the caret replaced by a blank."""
    return "".join(character if character.isprintable() else " " for character in text)

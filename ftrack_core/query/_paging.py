"""What can be said about a query text without understanding it: its page, its type, whether it selects.

A server may understand more than our parser, so these look at tokens only, and the text stays as it was written. They
run for every query: each reads no further than it must.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ftrack_core.values import ByValue

from ._excerpt import parse_error, shortened
from ._keywords import is_name, is_number
from ._tokens import WORD, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ._tokens import Token

__all__ = ["PagedText", "entity_type_of", "has_select", "split_paging", "with_page", "with_projections"]


@attrs.frozen(eq=False, repr=False)
class PagedText(ByValue):
    """A query text and the page that was asked for at its end.

    Attributes:
        text: The query without its last `offset` and `limit`, otherwise as the user wrote it.
        offset: Rows to skip, or None where none was written.
        limit: Rows to give at most, or None where none was written.
    """

    text: str
    offset: int | None = None
    limit: int | None = None


def split_paging(text: str) -> PagedText:
    """Take the `offset` and `limit` that end *text* off it.

    Only these clauses go, in either order and once each. `limit 5` inside quotes, in a sub-query, or as an attribute
    that is compared with something, stays.

    Raises:
        ParseError: A quote is never closed.
    """
    pieces = list(tokens(text))[:-1]
    end, found = len(pieces), dict[str, int]()
    while end > 2:  # a clause is two tokens, and in front of it stands at least a type
        clause, number = pieces[end - 2].keyword, pieces[end - 1].text
        if clause not in {"offset", "limit"} or clause in found or not is_number(number):
            break
        found[clause] = int(number)
        end -= 2
    return PagedText(text[: pieces[end - 1].end], **found) if found else PagedText(text)


def with_page(text: str, offset: int | None = None, limit: int | None = None) -> str:
    """Return *text*, which has no paging of its own, with the clauses for the given page behind it."""
    skipped = "" if offset is None else f" offset {offset}"
    return f"{text}{skipped}" if limit is None else f"{text}{skipped} limit {limit}"


def has_select(text: str) -> bool:
    """Say whether *text* names its projections: whether its first word is `select`, in any case."""
    return _first(text).keyword == "select"


def with_projections(text: str, projections: Iterable[str]) -> str:
    """Return *text* selecting *projections*, or *text* itself where it selects already or there are none to select."""
    first, listed = _first(text), ", ".join(projections)
    if first.keyword == "select" or not listed:
        return text
    body = text[first.end :].lstrip() if first.keyword == "from" else text[first.start :]
    return f"select {listed} from {body}"  # noqa: S608, this language is not SQL


def entity_type_of(text: str) -> str:
    """Return the entity type that *text* asks for: its first word, or the one behind the `from` of its `select`.

    Raises:
        ParseError: No entity type stands there.
    """
    reading = tokens(text)
    token = next(reading)
    if token.keyword == "select":
        token = _behind_select(reading)
    elif token.keyword == "from":
        token = next(reading)
    if token.kind != WORD or not is_name(token.text):
        found = shortened(token.text) if token.text else "the end of the text"
        raise parse_error(text, token.start, f"expected an entity type, found {found}")
    return token.text


def _first(text: str) -> Token:
    return next(tokens(text))


def _behind_select(reading: Iterator[Token]) -> Token:
    """Return the token behind the `from` that ends the projections, told from attributes and types called `from`."""
    previous = ","
    for token in reading:
        keyword = token.keyword
        if keyword == "from" and previous not in {",", "[", "("}:
            following = next(reading)
            return token if previous == "from" and following.kind != WORD else following
        if previous == "from" and token.kind == WORD:  # select from Task
            break
        previous = keyword
    return token

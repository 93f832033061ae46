"""Pieces of SQL with the values that belong to their question marks, so that no value is ever written into SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ftrack_backends.workspace.store import Stored

__all__ = ["NOTHING", "Sql", "all_of", "any_of", "constants"]


@attrs.frozen
class Sql:
    """A piece of SQL.

    Attributes:
        text: Made of identifiers and constants of the model, keywords and question marks; never of a user's words.
        values: One for each question mark, in order.
    """

    text: str
    values: tuple[Stored, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)

    def within(self, before: str, after: str = "") -> Sql:
        """Give the piece with text put before and after it."""
        return Sql(f"{before}{self.text}{after}", self.values)


NOTHING = Sql("")
"""No condition at all."""
_CHAIN = 16
"""How many pieces are joined one after the other."""
_MANY = 100
"""Alternatives from which on indexes are no help."""


def all_of(pieces: Iterable[Sql]) -> Sql:
    """Join conditions with AND; empty ones are left out."""
    return _joined([one for one in pieces if one], "AND")


def any_of(pieces: Iterable[Sql]) -> Sql:
    """Join conditions with OR; empty ones are left out.

    A plus stands before very many of them: SQLite then reads the table once, where it would look for an index for
    each alternative, which takes it time that grows with the square of their number.
    """
    conditions = [one for one in pieces if one]
    found = _joined(conditions, "OR")
    return found.within("+") if len(conditions) > _MANY else found


def constants(names: Iterable[str]) -> str:
    """Write names of the model as a list of SQL strings."""
    return ", ".join("'" + one.replace("'", "''") + "'" for one in names)


def _joined(pieces: Sequence[Sql], word: str) -> Sql:
    """Join pieces; many of them in halves, since SQLite refuses expressions deeper than 1000.

    AND binds closer than OR and NOT comes with parentheses of its own, so only OR needs some. Fewer are better: older
    SQLite reads sub-selects with a stack of 100 words.
    """
    if len(pieces) <= 1:
        return pieces[0] if pieces else NOTHING
    values = tuple(value for one in pieces for value in one.values)
    if len(pieces) > _CHAIN:
        middle = len(pieces) // 2
        left, right = _joined(pieces[:middle], word), _joined(pieces[middle:], word)
        return Sql(f"(({left.text}) {word} ({right.text}))", values)
    text = f" {word} ".join(one.text for one in pieces)
    return Sql(text if word == "AND" else f"({text})", values)

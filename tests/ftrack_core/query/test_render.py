"""Rendering: what can be written, what is refused, and how Python values look in a query."""

from __future__ import annotations

import datetime
import enum
from typing import TYPE_CHECKING

import pytest

from ftrack_core import errors
from ftrack_core.query import (
    Aggregate,
    And,
    Comparison,
    Membership,
    Not,
    Operator,
    Or,
    Path,
    Quantified,
    Quantifier,
    Query,
    Step,
    Value,
    literal,
    parse,
    render,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftrack_core.query import Condition

NAME = Path((Step("name"),))
EQUAL = Comparison(NAME, Operator.EQUAL, Value("a", quoted=False))


class Level(enum.IntEnum):
    """A number that prints as something else."""

    HIGH = 3


class State(str, enum.Enum):
    """Text that prints as something else."""

    ACTIVE = "active"


@pytest.mark.parametrize(
    ("value", "text", "quoted"),
    [
        ("it's", "it's", True),
        ("", "", True),
        ("None", "None", True),
        (State.ACTIVE, "active", True),
        (None, "None", False),
        (True, "True", False),
        (False, "False", False),
        (5, "5", False),
        (-5, "-5", False),
        (Level.HIGH, "3", False),
        (1.5, "1.5", False),
        (1e300, "1e+300", False),
        (datetime.date(2015, 6, 1), "2015-06-01", True),
        (datetime.datetime(2015, 6, 1, 12, 30, 5, 999), "2015-06-01T12:30:05", True),  # noqa: DTZ001, naive on purpose
        (
            datetime.datetime(2015, 6, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
            "2015-05-31T23:00:00",
            True,
        ),
    ],
)
def test_python_values_have_one_spelling(value: object, text: str, quoted: bool) -> None:
    """A builder that guesses would compare text with a number, or a local time with UTC."""
    written = literal(value)
    assert written == Value(text, quoted=quoted)
    assert type(written.text) is str
    query = Query("T", condition=Comparison(NAME, Operator.EQUAL, written))
    assert parse(render(query)) == query


@pytest.mark.parametrize("value", [object(), [1], float("nan"), float("inf"), b"x"])
def test_other_python_values_are_refused(value: object) -> None:
    """Their text would reach the server and match nothing, silently."""
    with pytest.raises(errors.InvalidValueError, match="cannot be a value in a query"):
        literal(value)


def test_a_list_written_by_a_program_stays_a_list() -> None:
    """Values cannot turn into a sub-query, nor a query without clauses into a value."""
    values = tuple(Value(text, quoted=False) for text in ("select", "from", "where"))
    for choices in (values, values[:1], values[1:], Query("Task"), Query("select"), Query("from", limit=1)):
        query = Query("T", condition=Membership(NAME, choices))
        assert parse(render(query)) == query


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (Query("Task where 1"), "not a name"),
        (Query(""), "not a name"),
        (Query("T", (Path((Step("name, id"),)),)), "not a name"),
        (Query("T", (Path((Step("a.b"),)),)), "not a name"),
        (Query("T", (Path((Step("a", "B] or [C"),)),)), "not a name"),
        (Query("T", (Path(()),)), "at least one name"),
        (Query("T", (Aggregate("drop", NAME),)), "count, sum, avg, min, max"),
        (Query("T", condition=And((EQUAL,))), "at least two conditions, not 1"),
        (Query("T", condition=Or(())), "at least two conditions, not 0"),
        (Query("T", condition=Comparison(NAME, Operator.EQUAL, Value("a b", quoted=False))), "needs quotes"),
        (Query("T", condition=Comparison(NAME, Operator.EQUAL, Value("", quoted=False))), "needs quotes"),
        (Query("T", condition=Comparison(NAME, Operator.EQUAL, Value("a\n", quoted=False))), "needs quotes"),
        (Query("T\n"), "not a name"),
        (Query("T", condition=Comparison(Path((Step("NOT"),)), Operator.EQUAL, Value("a", quoted=False))), "'not'"),
        (Query("T", limit=-1), "whole numbers"),
        (Query("T", offset=10**18), "18 digits"),
    ],
)
def test_what_no_text_can_say_is_refused(query: Query, reason: str) -> None:
    """A tree made by a program must never become a text that means something else."""
    with pytest.raises(errors.ParseError, match="cannot be written as text") as caught:
        render(query)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "wrap",
    [
        Not,
        lambda inner: And((EQUAL, inner)),
        lambda inner: Or((And((inner, EQUAL)), EQUAL)),
        lambda inner: Quantified(NAME, Quantifier.ANY, inner),
        lambda inner: Membership(NAME, Query("T", condition=inner)),
    ],
    ids=["not", "and", "or", "any", "query"],
)
def test_what_is_written_can_be_read_however_deep(wrap: Callable[[Condition], Condition]) -> None:
    """Writing and reading stop at the same depth, so a stored query can always be loaded."""
    condition: Condition = EQUAL
    for _ in range(32):
        condition = wrap(condition)
        query = Query("T", condition=condition)
        assert parse(render(query)) == query
    for _ in range(40):
        condition = wrap(condition)
    with pytest.raises(errors.ParseError, match="nested more than 64 deep"):
        render(Query("T", condition=condition))

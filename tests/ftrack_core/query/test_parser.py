"""Parsing: the trees that texts mean. Texts and canonical texts stand in `corpus.toml`; here are the shapes."""

from __future__ import annotations

import inspect
import sys

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
    Ordering,
    Path,
    Quantified,
    Quantifier,
    Query,
    Step,
    Value,
    parse,
)


def path(*names: str) -> Path:
    """Return the path of these names, without casts."""
    return Path(tuple(map(Step, names)))


def bare(text: str) -> Value:
    """Return a value without quotes."""
    return Value(text, quoted=False)


def equal(name: str, text: str) -> Comparison:
    """Return `name is text`."""
    return Comparison(path(name), Operator.EQUAL, bare(text))


def comparison(text: str) -> Comparison:
    """Return the comparison that is the whole condition of *text*."""
    condition = parse(text).condition
    assert isinstance(condition, Comparison)
    return condition


def test_a_whole_query() -> None:
    """Every clause must arrive in the tree that the workspace compiles."""
    text = (
        "select a.b, count(id) from Task where a.b is 'x' group by a.b, c "
        "order by a.b desc, c asc, d limit 5 offset 10"
    )
    assert parse(text) == Query(
        entity_type="Task",
        projections=(path("a", "b"), Aggregate("count", path("id"))),
        condition=Comparison(path("a", "b"), Operator.EQUAL, Value("x", quoted=True)),
        group_by=(path("a", "b"), path("c")),
        order_by=(Ordering(path("a", "b"), descending=True), Ordering(path("c")), Ordering(path("d"))),
        offset=10,
        limit=5,
    )


def test_what_was_not_written_is_absent() -> None:
    """A missing limit is not a limit of nothing."""
    assert parse("Task") == Query("Task")
    assert parse("Task offset 0 limit 0") == Query("Task", offset=0, limit=0)


def test_and_binds_tighter_than_or_and_not_tightest() -> None:
    """Other precedence would find other rows."""
    assert parse("T where a is 1 or not b is 2 and c is 3").condition == Or(
        (equal("a", "1"), And((Not(equal("b", "2")), equal("c", "3"))))
    )


def test_parentheses_group() -> None:
    """What the user grouped stays grouped; parentheses around one condition leave no trace."""
    assert parse("T where ((a is 1) or b is 2) and c is 3").condition == And(
        (Or((equal("a", "1"), equal("b", "2"))), equal("c", "3"))
    )


@pytest.mark.parametrize(
    ("spellings", "operator"),
    [
        (["is", "=", "IS"], Operator.EQUAL),
        (["is_not", "!="], Operator.NOT_EQUAL),
        ([">", "after", "greater_than"], Operator.GREATER),
        (["<", "before", "less_than"], Operator.LESS),
        ([">="], Operator.GREATER_OR_EQUAL),
        (["<="], Operator.LESS_OR_EQUAL),
        (["like", "Like"], Operator.LIKE),
        (["not_like"], Operator.NOT_LIKE),
    ],
)
def test_every_spelling_of_an_operator(spellings: list[str], operator: Operator) -> None:
    """All spellings of the documentation work."""
    for spelling in spellings:
        assert comparison(f"T where a {spelling} x").operator is operator


def test_casts_stand_at_their_step() -> None:
    """Without the cast, an attribute of the derived type could not be found."""
    condition = parse("T where a.parent[Shot].b[X] has (c is 1)").condition
    steps = (Step("a"), Step("parent", "Shot"), Step("b", "X"))
    assert condition == Quantified(Path(steps), Quantifier.HAS, equal("c", "1"))


def test_nothing_in_parentheses_asks_whether_there_is_anything() -> None:
    """`not assignments any ()` is how unassigned tasks are found."""
    assert parse("T where not a any ()").condition == Not(Quantified(path("a"), Quantifier.ANY))


@pytest.mark.parametrize(
    ("written", "choices"),
    [
        ("()", ()),
        ("(Task)", (bare("Task"),)),
        ("(select)", (bare("select"),)),
        ("(from, select)", (bare("from"), bare("select"))),
        ("(Task,where)", (bare("Task"), bare("where"))),
        ("('Task where')", (Value("Task where", quoted=True),)),
        ("(Task limit 5)", Query("Task", limit=5)),
        ("(task where a is 1)", Query("task", condition=equal("a", "1"))),
        ("(from Task)", Query("Task")),
        ("(select id from Task)", Query("Task", (path("id"),))),
        ("(select from Task)", Query("Task")),
    ],
)
def test_a_list_is_told_from_a_query(written: str, choices: tuple[Value, ...] | Query) -> None:
    """A list of names would be taken for a query, or a query for a name."""
    assert parse(f"T where a in {written}").condition == Membership(path("a"), choices)
    assert parse(f"T where a not_in {written}").condition == Membership(path("a"), choices, negated=True)


def test_select_from_type_is_told_from_an_attribute_called_from() -> None:
    """Links have `from` and `to`; and a query builder in use sends `select from Task`."""
    assert parse("select from Task") == Query("Task")
    assert parse("select from Task limit 5") == Query("Task", limit=5)
    assert parse("select from from Link") == Query("Link", (path("from"),))
    assert parse("select from, to from Link") == Query("Link", (path("from"), path("to")))
    assert parse("select from.id from Link") == Query("Link", (path("from", "id"),))


def test_not_is_a_name_wherever_no_condition_begins() -> None:
    """Only the first word of a condition is reserved."""
    assert parse("select not from T order by not").order_by == (Ordering(path("not")),)
    assert parse("T where not.a is not").condition == Comparison(path("not", "a"), Operator.EQUAL, bare("not"))
    assert comparison("T where not[X].a is 1").path.steps[0] == Step("not", "X")


@pytest.mark.parametrize("nest", ["({})", "not {}", "a any ({})", "a in (T where {})"])
def test_deep_nesting_is_a_parse_error(nest: str) -> None:
    """A text made to break the server ends as an error, with the stack whole."""
    for depth, accepted in [(60, True), (65, False), (20_000, False)]:
        opening, closing = nest.split("{}")
        text = f"T where {opening * depth}a is 1{closing * depth}"
        if accepted:
            assert parse(text)
            continue
        with pytest.raises(errors.ParseError, match="nested more than 64 deep"):
            parse(text)


def test_a_nearly_full_stack_is_a_parse_error_too() -> None:
    """A host that calls from deep inside must not see another error than the one that is promised."""
    text = "T where " + "(" * 60 + "a is 1" + ")" * 60

    def from_depth(levels: int) -> Query:
        return from_depth(levels - 1) if levels else parse(text)

    with pytest.raises(errors.ParseError, match="nested"):
        from_depth(sys.getrecursionlimit() - len(inspect.stack(0)) - 100)


def test_a_long_flat_query_is_no_deep_one() -> None:
    """Programs ask for a thousand ids at once, in either form."""
    grouped = " or ".join(["(not a is 1 and b any (c is 1) and d in (T where e is 1))"] * 200)
    assert isinstance(parse(f"T where {grouped}").condition, Or)
    numbers = [str(number) for number in range(2000)]
    alternatives = " or ".join(f"id is {number}" for number in numbers)
    assert parse(f"T where {alternatives}").condition == Or(tuple(equal("id", number) for number in numbers))
    choices = Membership(path("id"), tuple(map(bare, numbers)))
    assert parse(f"T where id in ({', '.join(numbers)})").condition == choices


def test_the_caret_stays_readable_in_a_long_text() -> None:
    """A query of a thousand ids would fill the terminal and hide the place."""
    text = f"T where id in ({', '.join(['abc'] * 1000)}) an d is 1"
    with pytest.raises(errors.ParseError) as caught:
        parse(text)
    lines = str(caught.value).splitlines()
    assert max(map(len, lines)) < 200
    assert lines[2].index("^") == lines[1].index(" an d") + 1


def test_the_caret_stands_right_whatever_the_line_holds() -> None:
    """Programs indent their queries with tabs; a tab in the message would move the caret away from the place."""
    with pytest.raises(errors.ParseError) as caught:
        parse("Task\n\t\twhere name is\tx\tand = 5\n\torder by name")
    line, caret = str(caught.value).splitlines()[1:3]
    assert line == "      where name is x and = 5"
    assert caret.index("^") == line.index("=")

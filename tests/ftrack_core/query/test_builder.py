"""Queries built in Python: what is written, what it says, and what is refused."""

from __future__ import annotations

import copy
import datetime
import enum
import pickle
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from ftrack_core import errors
from ftrack_core.query import (
    AttributePath,
    Filter,
    Query,
    Selection,
    attr,
    finds_nothing,
    parse,
    reduced,
    render,
    select,
)
from ftrack_core.values import EntityIdentity

NOTHING, EVERYTHING = attr("id").in_([]), attr("id").not_in([])
NAMED = attr("name") == "sh010"
NAME, ALL, NONE = 'name is "sh010"', None, "id in ()"
CET = datetime.timezone(datetime.timedelta(hours=1))


@attrs.frozen
class Held:
    """What looks like an entity.

    Attributes:
        entity_type: Its type.
        primary_key_attributes: What makes its key.
        values: What it holds.
    """

    entity_type: str
    primary_key_attributes: tuple[str, ...]
    values: dict[str, Any] = attrs.field(hash=False)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


SHOT = Held("Shot", ("id",), {"id": "s1"})
METADATA = Held("Metadata", ("parent_id", "key"), {"parent_id": "s1", "key": "k"})


class Plain(enum.Enum):
    """An enum of a studio's own."""

    OPEN = "open"


class Mixed(str, enum.Enum):
    """An enum whose members are text."""

    OPEN = "open"


def where(*conditions: Filter, **equal: object) -> str:
    """What stands behind `where` in the text of a query with these conditions."""
    text = str(select("Task").where(*conditions, **equal))
    return text.removeprefix("Task where ")


def test_a_whole_query_reads_as_it_was_built() -> None:
    """The example that the project promises."""
    built = (
        select("Task", "name", "status.name")
        .where(
            attr("end_date") < datetime.datetime(2024, 5, 1, 12, 30, tzinfo=CET),
            attr("assignments").any(attr("resource.username") == "ann"),
            parent=SHOT,
        )
        .order_by(attr("end_date").descending(), "name")
        .offset(10)
        .limit(20)
    )
    assert str(built) == (
        'select name, status.name from Task where end_date < "2024-05-01T11:30:00" '
        'and assignments any (resource.username is "ann") and parent.id is "s1" '
        "order by end_date descending, name offset 10 limit 20"
    )
    assert parse(str(built)) == built.tree


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (attr("a") == 5, "a is 5"),
        (attr("a") != 5, "a is_not 5"),
        (attr("a") > 5, "a > 5"),
        (attr("a") >= 5, "a >= 5"),
        (attr("a") < 5, "a < 5"),
        (5 >= attr("a"), "a <= 5"),  # noqa: SIM300 - the other way round is tested too
        (attr("a").is_(None), "a is None"),
        (attr("a").is_not(None), "a is_not None"),
        (attr("a") == None, "a is None"),  # noqa: E711 - it is the server that compares
        (attr("a").like("sh%"), 'a like "sh%"'),
        (attr("a").not_like("sh%"), 'a not_like "sh%"'),
        (attr("a").in_(["x", 5, True]), 'a in ("x", 5, True)'),
        (attr("a").not_in(number for number in range(2)), "a not_in (0, 1)"),
        (attr("a").has(attr("b") == 1, c=2), "a has (b is 1 and c is 2)"),
        (attr("a").any(), "a any ()"),
        (~attr("a").any(), "not a any ()"),
        (attr("a.b[Shot].c") == 1, "a.b[Shot].c is 1"),
        (attr("a").as_("Shot") == 1, "a[Shot] is 1"),
        (attr("a").as_("Shot").attr("b.c") == 1, "a[Shot].b.c is 1"),
    ],
    ids=str,
)
def test_each_comparison_has_its_word(condition: Filter, text: str) -> None:
    """A comparison that says another one is a wrong answer without an error."""
    assert str(condition) == text
    assert where(condition) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('say "hi"', r'"say \"hi\""'),
        ('" or id is_not "', r'"\" or id is_not \""'),
        ("C:\\temp\\", r'"C:\temp\\"'),
        ("two\nlines", '"two\nlines"'),
        ("None", '"None"'),
        ("5", '"5"'),
        (-0.5, "-0.5"),
        (False, "False"),
        (datetime.date(2024, 5, 1), '"2024-05-01"'),
        (datetime.datetime(2024, 5, 1, 12), '"2024-05-01T12:00:00"'),  # noqa: DTZ001 - that is what is tested
        (datetime.datetime(2024, 5, 1, 12, tzinfo=CET), '"2024-05-01T11:00:00"'),
        (Plain.OPEN, '"open"'),
        (Mixed.OPEN, '"open"'),
    ],
    ids=repr,
)
def test_each_value_is_written_so_that_it_stays_a_value(value: object, text: str) -> None:
    """Nobody should have to quote; a name with a quote in it must not become a condition."""
    assert where(attr("a") == value) == f"a is {text}"
    assert where(a=value) == f"a is {text}"
    assert where(attr("a").in_([value])) == f"a in ({text})"


@pytest.mark.parametrize("entity", [SHOT, EntityIdentity("Shot", ("s1",))], ids=["entity", "identity"])
def test_entities_are_compared_by_id(entity: object) -> None:
    """Official tools write `parent.id is "..."` by hand, and forget it."""
    assert where(parent=entity) == 'parent.id is "s1"'
    assert where(attr("parent") != entity) == 'parent.id is_not "s1"'
    assert where(attr("parent").as_("Shot") == entity) == 'parent[Shot].id is "s1"'
    assert where(attr("parent").in_([entity])) == 'parent.id in ("s1")'
    assert where(attr("parent").not_in([entity, None])) == 'parent.id not_in ("s1") and parent is_not None'


def test_a_path_that_is_an_id_already_stays_it() -> None:
    """`parent_id.id` is what no server has."""
    assert where(id=SHOT) == 'id is "s1"'
    assert where(parent_id=SHOT) == 'parent_id is "s1"'
    assert where(attr("parent.id") == SHOT) == 'parent.id is "s1"'


@pytest.mark.parametrize("value", [METADATA, EntityIdentity("Metadata", ("s1", "k"))], ids=["entity", "identity"])
def test_an_entity_with_a_key_of_two_parts_is_refused(value: object) -> None:
    """Comparing one part of the key alone would find others."""
    with pytest.raises(
        errors.InvalidValueError, match="a Metadata cannot be compared as a whole: its key has 2 parts"
    ):
        attr("metadata") == value  # noqa: B015 - it raises


def test_none_in_a_list_is_said_aside() -> None:
    """A server's list holds no nulls: `in (None)` finds nothing, which is not what was asked."""
    assert where(attr("a").in_(["x", None])) == 'a in ("x") or a is None'
    assert where(attr("a").not_in([None, "x"])) == 'a not_in ("x") and a is_not None'
    assert where(attr("a").in_([None])) == "a is None"
    assert where(attr("a").not_in([None])) == "a is_not None"


def test_membership_takes_queries() -> None:
    """One call instead of two, and no list of ten thousand ids."""
    shots = select("Shot").where(name="sh010").limit(5)
    assert where(attr("a").in_(shots)) == f"a in (select id from Shot where {NAME} limit 5)"
    assert where(attr("a").in_(shots.tree)) == f"a in (select id from Shot where {NAME} limit 5)"
    assert where(attr("a").not_in(select("Shot", "parent_id"))) == "a not_in (select parent_id from Shot)"
    assert where(attr("a").in_("select id from Shot where name is x")) == "a in (select id from Shot where name is x)"
    assert where(attr("a").in_("Shot where name is x")) == "a in (Shot where name is x)"


def test_conditions_join_side_by_side() -> None:
    """A thousand conditions in a loop must not nest a thousand deep."""
    a, b, c = (attr(name) == 1 for name in "abc")
    assert str(a & b & c) == "a is 1 and b is 1 and c is 1"
    assert str(a & (b & c)) == "a is 1 and b is 1 and c is 1"
    assert str(a | b & c) == "a is 1 or b is 1 and c is 1"
    assert str((a | b) & c) == "(a is 1 or b is 1) and c is 1"
    assert str(~(a | b) & c) == "not (a is 1 or b is 1) and c is 1"
    many = a
    for number in range(1000):
        many |= attr("a") == number
    assert parse(str(select("Task").where(many))).condition == many.condition


def test_where_narrows_and_order_by_adds() -> None:
    """Queries are put together in several places of a tool."""
    built = select("Task").where(a=1).where(attr("b") == 2, c=3).where().order_by("a").order_by("b descending")
    assert str(built) == "Task where a is 1 and b is 2 and c is 3 order by a, b descending"
    assert str(built.offset(1).limit(2).offset(None).limit(3)).endswith(" b descending limit 3")


def test_projections_are_paths_or_aggregates() -> None:
    """What text can select, a built query can."""
    built = select("Task", "count(id)", attr("status.name"), "parent[Shot].name").group_by("status.name", attr("b"))
    assert str(built) == "select count(id), status.name, parent[Shot].name from Task group by status.name, b"


def test_a_query_is_a_value() -> None:
    """It may be shared, kept in a table, and sent to another process."""
    start = select("Task", "name").where(NAMED)
    for changed in (start.where(a=1), start.order_by("a"), start.offset(1), start.limit(1), start.group_by("a")):
        assert changed != start
    assert str(start) == f"select name from Task where {NAME}"
    again = select("Task", "name").where(name="sh010")
    assert again == start
    assert len({again, start, copy.deepcopy(start), pickle.loads(pickle.dumps(start))}) == 1  # noqa: S301 - our own
    assert {NAMED: 1}[attr("name") == "sh010"] == 1
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        start.written = Query("Task")  # type: ignore[misc]


def test_a_parsed_text_can_be_taken_on() -> None:
    """A query out of a config file is narrowed by the tool that reads it."""
    built = Selection(parse("select name from Task where a is 1 or b is 2")).where(NAMED).limit(5)
    assert str(built) == f"select name from Task where (a is 1 or b is 2) and {NAME} limit 5"


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        (NOTHING, NONE),
        (attr("status.name").in_(()), NONE),
        (EVERYTHING, ALL),
        (~NOTHING, ALL),
        (~EVERYTHING, NONE),
        (NAMED & NOTHING, NONE),
        (NAMED & EVERYTHING, NAME),
        (NAMED | NOTHING, NAME),
        (NAMED | EVERYTHING, ALL),
        (NOTHING | NOTHING, NONE),
        (EVERYTHING & EVERYTHING, ALL),
        (~(NAMED & NOTHING), ALL),
        (~(NAMED & EVERYTHING), f"not {NAME}"),
        ((NAMED & EVERYTHING) | (NAMED & NOTHING), NAME),
        (NAMED & (NOTHING | (attr("a") == 1)), f"{NAME} and a is 1"),
        (attr("a").any(NOTHING), NONE),
        (~attr("a").any(NOTHING), ALL),
        (attr("a").has(EVERYTHING), "a has ()"),
        (attr("a").has(NAMED, EVERYTHING), f"a has ({NAME})"),
        (attr("a").in_(select("Shot").where(NOTHING)), NONE),
        (attr("a").not_in(select("Shot").where(NOTHING)), ALL),
        (attr("a").in_(select("Shot").where(NAMED | NOTHING)), f"a in (select id from Shot where {NAME})"),
        (attr("a").in_("select id from Shot where id in ()"), NONE),
        (attr("a").in_([None]), "a is None"),
    ],
    ids=str,
)
def test_what_is_certain_is_not_asked(condition: Filter, left: str | None) -> None:
    """An empty list comes out of every tool that filters by a selection; servers choke on `in ()`."""
    built = select("Task").where(condition)
    assert str(built) == ("Task" if left is None else f"Task where {left}")
    assert built.finds_nothing is (left == NONE)
    assert parse(str(built)) == built.tree


def test_nothing_that_is_counted_is_a_row() -> None:
    """A count of nothing is nought, and nought must come from somewhere."""
    assert not select("Task", "count(id)").where(NOTHING).finds_nothing
    assert select("Task", "count(id)", "name").where(NOTHING).group_by("name").finds_nothing
    assert not finds_nothing(reduced(parse("Task where a in (select count(id) from Shot where id in ())")))


def test_what_was_written_is_kept() -> None:
    """The check of names looks at a misspelt name even where the list is empty today."""
    built = select("Task").where(attr("nmae").in_([]), NAMED)
    assert render(built.written) == f"Task where nmae in () and {NAME}"


BUILD_ERRORS: list[tuple[Callable[[], object], str]] = [
    (lambda: bool(NAMED), r"neither true nor false .* name is \"sh010\"(.|\n)*write & for and, | for or, ~ for not"),
    (lambda: NAMED and NAMED, "neither true nor false"),  # type: ignore[unreachable]
    (lambda: not NAMED, "neither true nor false"),
    (lambda: 1 < attr("a") < 5, "neither true nor false .* a > 1"),
    (lambda: bool(attr("a").in_(range(1000))), r"49, 50, …\n"),
    (lambda: bool(attr("a")), r"attr\('a'\) is neither true nor false; compare it"),
    (lambda: attr("a") == 1 & attr("b") == 2, "each comparison in parentheses"),
    (lambda: NAMED & attr("a"), r"attr\('a'\) \(AttributePath\) stands beside &"),
    (lambda: NAMED | (SHOT["id"] == "s1"), r"True \(bool\) stands beside \|; it was compared in Python already"),
    (lambda: (SHOT["id"] == "s1") & NAMED, r"True \(bool\) stands beside &; it was compared in Python already"),
    (lambda: ~attr("a"), "is no condition"),
    (lambda: attr("a") < None, "None is neither before nor after anything"),
    (lambda: attr("a").like(5), "like takes a pattern as text, and 5 was given"),  # type: ignore[arg-type]
    (lambda: attr(5), "attr.. takes a dotted path as text, and 5"),  # type: ignore[arg-type]
    (lambda: attr("a").as_("Sh ot"), "the name of an entity type, and 'Sh ot'"),
    (lambda: attr("a").in_(select("Shot", "id", "name")), "one value a row, and this one selects 2"),
    (lambda: attr("a").in_([SHOT, "s2"]), "mixes entities with plain values"),
    (lambda: select("Task where a is 1"), "goes into session.query as it is"),
    (lambda: select("Task", ["name"]), "several one by one, with a star"),  # type: ignore[arg-type]
    (lambda: select("Task").where("name is x"), "'name is x' .str. stands as a condition"),  # type: ignore[arg-type]
    (lambda: select("Task").where(NAMED, False), "compared in Python already"),  # type: ignore[arg-type]  # noqa: FBT003
    (lambda: select("Task").where(status__name="x"), r"write attr\('status.name'\) == "),
    (lambda: select("Task").order_by(5), "an ordering is a dotted path"),  # type: ignore[arg-type]
    (lambda: select("Task").group_by(None), "what is grouped by is a dotted path"),  # type: ignore[arg-type]
    (lambda: select("Task").limit(-1), "limit.. takes a whole number of rows from 0 on, and -1"),
    (lambda: select("Task").offset(True), "offset.. takes a whole number .* True"),  # noqa: FBT003
    (lambda: select("Task").limit(10**18), "takes a whole number"),
]


@pytest.mark.parametrize(("build", "message"), BUILD_ERRORS, ids=[message for _, message in BUILD_ERRORS])
def test_misuse_is_refused_where_it_is_written(build: Callable[[], object], message: str) -> None:
    """Python would otherwise drop half of a condition without a word."""
    with pytest.raises(errors.QueryBuildError, match=message) as caught:
        build()
    assert isinstance(caught.value, (TypeError, ValueError))


VALUE_ERRORS: list[tuple[Callable[[], object], str]] = [
    (lambda: attr("a") == ["x"], r"\['x'\] \(list\) is not one value; .*\.in_"),
    (lambda: attr("a") == {"x": 1}, "is not one value"),
    (lambda: attr("a") == attr("b"), r"attr\('b'\) \(AttributePath\) cannot be a value"),
    (lambda: attr("a") == select("Task"), "<Selection: Task> .Selection. cannot be a value"),
    (lambda: attr("a") == NAMED, "<Filter: .*cannot be a value"),
    (lambda: attr("a").is_(float("nan")), "cannot be a value"),
    (lambda: attr("a") == b"x", "cannot be a value"),
    (lambda: attr("a") in [attr("b")], "cannot be a value"),  # noqa: FURB171 - it is `in` that is tested
    (lambda: attr("a").in_(5), "5 .int. is no list of values"),
    (lambda: attr("a").in_(SHOT), "is no list of values"),
    (lambda: attr("a").in_(EntityIdentity("Shot", ("s1",))), "is no list of values"),
    (lambda: attr("a").in_({"x": 1}), "is no list of values"),
    (lambda: attr("a").in_([["x"]]), "is not one value"),
]


@pytest.mark.parametrize(("build", "message"), VALUE_ERRORS, ids=[message for _, message in VALUE_ERRORS])
def test_what_is_no_value_is_refused(build: Callable[[], object], message: str) -> None:
    """A list's `repr` sent to the server finds nothing, and nobody knows why."""
    with pytest.raises(errors.InvalidValueError, match=message):
        build()


TEXT_ERRORS: list[tuple[Callable[[], object], str]] = [
    (lambda: attr("a b"), "character 3: expected nothing more, found 'b'"),
    (lambda: attr(""), "expected an attribute name"),
    (lambda: attr("a is 1 or b"), "expected nothing more"),
    (lambda: select("Task", "name, id"), "expected nothing more, found ','"),
    (lambda: select("Task", "mean(id)"), "expected one of the functions count"),
    (lambda: select("Task").order_by("name sideways"), "found 'sideways'"),
    (lambda: attr("a").in_("sh010"), "read 'sh010' as a query, of one word; one value is compared with =="),
    (lambda: attr("a").in_("In progress"), "several are given as a list(.|\n)*found 'progress'"),
]


@pytest.mark.parametrize(("build", "message"), TEXT_ERRORS, ids=[message for _, message in TEXT_ERRORS])
def test_pieces_of_text_are_pieces_and_nothing_more(build: Callable[[], object], message: str) -> None:
    """A path that comes from outside must not bring a condition along."""
    with pytest.raises(errors.ParseError, match=message):
        build()


def test_attributes_cannot_be_hashed() -> None:
    """`==` does not compare them: in a set or as keys they would be lost."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(attr("a"))
    assert AttributePath.__hash__ is None


def test_nesting_deeper_than_any_text_is_our_error() -> None:
    """A query that a loop nests must not end the program with a recursion error."""
    deep = NAMED
    for _ in range(5000):
        deep = ~deep
    with pytest.raises(errors.ParseError, match="nested more than 64 deep"):
        str(select("Task").where(deep))


def test_what_cannot_be_sent_as_text_says_so() -> None:
    """`not` first in a condition is the one name that the language keeps for itself."""
    with pytest.raises(errors.ParseError, match="called 'not'"):
        str(select("Task").where(attr("not") == 1))

"""Which values attributes take: what surely is of another type is refused when it is assigned."""

from __future__ import annotations

import datetime
import decimal
import enum
import fractions
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.values import NOT_SET, EntityIdentity


class Word(str):
    """Text of a class of its own."""

    __slots__ = ()


class Name(str, enum.Enum):
    """Names that a studio keeps as constants."""

    LAYOUT = "layout"


class Count(enum.IntEnum):
    """Numbers that a studio keeps as constants."""

    TWO = 2


class Plain(enum.Enum):
    """Constants that are neither text nor number."""

    LAYOUT = "layout"


class Scalar:
    """A number of an array library: no number of Python's, with a shape and a way to become one."""

    shape = ()

    def __init__(self, value: Any) -> None:
        self._value = value

    def item(self) -> Any:
        """The number as Python has it."""
        return self._value


class Moment:
    """A date of another library."""

    year = 2026

    def isoformat(self) -> str:
        """As ISO text."""
        return "2026-03-04T05:06:07+00:00"


class NoMoment(datetime.datetime):
    """What some libraries have for a date that is missing."""

    def isoformat(self, *_: Any, **__: Any) -> str:
        """No date at all."""
        return "NaT"


NAN = float("nan")
DAY = datetime.date(2026, 3, 4)
_NO_FLAGS: tuple[object, ...] = ("False", "", 2, 0.5, [], {})
WRONG: list[tuple[str, str, Any]] = [
    *(("Task", "name", value) for value in (5, 5.5, True, b"x", DAY, ["a"], {"a": 1}, Plain.LAYOUT, object())),
    *(("Task", "bid", value) for value in ("5", "x", "", True, [1], DAY, NAN, float("inf"), decimal.Decimal("NaN"))),
    *(("Task", "end_date", value) for value in ("tomorrow", "", "2026-02-30", 5, True, datetime.time(5), ["x"])),
    ("Task", "end_date", NoMoment(2026, 1, 1)),
    *(("User", "is_active", value) for value in _NO_FLAGS),
    *(("Type", "sort", value) for value in (1.5, "1", True, decimal.Decimal("1.5"), NAN)),
    *(("Task", "status", value) for value in ("In progress", 5, {"id": "x"}, ["x"], True)),
    *(("Task", "assignments", value) for value in (5, "ann", {"a": 1}, ["ann"], [None])),
    *(("Task", "metadata", value) for value in (5, "a", ["a"])),
]
RIGHT: list[tuple[str, str, Any, Any]] = [
    ("Task", "name", Word("word"), "word"),
    ("Task", "name", Name.LAYOUT, "layout"),
    ("Task", "description", None, None),
    ("Task", "bid", 5, 5),
    ("Task", "bid", Count.TWO, 2),
    ("Task", "bid", Scalar(2.5), 2.5),
    ("Task", "bid", decimal.Decimal("2.5"), 2.5),
    ("Task", "bid", fractions.Fraction(5, 2), 2.5),
    ("Type", "sort", 3.0, 3),
    ("Type", "sort", Scalar(3), 3),
    ("Type", "sort", decimal.Decimal(3), 3),
    ("User", "is_active", 1, True),
    ("User", "is_active", Scalar(1), True),
    ("Task", "end_date", DAY, DAY),
    ("Task", "end_date", "2026-03-04", "2026-03-04"),
    ("Task", "end_date", " 2026-03-04 05:06 ", " 2026-03-04 05:06 "),
    ("Task", "end_date", None, None),
]


@pytest.mark.parametrize(("entity_type", "name", "value"), WRONG)
def test_a_value_of_another_type_is_refused_and_nothing_is_changed(
    session: Session, entity_type: str, name: str, value: Any
) -> None:
    """At the line that is wrong, not at the commit ten minutes later; a new entity is refused whole."""
    entity: Any = session.query(entity_type).first()
    before = entity[name] if name not in {"assignments", "metadata"} else list(entity[name])
    for use in (lambda: entity.__setitem__(name, value), lambda: session.create(entity_type, {name: value})):
        with pytest.raises(errors.InvalidValueError) as caught:
            use()
        assert isinstance(caught.value, ValueError)
    assert (entity[name] if name not in {"assignments", "metadata"} else list(entity[name])) == before
    assert (session.modified, session.created, len(session.recorded_operations)) == ([], [], 0)


def test_a_wrong_type_is_a_type_error_that_tells_all(session: Session, task: Any) -> None:
    """Attribute, what it holds, what was given; long values are cut."""
    with pytest.raises(TypeError, match=r"^Task\.name holds text, and was given 5 \(int\)\.$") as caught:
        task["name"] = 5
    assert isinstance(caught.value, errors.InvalidTypeError)
    assert caught.value.details == {"attribute": "name"}
    with pytest.raises(errors.InvalidValueError, match=r"Task\.end_date holds a date: .* 'tomorrow': it is no date"):
        task["end_date"] = "tomorrow"
    with pytest.raises(errors.InvalidTypeError) as caught:
        task["bid"] = "x" * 5000
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(("entity_type", "name", "value", "seen"), RIGHT)
def test_what_means_the_same_is_taken(session: Session, entity_type: str, name: str, value: Any, seen: Any) -> None:
    """Constants, numbers of other libraries, dates as text: the server takes them, so we do."""
    entity: Any = next(each for each in session.query(entity_type) if each.get("username") != session.api_user)
    entity[name] = value
    assert entity[name] == seen
    session.commit()
    session.populate(entity, name)
    if name == "end_date":
        assert entity[name] is None or entity[name].date() == DAY
    else:
        assert (entity[name], type(entity[name])) == (seen, type(seen))


def test_a_date_of_any_library_is_taken(session: Session, task: Any) -> None:
    """It needs a year and `isoformat`; a date as the wire has it will do too."""
    task["end_date"] = Moment()
    session.commit()
    session.populate(task, "end_date")
    assert task["end_date"].isoformat() == "2026-03-04T05:06:07+00:00"
    task["end_date"] = {"__type__": "datetime", "value": "2026-03-05T00:00:00"}
    session.commit()
    assert task["end_date"].day == 5
    with pytest.raises(errors.InvalidValueError):
        task["end_date"] = {"__type__": "datetime", "value": 5}
    task["end_date"] = "20260304T050607Z"  # some servers read it, and ours does not
    with pytest.raises(errors.ValidationRefusedError):
        session.commit()


def test_metadata_takes_numbers_as_studios_write_them(session: Session, task: Any) -> None:
    """The server makes text of them; what is no value at all is refused."""
    task["metadata"]["take"] = 5
    session.commit()
    session.reset()
    again: Any = session.query("select id from Task order by id").first()
    assert dict(again["metadata"]) == {"take": "5"}
    with pytest.raises(errors.InvalidTypeError, match=r"Metadata\.value holds text"):
        again["metadata"]["take"] = ["a"]
    with pytest.raises(errors.InvalidTypeError):
        again["metadata"]["other"] = object()
    assert len(session.recorded_operations) == 0
    for wrong in ({"take": "6", "other": object()}, {"take": ["a"]}, {("a",): "b"}, {"take": float("nan")}):
        with pytest.raises(errors.InvalidValueError, match="metadata holds text"):
            again["metadata"] = wrong
        with pytest.raises(errors.InvalidValueError):
            session.create("Task", {"name": "x", "metadata": wrong})
    assert (dict(again["metadata"]), session.created, len(session.recorded_operations)) == ({"take": "5"}, [], 0)


def test_json_and_variable_values_take_anything(session: Session, task: Any) -> None:
    """Where the schema says nothing certain, the server decides."""
    job = session.create("Job", {"type": "api_job", "status": "done", "data": {"description": "x"}})
    assert job["data"] == {"description": "x"}
    configuration = session.create("CustomAttributeConfiguration", {"key": "x", "default": [1, "a"]})
    assert configuration["default"] == [1, "a"]
    with pytest.raises(errors.InvalidValueError, match="JSON has no such number"):
        configuration["default"] = NAN
    with pytest.raises(errors.InvalidTypeError):
        configuration["default"] = task
    session.rollback()


def test_an_entity_of_a_type_that_cannot_stand_there_is_refused(session: Session, task: Any) -> None:
    """A priority is no status, whoever mixed up two variables; neither is the identity of one."""
    priority: Any = session.query("Priority").first()
    before = task["status"]
    for wrong in (priority, task, EntityIdentity("Priority", (priority["id"],))):
        with pytest.raises(errors.InvalidTypeError, match=r"type Status is needed here, and <.*> was given"):
            task["status"] = wrong
        with pytest.raises(errors.InvalidTypeError):
            session.create("Task", {"name": "x", "status": wrong})
    changes: list[Callable[[], object]] = [
        lambda: task["assignments"].append(priority),
        lambda: task.__setitem__("assignments", [priority]),
        lambda: task["assignments"].__setitem__(slice(None), [priority]),
        lambda: task["assignments"].insert(0, "ann"),
    ]
    for change in changes:
        with pytest.raises(errors.InvalidTypeError, match="type Appointment"):
            change()
    assert task["status"] is before
    assert len(session.recorded_operations) == 0


def test_entities_of_a_derived_type_and_identities_stand_for_the_base(session: Session, task: Any) -> None:
    """A shot is a context, a user a resource; the items of a list are "Task" in the schema and may be shots."""
    shot: Any = task["parent"]
    project = session.query("Project").one()
    category = session.query("ListCategory").first()
    listed: Any = session.create("TypedContextList", {"name": "x", "project": project, "category": category})
    listed["items"].append(shot)
    task["parent"] = project
    task["status"] = EntityIdentity("Status", (task["status"]["id"],))
    session.create("Appointment", {"context": task, "resource": session.query("User").first(), "type": "assignment"})
    session.commit()
    assert list(listed["items"]) == [shot]
    with pytest.raises(errors.UnrecognisedEntityTypeError):
        task["status"] = EntityIdentity("Nothing", ("x",))


def test_the_check_can_be_left_to_the_server() -> None:
    """A studio whose scripts rely on what its server forgives turns it off; relations are checked all the same."""
    config = {"transport": {"backend": "embedded", "seed": "demo"}, "schema_cache_path": False, "check_values": False}
    with Session("embedded:", config=config) as session:
        task: Any = session.query("Task").first()
        task["name"] = 5
        task["bid"] = "60"
        session.commit()
        session.populate(task, "name, bid")
        assert (task["name"], task["bid"]) == ("5", 60)
        task["end_date"] = "tomorrow"
        with pytest.raises(errors.ValidationRefusedError):
            session.commit()
        session.rollback()
        with pytest.raises(errors.InvalidTypeError):
            task["status"] = "Approved"
        with pytest.raises(errors.InvalidTypeError):
            task["name"] = task


def test_what_the_server_tells_is_never_refused(session: Session, task: Any) -> None:
    """`link` is text in the schema and a list on the wire: only what a program assigns is looked at."""
    assert isinstance(task["link"], list)
    known: Any = session.create("Task", {"id": "a", "link": [{"id": "x"}], "name": 5}, reconstructing=True)
    assert (known["link"], known["name"]) == ([{"id": "x"}], 5)
    assert task["sort"] is not NOT_SET

"""Plans as text: what is written is read again, and what is no plan is told."""

from __future__ import annotations

import contextlib
import datetime
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftrack_core import errors
from ftrack_core.unit_of_work import (
    CreateEntityOperation,
    DeleteEntityOperation,
    Plan,
    PlannedWrite,
    UpdateEntityOperation,
    make_plan,
)
from ftrack_core.values import NOT_SET, EntityIdentity

MOMENT = datetime.datetime(2024, 5, 6, 7, 8, 9, tzinfo=datetime.timezone.utc)
TASK = EntityIdentity("Task", ("a",))


def told(plan: Plan) -> tuple[Any, ...]:
    """All that a plan says."""
    return tuple((each.action, each.entity, each.values) for each in plan.writes), dict(plan.before)


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.datetimes(timezones=st.just(datetime.timezone.utc)).map(lambda moment: moment.replace(fold=0))
)
identities = st.builds(
    EntityIdentity,
    st.sampled_from(["Task", "Metadata"]),
    st.lists(st.text(min_size=1), min_size=1, max_size=2).map(tuple),
)
values = st.recursive(
    scalars | identities | st.lists(identities, max_size=3).map(tuple),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
names = st.text(min_size=1, max_size=5)
operations = st.one_of(
    st.builds(CreateEntityOperation, st.just("Task"), st.just({"id": "a"}), st.dictionaries(names, values)),
    st.builds(UpdateEntityOperation, st.just("Task"), st.just({"id": "b"}), names, values, values),
    st.builds(DeleteEntityOperation, st.just("Shot"), st.just({"id": "c"})),
)


@settings(max_examples=200)
@given(st.lists(operations, max_size=6))
def test_what_is_written_is_read_again(recorded: list[Any]) -> None:
    """A plan that is committed elsewhere does there what it would have done here."""
    plan = make_plan(recorded)
    read = Plan.from_json(plan.to_json())
    assert told(read)[0] == told(plan)[0]
    updated = {(each.entity, name) for each in plan.writes if each.action == "update" for name in each.values}
    assert read.before == {place: value for place, value in plan.before.items() if place in updated}
    assert str(read) == str(plan)
    assert read.to_json() == plan.to_json()


def test_a_plan_reads_like_one() -> None:
    """A person looks into the file before it is committed."""
    plan = make_plan(
        [
            UpdateEntityOperation(
                "Task", {"id": "a"}, "end_date", {"__type__": "datetime", "value": "2024-01-01"}, MOMENT
            ),
            UpdateEntityOperation("Task", {"id": "a"}, "lists", NOT_SET, ()),
        ]
    )
    assert json.loads(plan.to_json()) == {
        "format": "ftrack-plan",
        "version": 1,
        "writes": [
            {
                "action": "update",
                "entity": ["Task", "a"],
                "values": {"end_date": {"date": "2024-05-06T07:08:09+00:00"}, "lists": {"entities": []}},
                "before": {"end_date": {"date": "2024-01-01"}},
            }
        ],
    }


@pytest.mark.parametrize("value", [float("nan"), object(), b"x", {"a": object()}])
def test_a_value_that_no_server_takes_is_told_when_the_plan_is_written(value: object) -> None:
    """Not by the process that wants to commit it next morning."""
    plan = make_plan([UpdateEntityOperation("Task", {"id": "a"}, "description", NOT_SET, value)])
    with pytest.raises(errors.InvalidValueError):
        plan.to_json()


def test_a_value_that_holds_itself_is_told() -> None:
    """Instead of an error of the interpreter."""
    value: list[Any] = []
    value.append(value)
    with pytest.raises(errors.InvalidValueError, match="holds itself"):
        Plan((PlannedWrite("update", TASK, {"description": value}),)).to_json()


def text(**changes: Any) -> str:
    """A plan of one write as text, with something wrong in the write."""
    write = {"action": "update", "entity": ["Task", "a"], "values": {"bid": 1}, "before": {}, **changes}
    return json.dumps({"format": "ftrack-plan", "version": 1, "writes": [write]})


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        "null",
        "[]",
        "{}",
        "no json",
        b"\xff\xfe",
        None,
        "[" * 100_000,
        '{"format": "ftrack-plan"}',
        '{"format": "ftrack-plan", "version": 2, "writes": []}',
        '{"format": "ftrack-plan", "version": true, "writes": []}',
        '{"format": "ftrack-plan", "version": 1, "writes": {}}',
        '{"format": "ftrack-plan", "version": 1, "writes": [1]}',
        '{"format": "ftrack-plan", "version": 1, "writes": [{"action": ["update"]}]}',
        '{"format": "ftrack-plan", "version": 1, "writes": [NaN]}',
        text(action="drop"),
        text(entity="Task"),
        text(entity=["Task"]),
        text(entity=["Task", None]),
        text(entity=["Task", ""]),
        text(values=[]),
        text(values={}),
        text(values={"a": {}}),
        text(values={"a": {"date": "2024-01-01", "entity": ["Task", "a"]}}),
        text(values={"a": {"__import__": "os"}}),
        text(values={"a": {"date": "yesterday"}}),
        text(values={"a": {"date": 1}}),
        text(values={"a": {"entity": {"id": 1}}}),
        text(values={"a": {"entities": "abc"}}),
        text(values={"a": {"object": []}}),
        text(values={"a": {"unset": 1}}),
        text(values={"a": {"unset": True}}),
        text(before=1),
        text(extra=1),
        text(action="delete"),
    ],
)
def test_what_is_no_plan_is_told(hostile: Any) -> None:
    """One clear error, whatever the file holds."""
    with pytest.raises(errors.PlanError, match="plan") as caught:
        Plan.from_json(hostile)
    assert len(str(caught.value)) < 400


@settings(max_examples=200)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["action", "entity", "values", "before", "date", "entities", "object", "unset", "update"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_stands_in_a_plan_gives_a_plan_or_our_error(writes: Any) -> None:
    """Nothing of Python's own reaches the program."""
    with contextlib.suppress(errors.PlanError):
        Plan.from_json(json.dumps({"format": "ftrack-plan", "version": 1, "writes": writes}))

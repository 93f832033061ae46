"""Operations pushed by hand, in the spelling that studios use: hundreds a commit, and nothing is loaded for them."""

from __future__ import annotations

import collections
import sys
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import NOT_SET, Session, errors
from ftrack_core.unit_of_work import DeleteEntityOperation, UpdateEntityOperation


@pytest.fixture
def configuration(session: Session) -> Any:
    """A number on shots."""
    number = session.query('CustomAttributeType where name is "number"').one()
    data = {"key": "fstart", "type": number, "config": "{}", "entity_type": "task", "default": 1001}
    kind = session.types["Shot"].attributes["object_type_id"].default
    made = session.create("CustomAttributeConfiguration", {**data, "object_type_id": kind})
    session.commit()
    return made


@pytest.fixture
def shots(session: Session, configuration: Any) -> list[str]:
    """Ids of five hundred shots, none of which is loaded."""
    parent = session.query("Sequence").first()
    made = [session.create("Shot", {"name": f"sh{number:04}", "parent": parent})["id"] for number in range(500)]
    session.commit()
    session.reset()
    return made


def push(session: Session, configuration_id: str, shots: list[str], offset: int = 0) -> None:
    """As it is written for the official client."""
    for number, entity_id in enumerate(shots):
        entity_key = collections.OrderedDict()
        entity_key["configuration_id"] = configuration_id
        entity_key["entity_id"] = entity_id
        session.recorded_operations.push(
            UpdateEntityOperation("ContextCustomAttributeValue", entity_key, "value", NOT_SET, number + offset)
        )


def stored(session: Session, configuration_id: str) -> dict[str, Any]:
    """What the server has."""
    asked = f"select entity_id, value from ContextCustomAttributeValue where configuration_id is {configuration_id}"
    return {each["entity_id"]: each["value"] for each in session.query(asked)}


def test_five_hundred_values_are_one_call(
    session: Session, wire: Any, configuration: Any, shots: list[str], make_session: Callable[..., Session]
) -> None:
    """Nothing is asked before or after, and no entity is loaded for it."""
    key = configuration["id"]
    wire.forget()
    push(session, key, shots)
    assert (session.modified, len(session.plan())) == ([], 500)
    session.commit()
    assert [len(batch) for batch in wire.batches] == [500]
    assert wire.batches[0][3]["entity_key"] == [key, shots[3]]
    assert len(session.recorded_operations) == 0
    found = stored(make_session(), key)
    assert [found[each] for each in shots] == list(range(500))


def test_they_belong_to_the_unit_of_work_in_which_they_are_pushed(
    session: Session, wire: Any, configuration: Any, shots: list[str]
) -> None:
    """A failing handler's values are not sent with the next one's."""
    key = configuration["id"]
    wire.forget()

    def fail() -> None:
        with session.unit_of_work() as work:
            push(session, key, shots[:2])
            work.recorded_operations.push(DeleteEntityOperation("Shot", {"id": shots[9]}))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with session.unit_of_work():
        push(session, key, shots[2:4])
    assert [len(batch) for batch in wire.batches] == [2]


def test_a_refused_batch_keeps_them(session: Session, configuration: Any, shots: list[str]) -> None:
    """As all others."""
    push(session, configuration["id"], [*shots[:3], "no such shot"])
    with pytest.raises(errors.ServerError):
        session.commit()
    assert len(session.recorded_operations) == 4
    session.recorded_operations.pop()
    session.commit()
    assert len(session.recorded_operations) == 0


def calls(work: Callable[[], object]) -> int:
    """How many functions were called meanwhile."""
    count = 0

    def seen(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("around", ["the session's own", "a block", "a block beside a long list"])
def test_the_cost_grows_with_what_is_pushed_and_not_with_its_square(
    session: Session, wire: Any, configuration: Any, shots: list[str], around: str
) -> None:
    """Twice as many take twice as long, whatever else is alive or pending in the session."""
    key = configuration["id"]
    alive = session.query("select name, parent.name from Shot").all()
    if around.endswith("list"):
        for shot in alive:
            shot["description"] = "pending"

    def work(count: int) -> None:
        push(session, key, shots[:count], count)
        assert session.created == []
        assert len(session.plan()) == count

    def cost(count: int) -> int:
        if around == "the session's own":
            made = calls(lambda: work(count))
            session.rollback()
            return made
        with session.unit_of_work() as unit:
            made = calls(lambda: work(count))
            return made + calls(unit.rollback)

    cost(10)
    few, many = cost(100), cost(400)
    assert many < 5 * few, (few, many)


def test_a_small_commit_costs_the_same_however_much_is_alive_and_pending(
    session: Session, configuration: Any, shots: list[str]
) -> None:
    """A handler that changes one value must not pay for a panel that shows five hundred."""
    key = configuration["id"]

    def cost() -> int:
        with session.unit_of_work() as unit:
            push(session, key, shots[:1])
            return calls(lambda: (unit.created, unit.modified, unit.plan())) + calls(unit.commit)

    cost()
    small = cost()
    alive = session.query("select name, parent.name from Shot").all()
    for shot in alive:
        shot["description"] = "pending"
    cost()
    assert cost() < 2 * small
    session.rollback()

"""What an entity is: its identity, its looks, its class."""

from __future__ import annotations

import copy
import gc
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import Session
from ftrack_core.entity import Entity, inspection, mixin
from ftrack_core.errors import EntityTypeError
from ftrack_core.values import NOT_SET, EntityIdentity, State


def test_one_identity_is_one_object(session: Session, task: Any) -> None:
    """Whatever road leads to it: a query, a reference, a collection, a key."""
    parent = task["parent"]
    assert session.query("Shot").all()[[shot["id"] for shot in session.query("Shot")].index(parent["id"])] is parent
    assert next(child for child in parent["children"] if child == task) is task
    assert session.get("Task", task["id"]) is task
    assert session.query("Task order by id").first() is task


def test_equality_and_hash_are_those_of_the_identity(session: Session, task: Any) -> None:
    """Entities of two sessions may be compared, and stand in sets; a mapping of the same values is no entity."""
    other = session.query("Project").one()
    assert task != other
    assert task != dict(task)
    assert task != task["id"]
    assert len({task, other, session.get("Task", task["id"])}) == 2
    assert task in [other, task]


def test_looks_load_nothing(task: Any, calls: Callable[[], int]) -> None:
    """Logging an entity is free."""
    assert str(task) == repr(task) == f"<Task({task['id']})>"
    assert repr(task["metadata"]) == f"<{task}.metadata: not loaded>"
    assert calls() == 0


def test_inspection_tells_without_loading(task: Any, calls: Callable[[], int]) -> None:
    """Identity, key and state."""
    assert inspection.identity(task) == EntityIdentity("Task", (task["id"],))
    assert inspection.primary_key(task) == {"id": task["id"]}
    assert inspection.state(task) is NOT_SET
    assert calls() == 0


def test_states_tell_what_a_commit_would_do(session: Session, task: Any) -> None:
    """A new entity stays new when it is changed, a deleted one deleted; nothing to do is false, and one symbol."""
    new = session.create("Task", {"name": "x", "parent": task["parent"]})
    new["name"] = "y"
    task["name"] = "z"
    assert inspection.states([new, task, task["parent"]]) == [State.CREATED, State.MODIFIED, NOT_SET]
    session.delete(new)
    session.delete(task)
    task["name"] = "again"
    assert inspection.states([new, task]) == [State.DELETED, State.DELETED]
    session.rollback()
    assert inspection.states([new, task]) == [NOT_SET, NOT_SET]
    assert not NOT_SET
    for twin in (copy.copy(NOT_SET), copy.deepcopy(NOT_SET)):
        assert twin is NOT_SET


def test_an_entity_is_a_mutable_mapping(session: Session, task: Any) -> None:
    """All that a dict does: reading, defaults, popping, updating; keys are never taken away."""
    names = list(task)
    assert task.setdefault("name", "other") == "layout"
    assert task.pop("name") == "layout"
    assert task.pop("nmae", 5) == 5
    with pytest.raises(KeyError):
        task.pop("nmae")
    assert len(session.recorded_operations) == 0
    task.update({"name": "a"}, description="b")
    assert task.pop("name") == "a"
    assert (task["name"], task["description"], list(task)) == ("layout", "b", names)
    with pytest.raises(KeyError):
        task.update(nmae=1)
    task.clear()
    assert (task["description"], session.modified) == (None, [])


def test_an_entity_knows_its_type(session: Session, task: Any) -> None:
    """The names that plug-ins look at."""
    assert task.session is session
    assert task.entity_type == type(task).__name__ == "Task"
    assert task.primary_key_attributes == ("id",)
    assert "name" in task.default_projections or "id" in task.default_projections
    assert list(task.keys()) == list(task.attributes)
    assert isinstance(task, Entity)
    assert isinstance(task, session.types["Task"])


def test_plain_attributes_stay_with_the_entity(session: Session) -> None:
    """`location.accessor = ...` is how locations work: it outlives the program's own reference."""
    location = session.query("Location").first()
    assert location is not None
    location.accessor = "disk"  # type: ignore[attr-defined]
    key = location["id"]
    del location
    gc.collect()
    found: Any = session.get("Location", key)
    assert found.accessor == "disk"


class Timed:
    """A plain class that a studio mixes in."""

    def hours(self) -> float:
        """The bid in hours."""
        return float(self["bid"]) / 3600  # type: ignore[index]


def test_a_plain_class_can_be_mixed_into_one_entity(session: Session, task: Any) -> None:
    """It keeps identity and values; others of its type are as before; mixing in twice is once."""
    mixin(task, Timed)
    kind = type(task)
    mixin(task, Timed)
    assert type(task) is kind
    assert kind.__name__ == "TimedTask"
    assert task.hours() == 8
    assert task == session.get("Task", task["id"])
    assert not hasattr(session.query("Task order by id").all()[1], "hours")
    mixin(task, type("Other", (), {"other": 1}), "Named")
    assert (type(task).__name__, task.other, task.hours()) == ("Named", 1, 8)


def test_a_class_can_be_mixed_into_a_type(session: Session) -> None:
    """A subscriber of `construct-entity-type` is asked once, when the type is first used."""
    asked: list[str] = []

    def construct(event: Any) -> type | None:
        asked.append(event["data"]["schema"]["id"])
        return Timed if asked[-1] == "Task" else None

    session.event_hub.subscribe("topic=ftrack.api.session.construct-entity-type", construct)
    task: Any = session.query("Task").first()
    assert task.hours() == 8
    assert session.query("Task").first() is task
    assert asked.count("Task") == 1


def test_two_classes_for_one_type_are_refused(session: Session) -> None:
    """The order of two plug-ins must not decide."""
    for _ in range(2):
        session.event_hub.subscribe("topic=ftrack.api.session.construct-entity-type", lambda _event: Timed)
    with pytest.raises(EntityTypeError, match="2 subscribers"):
        session.query("Note").first() or session.types["Note"]


def test_types_are_known_by_name_before_they_are_built(session: Session, calls: Callable[[], int]) -> None:
    """`"Shot" in session.types` and looking through the names build no class and ask nobody."""
    assert "Shot" in session.types
    assert "Shoot" not in session.types
    assert len(session.types) == len(list(session.types)) == len(session.schemas)
    assert session.types["Shot"].entity_type == "Shot"
    assert session.types.get("Shoot") is None
    assert calls() == 0

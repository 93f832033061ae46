"""The top memory layer: one object for each identity, bounded."""

from __future__ import annotations

import gc
from typing import Any

from ftrack_core.entity import Entity, IdentityMap, TypePlan, build_type, mixin
from ftrack_core.schema import Schemas
from ftrack_core.values import EntityIdentity, State

SCHEMAS = Schemas(
    [{"id": "Task", "primary_key": ["id"], "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}]
)
CONTEXT: Any = None
TASK = build_type(TypePlan(SCHEMAS["Task"], SCHEMAS), CONTEXT)


def task(number: int) -> Entity:
    """A task that came from the server."""
    return TASK(EntityIdentity("Task", (str(number),)), {"id": str(number)}, 1.0)


def fill(held: IdentityMap, first: int, last: int, page: int = 10) -> None:
    """Add tasks page by page, as queries do."""
    for start in range(first, last, page):
        for number in range(start, start + page):
            held.add(task(number))
        held.trim()


def find(held: IdentityMap, number: int) -> Entity | None:
    """The live task of a number."""
    return held.find(EntityIdentity("Task", (str(number),)))


def test_what_nobody_holds_is_forgotten_and_memory_stays_flat() -> None:
    """A listener that runs for months does not grow."""
    held = IdentityMap(100)
    fill(held, 0, 5000)
    gc.collect()
    assert find(held, 0) is None
    assert find(held, 4999) is not None
    assert len(list(held)) <= 220


def test_what_the_program_holds_stays_unique() -> None:
    """Two roads to one entity give one object, however long ago it was loaded."""
    held = IdentityMap(100)
    mine = task(0)
    held.add(mine)
    fill(held, 1, 5001)
    assert find(held, 0) is mine


def test_what_is_used_again_stays() -> None:
    """A status that every page refers to is not loaded again and again."""
    held = IdentityMap(100)
    held.add(task(0))
    for start in range(1, 3001, 100):
        fill(held, start, start + 100)
        held.touch(EntityIdentity("Task", ("0",)))
    gc.collect()
    assert find(held, 0) is not None


def test_changes_attributes_and_mixins_are_never_dropped() -> None:
    """A pending change, or a location's accessor, survives any number of other entities."""
    held = IdentityMap(100)
    pinned = [task(number) for number in range(4)]
    pinned[0]._local = {"name": "x"}
    pinned[1]._state = State.CREATED
    pinned[2].accessor = "disk"  # type: ignore[attr-defined]
    mixin(pinned[3], type("Extra", (), {"extra": 1}))
    for entity in pinned:
        held.add(entity)
    ids = [id(entity) for entity in pinned]
    del pinned, entity
    fill(held, 10, 5010)
    gc.collect()
    assert [id(find(held, number)) for number in range(4)] == ids


def test_a_page_asks_all_generations_whether_it_is_all_new() -> None:
    """An entity that the program held for long is not made a second time because a page came whole."""
    held = IdentityMap(10)
    mine = task(0)
    held.add(mine)
    new = EntityIdentity("Task", ("new",))
    for start in range(1, 101, 10):
        assert not held.has_none([new, mine._identity])
        assert held.has_none([new])
        fill(held, start, start + 10)
    held.add_new({new: TASK(new, {"id": "new"}, 1.0)})
    assert not held.has_none([new])


def test_forgetting_one_forgets_it_in_every_generation() -> None:
    """A deleted entity does not come back."""
    held = IdentityMap(10)
    mine = task(0)
    held.add(mine)
    fill(held, 1, 101)
    assert held.remove(mine._identity)
    assert find(held, 0) is None
    assert not held.remove(mine._identity)


def test_entities_are_slim_and_take_plain_attributes_and_mixins() -> None:
    """Ten thousand entities cost little, and a plug-in can still hang something on one."""
    entity = task(1)
    assert not type(entity).__slots__
    entity.priority = 3  # type: ignore[attr-defined]
    mixin(entity, type("Loud", (), {"shout": lambda self: self["id"] + "!"}), "LoudTask")
    assert type(entity).__name__ == "LoudTask"
    assert entity.shout() == "1!"  # type: ignore[attr-defined]
    assert isinstance(entity, TASK)
    before = type(entity)
    mixin(entity, before.__mro__[1])
    assert type(entity) is before

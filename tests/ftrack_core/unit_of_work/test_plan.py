"""The plan that a commit makes of recorded operations (features 12, the rules of `commit`)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftrack_core.errors import OperationError
from ftrack_core.unit_of_work import (
    CreateEntityOperation,
    DeleteEntityOperation,
    Operation,
    RecordedOperations,
    UpdateEntityOperation,
    make_plan,
)
from ftrack_core.values import NOT_SET, EntityIdentity

KEY = {"id": "a"}
OTHER = {"id": "b"}


def update(name: str, value: object, key: dict[str, str] = KEY) -> UpdateEntityOperation:
    """An update of one attribute of a task."""
    return UpdateEntityOperation("Task", key, name, NOT_SET, value)


def sent(*operations: Operation) -> list[tuple[str, str, dict[str, object]]]:
    """What a plan of these operations sends, short."""
    return [(write.action, write.entity.key[0], write.values) for write in make_plan(operations).writes]


def test_a_create_carries_type_key_and_data() -> None:
    """The server is told what it needs to make the entity."""
    plan = make_plan([CreateEntityOperation("Task", KEY, {"name": "anim"})])
    assert plan.payloads() == [
        {
            "action": "create",
            "entity_type": "Task",
            "entity_key": ["a"],
            "entity_data": {"__entity_type__": "Task", "id": "a", "name": "anim"},
        }
    ]


def test_a_delete_carries_type_and_key_only() -> None:
    """A delete needs no data."""
    plan = make_plan([DeleteEntityOperation("Task", KEY)])
    assert plan.payloads() == [{"action": "delete", "entity_type": "Task", "entity_key": ["a"]}]


def test_an_entity_created_and_deleted_is_never_sent() -> None:
    """Trying something out and dropping it costs no call."""
    plan = make_plan(
        [CreateEntityOperation("Task", KEY, {"name": "x"}), update("bid", 3), DeleteEntityOperation("Task", KEY)]
    )
    assert not plan.writes
    assert plan.vanished == {EntityIdentity("Task", ("a",))}
    assert len(plan.operations) == 3


def test_the_last_update_of_an_attribute_counts() -> None:
    """A slider that was dragged does not send every step."""
    assert sent(update("bid", 1), update("name", "x"), update("bid", 2)) == [("update", "a", {"name": "x", "bid": 2})]


def test_an_update_next_to_its_create_becomes_part_of_it() -> None:
    """A new entity with relations is one write."""
    assert sent(CreateEntityOperation("Task", KEY, {"name": "x"}), update("parent", "p")) == [
        ("create", "a", {"id": "a", "name": "x", "parent": "p"})
    ]


def test_an_update_behind_another_entity_stays_where_it_is() -> None:
    """An update that needs a row made in between comes after that row."""
    assert sent(
        CreateEntityOperation("Task", KEY, {"name": "x"}),
        CreateEntityOperation("Task", OTHER, {"name": "y"}),
        update("parent", "b"),
    ) == [
        ("create", "a", {"id": "a", "name": "x"}),
        ("create", "b", {"id": "b", "name": "y"}),
        ("update", "a", {"parent": "b"}),
    ]


def test_values_that_are_not_set_are_left_out_and_empty_updates_vanish() -> None:
    """Nothing is told to the server where there is nothing to tell."""
    assert sent(update("bid", NOT_SET), CreateEntityOperation("Task", OTHER, {"name": NOT_SET})) == [
        ("create", "b", {"id": "b"})
    ]


def test_a_plan_reads_as_a_list_of_writes() -> None:
    """A person can read what a commit would do."""
    assert str(make_plan([update("bid", 2)])) == "update <Task(a)>  bid=2"
    assert str(make_plan([CreateEntityOperation("Task", KEY, {"link": [1]})])) == "create <Task(a)>  link=[1]"
    assert str(make_plan([])) == "nothing to do"


def test_planning_changes_no_operation() -> None:
    """A plan that is shown and not committed leaves no trace."""
    operation = CreateEntityOperation("Task", KEY, {"name": "x"})
    make_plan([operation, update("bid", 1)])
    assert operation.entity_data == {"name": "x"}


def test_only_operations_can_be_pushed() -> None:
    """A wrong thing is refused when it is pushed, not when it is committed."""
    recorded = RecordedOperations()
    with pytest.raises(OperationError):
        recorded.push({"action": "update"})  # type: ignore[arg-type]
    with pytest.raises(OperationError):
        recorded.pop()


def test_forgetting_a_snapshot_keeps_what_came_since() -> None:
    """What another thread records during a commit waits for the next one."""
    recorded = RecordedOperations([update("bid", 1)])
    taken = recorded.snapshot()
    later = update("bid", 1)
    recorded.push(later)
    recorded.forget(taken)
    assert list(recorded) == [later]
    assert next(iter(recorded)) is later


_operations = st.lists(
    st.one_of(
        st.builds(
            lambda key, value: CreateEntityOperation("T", {"id": key}, {"x": value}),
            st.sampled_from("abc"),
            st.integers(0, 3),
        ),
        st.builds(
            lambda key, name, value: UpdateEntityOperation("T", {"id": key}, name, NOT_SET, value),
            st.sampled_from("abc"),
            st.sampled_from("xyz"),
            st.integers(0, 3),
        ),
        st.builds(lambda key: DeleteEntityOperation("T", {"id": key}), st.sampled_from("abc")),
    ),
    max_size=12,
)


def replay(writes: list[tuple[str, str, dict[str, object]]]) -> dict[str, dict[str, object]]:
    """What a server that has row `a` has after the writes; a write that no server would take is an error."""
    rows: dict[str, dict[str, object]] = {"a": {"id": "a"}}
    for action, key, values in writes:
        assert (key in rows) is (action != "create")
        if action == "delete":
            del rows[key]
        else:
            rows.setdefault(key, {"id": key}).update(values)
    return rows


def possible(operations: list[Operation]) -> list[Operation]:
    """Those operations that a server which has row `a` could carry out, one by one."""
    there, kept = {"a"}, []
    for operation in operations:
        key = operation.entity_key["id"]
        if (key in there) is not isinstance(operation, CreateEntityOperation):
            kept.append(operation)
            there ^= {key} if not isinstance(operation, UpdateEntityOperation) else set()
    return kept


@settings(max_examples=300)
@given(_operations)
def test_a_plan_has_the_effect_of_its_operations(operations: list[Operation]) -> None:
    """Whatever a program does, the batch leaves the rows that the operations one by one would."""
    operations = possible(operations)
    assert replay(sent(*operations)) == replay([write for operation in operations for write in sent(operation)])


def test_a_key_that_is_deleted_and_made_anew_is_both() -> None:
    """Removing a piece of metadata and setting it again in one commit does what it says."""
    assert [
        action for action, _, _ in sent(DeleteEntityOperation("T", KEY), CreateEntityOperation("T", KEY, {"x": 1}))
    ] == [
        "delete",
        "create",
    ]

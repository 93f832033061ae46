"""Collections of entities, and metadata."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.entity import Collection, TypePlan, build_type
from ftrack_core.schema import Schemas
from ftrack_core.values import EntityIdentity


@pytest.fixture
def shot(session: Session, task: Any) -> Any:
    """A shot with three tasks."""
    parent = task["parent"]
    for name in ("animation", "light"):
        session.create("Task", {"name": name, "parent": parent})
    session.commit()
    session.populate(parent, "children")
    return parent


def on_server(session: Session, entity: Any, name: str) -> list[Any]:
    """A collection as another session of the same workspace sees it, as keys."""
    row = session._parts.server.call(
        [{"action": "query", "expression": f"select {name} from {entity.entity_type} where id is {entity['id']}"}]
    )
    return [each["id"] for each in row[0]["data"][0][name]]


@pytest.fixture
def lists(session: Session) -> list[Any]:
    """Four lists."""
    project, category = session.query("Project").one(), session.query("ListCategory").first()
    values = [{"name": f"list {number}", "project": project, "category": category} for number in range(4)]
    made = [session.create("TypedContextList", each) for each in values]
    session.commit()
    return made


def test_a_collection_reads_as_a_list(shot: Any, task: Any) -> None:
    """Index, slice, length, truth, membership, order."""
    children = shot["children"]
    assert len(children) == 3
    assert children[0] in children
    assert children[-1] is list(children)[2]
    assert children[:2] == [children[0], children[1]]
    assert children.index(task) == list(children).index(task)
    assert children.count(task) == 1
    assert bool(children)
    assert shot not in children
    assert "x" not in children
    with pytest.raises(IndexError):
        children[3]


def test_equality_is_that_of_the_entities_in_it(shot: Any, task: Any) -> None:
    """In any order; never equal to a plain list, as in existing code."""
    assert shot["children"] == shot["children"]
    assert shot["children"] != list(shot["children"])
    assert shot["children"] != task["children"]
    with pytest.raises(TypeError):
        hash(shot["children"])


def test_each_change_is_recorded_and_sent(session: Session, task: Any, lists: list[Any]) -> None:
    """Append, insert, extend, replace, remove, pop, delete, clear: the server has what is seen here."""
    held = task["lists"]
    one, two, three, four = lists
    steps: list[tuple[Callable[[], object], list[Any]]] = [
        (lambda: held.append(one), [one]),
        (lambda: held.insert(0, two), [two, one]),
        (lambda: held.extend([three]), [two, one, three]),
        (lambda: held.__setitem__(1, four), [two, four, three]),
        (lambda: held.__setitem__(-1, one), [two, four, one]),
        (lambda: held.__setitem__(0, two), [two, four, one]),
        (lambda: held.__setitem__(slice(0, 2), [three]), [three, one]),
        (lambda: held.remove(three), [one]),
        (held.pop, []),
        (lambda: task.update(lists=[one, two]), [one, two]),
        (lambda: held.__delitem__(0), [two]),
        (held.reverse, [two]),
        (held.clear, []),
        (lambda: task.update(lists=lists), lists),
        (lambda: task.update(lists=None), []),
    ]
    for step, expected in steps:
        step()
        assert list(held) == expected
        session.commit()
        assert set(held) == set(expected)
        assert set(on_server(session, task, "lists")) == {each["id"] for each in expected}
        task["lists"] = expected  # the server has an order of its own; the next step counts on ours


def test_many_changes_are_one_update(session: Session, task: Any, lists: list[Any]) -> None:
    """A loop of appends sends the whole list once."""
    for each in lists:
        task["lists"].append(each)
    [write] = session.plan().writes
    assert [each.key[0] for each in write.values["lists"]] == [each["id"] for each in lists]


def test_an_entity_stands_in_a_collection_once(session: Session, task: Any, lists: list[Any]) -> None:
    """Whatever the way in; a refused change changes nothing."""
    task["lists"] = lists[:2]
    session.commit()
    held = task["lists"]
    before = list(held)
    steps: list[Callable[[], object]] = [
        lambda: held.append(lists[0]),
        lambda: held.insert(1, lists[1]),
        lambda: held.__setitem__(1, before[0]),
        lambda: held.__setitem__(slice(0, 1), [lists[2], lists[2]]),
        lambda: task.update(lists=[lists[3], lists[3]]),
    ]
    for step in steps:
        with pytest.raises(errors.DuplicateItemInCollectionError):
            step()
    assert list(held) == before
    assert len(session.recorded_operations) == 0


@pytest.mark.parametrize("value", ["x", None, 7, {"id": "x"}])
def test_a_collection_refuses_what_is_no_entity(task: Any, value: Any) -> None:
    """By an error that says what stands there."""
    with pytest.raises(errors.InvalidValueError, match=r"List"):
        task["lists"].append(value)


@pytest.mark.parametrize("value", ["abc", b"x", 7, {"a": 1}, [1], ["x"]])
def test_a_collection_is_set_from_entities_only(session: Session, task: Any, value: Any) -> None:
    """A text is no list of entities, though Python could walk it."""
    with pytest.raises(errors.InvalidValueError):
        task["lists"] = value
    assert len(session.recorded_operations) == 0


def test_what_is_not_there_cannot_be_taken_out(task: Any, lists: list[Any]) -> None:
    """As for a list: ValueError and IndexError, and nothing is recorded."""
    for value in (lists[0], "x", None):
        with pytest.raises(ValueError, match="is not in"):
            task["lists"].remove(value)
    for step in (
        lambda: task["lists"].__delitem__(5),
        lambda: task["lists"].__setitem__(5, lists[0]),
        lambda: task["lists"].__setitem__(-1, lists[0]),
        task["lists"].pop,
    ):
        with pytest.raises(IndexError):
            step()
    assert len(task.session.recorded_operations) == 0


def test_an_immutable_collection_cannot_be_changed() -> None:
    """It says so before anything is recorded."""
    schema = {
        "id": "Shot",
        "primary_key": ["id"],
        "immutable": ["children"],
        "properties": {"id": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "Shot"}}},
    }
    schemas = Schemas([schema])
    context: Any = SimpleNamespace(auto_populate=False)
    kind = build_type(TypePlan(schemas["Shot"], schemas), context)
    shot = kind(EntityIdentity("Shot", ("x",)), {"id": "x", "children": []}, 0.0)
    collection: Collection = shot["children"]
    assert not collection.mutable
    with pytest.raises(errors.ImmutableCollectionError, match=r"Shot\.children"):
        collection.append(shot)
    with pytest.raises(errors.ImmutableCollectionError):
        collection[:] = []
    with pytest.raises(errors.ImmutableAttributeError):
        shot["children"] = []


def test_a_new_entitys_collection_goes_with_it(session: Session, task: Any, lists: list[Any]) -> None:
    """Created with relations, or given them before the commit."""
    made = session.create("Task", {"name": "x", "parent": task["parent"], "lists": lists[:1]})
    made["lists"].append(lists[1])
    session.commit()
    assert set(made["lists"]) == set(lists[:2])


def test_metadata_is_a_mapping(session: Session, task: Any) -> None:
    """Set, change, read, count, delete; the server has what is seen here."""
    metadata = task["metadata"]
    metadata["a"] = "1"
    metadata.update(b="2", c="3")
    assert dict(metadata) == {"a": "1", "b": "2", "c": "3"}
    session.commit()
    metadata["a"] = "changed"
    del metadata["b"]
    session.commit()
    session.cache.clear()
    again = session.query(f"select metadata from Task where id is {task['id']}").one()
    assert dict(again["metadata"]) == {"a": "changed", "c": "3"}
    assert (len(again["metadata"]), "a" in again["metadata"], "b" in again["metadata"]) == (2, True, False)
    assert again["metadata"].get("b", "none") == "none"
    with pytest.raises(KeyError):
        del again["metadata"]["b"]


def test_one_key_may_be_deleted_and_set_again_in_one_commit(session: Session, task: Any) -> None:
    """The old entry goes, the new one comes, in one batch."""
    task["metadata"]["a"] = "old"
    session.commit()
    del task["metadata"]["a"]
    task["metadata"]["a"] = "new"
    session.commit()
    assert dict(task["metadata"]) == {"a": "new"}
    for value in ("x", "y", "z"):
        del task["metadata"]["a"]
        task["metadata"]["a"] = value
    assert dict(task["metadata"]) == {"a": "z"}
    session.rollback()
    assert dict(task["metadata"]) == {"a": "new"}
    for value in ("x", "y", "new"):
        del task["metadata"]["a"]
        task["metadata"]["a"] = value
    session.commit()
    assert dict(task["metadata"]) == {"a": "new"}
    assert session.created == session.deleted == session.modified == []
    assert session.query(f"Metadata where parent_id is {task['id']}").one()["value"] == "new"


def test_assigning_a_mapping_makes_it_so(session: Session, task: Any) -> None:
    """Keys that are missing are deleted, others set; from another entity's metadata too; for a new entity as well."""
    task["metadata"] = {"a": "1", "b": "2"}
    session.commit()
    task["metadata"] = {"b": "3", "c": "4"}
    session.commit()
    assert dict(task["metadata"]) == {"b": "3", "c": "4"}
    made = session.create("Task", {"name": "x", "parent": task["parent"], "metadata": {"a": "b"}})
    made["metadata"]["c"] = "d"
    session.commit()
    assert dict(made["metadata"]) == {"a": "b", "c": "d"}
    made["metadata"] = task["metadata"]
    session.commit()
    assert dict(made["metadata"]) == dict(task["metadata"])
    with pytest.raises(errors.InvalidValueError):
        made["metadata"] = ["a"]


def test_metadata_is_one_call(session: Session, task: Any, calls: Callable[[], int]) -> None:
    """Keys and values come together; showing them asks nobody."""
    task["metadata"].update(a="1", b="2", c="3")
    session.commit()
    session.cache.clear()
    again = session.query(f"select id from Task where id is {task['id']}").one()
    before = calls()
    assert dict(again["metadata"]) == {"a": "1", "b": "2", "c": "3"}
    assert calls() == before + 1
    assert repr(again["metadata"]) == repr(dict(again["metadata"]))
    assert calls() == before + 1


def test_a_rollback_takes_metadata_back(session: Session, task: Any) -> None:
    """New keys, changed values and deleted keys alike."""
    task["metadata"].update(a="1", b="2")
    session.commit()
    task["metadata"]["a"] = "x"
    task["metadata"]["new"] = "y"
    del task["metadata"]["b"]
    session.rollback()
    assert dict(task["metadata"]) == {"a": "1", "b": "2"}
    assert session.created == session.deleted == []


def test_an_unknown_custom_attribute_is_told(session: Session, task: Any) -> None:
    """Custom attributes cannot be made up: the message names those there are."""
    with pytest.raises(KeyError, match="no custom_attributes 'fstart'; it has: "):
        task["custom_attributes"]["fstart"] = 1
    assert len(session.recorded_operations) == 0


def test_changing_a_collection_that_is_not_loaded_keeps_what_it_holds(session: Session) -> None:
    """With auto-population off, one more item must not drop all others on the server."""
    sequence = session.query("select children from Sequence").first()
    assert sequence is not None
    before = {child["id"] for child in sequence["children"]}
    sequence_id, project = sequence["id"], sequence["project"]
    added = session.create("Shot", {"name": "one_more", "parent": project})
    session.commit()
    session.reset()
    with session.auto_populating(auto_populate=False):
        fresh = session.query(f"select id from Sequence where id is {sequence_id}").one()
        fresh["children"].append(session.get("Shot", added["id"]))
        session.commit()
    session.reset()
    again = session.query(f"select children from Sequence where id is {sequence_id}").one()
    assert {child["id"] for child in again["children"]} == before | {added["id"]}


def test_keys_of_a_mapping_are_a_list(session: Session, task: Any) -> None:
    """Existing code sorts and indexes them; changing while looping over them is fine."""
    task["metadata"].update(b="2", a="1")
    keys = task["metadata"].keys()
    keys.sort()
    assert keys == ["a", "b"]
    for key in task["metadata"].keys():  # noqa: SIM118 - the list is the case
        del task["metadata"][key]
    assert dict(task["metadata"]) == {}
    session.rollback()


def test_none_empties_a_mapping_as_it_empties_a_list(session: Session, task: Any) -> None:
    """For an entity that is there, and for a new one."""
    task["metadata"] = {"a": "1"}
    session.commit()
    task["metadata"] = None
    session.commit()
    assert dict(task["metadata"]) == {}
    made = session.create("Task", {"name": "x", "parent": task["parent"], "metadata": None, "assignments": None})
    session.commit()
    assert (dict(made["metadata"]), list(made["assignments"])) == ({}, [])

"""Pages are split into one state for each entity, or refused whole."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_core.entity import TypePlan, split_rows
from ftrack_core.errors import MalformedReplyError, UnrecognisedEntityTypeError
from ftrack_core.schema import Schemas
from ftrack_core.values import EntityIdentity

TASK: dict[str, Any] = {
    "id": "Task",
    "primary_key": ["id"],
    "default_projections": ["id", "name"],
    "properties": {
        "id": {"type": "string", "default": "{uid}"},
        "name": {"type": "string"},
        "link": {"type": "string"},
        "status": {"$ref": "Status"},
        "parent": {"$ref": "Task"},
        "children": {"type": "array", "items": {"$ref": "Task"}},
    },
}
STATUS: dict[str, Any] = {
    "id": "Status",
    "primary_key": ["id"],
    "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "sort": {"type": "integer"}},
}
LINK: dict[str, Any] = {
    "id": "SchemaStatus",
    "primary_key": ["status_id", "schema_id"],
    "properties": {"status_id": {"type": "string"}, "schema_id": {"type": "string"}},
}
SCHEMAS = Schemas([TASK, STATUS, LINK])
PLANS: dict[str, TypePlan] = {}


def plan_of(name: str) -> TypePlan:
    """The plan of a type, made once."""
    return PLANS.setdefault(name, TypePlan(SCHEMAS[name], SCHEMAS))


def task(key: str, **values: Any) -> dict[str, Any]:
    """A task on the wire."""
    return {"__entity_type__": "Task", "id": key, **values}


def status(key: str, **values: Any) -> dict[str, Any]:
    """A status on the wire."""
    return {"__entity_type__": "Status", "id": key, **values}


def states(*rows: Any) -> dict[str, dict[str, Any]]:
    """The states of a page, by the text of the identity."""
    page = split_rows(rows, plan_of)
    return {str(identity): state for found in page.states.values() for identity, state in found.items()}


def test_nested_entities_become_states_of_their_own() -> None:
    """Keeping one task does not pin its whole show."""
    found = states(task("t", name="anim", status=status("s", name="open"), parent=task("p", name="shot")))
    assert found == {
        "<Task(t)>": {
            "id": "t",
            "name": "anim",
            "status": EntityIdentity("Status", ("s",)),
            "parent": EntityIdentity("Task", ("p",)),
        },
        "<Status(s)>": {"id": "s", "name": "open"},
        "<Task(p)>": {"id": "p", "name": "shot"},
    }


def test_the_states_are_the_servers_own_dicts() -> None:
    """A page costs no second copy of its values."""
    row = task("t", name="anim")
    assert split_rows([row], plan_of).states["Task"][EntityIdentity("Task", ("t",))] is row


def test_roots_keep_the_order_of_the_page() -> None:
    """Rows come out as the server ordered them, twins included."""
    assert [i.key[0] for i in split_rows([task("b"), task("a"), task("b")], plan_of).roots] == ["b", "a", "b"]


def test_an_entity_told_in_parts_has_all_parts() -> None:
    """A server may tell an entity in full once and refer to it later, or the other way round."""
    found = states(
        task("1", status=status("s")),
        task("2", status=status("s", name="open")),
        task("3", status=status("s", sort=4)),
    )
    assert found["<Status(s)>"] == {"id": "s", "name": "open", "sort": 4}


def test_collections_become_identities_and_null_is_empty() -> None:
    """A projected collection is there even when it is empty."""
    found = states(task("t", children=[task("c"), task("d")]), task("u", children=None), task("v", status=None))
    assert found["<Task(t)>"]["children"] == [EntityIdentity("Task", ("c",)), EntityIdentity("Task", ("d",))]
    assert found["<Task(u)>"]["children"] == []
    assert found["<Task(v)>"]["status"] is None


def test_a_cycle_of_references_ends() -> None:
    """A child that names its parent, which names its children, is no problem."""
    found = states(task("p", children=[task("c", parent=task("p", name="shot"))]))
    assert found["<Task(p)>"] == {"id": "p", "name": "shot", "children": [EntityIdentity("Task", ("c",))]}


def test_scalars_that_hold_lists_are_left_alone() -> None:
    """`link` is a list of plain objects, not of entities."""
    link = [{"type": "Project", "id": "x", "name": "show"}]
    assert states(task("t", link=link))["<Task(t)>"]["link"] == link


def test_what_is_no_attribute_is_left_out() -> None:
    """A server may send more than its schema says."""
    assert states(task("t", showid="x"))["<Task(t)>"] == {"id": "t"}


def test_composite_keys_and_numbers_become_text() -> None:
    """Keys compare as text, whatever the server sends."""
    [identity] = split_rows([{"__entity_type__": "SchemaStatus", "status_id": 1, "schema_id": "b"}], plan_of).roots
    assert identity == EntityIdentity("SchemaStatus", ("1", "b"))


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"id": "t"}, MalformedReplyError),
        ("Task", MalformedReplyError),
        (None, MalformedReplyError),
        (["x"], MalformedReplyError),
        ({"__entity_type__": 3, "id": "t"}, MalformedReplyError),
        ({"__entity_type__": "Task", "name": "x"}, MalformedReplyError),
        ({"__entity_type__": "Task", "id": None}, MalformedReplyError),
        (task("t", status="s"), MalformedReplyError),
        (task("t", children={"id": "c"}), MalformedReplyError),
        (task("t", children=["c"]), MalformedReplyError),
        ({"__entity_type__": "Tusk", "id": "t"}, UnrecognisedEntityTypeError),
        (task("t", parent={"__entity_type__": "Status"}), MalformedReplyError),
    ],
)
def test_a_page_that_is_wrong_anywhere_is_refused(row: Any, error: type[Exception]) -> None:
    """Half a page never reaches a session, and the error is of our tree."""
    with pytest.raises(error):
        split_rows([task("before"), row], plan_of)

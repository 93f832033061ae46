"""Pages are split into one state for each entity, or refused whole."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrack_core.entity import SplitPage, TypePlan, _splitting, split_results, split_rows
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
    return by_text(split_rows(rows, plan_of))


def by_text(page: SplitPage) -> dict[str, dict[str, Any]]:
    """The states of a page that was split, by the text of the identity."""
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


def test_rows_of_several_types_and_keys_come_out_in_order() -> None:
    """A query of a base type gives a mixture, and each row stays in its place."""
    rows = [task("1", name="a"), status("2", sort=1), task("3"), status("4", name="b"), task("5", name="c")]
    page = split_rows([*rows, task("6", link=[])], plan_of)
    assert [str(each) for each in page.roots] == [
        "<Task(1)>",
        "<Status(2)>",
        "<Task(3)>",
        "<Status(4)>",
        "<Task(5)>",
        "<Task(6)>",
    ]
    assert by_text(page)["<Status(2)>"] == {"id": "2", "sort": 1}
    assert by_text(page)["<Task(3)>"] == {"id": "3"}


def test_lists_of_different_lengths_stay_with_their_rows() -> None:
    """The children of one task are not those of the next one, whatever comes between."""
    found = states(
        task("t", children=[task("a"), task("b", parent=task("t"))]),
        task("u", children=None),
        task("v", children=[]),
        task("w", children=[task("c", name="x"), status("s"), task("a", name="y")]),
    )
    keys = {text: [each.key[0] for each in found[f"<Task({text})>"]["children"]] for text in "tuvw"}
    assert keys == {"t": ["a", "b"], "u": [], "v": [], "w": ["c", "s", "a"]}
    assert found["<Task(a)>"] == {"id": "a", "name": "y"}
    assert found["<Task(b)>"]["parent"] == EntityIdentity("Task", ("t",))


def test_a_later_result_of_a_batch_is_newer() -> None:
    """After two updates in one commit the entity shows the second one, in whatever form the server told them."""
    flat = [task("t", name="1", link=1), task("t", link=2), task("t", name="3", link=3), task("t", name="4")]
    assert by_text(split_results(flat, plan_of))["<Task(t)>"] == {"id": "t", "name": "4", "link": 3}
    nested = [task("u", parent=task("t", name="old")), task("t", name="new"), task("v", parent=task("t", link=1))]
    page = split_results(nested, plan_of)
    assert by_text(page)["<Task(t)>"] == {"id": "t", "name": "new", "link": 1}
    assert [each.key[0] for each in page.roots] == ["u", "t", "v"]
    newest = split_results([task("t", name="old"), task("u", parent=task("t", name="new"))], plan_of)
    assert by_text(newest)["<Task(t)>"]["name"] == "new"


_KEYS = st.sampled_from("ab")
_NUMBERS = st.integers(0, 9).map(str)
_STATUSES = st.builds(status, _KEYS) | st.builds(lambda key, name: status(key, name=name), _KEYS, _NUMBERS)
_TASKS = st.recursive(
    st.builds(task, _KEYS) | st.builds(lambda key, name: task(key, name=name), _KEYS, _NUMBERS),
    lambda tasks: st.builds(
        lambda key, values: task(key, **values),
        _KEYS,
        st.fixed_dictionaries(
            {},
            optional={
                "name": _NUMBERS,
                "status": st.none() | _STATUSES,
                "parent": st.none() | tasks,
                "children": st.none() | st.lists(tasks, max_size=2),
            },
        ),
    ),
    max_leaves=4,
)


@given(st.lists(_TASKS | _STATUSES, max_size=8))
def test_results_together_tell_the_same_as_one_by_one(results: list[Any]) -> None:
    """Whichever results are taken together for speed, a session shows what the last one told."""
    expected: dict[str, dict[str, Any]] = {}
    for row in copy.deepcopy(results):
        for text, state in states(row).items():
            expected.setdefault(text, {}).update(state)
    page = split_results(copy.deepcopy(results), plan_of)
    assert by_text(page) == expected
    assert [each.key[0] for each in page.roots] == [row["id"] for row in results]


def test_results_with_mere_references_are_taken_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit of a thousand new entities of two types is split in a few steps, not in thousands."""
    parts: list[int] = []
    take = _splitting._Splitter.take

    def counted(splitter: Any, rows: Any) -> Any:
        parts.append(len(rows))
        return take(splitter, rows)

    monkeypatch.setattr(_splitting._Splitter, "take", counted)
    results = [
        row for n in range(50) for row in (status(f"s{n}", name="x"), task(f"t{n}", status=status("s"), parent=None))
    ]
    assert len(split_results(results, plan_of).roots) == 100
    assert len(parts) <= 5


def test_texts_that_repeat_are_held_once() -> None:
    """Ten thousand rows of one project do not hold its key ten thousand times; values stay what they are."""
    rows = [task(str(number), name="".join(["pro", "ject"]), link=number % 2) for number in range(40)]
    rows += [task(f"x{number}", name=None if number % 3 else "".join(["a", "b"])) for number in range(40)]
    expected = {row["id"]: {name: value for name, value in row.items() if name != "__entity_type__"} for row in rows}
    found = states(*rows)
    assert {text[6:-2]: state for text, state in found.items()} == expected
    assert len({id(found[f"<Task({number})>"]["name"]) for number in range(40)}) == 1
    assert len({id(found[f"<Task(x{number})>"]["name"]) for number in range(0, 40, 3)}) == 1


def test_numbers_and_truths_are_not_taken_for_each_other() -> None:
    """One, one point nought and true are equal, and yet three values."""
    values = [1, True, 1.0, "1", None, [1]] * 10
    found = states(*(task(str(number), link=value) for number, value in enumerate(values)))
    assert [repr(found[f"<Task({number})>"]["link"]) for number in range(60)] == list(map(repr, values))


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


@pytest.mark.parametrize("split", [split_rows, split_results])
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
        ({"__entity_type__": ["Task"], "id": "t"}, MalformedReplyError),
        ({"__entity_type__": None, "id": "t"}, MalformedReplyError),
        (7, MalformedReplyError),
        ("__", MalformedReplyError),
        ([], MalformedReplyError),
        ({}, MalformedReplyError),
        (task("t", parent=7), MalformedReplyError),
        (task("t", parent=[]), MalformedReplyError),
        (task("t", children=[None]), MalformedReplyError),
    ],
)
def test_a_page_that_is_wrong_anywhere_is_refused(row: Any, error: type[Exception], split: Any) -> None:
    """Half a page never reaches a session, and the error is of our tree; so it is when all rows are wrong."""
    for rows in ([task("before"), row, task("behind")], [row], [row, row]):
        with pytest.raises(error):
            split(rows, plan_of)

"""Queries: filters and orders see the values that entities have, defaults too."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def shots(studio: Any) -> dict[str, Any]:
    """Shots by name, with numbers, dates and words; `c` has defaults only."""
    project = studio.one("select id from Project where name is show")
    made = {name: studio.client.shot(project, name) for name in ("a", "b", "c")}
    config = json.dumps({"multiSelect": True, "data": json.dumps([{"menu": v, "value": v} for v in ("x", "y")])})
    declared = {
        "number_field": studio.declare("number_field", default=5),
        "day": studio.declare("day", "date"),
        "word": studio.declare("word", "text", default="12"),
        "flag": studio.declare("flag", "boolean"),
        "tags": studio.declare("tags", "enumerator", config=config),
    }
    values = {
        "a": {"number_field": 9, "day": "2020-01-01", "word": "nine", "flag": True, "tags": ["x"]},
        "b": {"number_field": 10.5, "day": "2020-03-01T12:00:00", "word": "ten", "tags": ["x", "y"]},
    }
    for name, own in values.items():
        for key, value in own.items():
            studio.set(made[name], declared[key], value)
    return made


FILTERS = {
    "custom_attributes any (key is 'number_field' and value is 9)": "a",
    "custom_attributes any (key is number_field and value is '9')": "a",
    "custom_attributes any (key is number_field and value is 5)": "c sh010 sh020",
    "custom_attributes any (key is number_field and value > 9)": "b",
    "custom_attributes any (key is number_field and value >= 9 and value < 10.5)": "a",
    "custom_attributes any (key is number_field and value != 5)": "a b",
    "custom_attributes any (key is number_field and value in (9, 10.5))": "a b",
    "custom_attributes any (key is number_field and value not_in (9, 5))": "b",
    "custom_attributes.value > 8": "a b",
    "custom_attributes any (key is word and value is 12)": "c sh010 sh020",
    "custom_attributes any (key is word and value like 'N%')": "a",
    "custom_attributes any (key is day and value is '2020-01-01')": "a",
    "custom_attributes any (key is day and value > '2020-01-01')": "b",
    "custom_attributes any (key is day and value >= '2020-01-01')": "a b",
    "custom_attributes any (key is day and value < '2020-03-01T14:00:00+02:00')": "a",
    "custom_attributes any (key is day and value is None)": "c sh010 sh020",
    "custom_attributes any (key is flag and value is True)": "a",
    "custom_attributes any (key is flag and value is false)": "b c sh010 sh020",
    "custom_attributes any (key is tags and value is x)": "a",
    "custom_attributes any (key is tags and value like '%x%')": "a b",
    "custom_attributes any (configuration.key is number_field and configuration.type.name is number and value is 9)": (
        "a"
    ),
    "not custom_attributes any (key is number_field and value is 5)": "a b",
    "not custom_attributes any ()": "",
    "custom_attributes.configuration.key is number_field and custom_attributes.value is nine": "a",
    "id in (select entity_id from ContextCustomAttributeValue where key is number_field and value > 9)": "b",
    "parent.custom_attributes any (key is number_field)": "",
}


@pytest.mark.parametrize("condition", FILTERS)
def test_a_filter_sees_the_values_that_entities_have(studio: Any, shots: Any, condition: str) -> None:
    """Whether somebody set the usual value or left it unset must make no difference to a search."""
    found = studio.entities(f"select name from Shot where project.name is show and ({condition}) order by name")
    assert " ".join(one["name"] for one in found) == FILTERS[condition]


def test_values_are_ordered_as_what_they_are(studio: Any, shots: Any) -> None:
    """As text, 10.5 would come before 9."""
    query = (
        "select value from ContextCustomAttributeValue where key is number_field and entity_id in ({}) order by value"
    )
    ids = ", ".join(shot["id"] for shot in shots.values())
    assert [one["value"] for one in studio.entities(query.format(ids))] == [5, 9, 10.5]
    assert [one["value"] for one in studio.entities(query.format(ids) + " desc")] == [10.5, 9, 5]


def test_an_order_over_all_values_of_an_entity_is_refused(studio: Any, ops: Any) -> None:
    """Which of its many values counts, nobody could tell."""
    query = {"action": "query", "expression": "Shot order by custom_attributes.value"}
    assert "no single value" in studio.client.refused(query)[1]


def test_the_forms_that_clients_use(studio: Any, shots: Any) -> None:
    """These are expressions of real tools, with their names changed."""
    version = studio.client.version(shots["a"])
    studio.declare("of versions", on="AssetVersion", default=1)
    first = studio.one("select custom_attributes from Shot where custom_attributes.configuration.key is day limit 1")
    assert {item["key"] for item in first["custom_attributes"]} == {"number_field", "day", "word", "flag", "tags"}
    stored = studio.one("CustomAttributeValue where configuration.key is number_field limit 1")
    assert stored["entity_id"] == shots["a"]["id"]
    asset = studio.one(f"select versions.custom_attributes from Asset where id is '{version['asset_id']}' limit 1")
    assert asset["versions"][0]["custom_attributes"][0]["value"] == 1
    configuration = stored["configuration_id"]
    shown = "id, key, object_type_id, is_hierarchical, default"
    known = f"select {shown} from CustomAttributeConfiguration where key in ('day', 'word')"
    of_shots = studio.object_types["Shot"]
    declared = studio.entities(f"{known} and (object_type_id in ('{of_shots}') or is_hierarchical is true)")
    assert {one["key"]: one["default"] for one in declared} == {"day": None, "word": "12"}
    query = (
        "select value, entity_id from ContextCustomAttributeValue where entity_id in ({}) and configuration_id in ({})"
    )
    ids = ", ".join(f'"{shot["id"]}"' for shot in shots.values())
    found = studio.entities(query.format(ids, f'"{configuration}"'))
    assert [one["value"] for one in found] == [9, 10.5, 5]
    key = f'configuration_id is "{configuration}" and entity_id is "{shots["c"]["id"]}"'
    assert studio.one(f"select value from ContextCustomAttributeValue where ({key})")["value"] == 5


def test_several_types_in_one_query_have_their_own_values(studio: Any, shots: Any) -> None:
    """Asking for all typed contexts is how tools read a whole show."""
    studio.declare("of tasks", on="Task", default=1)
    found = studio.entities("select custom_attributes from TypedContext where project.name is show")
    keys = {one["__entity_type__"]: len(one["custom_attributes"]) for one in found}
    assert keys == {"Sequence": 0, "Shot": 5, "Task": 1}


def test_the_number_of_statements_does_not_depend_on_the_rows(studio: Any, workspace: Any, shots: Any) -> None:
    """One statement for each shot would make a show of thousands unreadable."""

    def statements(limit: int) -> int:
        before = workspace._store.statements
        studio.entities(f"select custom_attributes.configuration.type.name from TypedContext limit {limit}")
        return int(workspace._store.statements - before)

    project = studio.one("select id from Project where name is show")
    for number in range(20):
        studio.client.shot(project, f"more{number}")
    statements(1)
    assert statements(30) == statements(5) <= 6


def test_a_selected_value_comes_with_its_configuration(studio: Any, shots: Any) -> None:
    """Interfaces show labels, not keys."""
    selected = "custom_attributes.value, custom_attributes.configuration.label"
    items = studio.one(f"select {selected} from Shot where id is {shots['a']['id']}")["custom_attributes"]
    assert {item["configuration"]["label"]: item["value"] for item in items}["number_field"] == 9

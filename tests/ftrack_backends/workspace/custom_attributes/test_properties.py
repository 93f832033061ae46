"""Whatever a studio declares and sets, reading and filtering agree with the rules written down in a few lines."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

KEYS = ("a", "b")
NUMBERS = st.none() | st.integers(0, 3)
DECLARED = st.fixed_dictionaries(
    {
        "key": st.sampled_from(KEYS),
        "on": st.sampled_from(["Shot", "Task", ""]),
        "project": st.sampled_from(["", "show", "other"]),
        "default": NUMBERS,
    }
)


def scope(one: dict[str, Any]) -> tuple[str, ...]:
    """Where a key may stand once."""
    return one["key"], one["on"], one["project"]


def expected(declared: list[dict[str, Any]], project: str, values: dict[Any, Any]) -> dict[tuple[str, bool], Any]:
    """The values of a shot of a project, by key and whether it is hierarchical."""
    there = [one for one in declared if one["on"] in {"Shot", ""} and one["project"] in {"", project}]
    found: dict[tuple[str, bool], Any] = {}
    for one in sorted(there, key=lambda one: bool(one["project"])):
        default = None if one["on"] == "" else one["default"]
        found[one["key"], one["on"] == ""] = values.get((scope(one), project), default)
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    declared=st.lists(DECLARED, unique_by=scope, max_size=8),
    set_on=st.lists(st.tuples(st.integers(0, 7), st.sampled_from(["show", "other"]), NUMBERS), max_size=8),
    asked=st.integers(0, 3),
)
def test_reading_and_filtering_follow_the_rules(
    studio: Any, ops: Any, declared: list[dict[str, Any]], set_on: list[tuple[int, str, int | None]], asked: int
) -> None:
    """A rule that holds for one attribute and not beside another is found by trying combinations."""
    projects = {name: studio.one(f"Project where name is {name}")["id"] for name in ("show", "other")}
    shots = {name: studio.entities(f"Shot where project.name is {name} order by name")[0] for name in projects}
    made = {}
    for one in declared:
        hierarchical = {"is_hierarchical": True} if one["on"] == "" else {}
        data = {**hierarchical, "default": one["default"], "project_id": projects.get(one["project"])}
        made[scope(one)] = studio.declare(one["key"], on=one["on"] or "Project", **data)
    values = {}
    for place, project, value in set_on:
        chosen = declared[place] if place < len(declared) else None
        if chosen and chosen["on"] != "Task" and chosen["project"] in {"", project}:
            studio.set(shots[project], made[scope(chosen)], value)
            values[scope(chosen), project] = value

    for project, shot in shots.items():
        items = studio.one(
            f"select custom_attributes.configuration.is_hierarchical from Shot where id is {shot['id']}"
        )
        read = {(i["key"], i["configuration"]["is_hierarchical"]): i["value"] for i in items["custom_attributes"]}
        wanted = expected(declared, project, values)
        assert read == wanted
        assert len(items["custom_attributes"]) == len(wanted)
        for key in KEYS:
            query = f"Shot where id is {shot['id']} and custom_attributes any (key is {key} and value is {asked})"
            hits = any(value == asked for (name, _), value in wanted.items() if name == key)
            assert bool(studio.entities(query)) == hits

    for configuration in made.values():
        studio.client.call(ops.delete("CustomAttributeConfiguration", configuration))
    assert studio.entities("CustomAttributeValue") == []

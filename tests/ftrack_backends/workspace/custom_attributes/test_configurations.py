"""Configurations: what a studio can declare, and what it may change later."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("wrong", "exception", "told"),
    [
        ({"key": None}, "ValidationError", "no key"),
        ({"entity_type": "Shot"}, "ValidationError", "entity_type 'Shot'"),
        ({"entity_type": "assetversions"}, "ValidationError", "did you mean 'assetversion'?"),
        ({"object_type_id": None}, "ValidationError", "needs object_type_id"),
        ({"object_type_id": "none"}, "IntegrityError", "does not exist"),
        ({"type_id": None}, "ValidationError", "no type"),
        ({"project_id": "none"}, "IntegrityError", "does not exist"),
        ({"config": "{"}, "ValidationError", "not JSON"),
    ],
)
def test_a_faulty_configuration_is_refused(
    studio: Any, ops: Any, wrong: dict[str, Any], exception: str, told: str
) -> None:
    """An attribute that applies to nothing looks as if it had been declared."""
    described = {**studio.described("field"), **wrong}
    found = studio.client.refused(ops.create("CustomAttributeConfiguration", **described))
    assert found[0] == exception
    assert told in found[1]


def test_a_key_stands_once_for_the_same_things(studio: Any, ops: Any, shot: Any) -> None:
    """Two attributes of one key: tools would read one and write the other."""
    studio.declare("field")
    studio.declare("field", on="Task")
    studio.declare("field", on="AssetVersion")
    studio.declare("field", project_id=shot["project_id"])
    studio.declare("field", on="Project", is_hierarchical=True)
    for twin in (
        studio.described("field"),
        studio.described("field", "text"),
        studio.described("field", project_id=shot["project_id"]),
        studio.described("field", on="Project", is_hierarchical=True),
    ):
        exception, content = studio.client.refused(ops.create("CustomAttributeConfiguration", **twin))
        assert exception == "IntegrityError"
        assert "'field' is taken" in content


def test_an_attribute_can_become_global_and_not_that_of_a_project(studio: Any, ops: Any, shot: Any) -> None:
    """The real server allows the one; by the other, values would be lost in all other projects."""
    configuration = studio.declare("field", project_id=shot["project_id"])
    assert studio.client.update("CustomAttributeConfiguration", configuration, project_id=None)["project_id"] is None
    back = ops.update("CustomAttributeConfiguration", configuration, project_id=shot["project_id"])
    assert studio.client.refused(back)[0] == "ValidationError"
    user = ops.create(
        "CustomAttributeConfiguration", **studio.described("field", on="User", project_id=shot["project_id"])
    )
    assert studio.client.refused(user)[0] == "ValidationError"


def test_an_attribute_keeps_its_type(studio: Any, ops: Any, shot: Any) -> None:
    """Values that are there already would be of the old type."""
    configuration = studio.declare("field")
    change = ops.update("CustomAttributeConfiguration", configuration, type_id=studio.types["text"])
    assert studio.client.refused(change)[0] == "ValidationError"


def test_a_new_default_is_for_new_entities_only(studio: Any, shot: Any) -> None:
    """As the real server's documentation says: nobody's first frame changes because the default does."""
    configuration = studio.declare("fstart", default=1001)
    studio.client.update("CustomAttributeConfiguration", configuration, default=1)
    new = studio.client.shot({"id": shot["project_id"]}, "sh999")
    assert studio.values(shot) == {"fstart": 1001}
    assert studio.values(new) == {"fstart": 1}
    studio.client.update("CustomAttributeConfiguration", configuration, label="First frame")
    assert studio.one("select default, label from CustomAttributeConfiguration")["default"] == 1


def test_the_attributes_of_a_project_go_with_it(studio: Any, ops: Any, shot: Any) -> None:
    """Every deleted show would leave its attributes in the settings for ever."""
    studio.declare("here", project_id=shot["project_id"])
    studio.declare("everywhere")
    studio.client.call(ops.delete("Project", shot["project_id"]))
    assert [one["key"] for one in studio.entities("select key from CustomAttributeConfiguration")] == ["everywhere"]


def test_types_and_a_group_are_there_by_name(studio: Any) -> None:
    """Every script that declares attributes begins by looking its type up."""
    for name in ("text", "boolean", "date", "enumerator", "dynamic enumerator", "number", "expression", "url"):
        assert studio.one(f'CustomAttributeType where name is "{name}"')
    assert studio.entities("CustomAttributeGroup limit 1")
    group = studio.entities("CustomAttributeGroup limit 1")[0]
    studio.declare("field", group_id=group["id"])
    grouped = studio.one("select custom_attribute_configurations.key from CustomAttributeGroup")
    assert [one["key"] for one in grouped["custom_attribute_configurations"]] == ["field"]


def test_options_can_be_added_later(studio: Any, shot: Any, options: Any) -> None:
    """Enumerators grow with a show; a value set before stays what it is."""
    configuration = studio.declare("field", "enumerator", config=options("a"))
    studio.set(shot, configuration, ["a"])
    studio.client.update("CustomAttributeConfiguration", configuration, config=options("b"))
    assert studio.values(shot) == {"field": ["a"]}
    assert studio.set(shot, configuration, ["b"])["value"] == ["b"]

"""Values: every entity has one for each configuration that applies; clients set them as if they were there."""

from __future__ import annotations

from typing import Any

import pytest


def test_an_entity_has_the_default_before_anybody_set_a_value(studio: Any, shot: Any) -> None:
    """A tool that asks for the first frame of a new shot would find no such attribute."""
    configuration = studio.declare("fstart", default=1001)
    (item,) = studio.one(f"select custom_attributes from Shot where id is {shot['id']}")["custom_attributes"]
    assert item == {
        "__entity_type__": "ContextCustomAttributeValue",
        "configuration_id": configuration,
        "entity_id": shot["id"],
        "key": "fstart",
        "value": 1001,
    }


def test_a_value_that_is_set_is_read_and_a_deleted_one_is_the_default_again(studio: Any, ops: Any, shot: Any) -> None:
    """Setting, changing and resetting is all that pipelines do with them."""
    configuration = studio.declare("fstart", default=1001)
    assert studio.set(shot, configuration, 5)["value"] == 5
    assert studio.set(shot, configuration, 6)["key"] == "fstart"
    assert studio.values(shot) == {"fstart": 6}
    key = [configuration, shot["id"]]
    for _ in range(2):
        assert studio.client.call(ops.delete("ContextCustomAttributeValue", key)) == [
            {"action": "delete", "data": True}
        ]
        assert studio.values(shot) == {"fstart": 1001}


def test_nothing_can_be_set_and_is_not_the_default(studio: Any, shot: Any) -> None:
    """A value that somebody cleared on purpose would come back as the default."""
    configuration = studio.declare("fstart", default=1001)
    studio.set(shot, configuration, None)
    assert studio.values(shot) == {"fstart": None}


@pytest.mark.parametrize(
    ("type_name", "empty"),
    [
        *(("text", ""), ("url", ""), ("notification", ""), ("expression", "")),
        *(("number", None), ("date", None), ("boolean", False), ("dynamic enumerator", [])),
    ],
)
def test_without_a_default_values_are_empty_in_the_way_of_their_type(
    studio: Any, shot: Any, type_name: str, empty: Any
) -> None:
    """The schema's own default is an empty text, which is no number."""
    studio.declare("odd", type_name, default="")
    assert studio.values(shot) == {"odd": empty}


def test_configurations_apply_by_type_object_type_and_project(studio: Any, shot: Any) -> None:
    """A shot would show the attributes of tasks, or of another show."""
    other = studio.one("select project_id from Shot where project.name is other")
    task = studio.entities("select id from Task where project.name is show")[0]
    project = studio.one("select id from Project where name is show")
    studio.declare("of shots", default=1)
    studio.declare("of tasks", on="Task", default=2)
    studio.declare("of projects", on="Project", default=3)
    studio.declare("there only", project_id=other["project_id"], default=4)
    assert studio.values(shot) == {"of shots": 1}
    assert studio.values(task) == {"of tasks": 2}
    assert studio.values(project) == {"of projects": 3}
    assert studio.values(other) == {"of shots": 1, "there only": 4}


def test_an_attribute_of_a_project_hides_the_global_one_of_the_same_key(studio: Any, shot: Any) -> None:
    """One key twice on an entity: which value a tool reads would be chance."""
    other = studio.one("select project_id from Shot where project.name is other")
    studio.declare("fstart", default=1)
    studio.declare("fstart", project_id=other["project_id"], default=101)
    assert studio.values(shot) == {"fstart": 1}
    (item,) = studio.one(f"select custom_attributes from Shot where id is {other['id']}")["custom_attributes"]
    assert item["value"] == 101


def test_a_hierarchical_value_is_told_raw_where_it_was_set_and_nowhere_else(studio: Any, shot: Any) -> None:
    """Tools walk up the tree themselves; a default in between would stop them too early."""
    configuration = studio.declare("fps", on="Project", is_hierarchical=True, default=24)
    project = studio.one("select id from Project where name is show")
    studio.set(project, configuration, 25)
    assert studio.values(project) == {"fps": 25}
    assert studio.values(shot) == {"fps": None}
    version = studio.client.version(shot)
    assert studio.values(version) == {"fps": None}
    assert studio.set(version, configuration, 30, "AssetVersion")["value"] == 30
    assert studio.values(version) == {"fps": 30}


def test_each_kind_of_things_has_values_of_its_own_type(studio: Any, shot: Any) -> None:
    """Clients build their objects by the type that the schema promises."""
    client = studio.client
    version = client.version(shot)
    project = studio.one("select id from Project where name is show")
    versions = client.create("AssetVersionList", name="dailies", project_id=project["id"])
    user = studio.one("select id from User where username is ann")
    holders = {"AssetVersion": version, "Asset": {"id": version["asset_id"], "__entity_type__": "Asset"}}
    holders |= {"List": versions, "User": user}
    for kind, holder in holders.items():
        configuration = studio.declare(f"of {kind}", on=kind, default=1)
        query = f"select custom_attributes from {holder['__entity_type__']} where id is {holder['id']}"
        (item,) = studio.one(query)["custom_attributes"]
        assert item["__entity_type__"] == f"{kind}CustomAttributeValue"
        assert studio.set(holder, configuration, 2, kind)["value"] == 2
        assert studio.values(holder) == {f"of {kind}": 2}


def test_a_new_entity_has_its_values_at_once_and_takes_one_in_the_same_batch(studio: Any, ops: Any, shot: Any) -> None:
    """Publishing tools create a shot and set its frames in one commit."""
    configuration = studio.declare("fstart", default=1001)
    studio.declare("fend", default=1100)
    made = {"id": "11111111-1111-4111-8111-111111111111", "__entity_type__": "Shot"}
    reply = studio.client.call(
        ops.create("Shot", id=made["id"], name="sh999", parent_id=shot["project_id"]),
        ops.update("ContextCustomAttributeValue", [configuration, made["id"]], value=7),
    )
    assert reply[1]["data"]["value"] == 7
    assert studio.values(made) == {"fstart": 7, "fend": 1100}


def test_the_plain_type_of_values_lists_what_was_stored_and_can_be_created(studio: Any, ops: Any, shot: Any) -> None:
    """Synchronisers ask it which values really were set, and create the missing ones."""
    configuration = studio.declare("fstart", default=1001)
    assert studio.entities("CustomAttributeValue where configuration.key is fstart limit 1") == []
    made = studio.client.create("CustomAttributeValue", configuration_id=configuration, entity_id=shot["id"], value=3)
    assert made["value"] == 3
    (stored,) = studio.entities(f"select value from CustomAttributeValue where entity_id is '{shot['id']}'")
    assert (stored["__entity_type__"], stored["value"]) == ("CustomAttributeValue", 3)
    assert studio.values(shot) == {"fstart": 3}
    again = ops.create("CustomAttributeValue", configuration_id=configuration, entity_id=shot["id"], value=4)
    assert studio.client.refused(again)[0] == "IntegrityError"
    key = [configuration, shot["id"]]
    assert studio.client.update("CustomAttributeValue", key, value=5)["value"] == 5
    studio.client.call(ops.delete("CustomAttributeValue", key))
    assert studio.values(shot) == {"fstart": 1001}
    assert studio.client.refused(ops.delete("CustomAttributeValue", key))[0] == "ValidationError"


def test_values_that_are_always_there_cannot_be_created(studio: Any, ops: Any, shot: Any) -> None:
    """A client that tries has misunderstood them, and the message tells it what to do."""
    configuration = studio.declare("fstart")
    wrong = ops.create("ContextCustomAttributeValue", configuration_id=configuration, entity_id=shot["id"], value=1)
    exception, content = studio.client.refused(wrong)
    assert exception == "ValidationError"
    assert "Update it instead" in content


def test_a_list_of_values_that_clients_send_along_changes_nothing(studio: Any, ops: Any, shot: Any) -> None:
    """The official client sends one when a key is deleted; the value itself is deleted by its own operation."""
    first, second = studio.declare("a", default=1), studio.declare("b", default=2)
    studio.set(shot, first, 10)
    studio.set(shot, second, 20)
    left = {"__entity_type__": "ContextCustomAttributeValue", "configuration_id": first, "entity_id": shot["id"]}
    reply = studio.client.call(
        ops.update("Shot", shot["id"], custom_attributes=[left]),
        ops.delete("ContextCustomAttributeValue", [second, shot["id"]]),
    )
    told = {item["key"]: item["value"] for item in reply[0]["data"]["custom_attributes"]}
    assert told == studio.values(shot) == {"a": 10, "b": 2}


def test_values_go_with_their_configuration_and_with_their_entity(studio: Any, ops: Any, shot: Any) -> None:
    """Rows of nobody would come back under a new attribute, or fill the database."""
    gone, stays = studio.declare("gone"), studio.declare("stays")
    other = studio.one("select id from Shot where project.name is other")
    for configuration in (gone, stays):
        studio.set(shot, configuration, 1)
        studio.set(other, configuration, 2)
    studio.client.call(ops.delete("CustomAttributeConfiguration", gone))
    assert studio.values(shot) == {"stays": 1}
    assert len(studio.entities("CustomAttributeValue")) == 2
    studio.client.call(ops.delete("Shot", shot["id"]))
    assert [one["entity_id"] for one in studio.entities("CustomAttributeValue")] == [other["id"]]


def test_a_value_is_refused_for_what_its_attribute_is_not_for(studio: Any, ops: Any, shot: Any) -> None:
    """It would be stored, and no reading would ever show it."""
    other = studio.one("select project_id from Shot where project.name is other")
    of_tasks = studio.declare("of tasks", on="Task")
    elsewhere = studio.declare("elsewhere", project_id=other["project_id"])
    for configuration in (of_tasks, elsewhere):
        wrong = ops.update("ContextCustomAttributeValue", [configuration, shot["id"]], value=1)
        exception, content = studio.client.refused(wrong)
        assert exception == "ValidationError"
        assert f"is not for Context {shot['id']}" in content
    assert studio.entities("CustomAttributeValue") == []


@pytest.mark.parametrize("kind", ["Context", "AssetVersion", ""])
def test_a_value_of_nothing_is_refused(studio: Any, ops: Any, kind: str) -> None:
    """A typing error in an id would be lost without a word."""
    configuration = studio.declare("fstart")
    nobody = ops.update(f"{kind}CustomAttributeValue", [configuration, "nobody"], value=1)
    assert studio.client.refused(nobody)[0] == "IntegrityError"


def test_a_value_by_no_configuration_or_of_the_wrong_kind_is_refused(studio: Any, ops: Any, shot: Any) -> None:
    """As above, for the other half of the key and for the type's name."""
    configuration = studio.declare("fstart")
    studio.set(shot, configuration, 1)
    unknown = ops.update("ContextCustomAttributeValue", ["none", shot["id"]], value=1)
    assert studio.client.refused(unknown)[0] == "IntegrityError"
    wrong = ops.update("AssetVersionCustomAttributeValue", [configuration, shot["id"]], value=1)
    assert studio.client.refused(wrong)[0] == "IntegrityError"
    misspelt = ops.update("ContextCustomAttributeValue", [configuration, shot["id"]], vaule=1)
    assert studio.client.refused(misspelt)[0] == "ValidationError"
    assert studio.values(shot) == {"fstart": 1}


def test_a_batch_that_is_refused_later_on_leaves_no_value(studio: Any, ops: Any, shot: Any) -> None:
    """Half a publish is worse than none."""
    configuration = studio.declare("fstart", default=1001)
    studio.client.refused(
        ops.update("ContextCustomAttributeValue", [configuration, shot["id"]], value=1), ops.update("Shot", "none")
    )
    assert studio.values(shot) == {"fstart": 1001}

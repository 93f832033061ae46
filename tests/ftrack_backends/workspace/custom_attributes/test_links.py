"""Links that custom attributes make: one row, seen from both ends, filtered on and never selected."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def configuration(studio: Any) -> Any:
    """Declares that shots link to versions."""
    described = {
        "entity_type": "task",
        "object_type_id": studio.object_types["Shot"],
        "entity_type_to": "asset_version",
    }
    return studio.client.create(
        "CustomAttributeLinkConfiguration",
        key="delivered",
        label="Delivered",
        config="{}",
        one_to_one=True,
        **described,
    )


@pytest.fixture
def version(studio: Any, shot: Any) -> Any:
    """A version of the shot."""
    return studio.client.version(shot)


def link(ops: Any, configuration: Any, start: Any, end: Any, kind: str = "AssetVersionCustomAttributeLink") -> Any:
    """An operation that links two entities."""
    return ops.create(kind, configuration_id=configuration["id"], from_id=start["id"], to_id=end["id"])


@pytest.mark.parametrize(
    "kind",
    [
        "AssetVersionCustomAttributeLink",
        "ContextCustomAttributeLinkFrom",
        "CustomAttributeLink",
        "CustomAttributeLinkFrom",
    ],
)
def test_a_link_is_seen_from_both_ends_however_it_was_made(
    studio: Any, ops: Any, configuration: Any, shot: Any, version: Any, kind: str
) -> None:
    """The shot's page shows the version, the version's page the shot."""
    assert isinstance(studio.client.call(link(ops, configuration, shot, version, kind)), list)
    forth = studio.one("select asset_version.id from AssetVersionCustomAttributeLink")
    assert (forth["__entity_type__"], forth["asset_version"]["id"]) == (
        "AssetVersionCustomAttributeLink",
        version["id"],
    )
    back = studio.one("select context.name from ContextCustomAttributeLinkFrom")
    assert (back["__entity_type__"], back["context"]["name"]) == ("ContextCustomAttributeLinkFrom", "sh010")
    for name in ("CustomAttributeLink", "CustomAttributeLinkFrom"):
        plain = studio.one(f"select from_id, to_id from {name} where configuration.key is delivered")
        assert (plain["from_id"], plain["to_id"]) == (shot["id"], version["id"])
    assert (
        studio.entities("ContextCustomAttributeLink") == studio.entities("AssetVersionCustomAttributeLinkFrom") == []
    )


def test_links_can_be_filtered_on_from_both_ends(
    studio: Any, ops: Any, configuration: Any, shot: Any, version: Any
) -> None:
    """Finding all shots with a delivered version is what they are for."""
    studio.client.call(link(ops, configuration, shot, version))
    forth = f"Shot where custom_attribute_links any (configuration.key is delivered and to_id is '{version['id']}')"
    assert studio.one(forth)["id"] == shot["id"]
    assert studio.one("Shot where custom_attribute_links any (asset_version.version is 1)")["id"] == shot["id"]
    back = "AssetVersion where custom_attribute_links_from any (context.name is 'sh010')"
    assert studio.one(back)["id"] == version["id"]
    assert studio.entities("Shot where custom_attribute_links any (asset_version.version is 2)") == []
    assert len(studio.entities("Shot where not custom_attribute_links any ()")) == 2


def test_a_link_that_its_configuration_is_not_for_is_refused(
    studio: Any, ops: Any, configuration: Any, shot: Any, version: Any
) -> None:
    """It would point from a task where shots are expected."""
    task = studio.entities("select id from Task")[0]
    field = {"id": studio.declare("field")}
    for wrong, exception in (
        (link(ops, configuration, task, version), "ValidationError"),
        (link(ops, configuration, version, shot), "IntegrityError"),
        (link(ops, configuration, shot, {"id": "nobody"}), "IntegrityError"),
        (link(ops, field, shot, version), "IntegrityError"),
    ):
        assert studio.client.refused(wrong)[0] == exception
    assert studio.entities("CustomAttributeLink") == []


def test_one_to_one_means_one(studio: Any, ops: Any, configuration: Any, shot: Any, version: Any) -> None:
    """Two versions were delivered, says the shot; which one, nobody knows."""
    studio.client.call(link(ops, configuration, shot, version))
    second = studio.client.create("AssetVersion", asset_id=version["asset_id"])
    assert studio.client.refused(link(ops, configuration, shot, second))[0] == "IntegrityError"


@pytest.mark.parametrize("gone", ["configuration", "shot", "version"])
def test_a_link_goes_with_its_configuration_and_either_end(
    studio: Any, ops: Any, configuration: Any, shot: Any, version: Any, gone: str
) -> None:
    """A link to nothing breaks whoever follows it."""
    studio.client.call(link(ops, configuration, shot, version))
    deleted = {"configuration": configuration, "shot": shot, "version": version}[gone]
    studio.client.call(ops.delete(deleted["__entity_type__"], deleted["id"]))
    assert studio.entities("CustomAttributeLink") == []

"""Custom attributes as a program meets them: a mapping on entities, new ones included."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from ftrack_core import Session, errors

OPTIONS = json.dumps(
    {"multiSelect": True, "data": json.dumps([{"menu": "A", "value": "a"}, {"menu": "B", "value": "b"}])}
)


@pytest.fixture
def project(session: Session) -> Any:
    """The show."""
    return session.query("Project").one()


@pytest.fixture
def declare(session: Session) -> Callable[..., Any]:
    """Declares an attribute: `declare("fstart", "number", "Shot", default=1001)`."""
    kinds = {"Project": "show", "AssetVersion": "assetversion", "Asset": "asset", "TypedContextList": "list"}

    def make(key: str, type_name: str = "number", on: str = "Shot", **data: Any) -> Any:
        kind = session.query(f'CustomAttributeType where name is "{type_name}"').one()
        scope: dict[str, Any] = {"entity_type": kinds.get(on, "user" if on == "User" else "task")}
        if scope["entity_type"] == "task":
            scope["object_type_id"] = session.types[on].attributes["object_type_id"].default
        made = session.create(
            "CustomAttributeConfiguration", {"key": key, "type": kind, "config": "{}", **scope, **data}
        )
        session.commit()
        return made

    return make


@pytest.fixture
def shot(session: Session, declare: Callable[..., Any]) -> Any:
    """A shot that has `fstart` and `note`."""
    declare("fstart", default=1001)
    declare("note", "text")
    return session.query("Shot order by name").first()


def test_values_of_an_entity_are_read_and_written_by_their_keys(session: Session, shot: Any) -> None:
    """This is the whole of what most tools do with them."""
    attributes = shot["custom_attributes"]
    assert dict(attributes) == {"fstart": 1001, "note": ""}
    attributes["fstart"] = 5
    assert attributes["fstart"] == 5
    session.commit()
    session.reset()
    again: Any = session.query("Shot order by name").first()
    assert dict(again["custom_attributes"]) == {"fstart": 5, "note": ""}


def test_writing_sends_an_update_and_never_a_create(session: Session, wire: Any, shot: Any) -> None:
    """Real servers refuse to create what is always there."""
    shot["custom_attributes"]["fstart"] = 5
    wire.forget()
    session.commit()
    ((operation,),) = wire.batches
    assert (operation["action"], operation["entity_type"]) == ("update", "ContextCustomAttributeValue")
    assert operation["entity_key"][1] == shot["id"]


def test_a_new_entity_takes_values_before_it_is_committed(
    session: Session, wire: Any, declare: Callable[..., Any], project: Any
) -> None:
    """A shot without its frames would be in the show until a second commit."""
    declare("fstart", default=1001)
    declare("fend", default=1100)
    made = session.create("Shot", {"name": "sh999", "parent": project})
    made["custom_attributes"]["fstart"] = 7
    assert dict(made["custom_attributes"]) == {"fstart": 7, "fend": 1100}
    wire.forget()
    session.commit()
    assert [one["action"] for one in wire.batches[0]] == ["create", "update"]
    assert dict(made["custom_attributes"]) == {"fstart": 7, "fend": 1100}
    session.reset()
    assert dict(session.query("Shot where name is sh999").one()["custom_attributes"]) == {"fstart": 7, "fend": 1100}


def test_a_new_entity_may_be_created_with_values(session: Session, declare: Callable[..., Any], project: Any) -> None:
    """One dictionary says everything about a shot."""
    declare("fstart", default=1001)
    declare("fend", default=1100)
    values = {"name": "sh999", "parent": project, "custom_attributes": {"fstart": 7}}
    made = session.create("Shot", values)
    session.commit()
    assert dict(made["custom_attributes"]) == {"fstart": 7, "fend": 1100}
    with pytest.raises(ValueError, match="'fsatrt' is configured for a Shot; did you mean 'fstart'"):
        session.create("Shot", {**values, "name": "sh998", "custom_attributes": {"fsatrt": 7}})
    assert len(session.recorded_operations) == 0


def test_configurations_are_asked_for_once_and_again_for_an_unknown_key(
    session: Session, wire: Any, declare: Callable[..., Any], project: Any
) -> None:
    """Creating a thousand shots would be a thousand queries; an attribute declared meanwhile would stay unknown."""
    declare("fstart")

    def asked() -> int:
        return sum("CustomAttributeConfiguration" in one for one in wire.expressions())

    wire.forget()
    for number in range(3):
        session.create("Shot", {"name": f"new{number}", "parent": project})["custom_attributes"]["fstart"] = number
    assert asked() == 1
    declare("fend")
    last = session.create("Shot", {"name": "last", "parent": project})
    last["custom_attributes"]["fend"] = 1
    assert asked() == 2
    session.commit()
    assert dict(last["custom_attributes"]) == {"fstart": None, "fend": 1}


@pytest.mark.parametrize("error", [errors.UnknownCustomAttributeError, KeyError, ValueError])
def test_an_unknown_key_of_a_new_entity_names_the_known_ones(
    session: Session, declare: Callable[..., Any], project: Any, error: type[Exception]
) -> None:
    """Existing code catches a ValueError here, and a KeyError for entities that the server knows."""
    declare("fstart")
    declare("of tasks", on="Task")
    made = session.create("Shot", {"name": "sh999", "parent": project})
    with pytest.raises(error, match=r"No custom attribute 'other' is configured for .*it has: fstart\."):
        made["custom_attributes"]["other"] = 1
    assert len(session.recorded_operations) == 2  # the shot and its parent


def test_an_attribute_that_was_declared_after_loading_can_be_set(
    session: Session, declare: Callable[..., Any], shot: Any
) -> None:
    """A listener that runs for months would have to be restarted for it."""
    assert dict(shot["custom_attributes"]) == {"fstart": 1001, "note": ""}
    declare("fend")
    shot["custom_attributes"]["fend"] = 2
    session.commit()
    assert shot["custom_attributes"]["fend"] == 2
    with pytest.raises(KeyError, match="it has: fend, fstart, note"):
        shot["custom_attributes"]["other"] = 2


def test_reading_an_unknown_key_names_the_known_ones(
    session: Session, wire: Any, declare: Callable[..., Any], project: Any, shot: Any
) -> None:
    """A typing mistake is found by looking at the message, without a call; it stays a KeyError, as in any mapping."""
    attributes = shot["custom_attributes"]
    assert len(attributes) == 2
    wire.forget()
    with pytest.raises(errors.UnknownAttributeError, match="no custom_attributes 'other'; it has: fstart, note"):
        attributes["other"]
    with pytest.raises(KeyError, match="it has: fstart, note"):
        del attributes["other"]
    assert (attributes.get("other", 3), "other" in attributes, wire.calls) == (3, False, 0)
    made = session.create("Shot", {"name": "sh999", "parent": project})
    with pytest.raises(KeyError, match="can be read after the commit"):
        made["custom_attributes"]["fstart"]


def test_the_attribute_of_the_project_wins_for_new_entities_too(
    session: Session, declare: Callable[..., Any], project: Any
) -> None:
    """The value would go to the global attribute, which nobody sees in that project."""
    own = declare("fstart", project_id=project["id"], default=2)
    declare("fstart", default=1)
    folder = session.create("Folder", {"name": "inner", "parent": project})
    made = session.create("Shot", {"name": "sh999", "parent": folder})
    made["custom_attributes"]["fstart"] = 3
    session.commit()
    stored = session.query("CustomAttributeValue").one()
    assert (stored["configuration_id"], stored["value"]) == (own["id"], 3)


def test_hierarchical_attributes_can_be_set_on_new_projects_assets_and_versions(
    session: Session, declare: Callable[..., Any], shot: Any, project: Any
) -> None:
    """They are on everything in a show; only lists and people have none."""
    declare("fps", on="Project", is_hierarchical=True, default=24)
    declare("of versions", "text", on="AssetVersion")
    asset = session.create("Asset", {"name": "anim", "parent": shot})
    version = session.create("AssetVersion", {"asset": asset})
    schema = session.query("ProjectSchema").first()
    new = session.create("Project", {"name": "new", "full_name": "new", "project_schema": schema})
    for entity in (asset, version, new):
        entity["custom_attributes"]["fps"] = 25
    version["custom_attributes"]["of versions"] = "x"
    session.commit()
    assert dict(version["custom_attributes"]) == {"fps": 25, "of versions": "x"}
    assert new["custom_attributes"]["fps"] == asset["custom_attributes"]["fps"] == 25
    listed = session.create("TypedContextList", {"name": "dailies", "project": project})
    with pytest.raises(ValueError, match="it has: none"):
        listed["custom_attributes"]["fps"] = 25


def test_dates_and_options_come_as_python_has_them(
    session: Session, declare: Callable[..., Any], project: Any
) -> None:
    """Nobody wants to take tagged objects apart."""
    declare("day", "date")
    declare("tags", "enumerator", config=OPTIONS)
    moment = datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    made = session.create("Shot", {"name": "sh999", "parent": project})
    made["custom_attributes"].update(day=moment, tags=["a", "b"])
    session.commit()
    session.reset()
    again = session.query("Shot where name is sh999").one()["custom_attributes"]
    assert (again["day"], again["tags"]) == (moment, ["a", "b"])


def test_a_refused_value_stays_recorded_and_is_told(session: Session, shot: Any) -> None:
    """The program sees at the commit which attribute was wrong, and may put it right."""
    shot["custom_attributes"]["fstart"] = "early"
    with pytest.raises(errors.ServerError, match='Custom attribute value for "fstart" must be of type number'):
        session.commit()
    shot["custom_attributes"]["fstart"] = 1
    session.commit()
    assert shot["custom_attributes"]["fstart"] == 1


def test_a_deleted_key_is_at_its_default_again(session: Session, shot: Any) -> None:
    """The way back to the default is to delete what was set."""
    shot["custom_attributes"]["fstart"] = 5
    session.commit()
    del shot["custom_attributes"]["fstart"]
    session.commit()
    assert dict(shot["custom_attributes"]) == {"fstart": 1001, "note": ""}


def test_assigning_all_of_them_resets_the_others(session: Session, shot: Any) -> None:
    """As with any mapping: what is not in the new one is gone, here to its default."""
    shot["custom_attributes"].update(fstart=5, note="x")
    session.commit()
    shot["custom_attributes"] = {"note": "y"}
    session.commit()
    assert dict(shot["custom_attributes"]) == {"fstart": 1001, "note": "y"}


def test_assigning_a_key_that_there_is_not_changes_none_of_them(session: Session, shot: Any) -> None:
    """Half of an assignment would be committed with the next change."""
    shot["custom_attributes"]["fstart"] = 5
    session.commit()
    with pytest.raises(KeyError, match="no custom_attributes 'other'"):
        shot["custom_attributes"] = {"note": "y", "other": 1}
    assert len(session.recorded_operations) == 0
    assert dict(shot["custom_attributes"]) == {"fstart": 5, "note": ""}


def test_rollback_takes_values_of_a_new_entity_back(
    session: Session, declare: Callable[..., Any], project: Any
) -> None:
    """A value of a shot that never was would be sent with the next commit."""
    declare("fstart")
    made = session.create("Shot", {"name": "sh999", "parent": project})
    made["custom_attributes"]["fstart"] = 1
    session.rollback()
    assert len(session.recorded_operations) == 0
    session.commit()
    assert session.query("CustomAttributeValue").all() == []


@pytest.mark.parametrize(
    ("type_name", "wrong", "right"),
    [
        ("number", "early", 5),
        ("number", True, 2.5),
        ("text", 5, "x"),
        ("boolean", "yes", True),
        ("date", "tomorrow", "2026-03-04"),
        ("date", 5, datetime(2026, 3, 4, tzinfo=timezone.utc)),
        ("enumerator", {"a": 1}, ["a"]),
        ("enumerator", True, "b"),
    ],
)
def test_a_value_of_another_type_than_the_configured_one_is_refused_at_once(
    session: Session, declare: Callable[..., Any], project: Any, type_name: str, wrong: Any, right: Any
) -> None:
    """Where configurations are known, as for new entities: at the line that is wrong, with nothing recorded for it."""
    declare("x", type_name, config=OPTIONS if type_name == "enumerator" else "{}")
    made = session.create("Shot", {"name": "sh999", "parent": project})
    recorded = len(session.recorded_operations)
    for use in (
        lambda: made["custom_attributes"].update(x=wrong),
        lambda: session.create("Shot", {"name": "sh998", "custom_attributes": {"x": wrong}}),
    ):
        with pytest.raises(errors.InvalidValueError, match="The custom attribute 'x' holds"):
            use()
    assert len(session.recorded_operations) == recorded
    assert session.created == [made]
    made["custom_attributes"]["x"] = right
    made["custom_attributes"]["x"] = None
    made["custom_attributes"]["x"] = right
    session.commit()
    known: Any = session.query("Shot where name is sh010").one()
    with pytest.raises(errors.InvalidValueError, match="The custom attribute 'x' holds"):
        known["custom_attributes"]["x"] = wrong

"""Hierarchical custom attributes: what an entity inherits, and what finding that out costs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.values import NOT_SET, Response

TYPES = {str: "text", float: "number", int: "number", bool: "boolean", list: "enumerator"}
CHOICES = json.dumps([{"menu": name, "value": name} for name in ("beauty", "depth")])


@pytest.fixture
def attribute(session: Session) -> Callable[..., Any]:
    """Makes a hierarchical attribute of the type of its default, and values of it on entities."""

    def make(key: str, default: Any, values: dict[Any, Any] | None = None, **more: Any) -> Any:
        name = TYPES[type(default)]
        kind = session.query(f"CustomAttributeType where name is {name}").first()
        described = {
            "key": key,
            "label": key,
            "entity_type": "show",
            "type": kind or session.create("CustomAttributeType", {"name": name}),
            "config": json.dumps({"multiSelect": True, "data": CHOICES} if name == "enumerator" else {}),
            "is_hierarchical": True,
            "default": default,
        }
        made = session.create("CustomAttributeConfiguration", {**described, **more})
        session.commit()
        for entity, value in (values or {}).items():
            _store(session, made, entity, value)
        session.commit()
        return made

    return make


def _store(session: Session, configuration: Any, entity: Any, value: Any) -> None:
    row = {"configuration_id": configuration["id"], "entity_id": entity["id"], "value": value}
    session.create("CustomAttributeValue", row)


@pytest.fixture
def show(session: Session) -> dict[str, Any]:
    """The project, a sequence in it, two shots in that, and two tasks of the first shot."""
    project: Any = session.query("Project").one()
    sequence: Any = session.query("Sequence").one()
    first, second = session.query("Shot order by name").all()[:2]
    tasks = session.query(f"Task where parent_id is {first['id']} order by name").all()
    return {"project": project, "sequence": sequence, "first": first, "second": second, "tasks": tasks}


def test_the_nearest_stored_value_counts(session: Session, attribute: Callable[..., Any], show: Any) -> None:
    """And where nobody has one, the default."""
    attribute("fps", 24.0, {show["sequence"]: 25.0, show["first"]: 30.0})
    attribute("lens", "none")
    entities = [show["project"], show["sequence"], show["first"], show["second"], *show["tasks"]]
    found = session.inherited_values(entities, ["fps", "lens"])
    assert list(found) == entities
    assert [values["fps"] for values in found.values()] == [24.0, 25.0, 30.0, 25.0, 30.0, 30.0]
    assert {values["lens"] for values in found.values()} == {"none"}


def test_one_entity_and_one_key_can_be_given_alone(session: Session, attribute: Callable[..., Any], show: Any) -> None:
    """As everywhere else."""
    attribute("fps", 24.0)
    assert session.inherited_values(show["first"], "fps") == {show["first"]: {"fps": 24.0}}
    assert session.inherited_values((each for each in [show["first"]]), iter(["fps"]))[show["first"]]["fps"] == 24.0


def test_versions_and_assets_inherit_too(session: Session, attribute: Callable[..., Any], show: Any) -> None:
    """A version from its asset, which its link passes over, and both from the shot."""
    asset = session.create("Asset", {"name": "model", "parent": show["first"]})
    other = session.create("Asset", {"name": "scan", "parent": show["first"]})
    of_project = session.create("Asset", {"name": "logo", "parent": show["project"]})
    versions = [session.create("AssetVersion", {"asset": each}) for each in (asset, other)]
    session.commit()
    attribute("fps", 24.0, {show["first"]: 30.0, asset: 60.0, show["project"]: 12.0})
    found = session.inherited_values([asset, other, *versions, of_project], "fps")
    assert [values["fps"] for values in found.values()] == [60.0, 30.0, 60.0, 30.0, 12.0]


def test_a_projects_own_attribute_shadows_the_global_one(
    session: Session, attribute: Callable[..., Any], show: Any
) -> None:
    """With its values and its default; elsewhere the global one counts."""
    attribute("fps", 24.0, {show["first"]: 30.0})
    attribute("fps", 48.0, {show["sequence"]: 50.0}, project_id=show["project"]["id"])
    attribute("stereo", default=True, project_id=show["project"]["id"])
    schema = session.query("ProjectSchema").first()
    elsewhere = session.create("Project", {"name": "other", "full_name": "Other", "project_schema": schema})
    session.commit()
    found = session.inherited_values([show["project"], show["first"], elsewhere], ["fps", "stereo"])
    assert list(found.values()) == [
        {"fps": 48.0, "stereo": True},
        {"fps": 50.0, "stereo": True},
        {"fps": 24.0, "stereo": NOT_SET},
    ]


def test_false_zero_and_empty_are_values_and_nothing_is_none(
    session: Session, attribute: Callable[..., Any], show: Any
) -> None:
    """Only a value that was taken back lets the parent's through."""
    attribute("count", 3, {show["sequence"]: 5, show["first"]: 0})
    attribute("note", "default", {show["sequence"]: "above", show["first"]: ""})
    attribute("flag", default=True, values={show["first"]: False})
    attribute("taken", "default", {show["sequence"]: "above", show["first"]: None})
    found = session.inherited_values(show["first"], ["count", "note", "flag", "taken"])[show["first"]]
    assert found == {"count": 0, "note": "", "flag": False, "taken": "above"}


def test_any_number_of_entities_takes_two_calls(
    session: Session, wire: Any, attribute: Callable[..., Any], show: Any
) -> None:
    """Also of several types, and more than one query holds; nothing at all takes none."""
    attribute("fps", 24.0, {show["sequence"]: 25.0})
    attribute("lens", "none")
    tasks = [session.create("Task", {"name": f"t{number}", "parent": show["second"]}) for number in range(1200)]
    session.commit()
    wire.forget()
    found = session.inherited_values([*tasks, show["project"], show["first"]], ["fps", "lens"])
    assert wire.calls == 2
    assert max(len(text) for text in wire.expressions()) < 30_000
    assert {values["fps"] for entity, values in found.items() if entity.entity_type == "Task"} == {25.0}
    assert session.inherited_values([], "fps") == {}
    assert session.inherited_values(show["first"], []) == {show["first"]: {}}
    assert wire.calls == 2


def test_the_servers_state_counts(session: Session, attribute: Callable[..., Any], show: Any) -> None:
    """What was loaded before is not trusted: somebody may have moved the entity since."""
    attribute("fps", 24.0, {show["first"]: 30.0, show["second"]: 60.0})
    task = show["tasks"][0]
    assert task["link"][-2]["id"] == show["first"]["id"]
    values = {"__entity_type__": "Task", "parent_id": show["second"]["id"], "name": "moved"}
    moved = {"action": "update", "entity_type": "Task", "entity_key": [task["id"]], "entity_data": values}
    session.call([moved])
    assert session.inherited_values(task, "fps")[task]["fps"] == 60.0


def test_a_wrong_key_is_told_with_the_nearest(session: Session, attribute: Callable[..., Any], show: Any) -> None:
    """Attributes that are not hierarchical are not inherited."""
    attribute("fps", 24.0)
    attribute("plain", "x", is_hierarchical=False)
    with pytest.raises(ValueError, match="did you mean 'fps'"):
        session.inherited_values(show["first"], "fp")
    with pytest.raises(errors.InvalidValueError, match="'plain'; it has: fps"):
        session.inherited_values(show["first"], ["fps", "plain"])


def test_who_stands_in_no_hierarchy_is_told(
    session: Session, wire: Any, make_session: Callable[..., Session], show: Any
) -> None:
    """Before anything is sent; so are new entities, those of other sessions, and what is no entity."""
    user: Any = session.query("User").first()
    new = session.create("Task", {"name": "new", "parent": show["first"]})
    foreign: Any = make_session().query("Shot").first()
    wire.forget()
    for entity, error in [
        (user, errors.InvalidValueError),
        (new, errors.InvalidStateError),
        (foreign, errors.ForeignEntityError),
        ("Shot", errors.InvalidValueError),
    ]:
        with pytest.raises(error):
            session.inherited_values([show["first"], entity], "fps")
    assert wire.calls == 0


def test_values_can_be_changed_without_changing_those_of_others(
    session: Session, attribute: Callable[..., Any], show: Any
) -> None:
    """Several choices are a list, and siblings inherit the same one."""
    attribute("passes", [], {show["sequence"]: ["beauty"]})
    found = session.inherited_values([show["first"], show["second"], show["first"]], "passes")
    found[show["first"]]["passes"].append("depth")
    assert [values["passes"] for values in found.values()] == [["beauty", "depth"], ["beauty"]]


def test_an_entity_that_is_gone_has_no_values(session: Session, attribute: Callable[..., Any], show: Any) -> None:
    """One that somebody deleted does not spoil the others."""
    attribute("fps", 24.0)
    task = show["tasks"][0]
    session.call([{"action": "delete", "entity_type": "Task", "entity_key": [task["id"]]}])
    found = session.inherited_values([task, show["first"]], "fps")
    assert found == {task: {"fps": NOT_SET}, show["first"]: {"fps": 24.0}}
    assert session.inherited_values(task, "fps") == {task: {"fps": NOT_SET}}


PROJECT, SHOT, ASSETS, CONFIGURATION = "p", "s", ("a1", "a2"), "c"


def _scripted(batch: list[dict[str, Any]]) -> Response:
    """A server that tells each entity once in a reply, gives values by pages of one, and dates as values."""
    shot = {"__entity_type__": "Shot", "id": SHOT}
    link = [{"type": "Project", "id": PROJECT}, {"type": "TypedContext", "id": SHOT}]
    tagged = {"__type__": "datetime", "value": "2026-03-04T05:06:07"}
    replies: dict[str, list[Any]] = {
        "CustomAttributeConfiguration": [{"id": CONFIGURATION, "key": "due", "default": tagged, "project_id": None}],
        "Shot": [{**shot, "link": link}],
        "Asset": [{"__entity_type__": "Asset", "id": each, "context_id": SHOT, "parent": shot} for each in ASSETS],
        "CustomAttributeValue": [
            {"configuration_id": CONFIGURATION, "entity_id": PROJECT, "value": "on the project"},
            {"configuration_id": CONFIGURATION, "entity_id": ASSETS[0], "value": "on the asset"},
        ],
    }
    results = []
    for operation in batch:
        text = operation["expression"]
        name = text.partition(" from ")[2].split()[0]
        rows, following = replies[name], None
        if name == "CustomAttributeValue":
            offset = int(text.rpartition(" offset ")[2].split()[0]) if " offset " in text else 0
            rows, following = rows[offset : offset + 1], offset + 1 if offset + 1 < len(rows) else None
        results.append({"action": "query", "data": rows, "metadata": {"next": {"offset": following}}})
    return Response(200, {}, json.dumps(results).encode())


def test_a_server_may_tell_an_entity_once_and_page_as_it_likes(session: Session, wire: Any) -> None:
    """Real servers give an entity in full once in a reply, and nothing may be missed."""
    shot = session.create("Shot", {"id": SHOT}, reconstructing=True)
    assets = [session.create("Asset", {"id": each}, reconstructing=True) for each in ASSETS]
    wire.before = _scripted
    found = session.inherited_values([*assets, shot], "due")
    assert [values["due"] for values in found.values()] == ["on the asset", "on the project", "on the project"]


def test_dates_are_dates(session: Session, wire: Any) -> None:
    """In the form that the session gives dates in."""
    shot = session.create("Shot", {"id": SHOT}, reconstructing=True)

    def bare(batch: list[dict[str, Any]]) -> Response:
        answer = json.loads(_scripted(batch).body)
        if "CustomAttributeValue" in batch[0]["expression"]:
            answer = [{"action": "query", "data": [], "metadata": {"next": {"offset": None}}}]
        return Response(200, {}, json.dumps(answer).encode())

    wire.before = bare
    assert session.inherited_values(shot, "due")[shot]["due"] == session.to_date("2026-03-04T05:06:07")


@pytest.mark.parametrize("lost", ["key", "entity_id", "context_id"])
def test_an_answer_that_lacks_what_was_selected_is_told(session: Session, wire: Any, lost: str) -> None:
    """As an error of our own, not as a KeyError from within."""
    assets = [session.create("Asset", {"id": each}, reconstructing=True) for each in ASSETS]

    def lacking(batch: list[dict[str, Any]]) -> Response:
        return Response(200, {}, _scripted(batch).body.replace(f'"{lost}"'.encode(), b'"lost"'))

    wire.before = lacking
    with pytest.raises(errors.MalformedReplyError, match=lost):
        session.inherited_values(assets, "due")

"""Custom attributes of servers whose schema knows one type for all values, and which tell only those that are stored.

The workspace is a server of today; between it and the session its words are changed to those of such a one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from ftrack_backends.workspace._workspace import Workspace
from ftrack_core import Session, errors
from ftrack_core.entity import SparseCustomAttributes
from ftrack_core.values import Response

NAME = "custom_attributes"


@pytest.fixture
def today(workspace: Workspace, wire: Any) -> Iterator[Session]:
    """A session that speaks with the workspace directly."""
    who = workspace.users[0]
    config = {"transport": type(wire)(workspace), "schema_cache_path": False}
    with Session("http://show.invalid", who.api_key, who.username, config=config) as opened:
        yield opened


@pytest.fixture
def session(today: Session, wire: Any, make_session: Callable[..., Session]) -> Session:
    """A session that believes to speak with an old server."""

    def answer(_batch: list[dict[str, Any]], response: Response) -> Response:
        reply = json.loads(response.body)
        if isinstance(reply, list):
            rows = today.query("select configuration_id, entity_id from CustomAttributeValue")
            _age(reply, {(row["configuration_id"], row["entity_id"]) for row in rows})
        return Response(response.status, {}, json.dumps(reply).encode())

    wire.after = answer
    made = make_session()
    wire.forget()
    return made


def _age(value: Any, stored: set[tuple[str, str]]) -> None:
    """Say a reply as an old server does: one type for all values, and only those that are stored."""
    for each in value if isinstance(value, list) else value.values():
        if isinstance(each, (dict, list)):
            _age(each, stored)
    if not isinstance(value, dict):
        return
    held = value.get(NAME)
    if isinstance(held, dict) and "items" in held:
        held["items"] = {"$ref": "CustomAttributeValue"}
        held.pop("key_value_attributes", None)
    elif isinstance(held, list):
        kept = [each for each in held if (each["configuration_id"], each["entity_id"]) in stored]
        value[NAME] = [{**each, "__entity_type__": "CustomAttributeValue"} for each in kept]


@pytest.fixture
def declare(today: Session) -> Callable[..., Any]:
    """Declares an attribute of shots: `declare("fstart", default=1001)`."""

    def make(key: str, type_name: str = "number", **data: Any) -> Any:
        kind = today.query(f'CustomAttributeType where name is "{type_name}"').one()
        shots = {"entity_type": "task", "object_type_id": today.types["Shot"].attributes["object_type_id"].default}
        values = {"key": key, "type": kind, "config": "{}", **shots, **data}
        made = today.create("CustomAttributeConfiguration", values)
        today.commit()
        return made

    return make


@pytest.fixture
def shot(session: Session, declare: Callable[..., Any]) -> Any:
    """A shot that has `fstart` and `note`, none of them set."""
    declare("fstart", default=1001)
    declare("note", "text", default="none yet")
    return session.query("Shot order by name").first()


def told(today: Session, shot: Any) -> dict[str, Any]:
    """What the server has for a shot by now."""
    today.reset()
    return dict(today.query(f"Shot where id is {shot['id']}").one()[NAME])


def test_every_configured_attribute_is_there_with_its_default(shot: Any) -> None:
    """Though the server tells none of them."""
    values = shot[NAME]
    assert isinstance(values, SparseCustomAttributes)
    assert dict(values) == {"fstart": 1001, "note": "none yet"}
    assert (len(values), "fstart" in values, "other" in values, values.get("other")) == (2, True, False, None)


def test_setting_creates_a_value_once_and_changes_it_then(session: Session, today: Session, shot: Any) -> None:
    """There is nothing to update before somebody set one."""
    shot[NAME]["fstart"] = 5
    shot[NAME]["fstart"] = 6
    assert dict(shot[NAME]) == {"fstart": 6, "note": "none yet"}
    session.commit()
    assert told(today, shot) == {"fstart": 6, "note": "none yet"}
    session.reset()
    again: Any = session.query("Shot order by name").first()
    again[NAME]["fstart"] = 7
    assert [type(each).__name__ for each in session.recorded_operations] == ["UpdateEntityOperation"]
    session.commit()
    assert told(today, shot)["fstart"] == again[NAME]["fstart"] == 7


def test_deleting_brings_the_default_back(session: Session, today: Session, shot: Any) -> None:
    """What was never set is at its default already."""
    shot[NAME].update(fstart=5, note="x")
    session.commit()
    del shot[NAME]["fstart"]
    assert shot[NAME]["fstart"] == 1001
    session.commit()
    assert told(today, shot) == {"fstart": 1001, "note": "x"}
    del shot[NAME]["fstart"]
    assert len(session.recorded_operations) == 0
    shot[NAME] = {"fstart": 8}
    session.commit()
    assert told(today, shot) == {"fstart": 8, "note": "none yet"}


def test_a_new_entity_takes_values(session: Session, today: Session, shot: Any) -> None:
    """With `create`, or before the commit."""
    made = session.create("Shot", {"name": "sh999", "parent": shot["parent"], NAME: {"fstart": 7}})
    assert dict(made[NAME]) == {"fstart": 7, "note": "none yet"}
    made[NAME]["note"] = "y"
    session.commit()
    assert dict(made[NAME]) == told(today, made) == {"fstart": 7, "note": "y"}


def test_rollback_forgets_values(session: Session, today: Session, shot: Any) -> None:
    """Nothing of them is left for the next commit."""
    shot[NAME]["fstart"] = 5
    session.rollback()
    assert shot[NAME]["fstart"] == 1001
    shot[NAME]["note"] = "x"
    session.commit()
    assert told(today, shot) == {"fstart": 1001, "note": "x"}


def test_the_attribute_of_the_project_wins_and_hierarchical_ones_are_there(
    session: Session, today: Session, declare: Callable[..., Any]
) -> None:
    """One project may have its own `fstart`; `fps` is on everything in a show."""
    own = declare("fstart", project_id=today.query("Project").one()["id"], default=2)
    declare("fstart", default=1)
    declare("fps", entity_type="show", object_type_id=None, is_hierarchical=True, default=24)
    shot: Any = session.query("Shot").first()
    assert dict(shot[NAME]) == {"fstart": 2, "fps": 24}
    shot[NAME].update(fstart=3, fps=25)
    project: Any = session.query("Project").one()
    project[NAME]["fps"] = 30
    session.commit()
    assert (dict(shot[NAME]), dict(project[NAME])) == ({"fstart": 3, "fps": 25}, {"fps": 30})
    assert own["id"] in {row["configuration_id"] for row in session.query("CustomAttributeValue")}


def test_an_unknown_key_is_told_and_one_declared_meanwhile_is_found(
    session: Session, declare: Callable[..., Any], shot: Any
) -> None:
    """With the nearest one; it is a KeyError and a ValueError, and nothing is recorded."""
    for use in (
        lambda: shot[NAME]["fsatrt"],
        lambda: shot[NAME].update(fsatrt=1),
        lambda: shot[NAME].pop("fsatrt"),
        lambda: shot.update({NAME: {"note": "x", "fsatrt": 1}}),
        lambda: session.create("Shot", {"name": "x", NAME: {"fsatrt": 1}}),
    ):
        with pytest.raises(errors.UnknownCustomAttributeError, match="did you mean 'fstart'"):
            use()
    assert len(session.recorded_operations) == 0
    declare("fend")
    shot[NAME]["fend"] = 3
    assert shot[NAME]["fend"] == 3


def test_a_value_of_another_type_is_refused(session: Session, shot: Any) -> None:
    """Nothing is created for it."""
    with pytest.raises(errors.InvalidTypeError, match="The custom attribute 'fstart' holds a number"):
        shot[NAME]["fstart"] = "early"
    assert len(session.recorded_operations) == 0
    assert shot[NAME]["fstart"] == 1001


def test_dates_and_lists_come_as_python_has_them(session: Session, declare: Callable[..., Any]) -> None:
    """Defaults too; a list that was read is the program's own."""
    moment = datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    declare("day", "date", default=moment)
    declare("tags", "dynamic enumerator", default=["a"])
    values = session.query("Shot").first()[NAME]  # type: ignore[index]
    assert dict(values) == {"day": moment, "tags": ["a"]}
    values["tags"].append("b")
    assert values["tags"] == ["a"]


def test_looks_load_nothing(wire: Any, shot: Any) -> None:
    """Logging is free."""
    wire.forget()
    assert "not loaded" in repr(shot[NAME])
    assert wire.calls == 0

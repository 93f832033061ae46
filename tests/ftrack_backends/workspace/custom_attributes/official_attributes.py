"""Custom attributes in the words that the official client and ours share.

    python official_attributes.py URL USER KEY

Run as a script it uses the official client, under whose interpreter it must run; so nothing of ours is imported here.
The tests also call `seen_by` with our own session.
"""

from __future__ import annotations

import importlib
import json
import sys
from datetime import datetime, timezone
from typing import Any

DAY = datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
OPTIONS = json.dumps([{"menu": "A", "value": "a"}, {"menu": "B", "value": "b"}])


def seen_by(session: Any) -> dict[str, Any]:
    """Declare attributes, read and write them.

    Returns:
        What was seen, without ids.
    """
    own = _declared(session)
    seen: dict[str, Any] = {"defaults": _values(_shot(session))}
    seen |= _written(session)
    seen |= _new(session, own)
    seen |= _refused(session)
    found = session.query('Shot where custom_attributes any (key is "tags" and value like "%b%")')
    seen["found"] = [one["name"] for one in found]
    del _shot(session, "new")["custom_attributes"]["fstart"]
    session.commit()
    session.reset()
    seen["reset"] = _values(_shot(session, "new"))
    return seen


def _declared(session: Any) -> str:
    _declare(session, "fstart", "number", default=1001)
    _declare(session, "note", "text", default="bar")
    _declare(session, "day", "date")
    _declare(session, "flag", "boolean", default=True)
    _declare(session, "tags", "enumerator", {"multiSelect": True, "data": OPTIONS}, default=["a"])
    _declare(session, "fps", "number", entity_type="show", is_hierarchical=True)
    own = _declare(session, "fstart", "number", default=2, project_id=_project(session)["id"])
    session.commit()
    return str(own["id"])


def _declare(session: Any, key: str, type_name: str, config: dict[str, Any] | None = None, **data: Any) -> Any:
    kind = session.query(f'CustomAttributeType where name is "{type_name}"').one()
    values = {
        "key": key,
        "label": key,
        "type": kind,
        "config": json.dumps(config or {}),
        "entity_type": "task",
        **data,
    }
    if values["entity_type"] == "task":
        values["object_type_id"] = session.query("ObjectType where name is Shot").one()["id"]
    return session.create("CustomAttributeConfiguration", values)


def _written(session: Any) -> dict[str, Any]:
    shot = _shot(session)
    attributes = shot["custom_attributes"]
    attributes["fstart"], attributes["note"], attributes["day"] = 5, "foo", DAY
    attributes["flag"], attributes["tags"], attributes["fps"] = False, ["b", "a"], 24.5
    session.commit()
    at_once = _values(shot)
    session.reset()
    return {"at once": at_once, "written": _values(_shot(session))}


def _new(session: Any, own: str) -> dict[str, Any]:
    project = _project(session)  # by whose id the official client finds the project's own attributes
    new = session.create("Shot", {"name": "new", "parent": project, "project_id": project["id"]})
    new["custom_attributes"]["fstart"], new["custom_attributes"]["fps"] = 7, 25
    version = session.create("AssetVersion", {"asset": session.create("Asset", {"name": "anim", "parent": new})})
    version["custom_attributes"]["fps"] = 12
    session.commit()
    stored = session.query(f"CustomAttributeValue where configuration_id is {own}")
    return {"new": _values(new), "stored": [one["value"] for one in stored], "version": _values(version)}


def _refused(session: Any) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    try:
        _shot(session)["custom_attributes"]["fstart"] = "early"
        session.commit()
    except Exception as error:  # noqa: BLE001 - each client has errors of its own
        seen["refused"] = "fstart" in str(error) and "number" in str(error)
    session.rollback()
    try:
        session.create("Shot", {"name": "x", "parent": _project(session)})["custom_attributes"]["unknown"] = 1
    except ValueError:
        seen["unknown"] = True
    session.rollback()
    return seen


def _project(session: Any) -> Any:
    return session.query("Project where name is show").one()


def _shot(session: Any, name: str = "sh010") -> Any:
    return session.query(f"select custom_attributes from Shot where project.name is show and name is {name}").one()


def _values(entity: Any) -> dict[str, Any]:
    plain = ((key, _plain(value)) for key, value in entity["custom_attributes"].items())
    return dict(sorted(plain))


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


if __name__ == "__main__":
    url, user, api_key = sys.argv[1:]
    official = importlib.import_module("ftrack_api")
    print(json.dumps(seen_by(official.Session(url, api_key, user, auto_connect_event_hub=False))))

"""A studio's own values: metadata in every order, custom attributes of every kind, settings."""

from __future__ import annotations

import datetime
import json
from typing import Any


def metadata_is_kept_in_every_order(day: Any) -> Any:
    """Setting, updating, deleting and assigning anew, each read by another session."""
    session, shot = day.session, day.shot("sq010_sh010")
    seen = []

    def read() -> None:
        seen.append(dict(sorted(day.shot("sq010_sh010", day.again())["metadata"].items())))

    shot["metadata"] = {"fps": "24", "lens": "35mm"}
    session.commit()
    read()
    shot["metadata"]["fps"] = "25"
    shot["metadata"].update({"camera": "B", "grain": 'a "fine" one'})
    session.commit()
    read()
    del shot["metadata"]["lens"]
    session.commit()
    read()
    shot["metadata"] = {"fps": "30", "new": "yes"}
    session.commit()
    read()
    shot["metadata"] = {}
    shot["metadata"]["last"] = "word"
    session.commit()
    read()
    assert seen[-1] == {"last": "word"}
    return seen


def metadata_is_on_many_types_and_found(day: Any) -> Any:
    """On what was made in the same commit, too."""
    session, project = day.session, day.project()
    task = session.create("Task", {"name": "cleanup", "parent": day.shot("sq020_sh030")})
    version = session.query(f"AssetVersion where task.{day.here}").first()
    for entity in (project, task, version, day.user):
        entity["metadata"]["pipeline"] = entity.entity_type
    session.commit()
    fresh = day.again()
    found = [
        [each["name"] for each in fresh.query('Task where metadata any (key is pipeline and value is "Task")')],
        [each["name"] for each in fresh.query("Project where metadata.key is pipeline")],
    ]
    kinds = sorted(each["parent_type"] for each in fresh.query("Metadata where key is pipeline"))
    version = fresh.get("AssetVersion", version["id"])
    session.delete(task)
    session.commit()
    left = len(day.again().query("Metadata where key is pipeline").all())
    return [found, kinds, version["metadata"]["pipeline"], left]


def _configured(day: Any, key: str, kind: str, entity_type: str = "task", **more: Any) -> Any:
    values = {
        "key": key,
        "label": key.title(),
        "type": day.named("CustomAttributeType", kind),
        "entity_type": entity_type,
        "config": json.dumps(more.pop("config", {})),
        **more,
    }
    return day.session.create("CustomAttributeConfiguration", values)


def custom_attributes_are_configured(day: Any) -> Any:
    """Of each kind, on shots, on tasks, on projects, users and versions; each with its default."""
    shot = day.named("ObjectType", "Shot")
    choices = json.dumps([{"menu": "Low", "value": "low"}, {"menu": "High", "value": "high"}])
    _configured(day, "day_handles", "number", object_type=shot, default=8, config={"isdecimal": False})
    _configured(day, "day_camera", "text", object_type=shot, default="A", config={"markdown": False})
    _configured(day, "day_risky", "boolean", object_type=shot, default=False)
    _configured(day, "day_plate", "date", object_type=shot)
    enumerator = {"multiSelect": True, "data": choices}
    _configured(day, "day_effects", "enumerator", object_type=shot, default=["low"], config=enumerator)
    _configured(day, "day_pixels", "number", is_hierarchical=True, entity_type="show", default=100)
    _configured(day, "day_desk", "text", entity_type="user", default="none")
    _configured(day, "day_passes", "number", entity_type="assetversion", default=1)
    day.session.commit()
    fresh = day.again()
    values = day.shot("sq020_sh010", fresh)["custom_attributes"]
    user = day.named("User", "ben", fresh)["custom_attributes"]
    assert values["day_handles"] == 8
    assert values["day_effects"] == ["low"]
    assert user["day_desk"] == "none"
    keys = sorted(each["key"] for each in fresh.query("CustomAttributeConfiguration where key like 'day_%'"))
    return [{key: values[key] for key in sorted(values.keys()) if key.startswith("day_")}, keys]


def custom_attributes_are_written_and_found(day: Any) -> Any:
    """Set one by one and several at once, read by another session, and filtered on."""
    session, shot = day.session, day.shot("sq020_sh010")
    shot["custom_attributes"]["day_handles"] = 16
    shot["custom_attributes"]["day_camera"] = 'B "long"'
    shot["custom_attributes"]["day_risky"] = True
    shot["custom_attributes"]["day_effects"] = ["low", "high"]
    shot["custom_attributes"]["day_plate"] = datetime.datetime(2026, 4, 1)  # noqa: DTZ001 - a naive date, as the API's
    day.project()["custom_attributes"]["day_pixels"] = 2048
    day.named("User", "ben")["custom_attributes"]["day_desk"] = "4.2"
    version = session.query(f"AssetVersion where task.{day.here} and version is 4").first()
    version["custom_attributes"]["day_passes"] = 3
    session.commit()
    fresh = day.again()
    seen = day.shot("sq020_sh010", fresh)["custom_attributes"]
    assert seen["day_plate"].strftime("%Y-%m-%d") == "2026-04-01"
    filters = {
        "number": 'custom_attributes any (key is "day_handles" and value is "16")',
        "text": "custom_attributes any (key is day_camera and value like 'B%')",
        "truth": "custom_attributes any (key is day_risky and value is true)",
    }
    found = {name: [each["name"] for each in fresh.query(f"Shot where {one}")] for name, one in filters.items()}
    plain = {key: seen[key] for key in ("day_handles", "day_camera", "day_risky", "day_effects")}
    return [
        plain,
        found,
        day.project(fresh)["custom_attributes"]["day_pixels"],
        day.named("User", "ben", fresh)["custom_attributes"]["day_desk"],
        fresh.get("AssetVersion", version["id"])["custom_attributes"]["day_passes"],
        day.shot("sq020_sh020", fresh)["custom_attributes"]["day_handles"],
    ]


def custom_attributes_are_written_on_what_is_new(day: Any) -> Any:
    """In the commit that makes the shot, as a shot importer does."""
    session = day.session
    sequence = day.one(f"Sequence where name is sq020 and {day.here}")
    shot = session.create("Shot", {"name": "sq020_sh040", "parent": sequence})
    shot["custom_attributes"]["day_handles"] = 24
    session.commit()
    seen = day.shot("sq020_sh040", day.again())
    values = [seen["custom_attributes"]["day_handles"], seen["custom_attributes"]["day_camera"]]
    session.delete(shot)
    session.commit()
    return values


def settings_are_read_by_name_and_group(day: Any) -> Any:
    """Words of the language as attribute names."""
    session = day.session
    session.create("Setting", {"name": "day", "group": "PIPELINE", "value": json.dumps({"on": True})})
    session.commit()
    seen = day.one('Setting where name is "day" and group is "PIPELINE"', day.again())
    return json.loads(seen["value"])


SHARED = [
    metadata_is_kept_in_every_order,
    metadata_is_on_many_types_and_found,
    custom_attributes_are_configured,
    custom_attributes_are_written_and_found,
    custom_attributes_are_written_on_what_is_new,
    settings_are_read_by_name_and_group,
]
OFFICIAL_ONLY: list[Any] = []

"""Publishing: assets, versions that the server numbers, their workflow, their components and lists."""

from __future__ import annotations

from typing import Any


def versions_are_numbered_by_the_server(day: Any) -> Any:
    """Three in one commit, one more after that, by several people's tools."""
    session, task = day.session, day.task("sq010_sh010", "animation")
    kind = day.one("AssetType where short is anim")
    asset = session.create("Asset", {"name": "anim", "parent": task["parent"], "type": kind})
    made = [session.create("AssetVersion", {"asset": asset, "task": task, "comment": f"try {n}"}) for n in range(3)]
    session.commit()
    late = session.create("AssetVersion", {"asset": asset, "task": task})
    session.commit()
    numbers = [each["version"] for each in (*made, late)]
    assert numbers == [1, 2, 3, 4]
    fresh = day.again()
    seen = fresh.query(f'AssetVersion where asset_id is "{asset["id"]}" order by version').all()
    assert [each["is_latest_version"] for each in seen] == [False, False, False, True]
    assert seen[0]["user"]["username"] == day.session.api_user
    assert [item["name"] for item in seen[3]["link"]][:3] == ["pipeline_show", "sq010", "sq010_sh010"]
    assert seen[0]["date"] is not None
    latest = fresh.query(f'select latest_version.version from Asset where id is "{asset["id"]}"').one()
    one = fresh.query("AssetVersion where is_latest_version is True and asset.name is anim and task.name is animation")
    return {
        "status": seen[0]["status"]["name"],
        "comments": [each["comment"] for each in seen],
        "latest": latest["latest_version"]["version"],
        "found": len([each for each in one if each["link"][0]["name"] == "pipeline_show"]),
        "links": [[item["type"] for item in each["link"]] for each in seen[:1]],
    }


def _version(day: Any, number: int, session: Any = None) -> Any:
    query = f'AssetVersion where version is {number} and asset.name is anim and asset.parent.name is "sq010_sh010"'
    return day.one(f'{query} and asset.parent.project.name is "pipeline_show"', session)


def a_version_goes_through_its_workflow(day: Any) -> Any:
    """Each change of status leaves a trace with who and from where."""
    version = _version(day, 4)
    for status in ("In progress", "Approved"):
        version["status"] = day.named("Status", status)
        day.session.commit()
    seen = _version(day, 4, day.again())
    changes = sorted([each["from_status"]["name"], each["status"]["name"]] for each in seen["status_changes"])
    assert {each["user"]["username"] for each in seen["status_changes"]} == {day.session.api_user}
    return [seen["status"]["name"], changes]


def versions_use_other_versions(day: Any) -> Any:
    """What went into a publish, and where a publish went."""
    used, user = _version(day, 1), _version(day, 4)
    user["uses_versions"].append(used)
    user["uses_versions"].append(_version(day, 2))
    day.session.commit()
    fresh = day.again()
    uses = sorted(each["version"] for each in _version(day, 4, fresh)["uses_versions"])
    used_in = [each["version"] for each in _version(day, 1, fresh)["used_in_versions"]]
    user["uses_versions"] = [used]
    day.session.commit()
    return [uses, used_in, [each["version"] for each in _version(day, 4, day.again())["uses_versions"]]]


def components_belong_to_a_version(day: Any) -> Any:
    """Files and a sequence with members, as data: what `create_component` leaves behind."""
    session, version = day.session, _version(day, 4)
    session.create("FileComponent", {"name": "main", "file_type": ".ma", "size": 5, "version": version})
    plates = session.create("SequenceComponent", {"name": "plates", "padding": 4, "version": version})
    for number in (1001, 1002):
        values = {"name": str(number), "file_type": ".exr", "container": plates}
        session.create("FileComponent", values)
    session.commit()
    fresh = day.again()
    seen = {each["name"]: each for each in _version(day, 4, fresh)["components"]}
    members = sorted(each["name"] for each in seen["plates"]["members"])
    found = fresh.query('Component where name is main and version.asset.parent.name is "sq010_sh010"').all()
    assert [each.entity_type for each in found] == ["FileComponent"]
    assert found[0]["version"]["version"] == 4
    kinds = sorted([name, each.entity_type, each["system_type"]] for name, each in seen.items())
    return [kinds, members, seen["plates"]["members"][0]["container"]["name"], seen["main"]["size"]]


def components_are_registered_where_they_are(day: Any) -> Any:
    """The client's own helper: a file and a frame sequence that stay where they lie."""
    version = _version(day, 3)
    file = version.create_component("/shows/pipeline/anim.0003.ma", {"name": "scene"}, location=None)
    frames = version.create_component("/shows/pipeline/beauty.%04d.exr [1-3]", {"name": "frames"}, location=None)
    day.session.commit()
    origin = day.named("Location", "ftrack.origin")
    assert origin.get_resource_identifier(file) == "/shows/pipeline/anim.0003.ma"
    seen = day.again().get("Component", frames["id"])
    places = [each["location"]["name"] for each in seen["component_locations"]]
    return [
        file["file_type"],
        seen.entity_type,
        seen["padding"],
        sorted(each["name"] for each in seen["members"]),
        places,
    ]


def lists_hold_what_production_picks(day: Any) -> Any:
    """A list of shots and tasks, one of versions, changed by whole and by item."""
    session, project = day.session, day.project()
    category = day.named("ListCategory", "Dailies")
    shots = session.create("TypedContextList", {"name": "today", "project": project, "category": category})
    shots["items"].append(day.shot("sq010_sh010"))
    shots["items"].append(day.task("sq010_sh020", "lighting"))
    versions = session.create("AssetVersionList", {"name": "reel", "project": project, "category": category})
    versions["items"] = [_version(day, 3), _version(day, 4)]
    session.commit()
    fresh = day.again()
    today = day.one(f"TypedContextList where name is today and {day.here}", fresh)
    reel = day.one(f"AssetVersionList where name is reel and {day.here}", fresh)
    before = [sorted(each["name"] for each in today["items"]), sorted(each["version"] for each in reel["items"])]
    of_shot = [each["name"] for each in day.shot("sq010_sh010", fresh)["lists"]]
    shots["items"].remove(day.shot("sq010_sh010"))
    session.commit()
    after = [
        each["name"] for each in day.one(f"TypedContextList where name is today and {day.here}", day.again())["items"]
    ]
    kinds = sorted(each.entity_type for each in fresh.query(f"List where {day.here}"))
    return [before, of_shot, after, kinds, today["category"]["name"], today["owner"] and today["owner"]["username"]]


def a_review_session_shows_versions(day: Any) -> Any:
    """What a client looks at."""
    session = day.session
    values = {"name": "client review", "description": "Friday", "project": day.project()}
    review = session.create("ReviewSession", values)
    for number in (3, 4):
        version = _version(day, number)
        values = {"name": f"anim v{number}", "version": f"Version {number}", "asset_version": version}
        session.create("ReviewSessionObject", {**values, "review_session": review, "sort_order": number})
    session.create("ReviewSessionInvitee", {"name": "Client", "email": "c@example.com", "review_session": review})
    session.commit()
    seen = day.one(f'ReviewSession where name is "client review" and {day.here}', day.again())
    objects = sorted([each["name"], each["asset_version"]["version"]] for each in seen["review_session_objects"])
    return [objects, [each["email"] for each in seen["review_session_invitees"]]]


SHARED = [
    versions_are_numbered_by_the_server,
    a_version_goes_through_its_workflow,
    versions_use_other_versions,
    components_belong_to_a_version,
    lists_hold_what_production_picks,
    a_review_session_shows_versions,
]
OFFICIAL_ONLY = [components_are_registered_where_they_are]

"""Morning in production: a project from its schema, a tree in one commit, people on tasks, links and scopes."""

from __future__ import annotations

import datetime
from typing import Any

SEQUENCES, SHOTS, TASKS = ("sq010", "sq020"), ("sh010", "sh020", "sh030"), ("layout", "animation", "lighting")


def start(day: Any) -> Any:
    """A tool starts and looks around."""
    information = day.session.server_information
    assert tuple(map(int, information["version"].split("."))) >= (3, 3, 11)
    assert len(day.session.types) == len(day.session.schemas) == 116
    assert day.user["is_active"] is True
    locations = {each["name"] for each in day.session.query("select name from Location")}
    assert locations >= {"ftrack.origin", "ftrack.unmanaged", "ftrack.review", "ftrack.connect", "ftrack.server"}
    return {
        "hash": information["schema_hash"],
        "users": sorted(each["username"] for each in day.session.query("User where is_active is True")),
    }


def a_project_schema_tells_statuses_and_types(day: Any) -> Any:
    """What a tool offers in its menus."""
    schema = day.named("ProjectSchema", "VFX")
    tasks = [status["name"] for status in schema.get_statuses("Task")]
    animation = day.named("Type", "Animation")
    assert [status["name"] for status in schema.get_statuses("Task", animation["id"])] == tasks
    versions = [status["name"] for status in schema.get_statuses("AssetVersion")]
    shots = [status["name"] for status in schema.get_statuses("Shot")]
    builds = [one["name"] for one in schema.get_types("AssetBuild")]
    assert tasks[0] == "Not started"
    assert versions[0] == "Pending review"
    assert "Completed" in shots
    assert "Completed" not in tasks
    assert "Animation" in [one["name"] for one in schema.get_types("Task")]
    assert builds == ["Character", "Prop", "Environment", "Vehicle"]
    assert day.refusal(lambda: schema.get_statuses("Nonsense"))[0] >= {"ValueError"}
    return [tasks, versions, shots, builds]


def a_project_is_made_from_a_schema(day: Any) -> Any:
    """With dates, as the wizard does."""
    schema = day.named("ProjectSchema", "VFX")
    values = {
        "name": "pipeline_show",
        "full_name": "A pipeline's day",
        "project_schema": schema,
        "start_date": datetime.datetime(2026, 3, 2),  # noqa: DTZ001 - the API's dates are naive
        "end_date": datetime.datetime(2026, 9, 30),  # noqa: DTZ001
    }
    project = day.session.create("Project", values)
    day.session.commit()
    session = day.again()
    seen = day.project(session)
    assert seen["id"] == project["id"]
    assert seen["start_date"].strftime("%Y-%m-%d %H:%M") == "2026-03-02 00:00"
    assert seen["project_schema"]["name"] == "VFX"
    return [seen["full_name"], seen["status"], seen["context_type"], seen["link"][0]["name"], len(seen["children"])]


def a_tree_is_made_in_one_commit(day: Any) -> Any:
    """Sequences, shots, tasks and asset builds: one batch, statuses and types filled in by the server."""
    session, project = day.session, day.project()
    types = {each["name"].lower(): each for each in session.query("Type where name in (Layout, Animation, Lighting)")}
    for sequence_name in SEQUENCES:
        sequence = session.create("Sequence", {"name": sequence_name, "parent": project})
        for place, shot_name in enumerate(SHOTS):
            named = f"{sequence_name}_{shot_name}"
            shot = session.create("Shot", {"name": named, "parent": sequence, "sort": place, "description": named})
            for task_name in TASKS:
                session.create("Task", {"name": task_name, "parent": shot, "type": types[task_name], "bid": 8 * 3600})
    character = day.named("Type", "Character")
    build = session.create("AssetBuild", {"name": "hero", "parent": project, "type": character})
    session.create("Milestone", {"name": "delivery", "parent": project})
    session.create("Folder", {"name": "assets", "parent": project})
    session.commit()
    fresh = day.again()
    task = day.task("sq010_sh020", "animation", fresh)
    shot = task["parent"]
    assert [item["name"] for item in task["link"]] == ["pipeline_show", "sq010", "sq010_sh020", "animation"]
    assert [item["type"] for item in task["link"]] == ["Project", *["TypedContext"] * 3]
    assert task["project"]["name"] == shot["project"]["name"] == "pipeline_show"
    assert {each["name"] for each in shot["children"]} == set(TASKS)
    assert build["project"] is project
    assert task["priority"]["id"] == "9661b320-3a0c-11e2-81c1-0800200c9a66"
    return {
        "task": [task["status"]["name"], task["type"]["name"], task["object_type"]["name"], task["bid"]],
        "shot": [shot["status"]["name"], shot["object_type"]["name"], shot["context_type"], shot["description"]],
        "build": [build["status"]["name"], build["type"]["name"], build["object_type"]["name"]],
        "counts": [len(fresh.query(f"{one} where {day.here}").all()) for one in ("Sequence", "Shot", "Task")],
    }


def people_are_assigned(day: Any) -> Any:
    """By appointments, found again from either end."""
    session = day.session
    for name, username in (("layout", "ben"), ("animation", "chloe"), ("lighting", "dev")):
        person = day.named("User", username)
        for shot in ("sq010_sh010", "sq010_sh020"):
            values = {"context": day.task(shot, name), "resource": person, "type": "assignment"}
            session.create("Appointment", values)
    session.commit()
    fresh = day.again()
    mine = fresh.query(
        f'Task where assignments any (resource.username is "chloe") and {day.here} order by parent.name'
    )
    assert [task["parent"]["name"] for task in mine] == ["sq010_sh010", "sq010_sh020"]
    task = day.task("sq010_sh010", "animation", fresh)
    assert [one["resource"]["username"] for one in task["assignments"]] == ["chloe"]
    assert task["assignments"][0]["type"] == "assignment"
    person = day.named("User", "chloe", fresh)
    here = [one for one in person["assignments"] if one["context"]["link"][0]["name"] == "pipeline_show"]
    nobody = fresh.query(f"Task where not assignments any () and {day.here}").all()
    return [len(here), len(nobody)]


def a_group_gets_members(day: Any) -> Any:
    """Departments, and a task that a whole one is on."""
    session = day.session
    group = session.create("Group", {"name": "pipeline_anim"})
    for username in ("ben", "chloe"):
        session.create("Membership", {"group": group, "user": day.named("User", username)})
    task = day.task("sq020_sh010", "animation")
    session.create("Appointment", {"context": task, "resource": group, "type": "assignment"})
    session.commit()
    fresh = day.again()
    seen = day.named("Group", "pipeline_anim", fresh)
    names = sorted(each["user"]["username"] for each in seen["memberships"])
    resource = day.task("sq020_sh010", "animation", fresh)["assignments"][0]["resource"]
    assert resource["name"] == "pipeline_anim"
    groups = fresh.query('Group where memberships any (user.username is "ben")')
    return [names, resource.entity_type, [each["name"] for each in groups]]


def tasks_depend_on_each_other(day: Any) -> Any:
    """Links between tasks, read from both ends."""
    first, second = day.task("sq010_sh010", "layout"), day.task("sq010_sh010", "animation")
    day.session.create("TypedContextLink", {"from": first, "to": second})
    day.session.commit()
    fresh = day.again()
    task = day.task("sq010_sh010", "animation", fresh)
    incoming = [link["from"]["name"] for link in task["incoming_links"]]
    outgoing = [link["to"]["name"] for link in day.task("sq010_sh010", "layout", fresh)["outgoing_links"]]
    waiting = fresh.query(f'Task where incoming_links any (from.name is "layout") and {day.here}')
    return [incoming, outgoing, len(task["outgoing_links"]), [each["name"] for each in waiting]]


def scopes_are_given_and_taken(day: Any) -> Any:
    """Free labels on contexts."""
    session, task = day.session, day.task("sq010_sh010", "layout")
    for name in ("pipeline-a", "pipeline-b"):
        task["scopes"].append(session.create("Scope", {"name": name}))
    session.commit()
    fresh = day.again()
    found = [each["name"] for each in fresh.query("Task where scopes.name is pipeline-b")]
    both = sorted(each["name"] for each in day.task("sq010_sh010", "layout", fresh)["scopes"])
    task["scopes"].remove(day.named("Scope", "pipeline-a"))
    session.commit()
    left = [each["name"] for each in day.task("sq010_sh010", "layout", day.again())["scopes"]]
    assert day.again().query("Task where scopes.name is pipeline-a").first() is None
    return [found, both, left]


SHARED = [
    start,
    a_project_is_made_from_a_schema,
    a_tree_is_made_in_one_commit,
    people_are_assigned,
    a_group_gets_members,
    tasks_depend_on_each_other,
    scopes_are_given_and_taken,
]
OFFICIAL_ONLY = [a_project_schema_tells_statuses_and_types]

"""Tracking: timers and time logs, jobs, status changes."""

from __future__ import annotations

import json
from typing import Any


def a_timer_becomes_a_time_log(day: Any) -> Any:
    """Start, refuse a second, stop, and nothing left to stop."""
    user, task = day.user, day.task("sq010_sh010", "layout")
    timer = user.start_timer(task, comment="blocking", name="morning")
    assert timer["start"] is not None
    classes, _ = day.refusal(lambda: user.start_timer(task))
    assert "NotUniqueError" in classes
    day.session.rollback()
    log = user.stop_timer()
    assert isinstance(log["duration"], int | float)
    assert 0 <= log["duration"] < 60
    classes, _ = day.refusal(user.stop_timer)
    assert "NoResultFoundError" in classes
    seen = day.again().get("Timelog", log["id"])
    assert seen["context"]["name"] == "layout"
    assert day.again().query("Timer").first() is None
    return [seen["comment"], seen["name"], seen["user"]["username"]]


def a_timer_can_be_forced(day: Any) -> Any:
    """Forcing ends the one that runs."""
    user = day.user
    user.start_timer(day.task("sq010_sh010", "layout"), comment="first")
    user.start_timer(day.task("sq010_sh010", "lighting"), comment="second", force=True)
    running = [each["comment"] for each in day.again().query("Timer")]
    user.stop_timer()
    logs = [each["comment"] for each in day.again().query(f"Timelog where context.{day.here}")]
    return [running, sorted(logs)]


def time_is_logged_plainly(day: Any) -> Any:
    """Entries of a time sheet, and their sum on the task."""
    session, task, user = day.session, day.task("sq020_sh020", "lighting"), day.user
    for hours in (1, 2.5):
        values = {"user": user, "context": task, "duration": hours * 3600, "comment": f"{hours} h"}
        task["timelogs"].append(session.create("Timelog", values))
    session.commit()
    seen = day.task("sq020_sh020", "lighting", day.again())
    durations = sorted(each["duration"] for each in seen["timelogs"])
    assert seen["time_logged"] == sum(durations) == 3.5 * 3600
    return [durations, seen["bid_time_logged_difference"], seen["bid"]]


def a_second_timer_is_refused_plainly(day: Any) -> Any:
    """One timer for each person, whoever makes it; what was to be sent stays."""
    session, user = day.session, day.named("User", "eva")
    first = session.create("Timer", {"user": user, "comment": "one"})
    session.commit()
    second = session.create("Timer", {"user": user, "comment": "two"})
    classes, text = day.refusal(session.commit)
    assert "ServerError" in classes
    assert "DuplicateEntryError" in text
    assert second in session.created
    session.rollback()
    session.delete(first)
    session.commit()
    return len(day.again().query('Timer where user.username is "eva"').all())


def a_job_tells_its_progress(day: Any) -> Any:
    """A farm job with JSON in its data, from queued to done."""
    session = day.session
    data = {"description": 'Render "sh010" — 5 %', "frames": [1001, 1002], "nested": {"{key}": None}}
    job = session.create("Job", {"user": day.user, "status": "queued", "data": json.dumps(data)})
    session.commit()
    states = [job["status"]]
    for status in ("running", "done"):
        job["status"] = status
        session.commit()
        states.append(day.again().get("Job", job["id"])["status"])
    seen = day.again().get("Job", job["id"])
    assert json.loads(seen["data"]) == data
    found = (
        day.again().query(f'Job where status in ("done", "failed") and user.username is "{session.api_user}"').all()
    )
    assert seen["id"] in [each["id"] for each in found]
    return [states, seen["type"], seen["user"]["username"]]


def status_changes_are_noted_down(day: Any) -> Any:
    """Twice in one commit counts once; each has who, from and to."""
    session, task = day.session, day.task("sq010_sh030", "layout")
    task["status"] = day.named("Status", "In progress")
    session.commit()
    task["status"] = day.named("Status", "On hold")
    task["status"] = day.named("Status", "Approved")
    session.commit()
    fresh = day.again()
    seen = day.task("sq010_sh030", "layout", fresh)
    changes = sorted([each["from_status"]["name"], each["status"]["name"]] for each in seen["status_changes"])
    found = fresh.query(
        f'TypedContextStatusChange where parent_id is "{seen["id"]}" and status.name is Approved'
    ).all()
    assert found[0]["parent"]["name"] == "layout"
    done = fresh.query(f"Task where status.state.short is DONE and {day.here}").all()
    return [seen["status"]["name"], changes, len(found), len(done)]


SHARED = [
    time_is_logged_plainly,
    a_second_timer_is_refused_plainly,
    a_job_tells_its_progress,
    status_changes_are_noted_down,
]
OFFICIAL_ONLY = [a_timer_becomes_a_time_log, a_timer_can_be_forced]

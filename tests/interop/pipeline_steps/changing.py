"""Changes: ensure, moves, batches of one's own making."""

from __future__ import annotations

import datetime
from typing import Any


def ensure_makes_finds_and_changes(day: Any) -> Any:
    """Thrice the same call: the first makes, the second finds, one with another value changes."""
    session, shot = day.session, day.shot("sq020_sh020")
    values = {"name": "roto", "parent_id": shot["id"], "description": "first"}
    made = session.ensure("Task", values, ["name", "parent_id"])
    found = session.ensure("Task", values, ["name", "parent_id"])
    changed = session.ensure("Task", {**values, "description": "second"}, ["name", "parent_id"])
    assert made is found is changed
    task = day.task("sq020_sh020", "roto", day.again())
    seen = [task["description"], task["status"]["name"]]
    session.delete(made)
    session.commit()
    return seen


def ensure_knows_dates(day: Any) -> Any:
    """A date with microseconds finds again what it made."""
    session, task = day.session, day.task("sq020_sh020", "lighting")
    start = datetime.datetime(2026, 5, 4, 9, 30, 15, 123456, tzinfo=datetime.timezone.utc)
    values = {"start": start, "duration": 10, "user_id": day.user["id"], "context_id": task["id"], "comment": "dated"}
    made = session.ensure("Timelog", values)
    assert session.ensure("Timelog", values) is made
    seen = day.again().get("Timelog", made["id"])["start"]
    return [seen.strftime("%Y-%m-%d %H:%M:%S"), len(day.again().query("Timelog where comment is dated").all())]


def a_shot_moves_to_another_sequence(day: Any) -> Any:
    """With its tasks, and back; where it is shows in every link."""
    session, shot = day.session, day.shot("sq010_sh030")
    home = shot["parent"]
    shot["parent"] = day.one(f"Sequence where name is sq020 and {day.here}")
    session.commit()
    fresh = day.again()
    task = day.task("sq010_sh030", "layout", fresh)
    link = [item["name"] for item in task["link"]]
    count = len(fresh.query(f"Shot where parent.name is sq020 and {day.here}").all())
    shot["parent"] = home
    session.commit()
    back = [item["name"] for item in day.task("sq010_sh030", "layout", day.again())["link"]]
    return [link, count, back]


def many_changes_go_in_one_commit(day: Any) -> Any:
    """Every task at once, and two values each."""
    session = day.session
    tasks = session.query(f"Task where name is lighting and {day.here}").all()
    for place, task in enumerate(sorted(tasks, key=lambda each: str(each["parent_id"]))):
        task["bid"] = (place + 1) * 3600
        task["start_date"] = datetime.datetime(2026, 6, 1 + place)  # noqa: DTZ001 - naive, as the API's dates
    session.commit()
    assert len(session.recorded_operations) == 0
    seen = day.again().query(f"select bid, start_date from Task where name is lighting and {day.here}").all()
    assert all(each["start_date"].strftime("%H:%M") == "00:00" for each in seen)
    later = day.again().query(f'Task where start_date >= "2026-06-04" and {day.here}').all()
    return [sorted(each["bid"] for each in seen), len(later)]


def raw_batches_do_several_things_at_once(day: Any) -> Any:
    """Tools that speak the protocol themselves: query, create, update, delete in one transaction."""
    session, shot = day.session, day.shot("sq020_sh010")
    key = "6f1dcd2e-0000-4000-8000-00000000da17"
    data = {"__entity_type__": "Task", "id": key, "name": "raw", "parent_id": shot["id"]}
    query = f"select name, description from Task where id is {key}"
    replies = session.call(
        [
            {"action": "create", "entity_type": "Task", "entity_key": [key], "entity_data": data},
            {"action": "query", "expression": query},
            {
                "action": "update",
                "entity_type": "Task",
                "entity_key": [key],
                "entity_data": {"__entity_type__": "Task", "description": "told"},
            },
            {"action": "query", "expression": query},
            {"action": "delete", "entity_type": "Task", "entity_key": [key]},
            {"action": "query", "expression": query},
        ]
    )
    assert [each["action"] for each in replies] == ["create", "query", "update", "query", "delete", "query"]
    assert replies[4]["data"] is True
    assert session.call([]) == []
    told = [len(each["data"]) for each in replies if each["action"] == "query"]
    information = session.call([{"action": "query_server_information", "values": ["version"]}])
    return [told, replies[3]["data"][0]["description"], replies[1]["metadata"], sorted(information[0])]


def groups_are_counted(day: Any) -> Any:
    """A report asks for numbers instead of rows; only a client that asked to be strict may."""
    query = f"select count(id), status.name from Task where {day.here} group by status.name"
    session = day.strict()
    rows = session.call([{"action": "query", "expression": query}])[0]["data"]
    counts = {row["status.name"] if "status.name" in row else row["status"]["name"]: row["count_id"] for row in rows}
    assert sum(counts.values()) == 18
    return counts


SHARED = [
    ensure_makes_finds_and_changes,
    ensure_knows_dates,
    a_shot_moves_to_another_sequence,
    many_changes_go_in_one_commit,
    raw_batches_do_several_things_at_once,
    groups_are_counted,
]
OFFICIAL_ONLY: list[Any] = []

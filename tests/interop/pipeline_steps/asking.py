"""Questions: nested queries, collections, sub-queries, casts, paging, base types, counting what they cost."""

from __future__ import annotations

from typing import Any


def _called(resource: Any) -> Any:
    return resource["username" if resource.entity_type == "User" else "name"]


def three_levels_come_with_one_query(day: Any) -> Any:
    """A browser panel loads a tree at once, and walks it without another call."""
    paths = "name, children.name, children.children.name, children.children.children.name"
    people = "children.children.children.assignments.resource"
    with day.again() as session:
        project = session.query(
            f'select {paths}, {people}.username, {people}.name from Project where name is "pipeline_show"'
        ).one()
        with session.auto_populating(auto_populate=False):
            tree = {
                sequence["name"]: {
                    shot["name"]: sorted(
                        [task["name"], *[_called(each["resource"]) for each in task["assignments"]]]
                        for task in shot["children"]
                    )
                    for shot in sequence["children"]
                }
                for sequence in project["children"]
                if sequence.entity_type == "Sequence"
            }
    assert tree["sq010"]["sq010_sh020"][0] == ["animation", "chloe"]
    return tree


def references_come_with_their_names(day: Any) -> Any:
    """The table of a dailies tool: one query, five relations, three levels up."""
    names = "name, status.name, status.state.short, type.name, parent.name, parent.parent.name, project.full_name"
    query = f"select {names} from Task where {day.here} order by parent.name, name"
    with day.again() as session:
        tasks = session.query(query).all()
        with session.auto_populating(auto_populate=False):
            return [
                [
                    task["name"],
                    task["status"]["name"],
                    task["status"]["state"]["short"],
                    task["type"]["name"],
                    task["parent"]["name"],
                    task["parent"]["parent"]["name"],
                    task["project"]["full_name"],
                ]
                for task in tasks
            ]


QUERIES = {
    "path": 'Task where parent.parent.name is "sq010" and {here}',
    "in": "Task where name in (layout, animation) and {here}",
    "not in": 'Task where name not_in ("layout", "animation") and {here}',
    "like": "Shot where name like 'sq010%' and {here}",
    "not like": 'Shot where name not_like "%sh010" and {here}',
    "or": 'Shot where (name is "sq010_sh010" or name is "sq020_sh030") and {here}',
    "no blank": '(project.name is "pipeline_show"and name is "layout")',
    "has": "Task where parent has (parent has (name is sq020)) and {here}",
    "any": "Shot where children any (assignments any (resource.username is ben)) and {here}",
    "not any": "Shot where not children any (assignments any ()) and {here}",
    "ancestors": 'Task where ancestors any (name is "sq020") and {here}',
    "descendants": 'Sequence where descendants any (assignments any (resource.username is "dev")) and {here}',
    "sub-query": 'Task where parent_id in (select id from Shot where name like "%sh030") and {here}',
    "short sub-query": 'Task where parent_id in (Shot where name like "%sh030") and {here}',
    "cast": 'Task where parent[Shot].parent[Sequence].name is "sq010" and {here}',
    "state": "Task where status.state.short is NOT_STARTED and {here}",
    "none": "Task where start_date is None and {here}",
    "not none": "Task where priority is_not None and {here}",
    "number": "Task where bid >= 28800 and bid < 28801 and {here}",
    "date": 'Project where start_date >= "2026-03-01" and end_date < "2026-10-01" and name is pipeline_show',
    "created": 'Task where created_at > "2020-01-01" and {here}',
    "creator": "Task where created_by.username is_not None and {here}",
    "base type": "TypedContext where name is hero and {here}",
    "link": "Task where outgoing_links any (to.name is animation) and {here}",
    "many to many": "Task where scopes any (name is pipeline-b) and {here}",
    "nothing": 'Task where id is "no-such-id"',
}


def queries_of_every_kind_find_what_they_should(day: Any) -> Any:
    """The questions that tools ask, each with how many answers it has."""
    counts = {}
    for name, query in QUERIES.items():
        text = query.format(here=day.here)
        text = f"Task where {text}" if text.startswith("(") else text
        counts[name] = len(day.session.query(text).all())
    assert counts["path"] == counts["has"] == counts["ancestors"] == 9
    assert counts["in"] == 12
    assert counts["not in"] == 6
    assert counts["sub-query"] == counts["short sub-query"] == 6
    assert counts["none"] == counts["not none"] == 18
    assert counts["date"] == counts["base type"] == counts["link"] == counts["many to many"] == 1
    assert counts["nothing"] == 0
    return counts


def pages_cover_each_row_once(day: Any) -> Any:
    """Walking through pages of four, and jumping into the middle."""
    query = f"select name, parent.name from Task where {day.here} order by parent.name descending, name"
    whole = [(task["parent"]["name"], task["name"]) for task in day.session.query(query)]
    paged = [(task["parent"]["name"], task["name"]) for task in day.session.query(query, page_size=4)]
    part = [(task["parent"]["name"], task["name"]) for task in day.session.query(f"{query} offset 5 limit 3")]
    swapped = [(task["parent"]["name"], task["name"]) for task in day.session.query(f"{query} limit 3 offset 5")]
    assert len(set(whole)) == 18
    assert whole == paged
    assert part == swapped == whole[5:8]
    assert day.session.query(query).first()["name"] == "animation"
    return whole


def base_types_give_what_things_are(day: Any) -> Any:
    """A tool that holds only an id asks by the base type."""
    contexts = day.again().query('Context where parent.name is "pipeline_show" order by name').all()
    kinds = [[each.entity_type, each["name"]] for each in contexts]
    task = day.task("sq010_sh010", "layout")
    for base in ("Context", "TypedContext"):
        assert day.again().get(base, task["id"]).entity_type == "Task"
    assert day.again().get("Context", day.project()["id"]).entity_type == "Project"
    assert day.again().get("Resource", day.user["id"]).entity_type == "User"
    resources = {each.entity_type for each in day.again().query("Resource")}
    assert resources == {"User", "Group"}
    return kinds


def a_session_takes_up_what_it_asks_again(day: Any) -> Any:
    """One object for one entity, and populating in bulk what a query left out."""
    session = day.again()
    tasks = session.query(f"select id from Task where {day.here}").all()
    session.populate(tasks, "name, status.name, parent.name, assignments.resource.username")
    again = session.query(f"Task where {day.here}").all()
    assert {id(each) for each in tasks} == {id(each) for each in again}
    with session.auto_populating(auto_populate=False):
        names = sorted([each["parent"]["name"], each["name"], each["status"]["name"]] for each in tasks)
        bids = {bool(each["bid"]) for each in tasks}
    assert bids == {False}, "what was not asked for is not set"
    assert {each["bid"] for each in tasks} == {8 * 3600}
    return names


def every_attribute_of_a_task_is_there(day: Any) -> Any:
    """One by one, as a form does: each has a value, and is asked for once at most."""
    session = day.again()
    task = day.task("sq010_sh010", "layout", session)
    calls: list[Any] = []
    call = session.call

    def counted(data: Any) -> Any:
        calls.append(data)
        return call(data)

    session.call = counted
    missing, repeated = [], []
    for name in sorted(task.keys()):
        if "NOT_SET" in repr(task[name]):
            missing.append(name)
        before = len(calls)
        assert task[name] is task[name] or task[name] == task[name]
        if len(calls) > before:
            repeated.append(name)
    assert missing == []
    assert repeated == []
    return sorted(task.keys())


SHARED = [
    three_levels_come_with_one_query,
    references_come_with_their_names,
    queries_of_every_kind_find_what_they_should,
    pages_cover_each_row_once,
    base_types_give_what_things_are,
    a_session_takes_up_what_it_asks_again,
]
OFFICIAL_ONLY = [every_attribute_of_a_task_is_there]

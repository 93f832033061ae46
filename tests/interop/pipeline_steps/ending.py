"""Evening: things go, with all that hangs on them."""

from __future__ import annotations

from typing import Any


def a_helper_that_the_server_lacks_says_so(day: Any) -> Any:
    """A client that is newer than its server hears that, and not something about JSON."""
    session, call = day.session, day.session.call

    def older(data: Any) -> Any:
        return call([{**each, "action": f"{each['action']}'"} for each in data])  # a name that the server lacks

    session.call = older
    try:
        classes, _ = day.refusal(lambda: session.get_widget_url("tasks"))
    finally:
        del session.call
    assert "ServerCompatibilityError" in classes
    return True


def a_task_goes_with_what_hangs_on_it(day: Any) -> Any:
    """Notes, metadata and assignments do not stay behind."""
    session, shot = day.session, day.shot("sq020_sh030")
    task = session.create("Task", {"name": "paint", "parent": shot})
    note = session.create("Note", {"content": "paint it", "author": day.user})
    task["notes"].append(note)
    task["metadata"]["colour"] = "black"
    session.create("Appointment", {"context": task, "resource": day.user, "type": "assignment"})
    session.commit()
    session.delete(task)
    session.commit()
    fresh = day.again()
    return [
        len(fresh.query(f'Task where id is "{task["id"]}"').all()),
        len(fresh.query('Note where content is "paint it"').all()),
        len(fresh.query('Metadata where key is "colour"').all()),
        len(fresh.query(f'Appointment where context_id is "{task["id"]}"').all()),
    ]


def what_is_made_and_deleted_was_never_there(day: Any) -> Any:
    """In one commit."""
    session = day.session
    shot = session.create("Shot", {"name": "sq010_gone", "parent": day.project()})
    session.delete(shot)
    session.commit()
    session.rollback()
    return len(day.again().query("Shot where name is sq010_gone").all())


def a_sequence_goes_with_its_shots(day: Any) -> Any:
    """And the other one stays."""
    session = day.session
    session.delete(day.one(f"Sequence where name is sq020 and {day.here}"))
    session.commit()
    fresh = day.again()
    return [len(fresh.query(f"{one} where {day.here}").all()) for one in ("Sequence", "Shot", "Task")]


def the_project_goes_with_everything(day: Any) -> Any:
    """Nothing of the day is left but what belongs to no project."""
    session, project = day.session, day.project()
    kinds = ("TypedContext", "AssetVersion", "Note", "Metadata", "Appointment", "ReviewSession", "List")
    counted = {one: len(session.query(one).all()) for one in kinds}
    session.delete(project)
    session.commit()
    fresh = day.again()
    assert fresh.query('Project where name is "pipeline_show"').first() is None
    left = {one: len(fresh.query(one).all()) for one in kinds}
    assert all(left[one] < counted[one] for one in kinds), (counted, left)
    assert left["ReviewSession"] == left["List"] == len(fresh.query("Timelog").all()) == 0
    assert fresh.query('Note where content is "Mind the gap."').first() is None
    assert fresh.query('AssetVersion where comment is "try 0"').first() is None
    for configuration in session.query("CustomAttributeConfiguration where key like 'day_%'").all():
        session.delete(configuration)
    session.commit()
    return len(day.again().query("CustomAttributeConfiguration where key like 'day_%'").all())


SHARED = [
    a_task_goes_with_what_hangs_on_it,
    what_is_made_and_deleted_was_never_there,
    a_sequence_goes_with_its_shots,
    the_project_goes_with_everything,
]
OFFICIAL_ONLY = [a_helper_that_the_server_lacks_says_so]

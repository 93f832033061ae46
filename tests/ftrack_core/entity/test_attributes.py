"""Reading and writing attributes of each kind."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.entity import Collection, MappedCollection
from ftrack_core.values import NOT_SET

Calls = Callable[[], int]


def test_a_scalar_is_loaded_on_the_first_reading(task: Any, calls: Calls) -> None:
    """And not again."""
    assert (task["name"], task["name"]) == ("layout", "layout")
    assert calls() == 1


def test_a_value_that_is_none_is_loaded(task: Any, calls: Calls) -> None:
    """None is a value: it is not asked for again and again."""
    assert task["description"] is None
    assert task["description"] is None
    assert calls() == 1


def test_a_reference_comes_with_what_one_wants_of_it(task: Any, calls: Calls) -> None:
    """Its type's default projections, so that `task["parent"]["name"]` is one call, not two."""
    assert task["parent"]["name"] in {"sh010", "sh020"}
    assert task["parent"] is task["parent"]
    assert calls() == 1
    assert task["status"]["name"] == "Approved"


def test_a_reference_to_nothing_is_none(task: Any) -> None:
    """And can be told from what is not loaded."""
    assert task["thumbnail"] is None


def test_a_reference_of_a_base_type_leads_to_the_concrete_entity(task: Any) -> None:
    """A parent is a shot, not a context."""
    assert task["parent"].entity_type == "Shot"
    assert task["parent"]["parent"]["parent"].entity_type == "Project"


def test_a_collection_is_loaded_when_it_is_looked_into(task: Any, calls: Calls) -> None:
    """Taking it costs nothing; its entities come with their plain values."""
    assigned = task["assignments"]
    assert isinstance(assigned, Collection)
    assert "not loaded" in repr(assigned)
    assert calls() == 0
    assert [each["resource_id"] for each in assigned] == [task.session.query("User where username is ann").one()["id"]]
    assert len(task["assignments"]) == 1
    assert calls() <= 3


def test_items_ask_once_for_all_scalars(task: Any, calls: Calls) -> None:
    """Printing an entity is one call for its scalars, however many it has."""
    items = task.items()
    assert calls() == 1
    scalars = {name: value for name, value in items if name in {"name", "bid", "link", "priority_id", "sort"}}
    assert scalars["name"] == "layout"
    assert len(items) == len(task) == len(task.attributes)
    task.values()
    with task.session.auto_populating(auto_populate=False):
        assert task["created_at"] is not NOT_SET


def test_dates_are_aware(session: Session, task: Any) -> None:
    """What the server says without an offset is UTC."""
    assert task["created_at"].utcoffset() == datetime.timedelta(0)
    assert session.query("Project").one()["start_date"].isoformat() == "2026-01-05T00:00:00+00:00"


def test_values_of_plain_json_may_be_changed_without_harm(task: Any) -> None:
    """A list that was read is the program's own."""
    task["link"].clear()
    assert task["link"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "renamed"),
        ("description", None),
        ("bid", 12.5),
        ("sort", 7),
        ("description", 'quotes " and \\ and {braces} and ünïcode'),
    ],
)
def test_scalars_can_be_set(session: Session, task: Any, name: str, value: Any) -> None:
    """At once here, and on the server with the commit."""
    task[name] = value
    assert task[name] == value
    session.commit()
    session.cache.clear()
    assert session.query(f"select {name} from Task where id is {task['id']}").one()[name] == value


def test_dates_can_be_set(session: Session, task: Any) -> None:
    """With a zone, without one, or as a plain day."""
    zone = datetime.timezone(datetime.timedelta(hours=2))
    for given, expected in [
        (datetime.datetime(2026, 3, 4, 5, 6, 7, tzinfo=zone), "2026-03-04T03:06:07+00:00"),
        (datetime.datetime(2026, 3, 4, 5, 6, 7), "2026-03-04T05:06:07+00:00"),  # noqa: DTZ001 - naive is the case
        (datetime.date(2026, 3, 4), "2026-03-04T00:00:00+00:00"),
    ]:
        task["start_date"] = given
        session.commit()
        session.populate(task, "start_date")
        told = task["start_date"].astimezone(datetime.timezone.utc)
        assert told.isoformat() == expected


def test_references_can_be_set_and_unset(session: Session, task: Any) -> None:
    """By an entity, or None."""
    done = session.query("Status where name is 'Completed'").one()
    task["status"] = done
    assert task["status"] is done
    session.commit()
    assert task["status"] is done
    assert task["status_id"] == done["id"]
    task["thumbnail"] = picture = session.create("FileComponent", {"name": "thumbnail", "file_type": ".png"})
    session.commit()
    assert (task["thumbnail"], task["thumbnail_id"]) == (picture, picture["id"])
    task["thumbnail"] = None
    session.commit()
    assert (task["thumbnail"], task["thumbnail_id"]) == (None, None)


@pytest.mark.parametrize("value", ["In progress", 7, {"id": "x"}, ["x"], object()])
def test_a_reference_refuses_what_is_no_entity(session: Session, task: Any, value: Any) -> None:
    """The commonest mistake is an id or a name: the message says what is needed; nothing is recorded."""
    with pytest.raises(errors.InvalidValueError, match="type Status is needed"):
        task["status"] = value
    assert session.modified == []
    assert len(session.recorded_operations) == 0


def test_a_scalar_refuses_an_entity(task: Any) -> None:
    """`task["status_id"] = status` is nearly right."""
    with pytest.raises(errors.InvalidValueError, match="status_id"):
        task["status_id"] = task["status"]


def test_an_entity_of_another_session_is_refused(task: Any) -> None:
    """Mixing two servers' entities would write ids that mean nothing."""
    with Session("embedded:", schema_cache_path=False) as other:
        status = other.query("Status").first()
        assert status is not None
        with pytest.raises(errors.ForeignEntityError, match="another session"):
            task["status"] = status
        with pytest.raises(errors.ForeignEntityError):
            task.session.delete(status)
        with pytest.raises(errors.ForeignEntityError):
            task.session.create("Task", {"name": "x", "status": status})
        changes: list[Callable[[], object]] = [
            lambda: task["assignments"].append(status),
            lambda: task["assignments"].insert(0, status),
            lambda: task["assignments"].__setitem__(slice(None), [status]),
            lambda: task.update(assignments=[status]),
            lambda: task.session.inherited_values(status, "fps"),
        ]
        for change in changes:
            with pytest.raises(errors.ForeignEntityError):
                change()
    assert len(task.session.recorded_operations) == 0


@pytest.mark.parametrize(("name", "message"), [("nmae", "did you mean 'name'"), ("qqqq", "it has: .*name")])
def test_an_unknown_attribute_is_told(session: Session, task: Any, calls: Calls, name: str, message: str) -> None:
    """With the nearest name, or all; it is a KeyError too, so that `get` and `in` do what they do."""
    calls_before = calls()
    for use in (
        lambda: task[name],
        lambda: task.update({name: 1}),
        lambda: task.pop(name) if False else task.__delitem__(name),
        lambda: session.create("Task", {name: 1}),
    ):
        with pytest.raises(errors.UnknownAttributeError, match=message) as caught:
            use()
        assert isinstance(caught.value, KeyError)
        assert str(caught.value).startswith("Task has no attribute")
    assert name not in task
    assert task.get(name, "default") == "default"
    assert calls() == calls_before
    assert session.created == []


def test_in_asks_nobody(task: Any, calls: Calls) -> None:
    """Whether there is such an attribute is known without a call."""
    assert "description" in task
    assert calls() == 0


def test_an_immutable_attribute_can_be_set_once(session: Session, task: Any) -> None:
    """The id of a new entity may be chosen; nobody changes it afterwards."""
    key = "11111111-2222-3333-4444-555555555555"
    made = session.create("Task", {"id": key, "name": "x", "parent": task["parent"]})
    assert made["id"] == key
    for entity in (made, task):
        with pytest.raises(errors.ImmutableAttributeError, match=r"Task\.id"):
            entity["id"] = "other"
    session.commit()
    assert session.get("Task", key) is made


def test_a_local_value_can_be_dropped(session: Session, task: Any) -> None:
    """`del`, `NOT_SET` and `clear` bring the server's value back; dropping what was never set is fine."""
    for drop in (lambda: task.__delitem__("name"), lambda: task.update(name=NOT_SET), task.clear):
        task["name"] = "local"
        drop()
        drop()
        assert task["name"] == "layout"
    assert session.modified == []


def test_a_new_entity_has_its_defaults_and_asks_nobody(session: Session, task: Any, calls: Calls) -> None:
    """What the server has not filled in yet is `NOT_SET`, without a call."""
    shot = task["parent"]
    before = calls()
    made = session.create("Task", {"name": "x", "parent": shot})
    assert len(made["id"]) == 36
    assert made["parent"] is shot
    assert made["link"] is NOT_SET
    assert list(made["assignments"]) == []
    assert isinstance(made["metadata"], MappedCollection)
    assert dict(made["metadata"]) == {}
    assert made.items()
    assert calls() == before


def test_creating_is_checked_before_anything_is_recorded(session: Session, task: Any) -> None:
    """Half an entity is never left behind."""
    for data in (
        {"name": "x", "status": "Approved"},
        {"name": "x", "assignments": "ann"},
        {"name": "x", "assignments": [None]},
        {"name": "x", "metadata": "abc"},
        {"name": "x", "metadata": ["a"]},
        {"name": "x", "custom_attributes": {"fstart": 1}},
        {"id": "", "name": "x"},
        {"id": None, "name": task["parent"]},
    ):
        with pytest.raises(errors.InvalidValueError):
            session.create("Task", data)
    with pytest.raises(errors.InvalidValueError, match="part of its key"):
        session.create("SchemaStatus")
    with pytest.raises(errors.NotUniqueError):
        session.create("Task", {"id": task["id"]})
    assert len(session.recorded_operations) == 0
    assert session.created == []


def test_a_composite_key_may_come_from_references(session: Session) -> None:
    """Who gives the entities need not give their ids again."""
    note, label = (session.create(name, {}) for name in ("Note", "NoteLabel"))
    made = session.create("NoteLabelLink", {"note": note, "label": label})
    assert (made["note_id"], made["label_id"]) == (note["id"], label["id"])
    assert session.get("NoteLabelLink", [note["id"], label["id"]]) is made

"""`get`, `ensure`, `populate` and the switches of a thread."""

from __future__ import annotations

import datetime
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.values import NOT_SET, Response

MOMENT = datetime.datetime(2026, 3, 4, 5, 6, 7, 890, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))


def the_task(session: Session) -> Any:
    """One task, with its id and nothing else loaded."""
    return session.query("select id from Task where name is 'layout' order by id").first()


def test_get_gives_the_live_one_without_a_call(session: Session, wire: Any) -> None:
    """What a program holds already costs nothing, by its own type or a base type."""
    task = the_task(session)
    key = task["id"]
    wire.forget()
    assert session.get("Task", key) is task
    assert session.get("TypedContext", [key]) is task
    assert session.get("Context", (key,)) is task
    assert wire.calls == 0


def test_get_asks_the_server_for_what_is_not_live(make_session: Callable[..., Session], wire: Any) -> None:
    """One call; by a base type the concrete entity comes back."""
    key = the_task(make_session())["id"]
    other = make_session()
    wire.forget()
    found = other.get("Context", key)
    assert wire.calls == 1
    assert found is not None
    assert found.entity_type == "Task"
    assert found is other.get("Task", key)
    assert wire.calls == 1


def test_get_gives_none_for_what_is_not_there(session: Session) -> None:
    """None is no error: scripts ask whether something exists; quotes in a key stay in the key."""
    assert session.get("Task", "nothing") is None
    assert session.get("Task", 'x" or name is "layout') is None
    assert session.get("User", the_task(session)["id"]) is None


def test_composite_keys_stand_in_the_schemas_order(make_session: Callable[..., Session]) -> None:
    """Some types have two ids for a key."""
    session = make_session()
    found = session.query("SchemaStatus").first()
    assert found is not None
    key = [found[name] for name in found.primary_key_attributes]
    assert len(key) == 2
    assert session.get("SchemaStatus", key) is found
    assert make_session().get("SchemaStatus", key) == found
    assert session.get("SchemaStatus", key[::-1]) is None


@pytest.mark.parametrize("key", [["a", "b"], [], None, [None], {"id": "a"}, [["a"]]])
def test_a_key_of_the_wrong_shape_is_told(session: Session, wire: Any, key: Any) -> None:
    """The message says what the key of the type is."""
    with pytest.raises(ValueError, match="The key of a Task is id"):
        session.get("Task", key)
    assert wire.calls == 0


def test_an_unknown_type_is_told_everywhere(session: Session) -> None:
    """With the nearest name; the error is a KeyError too, as existing code expects."""
    uses: list[Callable[[str], object]] = [
        lambda name: session.get(name, "x"),
        lambda name: session.create(name, {"name": "x"}),
        lambda name: session.ensure(name, {"name": "x"}),
    ]
    for use in uses:
        with pytest.raises(KeyError, match="did you mean 'Task'"):
            use("Tsk")


def test_ensure_creates_once_and_finds_then(session: Session, wire: Any) -> None:
    """A script that runs twice makes one entity."""
    project = session.query("Project").one()
    made = session.ensure("Task", {"name": 'it\'s 5" of "film" \\', "parent": project})
    assert session.recorded_operations.snapshot() == ()
    wire.forget()
    assert session.ensure("Task", {"name": 'it\'s 5" of "film" \\', "parent": project}) is made
    assert wire.calls == 1


def test_ensure_brings_what_it_finds_in_line(session: Session, wire: Any) -> None:
    """Only what differs is sent; a date differs by whole seconds, a naive one is UTC."""
    project = session.query("Project").one()
    values = {"name": "x", "parent": project, "start_date": MOMENT, "bid": 60, "description": None}
    made = session.ensure("Task", values, ["name", "parent"])
    wire.forget()
    assert session.ensure("Task", values, ["name", "parent"]) is made
    assert [operation["action"] for batch in wire.batches for operation in batch] == ["query"] * wire.calls
    assert session.ensure("Task", {**values, "description": "new"}, ["name"])["description"] == "new"
    assert wire.batches[-1][0]["entity_data"] == {"__entity_type__": "Task", "description": "new"}


def test_ensure_finds_by_dates_and_numbers(session: Session) -> None:
    """Values of every kind can tell an entity."""
    project = session.query("Project").one()
    values = {"name": "dated", "parent": project, "start_date": MOMENT.replace(microsecond=0), "bid": 60.0}
    made = session.ensure("Task", values)
    assert session.ensure("Task", values) is made


def test_ensure_leaves_equal_lists_and_metadata_alone(session: Session, wire: Any) -> None:
    """No update is sent for a list in another order."""
    project = session.query("Project").one()
    values = {"name": "x", "parent": project, "metadata": {"a": "b"}}
    made = session.ensure("Task", values, ["name"])
    wire.forget()
    session.ensure("Task", values, ["name"])
    assert {operation["action"] for batch in wire.batches for operation in batch} == {"query"}
    session.ensure("Task", {**values, "metadata": {"a": "c"}}, ["name"])
    assert dict(made["metadata"]) == {"a": "c"}


def test_ensure_tells_what_is_wrong_with_its_keys(session: Session) -> None:
    """Each of its three faults, as the kind of error that existing code catches."""
    with pytest.raises(ValueError, match="at least one value"):
        session.ensure("Task", {})
    with pytest.raises(KeyError, match="foo"):
        session.ensure("Task", {"name": "x"}, ["foo"])
    with pytest.raises(errors.MultipleResultsFoundError):
        session.ensure("Task", {"name": "layout"})
    with pytest.raises(errors.InvalidValueError):
        session.ensure("Task", {"name": object()})
    with pytest.raises(errors.UnknownAttributeError, match="did you mean 'name'"):
        session.ensure("Project", {"name": "show", "nmae": 1}, ["name"])
    assert len(session.recorded_operations) == 0


def test_ensure_commits_everything_pending(session: Session) -> None:
    """It is contract, and existing scripts rely on it."""
    task = the_task(session)
    task["description"] = "pending"
    session.ensure("Project", {"name": "show"})
    assert session.modified == []
    assert session.query(f"select description from Task where id is {task['id']}").one()["description"] == "pending"


def test_populate_asks_once_for_many(session: Session, wire: Any) -> None:
    """The official way to prepare a loop: one call, then none."""
    tasks = session.query("select id from Task").all()
    wire.forget()
    session.populate(tasks, "name, status.name, parent.project.name")
    assert wire.calls == 1
    told = {(task["name"], task["status"]["name"], task["parent"]["project"]["name"]) for task in tasks}
    assert told == {("layout", "Approved", "show"), ("animation", "In progress", "show")}
    assert wire.calls == 1


def test_populate_takes_anything_that_gives_entities(session: Session, wire: Any) -> None:
    """A list, one entity, a result, a generator, types mixed; what is new is passed over, nothing asks nothing."""
    task, project = the_task(session), session.query("Project").one()
    new = session.create("Task", {"name": "new", "parent": project})
    wire.forget()
    session.populate([], "name")
    session.populate(new, "name")
    session.populate(task, [])
    session.populate(task, " , ")
    assert wire.calls == 0
    session.populate((each for each in [task, project, new]), ["name"])
    assert wire.calls == 2
    session.populate(session.query("Task"), "bid")
    assert wire.calls == 4


def test_populate_keeps_local_values_and_renews_remote_ones(
    make_session: Callable[..., Session], session: Session
) -> None:
    """Asking again shows what others did, and takes nothing of one's own away."""
    task = the_task(session)
    assert task["bid"] == 28800
    task["description"] = "mine"
    other = make_session()
    [twin] = other.query(f"Task where id is {task['id']}")
    twin.update(description="theirs", bid=60)
    other.commit()
    session.populate(task, "description, bid")
    assert (task["description"], task["bid"]) == ("mine", 60)


def test_populate_refuses_what_is_no_entity_of_this_session(
    make_session: Callable[..., Session], session: Session
) -> None:
    """It would fill nothing, and say nothing."""
    given: Any
    for given in (["x"], None, 5, "x", [the_task(session), None], {"a": "b"}):
        with pytest.raises(errors.InvalidTypeError, match="Only entities can be"):
            session.populate(given, "name")
        with pytest.raises(TypeError, match="Only entities can be"):
            session.refresh(given)
    foreign = the_task(make_session())
    for given in (foreign, [the_task(session), foreign]):
        with pytest.raises(errors.ForeignEntityError):
            session.populate(given, "name")
        with pytest.raises(errors.ForeignEntityError):
            session.refresh(given)


@pytest.mark.parametrize(
    ("paths", "told"), [("nmae", "'name'"), ("name, status.nmae", "'name'"), (["parent[Shot].nmae"], "'name'")]
)
def test_populate_looks_at_names_before_it_asks(session: Session, wire: Any, paths: Any, told: str) -> None:
    """A typing mistake is told with the nearest name, as in a query, and costs no call."""
    task, project = the_task(session), session.query("Project").one()
    wire.forget()
    with pytest.raises(errors.UnknownNameError, match=f"did you mean {told}"):
        session.populate([task, project], paths)
    assert wire.calls == 0


@pytest.mark.parametrize("paths", [None, 5, [5], [None], {"name": 1}])
def test_populate_refuses_what_is_no_path(session: Session, wire: Any, paths: Any) -> None:
    """As an error of ours, before anything is asked."""
    task = the_task(session)
    wire.forget()
    with pytest.raises(errors.InvalidTypeError, match="rojection"):
        session.populate(task, paths)
    assert wire.calls == 0


def test_arguments_of_a_wrong_type_are_told_everywhere(session: Session, wire: Any) -> None:
    """Each with what is needed there, as a TypeError of our tree; nothing is asked and nothing recorded."""
    task = the_task(session)
    wire.forget()
    wrong: Any = 5
    uses: list[Callable[[], object]] = [
        lambda: session.get_many("Task", wrong),
        lambda: session.get_many("Task", "abc"),
        lambda: session.query_many(wrong),
        lambda: session.query_many("Task"),
        lambda: session.query(wrong),
        lambda: session.create("Task", wrong),
        lambda: session.create("Task", wrong, reconstructing=True),
        lambda: session.ensure("Task", wrong),
        lambda: session.delete(wrong),
        lambda: session.delete([task]),  # type: ignore[arg-type]
        lambda: session.merge(wrong),
        lambda: session.inherited_values(wrong, "x"),
        lambda: session.inherited_values(task, wrong),
    ]
    for use in uses:
        with pytest.raises(TypeError) as caught:
            use()
        assert isinstance(caught.value, errors.Error)
    assert wire.calls == 0
    assert len(session.recorded_operations) == 0


@pytest.mark.parametrize("name", ["Taks", None, 5, [], {}])
def test_a_type_that_is_none_is_told_everywhere(session: Session, wire: Any, name: Any) -> None:
    """Also where it is no text at all."""
    for use in (
        lambda: session.get(name, "x"),
        lambda: session.get_many(name, []),
        lambda: session.create(name, {}),
        lambda: session.create(name, {"id": "x"}, reconstructing=True),
    ):
        with pytest.raises(errors.UnrecognisedEntityTypeError, match="no entity type"):
            use()
    assert wire.calls == 0


def test_many_entities_are_asked_for_in_batches(session: Session, wire: Any) -> None:
    """A thousand ids do not make one endless query."""
    project = session.query("Project").one()
    made = [session.create("Task", {"name": f"t{number}", "parent": project}) for number in range(501)]
    session.commit()
    wire.forget()
    session.populate(made, "bid")
    assert [text.count('", "') for text in wire.expressions()] == [499, 0]


def test_without_auto_population_nothing_is_asked(session: Session, wire: Any) -> None:
    """A renderer that must not wait reads what is there and gets `NOT_SET` for the rest."""
    task = the_task(session)
    wire.forget()
    with session.auto_populating(auto_populate=False):
        assert [task[name] for name in ("name", "status")] == [NOT_SET, NOT_SET]
        assert list(task["assignments"]) == []
        assert dict(task["metadata"]) == {}
        assert dict(task)["bid"] is NOT_SET
    assert wire.calls == 0
    assert task["name"] == "layout"


def test_switches_belong_to_a_thread(make_session: Callable[..., Session]) -> None:
    """A thread that turns loading off does so for itself; a new one begins with the session's default."""
    session = make_session(auto_populate=False)
    seen: list[tuple[object, object]] = []

    def look() -> None:
        seen.append((session.auto_populate, session.record_operations))

    session.auto_populate, session.record_operations = True, False
    thread = threading.Thread(target=look)
    thread.start()
    thread.join(10)
    assert seen == [(False, True)]
    look()
    assert seen[1] == (True, False)


def test_switches_come_back_after_an_error_and_nest(session: Session) -> None:
    """A block that fails leaves no thread without loading for ever."""

    def fail() -> None:
        with session.auto_populating(auto_populate=False), session.operation_recording(record_operations=False):
            with session.auto_populating(auto_populate=True):
                assert session.auto_populate
            assert (session.auto_populate, session.record_operations) == (False, False)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (session.auto_populate, session.record_operations) == (True, True)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda row: row.update(__entity_type__="Tusk"),
        lambda row: row.pop("id"),
        lambda row: row.update(id=None),
        lambda row: row.update(status={"__entity_type__": "Tusk", "id": "x"}),
        lambda row: row.update(status={"__entity_type__": "Status", "name": "no id"}),
        lambda row: row.update(status="Approved"),
        lambda row: row.update(assignments={"a": 1}),
        lambda row: row.pop("__entity_type__"),
    ],
)
def test_a_page_that_is_wrong_in_the_middle_changes_nothing(
    make_session: Callable[..., Session], wire: Any, spoil: Callable[[dict[str, Any]], object]
) -> None:
    """It is refused whole: values, local changes and operations are as before, and asking again works."""
    session = make_session()
    held: Any = session.query("select id, name from Task order by id").first()
    name = held["name"]
    held["description"] = "mine"
    changes, operations = len(list(session._parts.live)), session.recorded_operations.snapshot()

    def answer(_batch: object, response: Any) -> Any:
        reply = json.loads(response.body)
        for row in reply[0]["data"]:
            row["name"] = "theirs"
        spoil(reply[0]["data"][3])
        return Response(response.status, {}, json.dumps(reply).encode())

    wire.after = answer
    with pytest.raises((errors.MalformedReplyError, errors.UnrecognisedEntityTypeError)):
        session.query("select id, name, status.name, assignments from Task order by id").all()
    assert len(list(session._parts.live)) == changes
    assert (held["name"], held["description"], session.modified) == (name, "mine", [held])
    assert session.recorded_operations.snapshot() == operations
    wire.after = lambda _batch, response: response
    assert len(session.query("Task").all()) == 6
    session.commit()

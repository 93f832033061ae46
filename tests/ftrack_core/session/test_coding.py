"""`encode`, `decode`, `call` and `merge`: between entities and plain JSON."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.values import NOT_SET

MOMENT = datetime.datetime(2026, 3, 4, 5, 6, 7, tzinfo=datetime.timezone.utc)


@pytest.fixture
def task(session: Session, wire: Any) -> Any:
    """A task with a few attributes loaded, one of them changed."""
    found = session.query(
        "select name, status.name, created_at, link, time_logged from Task where name is 'layout'"
    ).first()
    assert found is not None
    found["name"] = "changed"
    wire.forget()
    return found


def test_keys_are_sorted_and_plain_values_stay(session: Session) -> None:
    """The same data is the same text."""
    assert (
        session.encode({"b": [1, 2.5, None, True, "é"], "a": ()}) == '{"a": [], "b": [1, 2.5, null, true, "\\u00e9"]}'
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (MOMENT, "2026-03-04T05:06:07+00:00"),
        (MOMENT.replace(tzinfo=None), "2026-03-04T05:06:07"),
        (MOMENT.date(), "2026-03-04"),
    ],
)
def test_dates_are_tagged(session: Session, value: Any, text: str) -> None:
    """A plain date is tagged `datetime` too, as the server wants it."""
    assert json.loads(session.encode([value])) == [{"__type__": "datetime", "value": text}]


def test_dates_come_back_aware(session: Session) -> None:
    """A naive text means UTC."""
    assert session.decode(session.encode({"at": MOMENT.replace(tzinfo=None)})) == {"at": MOMENT}
    assert session.decode('{"__type__": "date", "value": "2026-03-04"}').tzinfo is not None


@pytest.mark.parametrize(
    ("strategy", "present", "absent"),
    [
        ("set_only", {"name", "status", "created_at", "link", "time_logged", "id"}, {"bid", "assignments"}),
        ("modified_only", {"name", "id"}, {"status", "created_at", "bid"}),
        ("persisted_only", {"name", "status", "created_at", "id"}, {"bid", "time_logged"}),
        ("all", {"name", "status", "bid", "assignments", "metadata", "link"}, set()),
    ],
)
def test_strategies_choose_the_attributes(
    session: Session, wire: Any, task: Any, strategy: str, present: set[str], absent: set[str]
) -> None:
    """What goes along with an entity is the caller's choice; only `all` asks the server, and once."""
    told = json.loads(session.encode(task, strategy))
    assert told["__entity_type__"] == "Task"
    assert present <= set(told)
    assert not absent & set(told)
    assert told["name"] == ("layout" if strategy == "persisted_only" else "changed")
    assert wire.calls == (1 if strategy == "all" else 0)


def test_entities_within_are_references(session: Session, task: Any) -> None:
    """A reference is type and key, and so is each entity of a collection."""
    told = json.loads(session.encode(task))
    assert told["status"] == {"__entity_type__": "Status", "id": task["status"]["id"]}
    [assigned] = task["assignments"]
    told = json.loads(session.encode({"list": [task["status"], task["assignments"]], "meta": task["metadata"]}))
    assert told["list"][0]["name"] == "Approved"
    assert told["list"][1] == [{"__entity_type__": "Appointment", "id": assigned["id"]}]
    assert told["meta"] == []


def test_an_unknown_strategy_is_told_with_all_there_are(session: Session) -> None:
    """And is a ValueError, as existing code expects."""
    with pytest.raises(ValueError, match="all, set_only, modified_only, persisted_only"):
        session.encode({}, "everything")


def _endless() -> list[Any]:
    endless: list[Any] = []
    endless.append(endless)
    return endless


@pytest.mark.parametrize(
    "value", [object(), b"x", NOT_SET, 1j, datetime.time(1), float("inf"), {"a": {1: object()}}, _endless()]
)
def test_what_cannot_be_encoded_is_told(session: Session, value: Any) -> None:
    """By an error of our tree, whatever it is."""
    with pytest.raises(errors.InvalidValueError):
        session.encode([value])


@pytest.mark.parametrize("text", ["{", "", "nope", "[" * 100_000, None, 3])
def test_what_is_no_json_is_told(session: Session, text: Any) -> None:
    """By an error of our tree that is a ValueError, and that shows the beginning only."""
    with pytest.raises(errors.InvalidValueError) as caught:
        session.decode(text)
    assert len(str(caught.value)) < 400


def test_decoding_gives_the_live_entity_and_only_fills_in(session: Session, task: Any) -> None:
    """What a program read from a file is older than what it has."""
    row = {"__entity_type__": "Task", "id": task["id"], "name": "old", "bid": 7, "nonsense": 1}
    found = session.decode(json.dumps({"deep": [row]}))["deep"][0]
    assert found is task
    assert (task["name"], task["bid"]) == ("changed", 7)
    del task["name"]
    assert task["name"] == "layout"
    assert session.modified == []


def test_decoding_makes_entities_that_are_not_live(session: Session, wire: Any) -> None:
    """With what the text says, and nothing recorded; nested ones too."""
    text = '{"__entity_type__": "Task", "id": "t", "name": "x", "status": {"__entity_type__": "Status", "id": "s"}}'
    found = session.decode(text)
    assert (found["name"], found["status"].entity_type) == ("x", "Status")
    assert len(session.recorded_operations) == 0
    assert wire.calls == 0
    assert session.get("Task", "t") is found


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"__entity_type__": "Tusk", "id": "t"}', errors.UnrecognisedEntityTypeError),
        ('{"__entity_type__": "Task"}', errors.MalformedReplyError),
        ('{"__entity_type__": 7}', errors.MalformedReplyError),
        ('{"__type__": "datetime", "value": "soon"}', errors.MalformedReplyError),
    ],
)
def test_entities_that_cannot_be_are_told(session: Session, text: str, error: type[Exception]) -> None:
    """By an error of our tree."""
    with pytest.raises(error):
        session.decode(text)


def test_entities_in_operations_become_references(session: Session, wire: Any, task: Any) -> None:
    """Programs that write their own batches pass entities and dates as they are."""
    status = session.query("Status").first()
    data = {"__entity_type__": "Task", "status": status, "start_date": MOMENT}
    operation = {"action": "update", "entity_type": "Task", "entity_key": [task["id"]], "entity_data": data}
    [result] = session.call([operation])
    assert result["data"] is task
    assert wire.batches[-1][0]["entity_data"]["status"] == {"__entity_type__": "Status", "id": status and status["id"]}
    assert wire.batches[-1][0]["entity_data"]["start_date"]["__type__"] == "datetime"
    assert (task["status"], task["start_date"]) == (status, MOMENT)


def test_results_of_a_call_are_live_and_fresh(session: Session) -> None:
    """What the server just said wins over what was known; several operations give several results."""
    [first, second] = session.call(
        [
            {"action": "query", "expression": "select name from Project"},
            {"action": "query_server_information"},
        ]
    )
    assert first["data"][0] is session.query("Project").one()
    assert second["version"]
    with pytest.raises(errors.ServerError, match="frobnicate"):
        session.call([{"action": "frobnicate"}])


@pytest.mark.parametrize("data", [{"action": "query", "expression": "Task"}, "query", None, 5, ["query"], [5]])
def test_a_batch_is_a_list(session: Session, wire: Any, data: Any) -> None:
    """A forgotten pair of brackets is told, not sent in pieces."""
    with pytest.raises(TypeError, match="Operations are a list of mappings") as caught:
        session.call(data)
    assert isinstance(caught.value, errors.InvalidTypeError)
    assert wire.calls == 0


def test_reconstructing_takes_the_data_as_the_servers(session: Session, wire: Any, task: Any) -> None:
    """Nothing is recorded, no default is filled in, and it is what the server has from now on."""
    found = session.create("Task", {"id": task["id"], "name": "told", "status": task["status"]}, reconstructing=True)
    assert found is task
    del task["name"]
    assert task["name"] == "told"
    made = session.create("Location", {"id": "x", "name": "known"}, reconstructing=True)
    with session.auto_populating(auto_populate=False):
        assert (made["name"], made["description"]) == ("known", NOT_SET)
    assert session.created == []
    assert wire.calls == 0


def test_merging_gives_this_sessions_own(make_session: Callable[..., Session], session: Session, task: Any) -> None:
    """Entities of another session are understood, not mixed in; the given one stays as it was."""
    other = make_session()
    foreign = other.query(f"select name, bid, status.name, parent from Task where id is {task['id']}").one()
    merged = session.merge(foreign)
    assert merged is task
    with session.auto_populating(auto_populate=False):
        assert (task["name"], task["bid"]) == ("changed", 28800)
        assert task["parent"].session is session
    assert foreign["parent"].session is other
    assert session.merge([foreign, foreign]) == [task, task]
    assert session.merge(foreign["assignments"])[0].session is session
    with pytest.raises(errors.InvalidValueError):
        session.merge(7)


def test_a_reference_names_an_entity_and_loads_nothing(session: Session, wire: Any, task: Any) -> None:
    """What one writes into operations of one's own."""
    wire.forget()
    assert session.entity_reference(task) == {"__entity_type__": "Task", "id": task["id"]}
    assert wire.calls == 0
    with pytest.raises(errors.InvalidTypeError, match="Only entities"):
        session.entity_reference("Task")  # type: ignore[arg-type]

"""A batch is one transaction, and is judged by what it leaves behind."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest


def test_a_batch_that_fails_leaves_nothing_behind(client: Any, ops: Any) -> None:
    """A publish either happened or it did not."""
    project = client.project()
    scopes = len(client.query("Scope"))

    client.refused(
        ops.create("Scope", name="kept?"),
        ops.update("Project", project["id"], full_name="changed?"),
        ops.delete("Project", [project["id"]]),
        ops.create("Scope"),
    )

    assert len(client.query("Scope")) == scopes
    assert client.one("select full_name from Project")["full_name"] == project["full_name"]


def test_required_values_may_come_later_in_the_batch(client: Any, ops: Any) -> None:
    """Clients record operations as people work: created first, named afterwards."""
    first, second = str(uuid.uuid4()), str(uuid.uuid4())

    reply = client.call(
        ops.create("Scope", id=first),
        ops.create("Scope", id=second, name="b"),
        ops.update("Scope", [first], name="a"),
    )

    assert [one["data"]["name"] for one in reply] == ["a", "b", "a"]


def test_a_value_that_is_missing_at_the_end_is_named(client: Any, ops: Any) -> None:
    """The error says which row lacks what."""
    scope = str(uuid.uuid4())

    exception, content = client.refused(ops.create("Scope", id=scope))

    assert exception == "ValidationError"
    assert scope in content
    assert "name" in content


def test_a_note_may_be_hung_to_its_task_afterwards(client: Any, ops: Any, ref: Any) -> None:
    """The official client creates a note with nothing but its text, then changes the task's notes."""
    shot = client.shot(client.project())
    note = {"__entity_type__": "Note", "id": str(uuid.uuid4())}

    client.call(ops.create("Note", id=note["id"], content="hello"), ops.update("Shot", shot["id"], notes=[ref(note)]))

    found = client.one("select parent_id, parent_type, content from Note")
    assert (found["parent_id"], found["parent_type"]) == (shot["id"], "Shot")


def test_a_key_may_name_what_is_created_later(client: Any, ops: Any) -> None:
    """Keys are looked at when the batch ends, so order within it does not matter."""
    project = client.project()
    asset, version = str(uuid.uuid4()), str(uuid.uuid4())

    reply = client.call(
        ops.create("AssetVersion", id=version, asset_id=asset),
        ops.create("Asset", id=asset, name="late", context_id=project["id"]),
    )

    assert reply[0]["data"]["asset_id"] == asset
    assert reply[0]["data"]["version"] == 1


def test_a_key_that_names_nothing_at_the_end_is_refused(client: Any, ops: Any) -> None:
    """A dangling reference would break every reader later."""
    nothing = str(uuid.uuid4())

    exception, content = client.refused(ops.create("Asset", name="a", context_id=nothing))

    assert exception == "IntegrityError"
    assert nothing in content


@pytest.mark.parametrize("parent", [{}, {"parent_type": "Task"}, {"parent_type": "Tsk"}])
def test_a_note_on_nothing_is_refused(client: Any, ops: Any, parent: dict[str, str]) -> None:
    """Nobody would ever see it."""
    exception, _ = client.refused(ops.create("Note", content="lost", parent_id=str(uuid.uuid4()), **parent))

    assert exception in {"IntegrityError", "ValidationError"}


def test_a_query_in_a_batch_sees_what_was_written_before_it(client: Any, ops: Any) -> None:
    """A batch is read in order, and what the server fills in is there by then."""
    project = client.project()

    reply = client.call(
        ops.create("Shot", name="sh010", parent_id=project["id"]),
        {"action": "query", "expression": "select status.name, project_id from Shot where name is sh010"},
        ops.delete("Project", project["id"]),
        {"action": "query", "expression": "Shot"},
    )

    (row,) = reply[1]["data"]
    assert row["status"]["name"] == "Not started"
    assert row["project_id"] == project["id"]
    assert reply[3]["data"] == []


def test_concurrent_batches_are_each_whole(client: Any, ops: Any) -> None:
    """Farm jobs publish at once; versions are numbered without gaps or doubles."""
    asset = client.create("Asset", name="a", context_id=client.project()["id"])
    start = threading.Barrier(8)

    def publish(_: int) -> list[int]:
        start.wait()
        return [client.create("AssetVersion", asset_id=asset["id"])["version"] for _ in range(5)]

    with ThreadPoolExecutor(8) as pool:
        numbers = [number for found in pool.map(publish, range(8)) for number in found]

    assert sorted(numbers) == list(range(1, 41))


def test_readers_never_see_half_a_batch(client: Any, ops: Any) -> None:
    """A query that runs beside a commit sees all of it or nothing."""
    stop = threading.Event()
    seen: set[int] = set()

    def read() -> None:
        while not stop.is_set():
            seen.add(len(client.query("Scope")) % 10)

    with ThreadPoolExecutor(2) as pool:
        reading = [pool.submit(read) for _ in range(2)]
        for turn in range(10):
            client.call(*(ops.create("Scope", name=f"{turn}-{one}") for one in range(10)))
        stop.set()
        for one in reading:
            one.result()

    assert seen == {0}

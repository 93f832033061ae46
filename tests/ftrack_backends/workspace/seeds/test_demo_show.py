"""The demo show: enough to look at, and sound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace


@pytest.fixture(scope="module")
def demo() -> Iterator[Workspace]:
    """One demo workspace for all tests here; none of them writes."""
    with Workspace.open(seed="demo") as workspace:
        yield workspace


@pytest.fixture
def client(demo: Workspace, client_of: Any) -> Any:
    """A client signed in as the first user."""
    first = demo.users[0]
    return client_of(demo, first.username, first.api_key)


def test_its_people_can_all_sign_in(demo: Workspace, client_of: Any) -> None:
    """The first is who acts when nobody is named."""
    assert [user.username for user in demo.users] == ["ann", "ben", "chloe", "dev", "eva", "farm"]
    for user in demo.users:
        assert client_of(demo, user.username, user.api_key).query("Project")


def test_it_is_a_show_of_some_size(client: Any) -> None:
    """A few sequences, some hundred shots and tasks, versions."""
    sizes = {name: len(client.query(name)) for name in ("Project", "Sequence", "Shot", "Task", "AssetVersion", "Note")}

    assert (sizes["Project"], sizes["Sequence"], sizes["Shot"]) == (1, 5, 120)
    assert sizes["Task"] == 120 * 4 + 5 * 2
    assert sizes["AssetVersion"] > 300
    assert sizes["Note"] > 50


def test_its_statuses_and_people_are_spread(client: Any) -> None:
    """A show where all tasks stand alike would show nothing."""
    tasks = client.query("select status.name, assignments.resource.username from Task")

    statuses = Counter(task["status"]["name"] for task in tasks)
    people = Counter(one["resource"]["username"] for task in tasks for one in task["assignments"])
    assert {"Not started", "In progress", "Pending review", "Revise", "Approved"} <= set(statuses)
    assert set(people) == {"ann", "ben", "chloe", "dev", "eva"}


def test_statuses_are_those_of_the_project_schema(client: Any) -> None:
    """A seed must not show what a real show could not have."""
    rows = client.query("select statuses.status_id, object_type_id from Schema")
    allowed = {row["object_type_id"]: {one["status_id"] for one in row["statuses"]} for row in rows}

    for context in client.query("select object_type_id, status_id from TypedContext"):
        choices = allowed[context["object_type_id"]]
        assert not choices or context["status_id"] in choices


def test_versions_belong_to_tasks_and_count_from_one(client: Any) -> None:
    """Every version came from a task of the asset's own context."""
    versions = client.query("select version, asset.context_id, asset_id, task.parent_id from AssetVersion")

    assert all(one["task"]["parent_id"] == one["asset"]["context_id"] for one in versions)
    numbers: dict[str, list[int]] = {}
    for one in versions:
        numbers.setdefault(one["asset_id"], []).append(one["version"])
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


def test_it_is_the_same_every_time(client: Any) -> None:
    """Examples in the documentation may name ids."""
    with Workspace.open(seed="demo") as other:
        first = other.users[0]
        again = type(client)(other, first.username, first.api_key)

        for entity_type in ("Context", "AssetVersion", "Appointment"):
            assert client.query(f"select id from {entity_type}") == again.query(f"select id from {entity_type}")

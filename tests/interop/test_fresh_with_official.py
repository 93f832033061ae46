"""What a session of ours knows of changes that the official Python client makes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import Session

pytestmark = pytest.mark.interop


def _until(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline, "it did not come to that within 30 s"
        threading.Event().wait(0.01)


def test_get_and_fresh_blocks_follow_what_the_official_client_does(
    serve: Callable[..., Any], python_peer: Callable[..., Any]
) -> None:
    """Most tools of a studio are on that client; a session that heard only of its own kind would be of no use."""
    with serve("--seed", "demo") as server:
        ours, theirs = server.users[0], server.users[1]
        config = {"schema_cache_path": False}
        with Session(server.url, ours["api_key"], ours["username"], config=config) as session:
            came: list[str] = []
            session.event_hub.tap(lambda event: came.append(event.topic))
            session.event_hub.connect()
            _until(lambda: "ftrack.core.following" in came)
            task = session.query("select name, description, parent.name from Task").first()
            assert task is not None
            shot = task["parent"]
            children = len(shot["children"])
            peer = python_peer(server.url, theirs)

            peer.update(kind="Task", key=task["id"], data={"description": "theirs"})
            _until(lambda: came.count("ftrack.update") == 1)
            assert task["description"] != "theirs"
            found = session.get("Task", task["id"])
            assert found is task
            assert task["description"] == "theirs"

            made = peer.create(
                kind="Task", data={"name": "extra", "parent_id": shot["id"], "project_id": shot["project_id"]}
            )
            _until(lambda: came.count("ftrack.update") >= 2)
            session.get(shot.entity_type, shot["id"])
            assert len(shot["children"]) == children + 1

            peer.remove(kind="Task", key=made)
            _until(lambda: came.count("ftrack.update") >= 3)
            assert session.get("Task", made) is None

            session.event_hub.disconnect()
            peer.update(kind="Task", key=task["id"], data={"description": "unheard"})
            with session.fresh():
                assert task["description"] == "unheard"

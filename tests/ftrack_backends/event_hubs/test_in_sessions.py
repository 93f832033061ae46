"""Which hub a session gets, and when it connects."""

from __future__ import annotations

import socket
import time
from typing import Any

from ftrack_core import Session
from ftrack_core.values import Event


def _session(stage: Any, url: str = "", **arguments: Any) -> Session:
    user = stage.workspace.users[0]
    given = {"plugin_paths": [], "schema_cache_path": False, **arguments}
    return Session(url or stage.url, user.api_key, user.username, **given)


def test_a_session_that_is_not_asked_to_connects_nothing(stage: Any) -> None:
    """A farm of a thousand jobs would hold a thousand connections that nobody uses."""
    with _session(stage) as session:
        assert type(session.event_hub).__name__ == "SocketIoEventHub"
        assert session.event_hub.connected is False
        assert stage.workspace.broker.members == 0


def test_auto_connect_connects_in_the_background_and_publishing_queues(stage: Any) -> None:
    """A host's start would wait for the event server."""
    hub = stage.hub()
    heard: list[Any] = []
    hub.subscribe("topic=t", heard.append)
    hub.publish_acknowledged(Event("known"))
    with _session(stage, auto_connect_event_hub=True) as session:
        session.event_hub.publish(Event("t"))
        assert session.event_hub.wait_until_connected(10)
    deadline = time.monotonic() + 10
    while not heard and time.monotonic() < deadline:
        hub.wait(0.02)
    assert len(heard) == 1


def test_an_update_of_another_session_comes(stage: Any, until: Any) -> None:
    """Nothing that follows what artists do would work."""
    with _session(stage, auto_connect_event_hub=True) as listening, _session(stage) as working:
        heard: list[Any] = []
        listening.event_hub.subscribe("topic=ftrack.update", heard.append)
        assert listening.event_hub.wait_until_connected(10)
        listening.event_hub.publish_acknowledged(Event("known"))
        task = next(iter(working.query("Task")))
        task["name"] = "renamed"
        working.commit()
        until(listening.event_hub, lambda: heard)
        assert heard[0]["data"]["entities"][0]["entityId"] == task["id"]


def test_an_event_server_that_is_deaf_delays_neither_start_nor_end(stage: Any) -> None:
    """A hanging event server would keep every tool of the studio from starting."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        hub = stage.hub(url, connected=False, connect_seconds=30.0, close_seconds=0.1)
        began = time.monotonic()
        hub.connect_in_background()
        assert time.monotonic() - began < 20  # connecting would take 30
        assert not hub.wait_until_connected(0.05)


def test_embedded_sessions_of_one_workspace_hear_each_other(until: Any) -> None:
    """A pipeline's tests would need a server for what it does with events."""
    with Session("embedded:hubs") as first, Session("embedded:hubs", auto_connect_event_hub=True) as second:
        heard: list[Any] = []
        second.event_hub.subscribe("topic=t", heard.append)
        assert second.event_hub.wait_until_connected(10)
        second.event_hub.publish_acknowledged(Event("known"))
        first.event_hub.connect()
        first.event_hub.publish(Event("t", data={"n": 1}))
        until(second.event_hub, lambda: heard)
        assert heard[0]["data"] == {"n": 1}

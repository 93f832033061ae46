"""When plug-ins of a session register, and what they can rely on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftrack_core import Session
from ftrack_core.assembly import assemble
from ftrack_core.config import resolve
from ftrack_core.values import Event

NOTE = "def register(session, notes):\n    notes.append({what!r})\n"


def test_plug_ins_register_in_order_and_are_listed(plugged: Callable[..., Session], notes: list[Any]) -> None:
    """Who asks why an action is missing reads the list."""
    session = plugged({f"{name}.py": NOTE.format(what=name) for name in ("b", "a", "sub/c")})
    assert notes == ["a", "b", "sub/c"]
    assert [(each.order, each.name, each.state, each.reason) for each in session.plugins] == [
        (1, "a", "loaded", ""),
        (2, "b", "loaded", ""),
        (3, "sub/c", "loaded", ""),
    ]
    assert all(each.seconds > 0 and each.path == each.origin and each.path.endswith(".py") for each in session.plugins)


def test_the_environment_names_folders(
    make_session: Callable[..., Session],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    states: Callable[..., dict[str, str]],
) -> None:
    """Connect and studio launchers put the variable into every host; an argument wins, an empty list is none."""
    (folder / "a.py").write_text("def register(session): pass")
    monkeypatch.setenv("FTRACK_EVENT_PLUGIN_PATH", os.pathsep.join(["", str(folder), " "]))
    assert states(make_session()) == {"a": "loaded"}
    assert make_session(plugin_paths=[]).plugins == ()
    assert states(make_session(plugin_paths=None)) == {"a": "loaded"}


def test_topics_come_at_their_moments(plugged: Callable[..., Session], notes: list[Any]) -> None:
    """Plug-ins set up locations, types and tools at these events, in the official client's order."""
    spy = """
def register(session, notes):
    def told(event):
        data = {name: value is session for name, value in event["data"].items() if name == "session"}
        notes.append((event["topic"], data))
    session.event_hub.subscribe("topic=ftrack.api.session.*", told)
    notes.append("registered")
"""
    session = plugged({"spy.py": spy})
    started = ["configure-location", "ready"]
    assert notes == ["registered", *((f"ftrack.api.session.{what}", {"session": True}) for what in started)]
    notes.clear()
    session.query("Task").first()
    topics = [topic for topic, _ in notes]
    assert "ftrack.api.session.construct-entity-type" in topics
    notes.clear()
    session.reset()
    assert [topic for topic, _ in notes] == [
        "ftrack.api.session.configure-location",
        "ftrack.api.session.reset",
    ]


def test_a_storage_scenario_is_told_before_locations(
    plugged: Callable[..., Session], notes: list[Any], wire: Any
) -> None:
    """Plug-ins of storage scenarios put their location in place when they hear this."""
    spy = """
def register(session, notes):
    session.event_hub.subscribe("topic=ftrack.*", lambda event: notes.append((event["topic"], event["data"])))
"""
    scenario = {"scenario": "studio.storage", "data": {"root": "/mnt"}}

    def told(batch: Any, answer: Any) -> Any:
        if batch[0]["action"] != "query_server_information":
            return answer
        [information] = json.loads(answer.body)
        body = json.dumps([{**information, "storage_scenario": scenario}]).encode()
        return type(answer)(answer.status, answer.headers, body)

    wire.after = told
    session = plugged({"spy.py": spy})
    assert notes[0] == ("ftrack.storage-scenario.activate", {"storage_scenario": scenario})
    assert [topic for topic, _ in notes[1:]] == ["ftrack.api.session.configure-location", "ftrack.api.session.ready"]
    notes.clear()
    session.reset()
    assert [topic for topic, _ in notes] == [
        "ftrack.storage-scenario.activate",
        "ftrack.api.session.configure-location",
        "ftrack.api.session.reset",
    ]


def test_a_plug_in_has_a_session_that_works(plugged: Callable[..., Session], notes: list[Any]) -> None:
    """Types, schemas and queries are there while it registers; the official client has none of these yet."""
    code = """
def register(session, notes):
    notes.append((session.query("User").first()["username"], "Task" in session.types))
"""
    plugged({"a.py": code})
    assert notes == [("ann", True)]


def test_a_plug_in_makes_entity_types(plugged: Callable[..., Session]) -> None:
    """The documented way to give tasks methods of one's own."""
    code = """
class Shiny:
    def shine(self):
        return "shining " + self["name"]

def register(session):
    session.event_hub.subscribe(
        "topic=ftrack.api.session.construct-entity-type and data.schema.id=Task", lambda event: Shiny
    )
"""
    session = plugged({"a.py": code})
    assert session.query("Task where name is layout").first().shine() == "shining layout"  # type: ignore[union-attr]


def test_plug_ins_use_a_hub_that_connects_meanwhile(folder: Path, notes: list[Any]) -> None:
    """What a plug-in subscribes to and publishes while it registers waits for the connection."""
    (folder / "a.py").write_text("""
from ftrack_core.values import Event
def register(session, notes):
    session.event_hub.subscribe("topic=studio.hello", lambda event: notes.append(event["data"]))
    session.event_hub.publish(Event("studio.hello", data={"from": "a plug-in"}))
""")
    with Session(
        "embedded:",
        plugin_paths=[str(folder)],
        plugin_arguments={"notes": notes},
        auto_connect_event_hub=True,
        schema_cache_path=False,
    ) as session:
        assert session.event_hub.wait_until_connected(30)
        while not notes:
            session.event_hub.wait(0.1)
    assert notes == [{"from": "a plug-in"}]


def test_plug_ins_of_a_closed_session_are_silent_on_a_shared_hub(folder: Path, notes: list[Any]) -> None:
    """A service with a session for each request shares its backends: each event would be handled ever more often."""
    (folder / "a.py").write_text("""
def register(session, notes):
    session.event_hub.subscribe("topic=studio.hello", lambda event: notes.append(session))
""")
    backends = assemble(resolve({"server_url": "embedded:", "schema_cache_path": False}))
    config = {"plugin_paths": [str(folder)], "plugin_arguments": {"notes": notes}}
    with Session(backends=backends, config=config):
        pass
    with Session(backends=backends, config=config) as second:
        second.event_hub.publish(Event("studio.hello"), synchronous=True)
    assert notes == [second]
    backends.event_hub.publish(Event("studio.hello"), synchronous=True)
    assert notes == [second]
    backends.close()


def test_what_subscribed_to_a_hub_that_was_handed_in_hears_of_types_and_keeps_a_session_fresh() -> None:
    """A program that makes its backends itself subscribes there, and its classes of entities would not be used."""
    backends = assemble(resolve({"server_url": "embedded:handed-in", "plugin_paths": []}))
    with Session(backends=backends, plugin_paths=[]) as session:
        heard: list[str] = []
        topic = "topic=ftrack.api.session.construct-entity-type"
        backends.event_hub.subscribe(topic, lambda event: heard.append(event["data"]["schema"]["id"]))
        assert session.types["Project"].entity_type == "Project"
        assert heard == ["Project"]
        assert session.event_hub is backends.event_hub
        backends.event_hub.connect()
        assert session._parts.bell._following is not None
    backends.close()

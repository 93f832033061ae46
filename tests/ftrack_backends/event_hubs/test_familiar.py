"""What programs made for the official client ask of a hub; that it gives the same is compared in tests/interop."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from ftrack_backends.event_hubs._local import LocalEventHub
from ftrack_backends.hub_parts._line import OpenLine, Receiver
from ftrack_backends.hub_parts._remote import RemoteEventHub
from ftrack_core import Session
from ftrack_core.errors import EventHubConnectionError, NotUniqueError
from ftrack_core.values import Event


class Refusing:
    """A line that is never opened; counts how often it was asked to be."""

    asked = 0

    def open(self, receiver: Receiver, again: bool) -> OpenLine:
        """Refuse."""
        self.asked += 1
        raise EventHubConnectionError("nobody is there")


@pytest.fixture
def hub() -> LocalEventHub:
    """A hub that knows its server."""
    return LocalEventHub(server_url="https://acme.example:8443/path")


def test_it_says_where_the_event_server_is(hub: LocalEventHub) -> None:
    """A tool that shows it, or opens a connection of its own, would meet an AttributeError."""
    told = (hub.get_server_url(), hub.get_network_location(), hub.secure)
    assert told == ("https://acme.example:8443", "acme.example:8443", True)


def test_a_workspace_has_no_network_location() -> None:
    """A tool would take the name of a workspace for a host."""
    with Session("embedded:familiar", plugin_paths=[]) as session:
        hub = session.event_hub
        assert (hub.get_server_url(), hub.get_network_location(), hub.secure) == ("embedded:familiar", "", False)


def test_a_wait_takes_its_length_by_the_official_name(hub: LocalEventHub) -> None:
    """`wait(duration=1)` stands in most existing listeners."""
    assert hub.wait(duration=0) == "time over"
    assert hub.wait(duration_seconds=0, duration=1000) == "time over"


def test_metadata_that_cannot_be_changed_is_left_alone(hub: LocalEventHub) -> None:
    """Subscribing with a constant would raise."""
    constant = MappingProxyType({"applicationId": "tool"})
    assert hub.subscribe("topic=a", print, constant) != hub.subscribe("topic=b", print, constant)
    assert "id" not in constant


def test_metadata_of_another_subscriber_is_refused_with_a_hint(hub: LocalEventHub) -> None:
    """It has the other's id, which nobody put there knowingly."""
    metadata = {"applicationId": "tool"}
    hub.subscribe("topic=a", print, metadata)
    with pytest.raises(NotUniqueError, match="hand over a copy"):
        hub.subscribe("topic=b", print, metadata)


def test_metadata_gets_no_id_from_a_subscription_that_was_refused(hub: LocalEventHub) -> None:
    """The id would be that of nobody."""
    metadata: dict[str, Any] = {}
    with pytest.raises(ValueError, match="expected"):
        hub.subscribe("topic==", print, metadata)
    assert metadata == {}


@pytest.mark.parametrize("connected", [True, False])
def test_unsubscribing_all_leaves_fresh_reading_alone(connected: bool) -> None:
    """After one tool's `disconnect(True)` a session would go on serving what others have changed."""
    ended: list[str] = []
    with Session("embedded:", plugin_paths=[]) as session:
        hub, tapped = session.event_hub, []
        hub.tap(lambda event: tapped.append(event.topic), "topic=studio.tapped")
        identifier = hub.subscribe("topic=studio.tapped", lambda event: ended.append(event["topic"]))
        if connected:
            hub.connect()
            hub.disconnect(unsubscribe=True)
            assert hub.get_subscriber_by_identifier(identifier) is None
        hub.connect()
        hub.publish_acknowledged(Event("studio.tapped"))
        hub.wait(0.2)
        assert tapped.count("studio.tapped") == 1
        assert ended == ([] if connected else ["studio.tapped"])


def test_reconnecting_gives_up_after_so_many_attempts() -> None:
    """A tool that asks for a connection would hang where there is no server."""
    line = Refusing()
    hub = RemoteEventHub(line=line)
    with pytest.raises(EventHubConnectionError, match="nobody is there"):
        hub.reconnect(attempts=3, delay=0)
    assert line.asked == 3
    hub.close()


def test_a_hub_that_needs_no_server_is_always_connected_anew(hub: LocalEventHub) -> None:
    """A tool made for a server would meet an AttributeError in tests."""
    hub.subscribe("topic=a", print, {"id": "one"})
    hub.reconnect(attempts=1, delay=0)
    hub.disconnect(unsubscribe=True)
    assert (hub.connected, hub.get_subscriber_by_identifier("one")) == (True, None)


def test_an_event_cannot_be_changed_and_says_what_to_write() -> None:
    """Existing code that sets a part of an event would meet words that say nothing."""
    event = Event("studio.publish")
    with pytest.raises(TypeError, match=r"Event\('studio.publish', target=...\)"):
        event["target"] = "id=me"  # type: ignore[index]
    with pytest.raises(KeyError):
        event["inReplyToEvent"]

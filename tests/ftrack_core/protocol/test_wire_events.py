"""Events as they stand on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_core.errors import EventHubPacketError
from ftrack_core.protocol import event_from_wire, event_to_wire
from ftrack_core.values import Event


def test_an_event_has_the_keys_that_clients_know_and_no_other() -> None:
    """The Python client drops an event that has one more."""
    event = Event("a", "1", {"x": 1}, {"id": "hub"}, "id=2", "0", "2022-10-10T10:12:09.000Z")
    wire = event_to_wire(event)
    assert set(wire) == {"topic", "id", "data", "source", "target", "inReplyToEvent", "sent"}
    assert event_from_wire(wire) == event
    assert event_from_wire({**wire, "more": 1}) == event


def test_what_is_left_out_is_empty() -> None:
    """The JavaScript client sends no target."""
    assert event_from_wire({"topic": "a"}) == Event("a", "")
    assert event_from_wire({"topic": "a", "target": None, "source": None, "data": None, "id": None}) == Event("a", "")


@pytest.mark.parametrize("data", [[1], True, 0, "text", [], False])
def test_data_may_be_any_json(data: Any) -> None:
    """A reply is whatever a callback returned: often a list of actions."""
    assert event_from_wire({"topic": "a", "data": data}).data == data


NO_EVENTS: list[Any] = [None, 1, "a", [], {}, {"topic": ""}, {"topic": 1}, {"topic": "a", "source": [1]}]
NO_EVENTS += [{"topic": "a", "target": {"a": 1}}, {"topic": "a" * 5000}, {"topic": "a", "id": 1}]
NO_EVENTS += [{"topic": "a", "inReplyToEvent": []}]


@pytest.mark.parametrize("found", NO_EVENTS)
def test_what_is_no_event_says_so(found: Any) -> None:
    """It must reach nobody half."""
    with pytest.raises(EventHubPacketError):
        event_from_wire(found)

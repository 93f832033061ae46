"""Failures of sockets on order, and that they strike nobody else."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ftrack_backends.workspace.broker import SocketTiming
from ftrack_core.errors import ConfigurationError
from ftrack_core.protocol import PacketType


def test_a_cut_socket_is_gone_at_once_and_the_others_live(served: Any) -> None:
    """A test pulls one cable; everybody else's work must go on."""
    ann, ben = served.client("ann"), served.client("ben")
    ben.subscribe("topic=a")
    with served.workspace.sockets.failures.add("socket.cut", times=None, user="ann") as failure:
        assert ann.ended() == []
        again = served.client("ben")
        assert again.publish("a") == {"success": True}
    assert failure.struck == 1
    assert len(ben.heard_all()) == 1


def test_a_cut_says_no_good_bye(served: Any) -> None:
    """A cable that is pulled sends no frame; a client that gets one may take it for an orderly end and stay away."""
    for _ in range(20):
        client = served.client("ann")
        served.workspace.sockets.failures.add("socket.cut", user="ann")
        assert client.ended() == []
        assert client.socket.close_code in {None, 1006}


def test_a_cut_ordered_before_a_socket_opens_strikes_the_next_one(served: Any) -> None:
    """A reconnect that fails once more."""
    failure = served.workspace.sockets.failures.add("socket.cut", times=2)
    assert PacketType.HEARTBEAT not in {packet.type for packet in served.unheard().ended()}
    failure.undo()
    assert failure.struck == 1
    assert served.client().publish("a") == {"success": True}


def test_a_client_that_was_cut_comes_back_and_hears_on(served: Any) -> None:
    """After the cable is in again everything must be as before, by the same ids."""
    ann, ben = served.client("ann"), served.client("ben")
    ann.subscribe("topic=a", "mine")
    served.workspace.sockets.failures.add("socket.cut", user="ann")
    ann.ended()
    again = served.client("ann")
    assert again.subscribe("topic=a", "mine") == {"success": True}
    for number in range(3):
        ben.publish("a", {"n": number})
    assert [event["data"]["n"] for event in again.received(3)] == [0, 1, 2]


def test_garbage_is_one_frame_between_good_ones(served: Any) -> None:
    """A client's receive thread must survive what a broken proxy sends."""
    ann, ben = served.client("ann"), served.client("ben")
    for client in (ann, ben):
        client.subscribe("topic=a")
    served.workspace.sockets.failures.add("socket.garbage", user="ann")
    assert ann.socket.recv(timeout=10).startswith("5:x:")
    ann.publish("a")
    assert len(ann.heard_all()) == 1
    assert len(ben.heard_all()) == 1


def test_broken_bytes_are_no_frame_at_all(served: Any) -> None:
    """The WebSocket library of a client gives up; its hub must come back."""
    ann, ben = served.client("ann"), served.client("ben")
    served.workspace.sockets.failures.add("socket.broken", user="ann")
    ann.ended()
    assert ben.publish("a") == {"success": True}


def test_silence_withholds_heartbeats_of_one_user(served: Any) -> None:
    """A client must notice by itself that nothing comes any more."""
    served.workspace.sockets.timing = SocketTiming(beat_seconds=0.02, close_seconds=60)
    ann, ben = served.client("ann"), served.client("ben")
    with served.workspace.sockets.failures.add("socket.silence", times=None, user="ann") as failure:
        ann.publish("a")
        quiet = len(ann.others)
        while len(ben.others) < 5 or failure.struck < 5:
            ben.hear()
        ann.publish("a")
        assert len(ann.others) - quiet <= 1
    while len(ann.others) < quiet + 5:
        assert ann.hear().type is PacketType.HEARTBEAT


def test_acknowledgements_are_dropped_doubled_and_late(served: Any) -> None:
    """A publisher must cope with each, and the event itself goes out all the same."""
    ann, ben = served.client("ann"), served.client("ben")
    failures = served.workspace.sockets.failures
    failures.add("acknowledgement.drop", user="ann")
    ann.send("a")
    failures.add("acknowledgement.duplicate", user="ann")
    ann.publish("a")
    ann.acknowledged()
    assert len(ann.acknowledgements) == 2
    failures.add("acknowledgement.delay", delay_seconds=0.3, user="ann")
    started = time.monotonic()
    ann.send("a")
    ann.send("a")
    ann.acknowledged()
    assert time.monotonic() - started < 0.3
    ann.acknowledged()
    assert time.monotonic() - started >= 0.3
    assert ben.publish("a") == {"success": True}
    assert [event.topic for event in served.workspace.broker.log.wait("a", 5, 10)] == ["a"] * 5


@pytest.mark.parametrize(
    "arguments",
    [
        {"action": "socket.cutt"},
        {"action": "socket.cut", "times": 0},
        {"action": "socket.cut", "times": True},
        {"action": "acknowledgement.delay", "delay_seconds": -1},
        {"action": "acknowledgement.delay", "delay_seconds": None},
    ],
)
def test_an_order_that_is_none_is_refused(served: Any, arguments: dict[str, Any]) -> None:
    """A misspelt failure never strikes, and the test that ordered it passes for the wrong reason."""
    with pytest.raises(ConfigurationError):
        served.workspace.sockets.failures.add(**arguments)


def test_cleared_failures_strike_no_more(served: Any) -> None:
    """The next test begins with none."""
    failures = served.workspace.sockets.failures
    failures.add("acknowledgement.drop", times=None)
    failures.clear()
    assert served.client().publish("a") == {"success": True}

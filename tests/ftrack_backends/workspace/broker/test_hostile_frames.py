"""Anything at all over a real socket: a clean refusal, nothing left behind, nobody disturbed."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import random
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from ftrack_core.protocol import PacketType
from ftrack_core.values import Request, Response

DEEP = "[" * 50_000
NO_PACKETS = [
    "",
    "hello",
    "9::",
    "5",
    "5:::",
    "5:::{",
    f"5:::{DEEP}",
    "5:::[]",
    '5:::{"name":1}',
    "5:1+",
    "\x00",
    "::",
]
NO_EVENTS: list[Any] = [
    None, 1, "x", [], {}, {"topic": 5}, {"topic": ""}, {"topic": "a", "source": 7}, {"topic": "a", "target": "no"},
    {"topic": "a", "target": ["id=1"]}, {"topic": "a", "target": "(" * 5000}, {"topic": "ftrack.meta.subscribe"},
    {"topic": "ftrack.meta.subscribe", "data": {"subscriber": {"id": "a"}}},
    {"topic": "ftrack.meta.subscribe", "data": {"subscriber": {}, "subscription": "topic=a"}},
    {"topic": "ftrack.meta.subscribe", "data": {"subscriber": {"id": 7}, "subscription": "topic=a"}},
    {"topic": "ftrack.meta.subscribe", "data": {"subscriber": {"id": "a"}, "subscription": "{nonsense}"}},
    {"topic": "ftrack.meta.subscribe", "data": {"subscriber": {"id": "a"}, "subscription": "(" * 60_000}},
    {"topic": "ftrack.meta.unsubscribe", "data": [1]},
    {"topic": "ftrack.meta.unsubscribe", "data": {"subscriber": None}},
]  # fmt: skip


@pytest.mark.parametrize("frame", NO_PACKETS, ids=range(len(NO_PACKETS)))
def test_what_is_no_packet_ends_its_own_connection_with_a_word(served: Any, frame: str) -> None:
    """Its client reconnects with a clean line; everybody else hears nothing of it."""
    bad, good = served.client(), served.client()
    good.subscribe("topic=a")
    bad.subscribe("topic=a")
    bad.socket.send(frame)
    said = bad.ended()
    assert [packet.type for packet in said] == [PacketType.ERROR, PacketType.DISCONNECT]
    assert not set("{}") & set(said[0].data)
    good.publish("a")
    assert len(good.heard_all()) == 1
    assert served.workspace.broker.members == 1


@pytest.mark.parametrize("event", NO_EVENTS, ids=range(len(NO_EVENTS)))
def test_what_is_no_event_is_acknowledged_with_the_reason(served: Any, event: Any) -> None:
    """The client asked for something that it cannot have; that is no reason to hang up."""
    client = served.client()
    client.socket.send(f"5:1+::{json.dumps({'name': 'ftrack.event', 'args': [event]})}")
    answer = client.acknowledged()
    assert answer["success"] is False
    assert answer["message"]
    assert not set("{}") & set(answer["message"])
    assert client.subscribe("topic=a", "a") == {"success": True}


@pytest.mark.parametrize("call", [{"name": "other", "args": [{}]}, {"name": "ftrack.event", "args": []}])
def test_another_call_is_acknowledged_with_the_reason(served: Any, call: Any) -> None:
    """Whoever calls it otherwise learns the name."""
    client = served.client()
    client.socket.send(f"5:1+::{json.dumps(call)}")
    assert "ftrack.event" in client.acknowledged()["message"]


def test_bytes_are_refused(served: Any) -> None:
    """Packets are text."""
    client = served.client()
    client.socket.send(b"\x00\x01")
    assert [packet.type for packet in client.ended()] == [PacketType.ERROR, PacketType.DISCONNECT]


def test_a_frame_without_end_is_cut_off(served: Any) -> None:
    """One client must not fill the server's memory."""
    bad, good = served.client(), served.client()
    with contextlib.suppress(Exception):
        for _ in range(20):
            bad.socket.send(["x" * 1_000_000] * 2)
        bad.ended()
    with contextlib.suppress(Exception):
        bad.socket.send("5:::" + "x" * 17_000_000)
    bad.ended()
    assert good.publish("a") == {"success": True}


def test_any_packets_in_any_order_disturb_nobody(served: Any) -> None:
    """A thousand mangled frames on many sockets; the one good client misses nothing."""
    mangler = random.Random(5)  # noqa: S311 - a test that fails must fail again
    good = served.client()
    good.subscribe("topic=good")
    whole = '5:1+::{"name":"ftrack.event","args":[{"topic":"good","data":{},"target":"","source":{"id":"x"}}]}'
    expected = 0
    for number in range(60):
        bad = served.client()
        with contextlib.suppress(Exception):
            for _ in range(15):
                bad.socket.send(_mangled(mangler, whole))
            bad.socket.send("9")
            bad.ended()
        if number % 10 == 0:
            good.send("good", {"mine": number})
            expected += 1
    mine = [event for event in good.heard_all() if isinstance(event["data"], dict) and "mine" in event["data"]]
    assert len(mine) == expected
    assert served.workspace.broker.members == 1


def _mangled(mangler: random.Random, text: str) -> str:
    place, other = sorted(mangler.sample(range(len(text)), 2))
    choice = mangler.randrange(4)
    if choice == 0:
        return text[:place]
    if choice == 1:
        return text[:place] + text[other:]
    if choice == 2:
        return text[:place] + mangler.choice('{}[]":,0+é\x00') + text[place:]
    return f"{mangler.randrange(10)}{text[1:]}"


VERSION = "Sec-WebSocket-Version: 13"
KEY = "Sec-WebSocket-Key: {key}"
OPENINGS: list[tuple[str, ...]] = [
    ("GET {path}",),
    ("GET {path}", "Sec-WebSocket-Version: 7", KEY),
    ("GET {path}", VERSION, "Sec-WebSocket-Key: short"),
    ("POST {path}", VERSION, KEY, "Content-Length: 0"),
    ("GET {path}%00%ff", VERSION, KEY),
    ("GET /elsewhere", VERSION, KEY),
    ("GET {path}", VERSION, KEY, "X-Bad: \xff\xfe"),
]


@pytest.mark.parametrize("lines", OPENINGS, ids=range(len(OPENINGS)))
def test_an_opening_that_is_none_is_refused(served: Any, lines: tuple[str, ...]) -> None:
    """Port scanners and old proxies knock too."""
    sid = served.handshake().text.split(":")[0]
    key = base64.b64encode(os.urandom(16)).decode()
    headers = (f"{lines[0]} HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade", *lines[1:], "", "")
    sent = "\r\n".join(headers).format(path=f"/socket.io/1/websocket/{sid}", key=key).encode("latin-1")
    with socket.create_connection(("127.0.0.1", urlsplit(served.url).port or 0), timeout=10) as raw:
        raw.sendall(sent)
        answer = raw.recv(4096)
        status = answer.split(b" ")[1]
        assert status == b"101" or b"application/json" in answer
        raw.sendall(b"\x00\xff garbage instead of frames")
    assert status == b"101" if "X-Bad" in lines[-1] else status[:1] == b"4"
    assert served.client().publish("a") == {"success": True}


def test_frames_that_are_no_websocket_end_only_their_connection(served: Any) -> None:
    """Unmasked frames, reserved bits, bytes that are no UTF-8: the library's refusal, and nobody else's trouble."""
    good = served.client()
    mangler = random.Random(7)  # noqa: S311 - as above
    for number in range(20):
        bad = served.client()
        raw: socket.socket = bad.socket.socket
        raw.sendall(
            bytes(mangler.randrange(256) for _ in range(40)) if number else b"\x81\x82\x00\x00\x00\x00\xff\xff"
        )
        bad.socket.close_timeout = 0.1
        bad.socket.close()
    assert good.publish("a") == {"success": True}


def test_a_front_without_events_refuses_sockets(serving: Any) -> None:
    """Somebody serves an application of their own through it."""
    from websockets.exceptions import InvalidStatus

    class Plain:
        """Answers requests, and has no events."""

        def exchange(self, request: Request) -> Response:
            """Say nothing."""
            return Response(204)

    served = serving(Plain())
    with pytest.raises(InvalidStatus) as refused:
        served.socket("any")
    assert refused.value.response.status_code == 404

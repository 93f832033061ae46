"""Many connections and a burst, small enough for every run; `tests/benchmarks/bench_events.py` does it in earnest."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from ftrack_backends.workspace import Workspace
from ftrack_backends.workspace.broker import Limits

CONNECTIONS = 30
EVENTS = 600


def test_a_burst_reaches_everybody_once_and_in_order(served: Any) -> None:
    """Thirty artists' tools and a farm that finishes all at once."""
    sids = [served.handshake().text.split(":")[0] for _ in range(CONNECTIONS + 1)]
    address = served.url.replace("http://", "ws://")
    received = asyncio.run(_burst([f"{address}/socket.io/1/websocket/{sid}" for sid in sids]))
    assert received == [list(range(EVENTS))] * CONNECTIONS
    assert served.workspace.broker.backlog == 0


async def _burst(urls: list[str]) -> list[list[int]]:
    from websockets.asyncio.client import connect

    async with connect(urls[0], compression=None, proxy=None) as publisher:
        sockets = [await connect(url, compression=None, proxy=None) for url in urls[1:]]
        for one in sockets:
            await one.recv()
            data = {"subscriber": {"id": "a"}, "subscription": "topic=burst"}
            await one.send(_frame({"topic": "ftrack.meta.subscribe", "data": data}))
        acknowledged = [await one.recv() for one in sockets]
        assert all("true" in answer for answer in acknowledged)
        hearing = asyncio.gather(*map(_numbers, sockets))
        for number in range(EVENTS):
            await publisher.send(_frame({"topic": "burst", "data": number}, acknowledged=False))
        received = await asyncio.wait_for(hearing, 60)
        await asyncio.gather(*(one.close() for one in sockets))
    return received


def _frame(event: dict[str, Any], *, acknowledged: bool = True) -> str:
    return f"5:{'1+' if acknowledged else ''}::" + json.dumps({"name": "ftrack.event", "args": [event]})


async def _numbers(one: Any) -> list[int]:
    return [json.loads((await one.recv())[4:])["args"][0]["data"] for _ in range(EVENTS)]


def test_a_dead_subscriber_delays_nobody_and_is_let_go(serving: Callable[..., Any]) -> None:
    """A process that hangs with its socket open must cost its own connection, and nothing else."""
    with Workspace.open(seed={"User": [{"username": "ann"}]}) as workspace:
        workspace.broker.limits = Limits(queued_events=200)
        served = serving(workspace)
        alive, publisher = served.client(), served.client()
        alive.subscribe("topic=big")
        dead = _dead(served)
        while len(workspace.broker._owners) < 2:
            publisher.publish("nothing")
        numbers = itertools.count()
        text = "x" * 50_000
        while workspace.broker.members == 3:
            number = next(numbers)
            publisher.publish("big", {"n": number, "text": text})
            (event,) = alive.received(1)
            assert event["data"]["n"] == number
            assert number < 5000
        assert next(numbers) > 200
        publisher.publish("big", {"n": -1})
        assert alive.received(1)[0]["data"]["n"] == -1
        dead.close()


def _dead(served: Any) -> socket.socket:
    """A subscriber that takes nothing more: what a stopped process is, whose side of the connection stays open."""
    sid = served.handshake().text.split(":")[0]
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", urlsplit(served.url).port or 0))
    lines = [f"GET /socket.io/1/websocket/{sid} HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade"]
    lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""]
    raw.sendall("\r\n".join(lines).encode())
    assert b" 101 " in raw.recv(4096)
    data = {"subscriber": {"id": "a"}, "subscription": "topic=big"}
    payload = _frame({"topic": "ftrack.meta.subscribe", "data": data}).encode()
    unmasked = bytes(4)
    raw.sendall(b"\x81\xfe" + len(payload).to_bytes(2, "big") + unmasked + payload)
    return raw

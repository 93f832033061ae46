"""An event client of a few lines, over a real WebSocket, and what it is pointed at."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
import requests

from ftrack_backends.workspace import Workspace
from ftrack_core.protocol import Packet, PacketType, decode_packet, read_acknowledgement, read_event

_PATIENCE_SECONDS = 8
_MOST_PACKETS = 100


@attrs.define(eq=False)
class EventClient:
    """Says what it is told to say, and keeps what it hears."""

    socket: Any
    id: str = "hub"
    acknowledgements: list[dict[str, Any]] = attrs.field(factory=list)
    events: list[dict[str, Any]] = attrs.field(factory=list)
    others: list[Packet] = attrs.field(factory=list)
    _numbers: Iterator[int] = attrs.field(factory=lambda: itertools.count(1))

    def send(self, topic: str, data: Any = None, **more: Any) -> int:
        """Publish, wanting an acknowledgement; gives its number."""
        number = next(self._numbers)
        event = {"topic": topic, "id": f"{self.id}-{number}", "data": data or {}, "source": {"id": self.id}, **more}
        self.socket.send(f"5:{number}+::{json.dumps({'name': 'ftrack.event', 'args': [event]})}")
        return number

    def publish(self, topic: str, data: Any = None, **more: Any) -> dict[str, Any]:
        """Publish, and wait for the acknowledgement."""
        self.send(topic, data, **more)
        return self.acknowledged()

    def subscribe(self, expression: str, identifier: str = "", **metadata: Any) -> dict[str, Any]:
        """Subscribe, and wait for the acknowledgement."""
        subscriber = {"id": identifier or f"{self.id}-{expression}", **metadata}
        return self.publish("ftrack.meta.subscribe", {"subscriber": subscriber, "subscription": expression})

    def acknowledged(self) -> dict[str, Any]:
        """The next acknowledgement."""
        before = len(self.acknowledgements)
        while len(self.acknowledgements) == before:
            self.hear()
        return self.acknowledgements[-1]

    def hear(self) -> Packet:
        """Take the next packet, and answer if it is a heartbeat."""
        packet = decode_packet(self.socket.recv(timeout=_PATIENCE_SECONDS))
        if packet.type is PacketType.EVENT:
            call = read_event(packet)
            assert (call.name, len(call.arguments)) == ("ftrack.event", 1)
            self.events.append(call.arguments[0])
        elif packet.type is PacketType.ACKNOWLEDGEMENT:
            (answer,) = read_acknowledgement(packet).arguments
            self.acknowledgements.append(answer)
        else:
            self.others.append(packet)
            if packet.type is PacketType.HEARTBEAT:
                self.socket.send("2:::")
        return packet

    def received(self, count: int = 1) -> list[dict[str, Any]]:
        """Wait until there are so many events; gives them, and forgets them."""
        while len(self.events) < count:
            self.hear()
        events, self.events = self.events, []
        return events

    def heard_all(self) -> list[dict[str, Any]]:
        """Everything that is on its way already: what comes before an event that only this one gets."""
        self.subscribe(f"topic=last.{self.id}", f"last-{len(self.acknowledgements)}")
        self.send(f"last.{self.id}")
        while not self.events or self.events[-1]["topic"] != f"last.{self.id}":
            self.hear()
        events, self.events = self.events[:-1], []
        return events

    def ended(self) -> list[Packet]:
        """Wait until the server closes; gives what it said before."""
        from websockets.exceptions import ConnectionClosed

        self.others.clear()
        with contextlib.suppress(ConnectionClosed):
            for _ in range(_MOST_PACKETS):
                self.hear()
            pytest.fail("the server did not close the connection")
        return self.others


@attrs.define(eq=False)
class Served:
    """A workspace behind a real server, and clients of it."""

    workspace: Workspace
    url: str
    _stack: contextlib.ExitStack
    _numbers: Iterator[int] = attrs.field(factory=itertools.count)

    def handshake(self, user: str | None = None, **headers: str) -> requests.Response:
        """Shake hands as the Python client does."""
        first = self.workspace.users[0]
        who = self.workspace.credentials(user) if user else first
        own = {"ftrack-user": who.username, "ftrack-api-key": who.api_key, **headers}
        return requests.get(f"{self.url}/socket.io/1/", headers=own, timeout=10)

    def socket(self, sid: str) -> Any:
        """Open a WebSocket."""
        from websockets.sync.client import connect

        address = self.url.replace("http://", "ws://")
        return self._stack.enter_context(
            connect(
                f"{address}/socket.io/1/websocket/{sid}", compression=None, max_size=None, max_queue=None, proxy=None
            )
        )

    def client(self, user: str | None = None, name: str = "") -> EventClient:
        """A client that is connected."""
        client = self.unheard(user, name)
        assert client.hear().type is PacketType.CONNECT
        return client

    def unheard(self, user: str | None = None, name: str = "") -> EventClient:
        """A client that has not heard the server's greeting yet."""
        sid = self.handshake(user).text.split(":")[0]
        return EventClient(self.socket(sid), name or f"hub{next(self._numbers)}")


@pytest.fixture
def serving() -> Iterator[Callable[..., Served]]:
    """Serves a workspace: `serving(workspace)`."""
    pytest.importorskip("websockets", reason="sockets need the `server` extra")
    from ftrack_backends.workspace.front import serve

    with contextlib.ExitStack() as stack:

        def served(workspace: Workspace) -> Served:
            url = stack.enter_context(serve(workspace)).url
            return Served(workspace, url, stack)

        yield served


@pytest.fixture
def served(serving: Callable[..., Served]) -> Iterator[Served]:
    """An empty workspace with two users, served."""
    with Workspace.open(seed={"User": [{"username": "ann"}, {"username": "ben"}]}) as workspace:
        yield serving(workspace)

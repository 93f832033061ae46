"""The server's end of one Socket.IO 0.9 connection: frames in, frames out, and no socket in sight."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_backends.workspace.broker._broker import demand_publishable
from ftrack_backends.workspace.broker._member import Delivery
from ftrack_core.errors import Error, EventHubPacketError
from ftrack_core.protocol import (
    DISCONNECT,
    EVENT_NAME,
    LinkState,
    Packet,
    Reaction,
    SocketLink,
    acknowledgement_packet,
    decode_packet,
    encode_packet,
    error_packet,
    event_from_wire,
    read_event,
)

if TYPE_CHECKING:
    from ftrack_backends.workspace.broker._broker import Broker
    from ftrack_backends.workspace.broker._member import Member
    from ftrack_backends.workspace.broker._socket_failures import SocketFailures

__all__ = ["SocketSession", "SocketWires"]

_BRACES = str.maketrans("{}", "()")
_LONGEST_MESSAGE = 1000
_SUBSCRIBE = "ftrack.meta.subscribe"
_UNSUBSCRIBE = "ftrack.meta.unsubscribe"


@attrs.frozen
class SocketWires:
    """What a session needs of whatever moves its frames. All of it may be called by any thread, and never blocks.

    Attributes:
        wake: There are frames to take, or the session is over.
        cut: Break the connection off, without a word.
        later: Call a function after so many seconds.
        send_raw: Send bytes past every protocol, as a broken server would.
    """

    wake: Callable[[], None]
    cut: Callable[[], None]
    later: Callable[[float, Callable[[], None]], None]
    send_raw: Callable[[bytes], None]


@attrs.define(eq=False)
class SocketSession:
    """One client's connection.

    Whoever moves the frames calls `received` for each that came, sends what `take` gives after each `wake`, calls
    `look` when it said, and closes the socket once `over`. What a client does wrong ends its own connection, with an
    error packet; what it asks for and cannot have is an acknowledgement that says so.

    Thread safety: `received`, `look` and `take` are called by one thread, the rest by any.

    Attributes:
        username: In whose name it is.
    """

    _broker: Broker
    _failures: SocketFailures
    wires: SocketWires
    _link: SocketLink
    _member: Member

    @property
    def username(self) -> str:
        """In whose name it is."""
        return self._member.caller.username

    @property
    def over(self) -> bool:
        """Whether the socket is to be closed, now that nothing is left to take."""
        return self._member.outlet.closed and not len(self._member.outlet)

    @property
    def farewell(self) -> list[str]:
        """What to say last before the socket is closed; nothing to a client that ended it.

        The official Python client comes back after a packet that says so. The end of a WebSocket alone, said in order,
        leaves it waiting forever.
        """
        return [] if self._link.state is LinkState.CLOSED else [encode_packet(DISCONNECT)]

    @property
    def backlog(self) -> int:
        """How many events stand in line at the broker: a publisher should be read no faster than they go."""
        return self._broker.backlog

    def wait_for_line(self, length: int) -> None:
        """Wait until the line at the broker is no longer than that."""
        self._broker.settle(behind=length)

    def greet(self) -> None:
        """Say what the server says first."""
        for packet in self._link.greeting:
            self._send(packet)
        self._failures.opened(self)

    def received(self, frame: str | bytes | None, now: float) -> None:
        """Take a frame of the client; what it is, is the client's fault and never raises.

        Args:
            frame: Its text; bytes are refused.
            now: When, in seconds that never go back.
        """
        if self._member.outlet.closed:
            return
        try:
            if not isinstance(frame, str):
                raise EventHubPacketError("a packet is text, and bytes were found")
            packet = decode_packet(frame)
            self._link, reaction = self._link.received(packet, now)
            if reaction is Reaction.DELIVER:
                self._called(packet)
        except (Error, RecursionError) as error:
            self._send(error_packet(str(error)[:_LONGEST_MESSAGE], "reconnect"))
            self.close()
            return
        if self._link.state is LinkState.CLOSED:
            self.close()

    def look(self, now: float) -> float | None:
        """Do what time asks for: a heartbeat, or an end to a client that went silent.

        Returns:
            When to look again, None for never.
        """
        if self._member.outlet.closed:
            return None
        self._link, packets = self._link.looked(now)
        for packet in packets:
            if not self._failures.silences(self):
                self._send(packet)
        if self._link.state is LinkState.CLOSED:
            self.abandon()
        return self._link.next_look

    def take(self, most: int) -> list[str]:
        """Frames to send, in order."""
        return [one.frame if isinstance(one, Delivery) else one for one in self._member.outlet.take(most)]

    def send_text(self, frame: str) -> None:
        """Send a frame, whatever it is."""
        self._member.outlet.put(frame, len(frame))

    def close(self) -> None:
        """Send what is left, then be over."""
        self._failures.closed(self)
        self._broker.leave(self._member)

    def abandon(self) -> None:
        """Break off at once: the client is gone, or shall see it so.

        The wires are cut first: who moves the frames may be quicker than the next line, and would say good-bye.
        """
        self.wires.cut()
        self._member.outlet.close(empty=True)
        self.close()

    def _send(self, packet: Packet) -> None:
        self.send_text(encode_packet(packet))

    def _called(self, packet: Packet) -> None:
        """Do what an event packet asks for, and say how it went where the client wants to know."""
        call = read_event(packet)
        try:
            if call.name != EVENT_NAME or len(call.arguments) != 1:
                raise EventHubPacketError(f"a packet {EVENT_NAME!r} with exactly one argument was expected")
            self._do(call.arguments[0])
        except (Error, RecursionError) as error:
            message = str(error)[:_LONGEST_MESSAGE].translate(_BRACES)
            self._acknowledge(packet, {"success": False, "message": message})
        else:
            self._acknowledge(packet, {"success": True})

    def _do(self, found: object) -> None:
        event = event_from_wire(found)
        if event.topic == _SUBSCRIBE:
            data = _object(event.data, "data")
            expression = data.get("subscription")
            if not isinstance(expression, str):
                raise EventHubPacketError("a subscription is an expression, as topic=ftrack.update")
            self._broker.subscribe(self._member, expression, _subscriber(data))
        elif event.topic == _UNSUBSCRIBE:
            self._broker.unsubscribe(self._member, _subscriber(_object(event.data, "data"))["id"])
        else:
            demand_publishable(event)
            self._broker.post(event, self._member.caller)

    def _acknowledge(self, packet: Packet, answer: dict[str, Any]) -> None:
        if packet.id is None:
            return
        frame = encode_packet(acknowledgement_packet(packet.id, [answer]))
        self._failures.acknowledge(self, frame)


def _object(found: object, name: str) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise EventHubPacketError(f"the {name} of this event is an object; {json.dumps(found)[:60]} was found")
    return found


def _subscriber(data: Mapping[str, Any]) -> dict[str, Any]:
    subscriber = dict(_object(data.get("subscriber"), "subscriber"))
    identifier = subscriber.get("id")
    if not isinstance(identifier, str) or not 0 < len(identifier) <= 200:
        raise EventHubPacketError("a subscriber has an id, a text of at most 200 characters")
    return subscriber

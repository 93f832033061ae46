"""What a Socket.IO 0.9 connection is at any moment, as a value, for both of its ends.

Nothing here reads a clock or a socket: who has these hands in the moment, in seconds that never go back, and does what
the value says. The rules stand in one table, `LINK_TABLE`.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Final

import attrs

from ftrack_core.errors import EventHubPacketError
from ftrack_core.protocol._packets import CONNECT, HEARTBEAT, Packet, PacketType
from ftrack_core.values import ByValue

__all__ = ["LINK_TABLE", "Handshake", "LinkState", "Reaction", "Role", "SocketLink"]

_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_.~-]{1,200}", re.ASCII)
_SECONDS: Final = re.compile(r"[0-9]{0,6}", re.ASCII)
_SHOWN_CHARACTERS: Final = 60


@attrs.frozen(eq=False, repr=False)
class Handshake(ByValue):
    """What a server answers to `/socket.io/1/`: `sid:heartbeat:close:transports`.

    Attributes:
        sid: Id of the connection that may now be opened.
        heartbeat_seconds: After how long without a heartbeat a client may take the server for gone; 0 for never.
        close_seconds: How long a server waits for a client that went silent, or that does not come at all; 0 for ever.
        transports: What the connection may go over; `websocket` in ftrack.
    """

    sid: str = attrs.field(repr=False)
    heartbeat_seconds: int = 30
    close_seconds: int = 60
    transports: tuple[str, ...] = ("websocket",)

    def text(self) -> str:
        """Write it as the body of the reply."""
        return f"{self.sid}:{self.heartbeat_seconds}:{self.close_seconds}:{','.join(self.transports)}"

    @classmethod
    def parse(cls, text: str) -> Handshake:
        """Read it from the body of the reply.

        Raises:
            EventHubPacketError: The text is no handshake.
        """
        parts = text.strip().split(":")
        if len(parts) != 4 or not _IDENTIFIER.fullmatch(parts[0]) or not all(map(_SECONDS.fullmatch, parts[1:3])):
            raise EventHubPacketError(
                "a handshake 'sid:heartbeat:close:transports' was expected, and something else was found "
                f"({len(text)} characters); is the URL that of an ftrack server?"
            )
        transports = tuple(filter(None, (one.strip() for one in parts[3].split(","))))
        return cls(parts[0], int(parts[1] or 0), int(parts[2] or 0), transports)


class Role(enum.Enum):
    """Which end of the connection it is."""

    CLIENT = "client"
    SERVER = "server"


class LinkState(enum.Enum):
    """How far a connection is."""

    OPENING = "opening"
    OPEN = "open"
    CLOSED = "closed"


class Reaction(enum.Enum):
    """What to do about a packet."""

    NOTHING = "nothing"
    CONNECTED = "the connection stands"
    BEAT = "answer with a heartbeat"
    DELIVER = "hand it to whom it concerns"
    CLOSE = "close the socket"


_N, _C, _B, _D, _X = Reaction.NOTHING, Reaction.CONNECTED, Reaction.BEAT, Reaction.DELIVER, Reaction.CLOSE
_OPEN, _CLOSED = LinkState.OPEN, LinkState.CLOSED

LINK_TABLE: Final[Mapping[tuple[Role, PacketType], tuple[LinkState, Reaction]]] = {
    (Role.SERVER, PacketType.DISCONNECT): (_CLOSED, _X),
    (Role.SERVER, PacketType.CONNECT): (_OPEN, _N),
    (Role.SERVER, PacketType.HEARTBEAT): (_OPEN, _N),
    (Role.SERVER, PacketType.MESSAGE): (_OPEN, _N),
    (Role.SERVER, PacketType.JSON): (_OPEN, _N),
    (Role.SERVER, PacketType.EVENT): (_OPEN, _D),
    (Role.SERVER, PacketType.ACKNOWLEDGEMENT): (_OPEN, _N),
    (Role.SERVER, PacketType.ERROR): (_OPEN, _N),
    (Role.SERVER, PacketType.NOOP): (_OPEN, _N),
    (Role.CLIENT, PacketType.DISCONNECT): (_CLOSED, _X),
    (Role.CLIENT, PacketType.CONNECT): (_OPEN, _C),
    (Role.CLIENT, PacketType.HEARTBEAT): (_OPEN, _B),
    (Role.CLIENT, PacketType.MESSAGE): (_OPEN, _N),
    (Role.CLIENT, PacketType.JSON): (_OPEN, _N),
    (Role.CLIENT, PacketType.EVENT): (_OPEN, _D),
    (Role.CLIENT, PacketType.ACKNOWLEDGEMENT): (_OPEN, _D),
    (Role.CLIENT, PacketType.ERROR): (_CLOSED, _X),
    (Role.CLIENT, PacketType.NOOP): (_OPEN, _N),
}
"""What an open or opening end does about each packet, and what it is then. A closed end does nothing about any."""


@attrs.frozen(eq=False, repr=False)
class SocketLink(ByValue):
    """One end of a connection, at one moment.

    Attributes:
        role: Which end.
        beat_seconds: A server sends a heartbeat so often; clients of ftrack want one in less than 15 s.
        silence_seconds: After so long without any packet the other end counts as gone.
        heard_at: When the last packet came.
        beaten_at: When the last heartbeat was sent.
        state: How far the connection is.
    """

    role: Role
    beat_seconds: float
    silence_seconds: float
    heard_at: float
    beaten_at: float
    state: LinkState = LinkState.OPENING

    @classmethod
    def server(cls, now: float, beat_seconds: float = 10.0, silence_seconds: float = 60.0) -> SocketLink:
        """The server's end of a socket that was just opened; send what `greeting` gives."""
        return cls(Role.SERVER, beat_seconds, silence_seconds, now, now, LinkState.OPEN)

    @classmethod
    def client(cls, now: float, handshake: Handshake) -> SocketLink:
        """The client's end of a socket that was just opened; it stands once the server's greeting came."""
        return cls(Role.CLIENT, 0.0, float(handshake.heartbeat_seconds), now, now)

    @property
    def greeting(self) -> tuple[Packet, ...]:
        """What this end sends first."""
        return (CONNECT,) if self.role is Role.SERVER else ()

    @property
    def next_look(self) -> float | None:
        """At which moment to call `looked`; None for never."""
        if self.state is LinkState.CLOSED:
            return None
        moments = []
        if self.silence_seconds:
            moments.append(self.heard_at + self.silence_seconds)
        if self.role is Role.SERVER:
            moments.append(self.beaten_at + self.beat_seconds)
        return min(moments, default=None)

    def received(self, packet: Packet, now: float) -> tuple[SocketLink, Reaction]:
        """Take note of a packet.

        Returns:
            The end as it is then, and what to do.
        """
        if self.state is LinkState.CLOSED:
            return self, Reaction.NOTHING
        state, reaction = LINK_TABLE[self.role, packet.type]
        return attrs.evolve(self, state=state, heard_at=now), reaction

    def looked(self, now: float) -> tuple[SocketLink, tuple[Packet, ...]]:
        """Look whether time asks for something.

        Returns:
            The end as it is then, closed when the other went silent; and what to send.
        """
        if self.state is LinkState.CLOSED:
            return self, ()
        if self.silence_seconds and now - self.heard_at >= self.silence_seconds:
            return attrs.evolve(self, state=LinkState.CLOSED), ()
        if self.role is Role.SERVER and now - self.beaten_at >= self.beat_seconds:
            return attrs.evolve(self, beaten_at=now), (HEARTBEAT,)
        return self, ()

"""Both wires as values: the JSON batch protocol with the flow that authenticates, and Socket.IO 0.9 packets."""

from __future__ import annotations

from ftrack_core.protocol._authentication import authorise, drive, drive_streamed
from ftrack_core.protocol._batch import api_request, read_reply, server_error
from ftrack_core.protocol._dates import encode_date, is_date, parse_date
from ftrack_core.protocol._events import EVENT_NAME, event_from_wire, event_to_wire
from ftrack_core.protocol._packets import (
    CONNECT,
    DISCONNECT,
    HEARTBEAT,
    Acknowledgement,
    EventCall,
    Packet,
    PacketType,
    acknowledgement_packet,
    decode_packet,
    encode_packet,
    error_packet,
    event_packet,
    read_acknowledgement,
    read_event,
)
from ftrack_core.protocol._socket_link import LINK_TABLE, Handshake, LinkState, Reaction, Role, SocketLink

__all__ = [
    "CONNECT",
    "DISCONNECT",
    "EVENT_NAME",
    "HEARTBEAT",
    "LINK_TABLE",
    "Acknowledgement",
    "EventCall",
    "Handshake",
    "LinkState",
    "Packet",
    "PacketType",
    "Reaction",
    "Role",
    "SocketLink",
    "acknowledgement_packet",
    "api_request",
    "authorise",
    "decode_packet",
    "drive",
    "drive_streamed",
    "encode_date",
    "encode_packet",
    "error_packet",
    "event_from_wire",
    "event_packet",
    "event_to_wire",
    "is_date",
    "parse_date",
    "read_acknowledgement",
    "read_event",
    "read_reply",
    "server_error",
]

"""Both wires as values: the JSON batch protocol with the flow that authenticates, and Socket.IO 0.9 packets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_core._lazy import names_on_demand
from ftrack_core.protocol._authentication import authorise, drive, drive_streamed
from ftrack_core.protocol._batch import api_request, read_reply, server_error
from ftrack_core.protocol._dates import encode_date, is_date, parse_date

if TYPE_CHECKING:
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

# A program that is not joined to the event server speaks the batch protocol alone.
__getattr__ = names_on_demand(
    __name__,
    {
        "Acknowledgement": "_packets",
        "CONNECT": "_packets",
        "DISCONNECT": "_packets",
        "EVENT_NAME": "_events",
        "EventCall": "_packets",
        "HEARTBEAT": "_packets",
        "Handshake": "_socket_link",
        "LINK_TABLE": "_socket_link",
        "LinkState": "_socket_link",
        "Packet": "_packets",
        "PacketType": "_packets",
        "Reaction": "_socket_link",
        "Role": "_socket_link",
        "SocketLink": "_socket_link",
        "acknowledgement_packet": "_packets",
        "decode_packet": "_packets",
        "encode_packet": "_packets",
        "error_packet": "_packets",
        "event_from_wire": "_events",
        "event_packet": "_packets",
        "event_to_wire": "_events",
        "read_acknowledgement": "_packets",
        "read_event": "_packets",
    },
)

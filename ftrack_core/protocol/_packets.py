"""The packets of Socket.IO 0.9 as values: what ftrack's event server and its clients say to each other.

A packet is one text frame, `type:id[+]:endpoint[:data]` (server contract 9). Reading is strict about what a packet is
and generous about how it is written: `2::`, `2:::` and `2` are all a heartbeat. What is written is the form that every
known client reads: three parts without data, four with.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from ftrack_core.errors import EventHubPacketError
from ftrack_core.values import ByValue

__all__ = [
    "CONNECT",
    "DISCONNECT",
    "HEARTBEAT",
    "Acknowledgement",
    "EventCall",
    "Packet",
    "PacketType",
    "acknowledgement_packet",
    "decode_packet",
    "encode_packet",
    "error_packet",
    "event_packet",
    "read_acknowledgement",
    "read_event",
]

_FORM: Final = re.compile(r"([0-8])(?::(?:([0-9]{1,18})(\+?))?:([^:]*)(?::(.*))?)?", re.ASCII | re.DOTALL)
_ACKNOWLEDGED: Final = re.compile(r"([0-9]{1,18})(?:\+(.*))?", re.ASCII | re.DOTALL)
_BREAKS: Final = str.maketrans("{}+:\r\n", "()    ")
_SHOWN_CHARACTERS: Final = 60


class PacketType(enum.IntEnum):
    """What a packet is for; the number is what stands first in it."""

    DISCONNECT = 0
    CONNECT = 1
    HEARTBEAT = 2
    MESSAGE = 3
    JSON = 4
    EVENT = 5
    ACKNOWLEDGEMENT = 6
    ERROR = 7
    NOOP = 8


@attrs.frozen(eq=False, repr=False)
class Packet(ByValue):
    """One packet.

    Attributes:
        type: What it is for.
        id: Number that an acknowledgement will name; None for a packet that has none.
        wants_acknowledgement: The sender wants one with an argument: a `+` behind the id. It goes with an id only.
        endpoint: Name of a channel within the connection; ftrack has only the empty one.
        data: The rest, as text; what it means the type says.
    """

    type: PacketType
    id: int | None = None
    wants_acknowledgement: bool = False
    endpoint: str = ""
    data: str = ""


@attrs.frozen(eq=False, repr=False)
class EventCall(ByValue):
    """What an event packet carries: the name of an event, and its arguments.

    Attributes:
        name: `ftrack.event` for everything that ftrack sends.
        arguments: JSON values; ftrack sends exactly one, an object.
    """

    name: str
    arguments: tuple[Any, ...]


@attrs.frozen(eq=False, repr=False)
class Acknowledgement(ByValue):
    """What an acknowledgement packet carries.

    Attributes:
        id: Number of the packet that it acknowledges.
        arguments: JSON values; ftrack sends exactly one, an object with `success`.
    """

    id: int
    arguments: tuple[Any, ...] = ()


CONNECT: Final = Packet(PacketType.CONNECT)
DISCONNECT: Final = Packet(PacketType.DISCONNECT)
HEARTBEAT: Final = Packet(PacketType.HEARTBEAT)


def encode_packet(packet: Packet) -> str:
    """Write a packet as the text of its frame."""
    mark = "" if packet.id is None else f"{packet.id}{'+' if packet.wants_acknowledgement else ''}"
    head = f"{int(packet.type)}:{mark}:{packet.endpoint}"
    return f"{head}:{packet.data}" if packet.data else head


def decode_packet(text: str) -> Packet:
    """Read a packet from the text of a frame.

    Raises:
        EventHubPacketError: The text is no packet.
    """
    found = _FORM.fullmatch(text)
    if not found:
        raise EventHubPacketError(
            f"a Socket.IO packet was expected, as '5:1+::' followed by JSON, and {_shown(text)} was found"
        )
    number, identifier, mark, endpoint, data = found.groups()
    return Packet(
        PacketType(int(number)), int(identifier) if identifier else None, bool(mark), endpoint or "", data or ""
    )


def event_packet(
    name: str, arguments: Sequence[Any], identifier: int | None = None, wants_acknowledgement: bool = False
) -> Packet:
    """Make a packet that tells of an event.

    Args:
        name: Name of the event; `ftrack.event` in ftrack.
        arguments: JSON values.
        identifier: Number that the acknowledgement will name; None where none is wanted.
        wants_acknowledgement: Whether the other side shall acknowledge with an argument.
    """
    data = _json({"name": name, "args": list(arguments)})
    return Packet(PacketType.EVENT, identifier, wants_acknowledgement, data=data)


def acknowledgement_packet(identifier: int, arguments: Sequence[Any] = ()) -> Packet:
    """Make a packet that acknowledges another.

    Args:
        identifier: Number of the other.
        arguments: JSON values. Clients of ftrack take exactly one: the Python client stops receiving without it.
    """
    data = f"{identifier}+{_json(list(arguments))}" if arguments else str(identifier)
    return Packet(PacketType.ACKNOWLEDGEMENT, data=data)


def error_packet(reason: str, advice: str = "") -> Packet:
    """Make a packet that refuses; braces, colons, plus signs and line breaks in its texts become harmless."""
    reason, advice = reason.translate(_BREAKS), advice.translate(_BREAKS)
    return Packet(PacketType.ERROR, data=f"{reason}+{advice}" if advice else reason)


def read_event(packet: Packet) -> EventCall:
    """Read what an event packet carries.

    Raises:
        EventHubPacketError: It is another packet, or its data is no event.
    """
    found = _parsed(packet, PacketType.EVENT, packet.data)
    name = found.get("name") if isinstance(found, Mapping) else None
    arguments = found.get("args", []) if isinstance(found, Mapping) else None
    if not isinstance(name, str) or not isinstance(arguments, list):
        raise EventHubPacketError(
            f"an event packet holds an object with a name and a list of args; {_shown(packet.data)} was found"
        )
    return EventCall(name, tuple(arguments))


def read_acknowledgement(packet: Packet) -> Acknowledgement:
    """Read what an acknowledgement packet carries.

    Raises:
        EventHubPacketError: It is another packet, or its data is no acknowledgement.
    """
    found = _ACKNOWLEDGED.fullmatch(packet.data)
    if not found:
        raise EventHubPacketError(f"an acknowledgement begins with a number; {_shown(packet.data)} was found")
    arguments = _parsed(packet, PacketType.ACKNOWLEDGEMENT, found[2]) if found[2] else []
    if not isinstance(arguments, list):
        raise EventHubPacketError(f"an acknowledgement holds a list of arguments; {_shown(packet.data)} was found")
    return Acknowledgement(int(found[1]), tuple(arguments))


def _parsed(packet: Packet, expected: PacketType, data: str) -> Any:
    if packet.type is not expected:
        raise EventHubPacketError(f"a packet of type {expected.name} was expected, and {packet.type.name} was found")
    try:
        return json.loads(data, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise EventHubPacketError(f"a packet holds JSON; {_shown(data)} was found") from error


def _no_number(name: str) -> None:
    """Refuse what Python reads and JSON does not know: NaN and the infinities."""
    raise ValueError(f"there is no number {name}")


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}...")

"""Socket.IO 0.9 packets: byte by byte, and anything at all."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ftrack_core.errors import EventHubPacketError
from ftrack_core.protocol import (
    CONNECT,
    DISCONNECT,
    HEARTBEAT,
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

WRITTEN = [
    (DISCONNECT, "0::"),
    (CONNECT, "1::"),
    (HEARTBEAT, "2::"),
    (Packet(PacketType.CONNECT, endpoint="/chat", data="?a=b"), "1::/chat:?a=b"),
    (Packet(PacketType.MESSAGE, data="a:b"), "3:::a:b"),
    (Packet(PacketType.JSON, 1, data='{"a":1}'), '4:1::{"a":1}'),
    (
        event_packet("ftrack.event", [{"a": 1}], 7, wants_acknowledgement=True),
        '5:7+::{"name":"ftrack.event","args":[{"a":1}]}',
    ),
    (event_packet("ftrack.event", [{}]), '5:::{"name":"ftrack.event","args":[{}]}'),
    (acknowledgement_packet(7, [{"success": True}]), '6:::7+[{"success":true}]'),
    (acknowledgement_packet(7), "6:::7"),
    (error_packet("unauthorised", "reconnect"), "7:::unauthorised+reconnect"),
    (Packet(PacketType.NOOP), "8::"),
]


@pytest.mark.parametrize(("packet", "text"), WRITTEN)
def test_a_packet_is_written_as_clients_read_it(packet: Packet, text: str) -> None:
    """The official clients split at colons and look at places: one character more and they drop the packet."""
    assert encode_packet(packet) == text
    assert decode_packet(text) == packet


@pytest.mark.parametrize("text", ["2::", "2:::", "2"])
def test_every_way_to_write_a_heartbeat_is_one(text: str) -> None:
    """The Python client answers with one colon more than the JavaScript client."""
    assert decode_packet(text) == HEARTBEAT


def test_the_python_clients_event_is_read() -> None:
    """It numbers its packets and wants an acknowledgement with an argument."""
    packet = decode_packet('5:12+::{"args": [{"topic": "a:b"}], "name": "ftrack.event"}')
    assert (packet.id, packet.wants_acknowledgement) == (12, True)
    assert read_event(packet).name == "ftrack.event"
    assert read_event(packet).arguments == ({"topic": "a:b"},)


def test_an_acknowledgement_is_read_with_its_arguments_and_without() -> None:
    """A publisher matches it with what it published by the number."""
    assert read_acknowledgement(decode_packet('6:::4+[{"success":false}]')).arguments == ({"success": False},)
    assert read_acknowledgement(decode_packet("6:::4")).id == 4


@pytest.mark.parametrize(
    "text",
    ["", "9::", "5", "5:", "x", "5:a::{}", "5:1+", "-1::", "\u0665:::", "5:1234567890123456789::", "55::", " 2::"],
)
def test_what_is_no_packet_says_so(text: str) -> None:
    """A broken proxy sends anything; the receiving thread must live on."""
    with pytest.raises(EventHubPacketError):
        read_event(decode_packet(text))


@pytest.mark.parametrize(
    "data",
    ["", "{", "[]", "1", '{"args":[]}', '{"name":1}', '{"name":"a","args":{}}', "[" * 100_000, "NaN", "9" * 5000],
)
def test_an_event_that_is_none_says_so(data: str) -> None:
    """JSON of another shape, nested without end, or of numbers that no JSON has."""
    with pytest.raises(EventHubPacketError):
        read_event(Packet(PacketType.EVENT, data=data))


@pytest.mark.parametrize("data", ["", "a", "1+", "1+{}", "1+[", "+[]", "1+1"])
def test_an_acknowledgement_that_is_none_says_so(data: str) -> None:
    """It must not be taken for that of another packet."""
    if data == "1+":
        assert read_acknowledgement(Packet(PacketType.ACKNOWLEDGEMENT, data=data)).arguments == ()
        return
    with pytest.raises(EventHubPacketError):
        read_acknowledgement(Packet(PacketType.ACKNOWLEDGEMENT, data=data))


def test_an_error_names_no_braces() -> None:
    """The official client formats error texts, and fails on braces."""
    data = error_packet("no {such} thing: 1+1\nat all").data
    assert not set("{}+:\n") & set(data)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.none() | st.integers(0, 10**18 - 1))
def test_whatever_an_event_says_arrives(argument: object, identifier: int | None) -> None:
    """Names with colons, plus signs, line breaks and half characters are names too."""
    sent = event_packet("ftrack.event", [argument], identifier, identifier is not None)
    assert read_event(decode_packet(encode_packet(sent))).arguments == (argument,)


@given(st.text(alphabet=st.characters(), max_size=40) | st.from_regex(r"[0-8]:[0-9]{0,3}\+?:[^:]{0,3}:.{0,20}"))
@example('5:1+::{"name":"ftrack.event","args":[{"a":"\\ud800"}]}')
@example("5:::" + json.dumps({"name": "x", "args": [1]})[:-1])
def test_any_text_is_a_packet_or_a_clean_error(text: str) -> None:
    """Nothing that a socket brings may raise anything else."""
    with contextlib.suppress(EventHubPacketError):
        packet = decode_packet(text)
        assert decode_packet(encode_packet(packet)) == packet
        read_event(packet) if packet.type is PacketType.EVENT else read_acknowledgement(packet)

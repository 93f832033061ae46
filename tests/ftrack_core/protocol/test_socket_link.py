"""The two ends of a Socket.IO connection, as values, over time."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrack_core.errors import EventHubPacketError
from ftrack_core.protocol import (
    CONNECT,
    DISCONNECT,
    HEARTBEAT,
    LINK_TABLE,
    Handshake,
    LinkState,
    Packet,
    PacketType,
    Reaction,
    Role,
    SocketLink,
)


def test_a_handshake_has_four_parts() -> None:
    """The Python client looks at the fourth for "websocket", the JavaScript client at the first for the id."""
    told = Handshake("abc123", 15, 60)
    assert told.text() == "abc123:15:60:websocket"
    assert Handshake.parse(told.text()) == told
    assert Handshake.parse("x::60:websocket,xhr-polling\n") == Handshake("x", 0, 60, ("websocket", "xhr-polling"))


@pytest.mark.parametrize("text", ["", "a:b", "a:1:2", ":1:2:websocket", "a:x:2:websocket", "a:-1:2:w", "<html>:1:2:w"])
def test_what_is_no_handshake_says_so(text: str) -> None:
    """A page of a proxy must not become the id of a connection."""
    with pytest.raises(EventHubPacketError):
        Handshake.parse(text)


def test_the_id_of_a_handshake_stays_out_of_logs() -> None:
    """Whoever has it can open the connection."""
    assert "secret" not in repr(Handshake("secret"))


def test_a_server_greets_and_beats() -> None:
    """Without a heartbeat in 15 s the JavaScript client closes."""
    link = SocketLink.server(0.0, beat_seconds=10, silence_seconds=60)
    assert link.greeting == (CONNECT,)
    assert link.next_look == 10
    link, sent = link.looked(9.9)
    assert sent == ()
    link, sent = link.looked(10.0)
    assert sent == (HEARTBEAT,)
    assert link.next_look == 20


def test_a_server_gives_up_a_client_that_went_silent() -> None:
    """A pulled cable says nothing; its connection must not stay for ever."""
    link = SocketLink.server(0.0, beat_seconds=10, silence_seconds=25)
    link, _ = link.received(HEARTBEAT, 10.0)
    for moment in (20.0, 30.0):
        link, sent = link.looked(moment)
        assert sent == (HEARTBEAT,)
    link, sent = link.looked(35.0)
    assert (link.state, sent, link.next_look) == (LinkState.CLOSED, (), None)
    assert link.received(HEARTBEAT, 36.0) == (link, Reaction.NOTHING)
    assert link.looked(99.0) == (link, ())


def test_a_client_stands_once_greeted_and_answers_heartbeats() -> None:
    """A hub says that it is connected when the server said so, not when the socket opened."""
    link = SocketLink.client(0.0, Handshake("a", heartbeat_seconds=30))
    assert (link.state, link.greeting) == (LinkState.OPENING, ())
    link, reaction = link.received(CONNECT, 1.0)
    assert (link.state, reaction) == (LinkState.OPEN, Reaction.CONNECTED)
    link, reaction = link.received(HEARTBEAT, 9.0)
    assert reaction is Reaction.BEAT
    assert link.next_look == 39.0
    assert link.looked(38.9)[0].state is LinkState.OPEN
    assert link.looked(39.0)[0].state is LinkState.CLOSED


def test_a_client_waits_for_ever_where_the_server_said_so() -> None:
    """An empty time-out in the handshake means none."""
    link = SocketLink.client(0.0, Handshake.parse("a:::websocket"))
    assert link.next_look is None
    assert link.looked(1e9)[0].state is LinkState.OPENING


@pytest.mark.parametrize("role", list(Role))
def test_disconnecting_ends_either_end(role: Role) -> None:
    """Both sides may go."""
    link = SocketLink.server(0.0) if role is Role.SERVER else SocketLink.client(0.0, Handshake("a"))
    link, reaction = link.received(DISCONNECT, 1.0)
    assert (link.state, reaction) == (LinkState.CLOSED, Reaction.CLOSE)


def test_the_table_knows_every_packet_at_either_end() -> None:
    """A packet without a rule would be a KeyError in somebody's thread."""
    assert set(LINK_TABLE) == set(itertools.product(Role, PacketType))
    assert {reaction for _, reaction in LINK_TABLE.values()} == set(Reaction)


@given(
    st.lists(st.tuples(st.sampled_from(list(PacketType)) | st.none(), st.floats(0, 30))), st.sampled_from(list(Role))
)
def test_whatever_comes_and_whenever_an_end_stays_sound(
    steps: list[tuple[PacketType | None, float]], role: Role
) -> None:
    """Closed stays closed, and an open end always knows when to look again."""
    link = SocketLink.server(0.0) if role is Role.SERVER else SocketLink.client(0.0, Handshake("a"))
    now, closed = 0.0, False
    for packet_type, seconds in steps:
        now += seconds
        link = link.received(Packet(packet_type), now)[0] if packet_type is not None else link.looked(now)[0]
        assert not closed or link.state is LinkState.CLOSED
        closed = link.state is LinkState.CLOSED
        assert (link.next_look is None) == closed

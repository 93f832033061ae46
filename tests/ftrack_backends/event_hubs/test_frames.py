"""Frames of a WebSocket that no server sends."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import websocket

from ftrack_backends.event_hubs._socket_line import _bound_frames


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, Any]]:
    """The server's end, and ours as the hub reads it."""
    theirs, ours = socket.socketpair()
    ours.settimeout(10)
    web: Any = websocket.WebSocket()
    web.sock = ours
    _bound_frames(web)
    with theirs, ours:
        yield theirs, web


def test_a_usual_frame_is_read(ends: tuple[socket.socket, Any]) -> None:
    """The bounds would keep events out."""
    theirs, web = ends
    theirs.sendall(b"\x81\x03abc")
    assert web.recv() == "abc"


@pytest.mark.parametrize(
    "head", [b"\x81\x7f" + (1 << 40).to_bytes(8, "big"), b"\x81\x83abcd", b"\xf1\x03abc"], ids=["long", "mask", "bits"]
)
def test_a_frame_that_cannot_be_is_refused_by_its_head(ends: tuple[socket.socket, Any], head: bytes) -> None:
    """A proxy that goes mad would have a listener gather a million megabytes before it looks at them."""
    theirs, web = ends
    theirs.sendall(head)
    with pytest.raises(websocket.WebSocketProtocolException):
        web.recv()

"""Cookies that a load balancer sets with the handshake."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ftrack_backends.event_hubs._cookies import as_header, given_along
from ftrack_core.values import Event

PATH = "/socket.io/1/"


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        ("", {}),
        ("lb=a1", {"lb": "a1"}),
        ("lb=a1=; Path=/; HttpOnly", {"lb": "a1="}),
        ("lb=a1; Expires=Wed, 21 Oct 2099 07:28:00 GMT; Path=/, door=2; Secure", {"lb": "a1", "door": "2"}),
        ("lb=a1; path=/socket.io, other=2; path=/api", {"lb": "a1"}),
        ("gone=; Max-Age=0, lb=a1; Max-Age=60", {"lb": "a1"}),
        ("nonsense, ; =x, lb=a1", {"lb": "a1"}),
    ],
)
def test_what_a_reply_sets_is_read(header: str, cookies: dict[str, str]) -> None:
    """A socket would arrive at a server that knows nothing of its handshake, or bring a date for a cookie."""
    assert given_along(header, PATH) == cookies


@pytest.fixture
def balancer(stage: Any) -> Iterator[Any]:
    """What stands before the workspace: it marks the replies to handshakes, and notes the cookies that come."""
    host, port = stage.url.removeprefix("http://").split(":")
    brought: list[str] = []

    def serve(front: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += front.recv(65536)
        lines = head.decode("latin-1").split("\r\n")
        brought.append(next((one.partition(":")[2].strip() for one in lines if one.lower().startswith("cookie:")), ""))
        with front, socket.create_connection((host, int(port))) as behind:
            behind.sendall(head.replace(b"Connection: keep-alive", b"Connection: close"))
            threading.Thread(target=_pump, args=(front, behind), daemon=True).start()
            first = behind.recv(65536)
            marks = b"\r\nSet-Cookie: lb=%d; Path=/; Expires=Wed, 21 Oct 2099 07:28:00 GMT\r\nSet-Cookie: b=2\r\n"
            front.sendall(first.replace(b"\r\n", marks % len(brought), 1))
            _pump(behind, front)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, serve), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", brought
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, serve: Any) -> None:
    while True:
        try:
            front, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=serve, args=(front,), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def test_the_socket_brings_what_the_handshake_set(stage: Any, balancer: Any) -> None:
    """Behind a load balancer the WebSocket would come to another server, which refuses it: no events at all."""
    url, brought = balancer
    hub = stage.hub(url, cookies={"door": "open", "b": "1"})
    hub.publish_acknowledged(Event("t"))
    assert brought == ["door=open; b=1", "door=open; b=2; lb=1"]
    assert as_header({}) == ""

"""The `socketio` hub behind a SOCKS proxy."""

from __future__ import annotations

import contextlib
import importlib.util
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from ftrack_backends.event_hubs import SocketIoOptions
from ftrack_backends.event_hubs._ways import way_to
from ftrack_core.assembly import assemble
from ftrack_core.config import resolve
from ftrack_core.errors import EventHubConnectionError
from ftrack_core.values import Event

NEEDED = ("python_socks", "socks")
installed = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in NEEDED), reason="the extra `socks` is not installed here"
)
PASSWORD = "c0ffee-socks"


@attrs.define(eq=False)
class Proxy:
    """A SOCKS 5 proxy that wants a password.

    Attributes:
        listener: Where it listens.
        asked: The names that it was asked to connect to.
    """

    listener: socket.socket
    asked: list[str] = attrs.field(factory=list)

    def url(self, password: str = PASSWORD) -> str:
        """Its address; names are resolved by it."""
        return f"socks5h://ann:{password}@127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self) -> None:
        """Serve until the listener is closed."""
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=(self.listener.accept()[0],), daemon=True).start()

    def _serve(self, front: socket.socket) -> None:
        with front, front.makefile("rb") as said, contextlib.suppress(OSError, struct.error):
            _, count = said.read(2)
            said.read(count)
            front.sendall(b"\x05\x02")
            _, length = said.read(2)
            said.read(length)
            given = said.read(said.read(1)[0]).decode()
            front.sendall(b"\x01\x00" if given == PASSWORD else b"\x01\x01")
            if given == PASSWORD:
                self._connect(front, said)

    def _connect(self, front: socket.socket, said: Any) -> None:
        kind = said.read(4)[3]
        host = socket.inet_ntoa(said.read(4)) if kind == 1 else said.read(said.read(1)[0]).decode()
        (port,) = struct.unpack("!H", said.read(2))
        self.asked.append(host)
        with socket.create_connection(("127.0.0.1", port)) as behind:
            front.sendall(b"\x05\x00\x00\x01" + b"\x00" * 6)
            back = threading.Thread(target=_pump, args=(behind.recv, front), daemon=True)
            back.start()
            _pump(said.read1, behind)
            back.join(10)


def _pump(read: Any, target: socket.socket) -> None:
    with contextlib.suppress(OSError, ValueError):
        while data := read(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """A SOCKS proxy."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = Proxy(listener)
        threading.Thread(target=found.run, daemon=True).start()
        yield found
        listener.shutdown(socket.SHUT_RDWR)


def _hub(stage: Any, proxy_url: str) -> Any:
    user = stage.workspace.users[0]
    given = {
        "server_url": stage.url.replace("127.0.0.1", "studio.example"),  # a name that only the proxy resolves
        "api_key": user.api_key,
        "api_user": user.username,
        "schema_cache_path": False,
        "transport": {"backend": "requests", "proxies": {"http": proxy_url}},
    }
    stage.made.append(assemble(resolve(given, environment={})))
    return stage.made[-1].event_hub


@installed
def test_handshake_and_socket_both_go_through_the_proxy(stage: Any, until: Any, proxy: Proxy) -> None:
    """A studio whose only way out is SOCKS would have no events, or the WebSocket would go past its proxy."""
    hub = _hub(stage, proxy.url())
    hub.connect()
    assert proxy.asked == ["studio.example"] * 2
    seen: list[Any] = []
    hub.subscribe("topic=t", lambda event: seen.append(event["data"]["n"]))
    for n in range(50):
        hub.publish(Event("t", data={"n": n, "text": "x" * 10_000}))
    until(hub, lambda: len(seen) == 50)
    assert seen == list(range(50))


@installed
def test_a_proxy_that_refuses_is_an_error_of_ours_without_the_password(stage: Any, proxy: Proxy) -> None:
    """A wrong password would be written into every log."""
    with pytest.raises(EventHubConnectionError) as caught:
        _hub(stage, proxy.url("c0ffee-wrong")).connect()
    assert "c0ffee" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert proxy.asked == []


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody would search for a WebSocketException, and find everything else."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    way = way_to("https://acme.example", SocketIoOptions(proxies={"https": "socks5://ann:c0ffee@proxy"}))
    with pytest.raises(EventHubConnectionError, match=r"ftrack-core\[socks\]") as caught:
        way.arguments()
    assert "c0ffee" not in str(caught.value)


def test_the_usual_port_of_socks_is_its_own() -> None:
    """A proxy that is given without a port would be looked for at the web's."""
    if importlib.util.find_spec("python_socks") is None:
        pytest.skip("the extra `socks` is not installed here")
    options = SocketIoOptions(proxies={"https": "socks5h://proxy"})
    assert way_to("https://acme.example", options).arguments()["http_proxy_port"] == 1080

"""The `socketio` hub over TLS."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import websocket

from ftrack_backends.event_hubs._one_at_a_time import OneAtATime
from ftrack_backends.event_hubs._socket_line import OpenSocketLine
from ftrack_core.assembly import assemble
from ftrack_core.config import resolve
from ftrack_core.errors import EventHubConnectionError
from ftrack_core.protocol import Handshake, SocketLink
from ftrack_core.values import Event

OPENSSL = shutil.which("openssl")

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="there is no openssl here to make a certificate with")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of localhost that it signed itself, and its key, in one file."""
    folder = tmp_path_factory.mktemp("certificate")
    key, made, whole = folder / "key.pem", folder / "made.pem", folder / "whole.pem"
    command = [str(OPENSSL), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(made)]
    subprocess.run([*command, *names], check=True, capture_output=True)
    whole.write_text(key.read_text() + made.read_text())
    return whole


@pytest.fixture
def encrypted_url(stage: Any, certificate: Path) -> Iterator[str]:
    """The served workspace behind TLS."""
    upstream = urlsplit(stage.url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        arguments = (listener, context, (upstream.hostname, upstream.port))
        threading.Thread(target=_accept, args=arguments, daemon=True).start()
        yield f"https://localhost:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, context: ssl.SSLContext, upstream: Any) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(plain, context, upstream), daemon=True).start()


def _serve(plain: socket.socket, context: ssl.SSLContext, upstream: Any) -> None:
    with (
        contextlib.suppress(OSError),
        socket.create_connection(upstream) as behind,
        context.wrap_socket(plain, server_side=True) as front,
    ):
        back = threading.Thread(target=_pump, args=(behind, front), daemon=True)
        back.start()
        _pump(front, behind)
        back.join(10)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError, ValueError):
        while data := source.recv(65536):
            target.sendall(data)
    for one in (source, target):
        with contextlib.suppress(OSError, ValueError):
            socket.socket.shutdown(one, socket.SHUT_RDWR)


def _hub(stage: Any, url: str, **transport: Any) -> Any:
    user = stage.workspace.users[0]
    given = {"server_url": url, "api_key": user.api_key, "api_user": user.username, "schema_cache_path": False}
    settings = resolve(
        {**given, "transport": {"backend": "requests", "use_environment": False, **transport}}, environment={}
    )
    stage.made.append(assemble(settings))
    return stage.made[-1].event_hub


def test_events_go_over_tls_with_the_studio_s_own_authority(
    stage: Any, until: Any, encrypted_url: str, certificate: Path
) -> None:
    """Every real server is behind TLS, many behind a certificate that only the studio trusts."""
    hub = _hub(stage, encrypted_url, ca_bundle=str(certificate))
    hub.connect()
    seen: list[Any] = []
    hub.subscribe("topic=t", lambda event: seen.append(event["data"]["n"]))
    for n in range(50):
        hub.publish(Event("t", data={"n": n, "text": "x" * 10_000}))
    until(hub, lambda: len(seen) == 50)
    assert seen == list(range(50))
    told: list[str] = []
    hub.subscribe("topic=ftrack.meta.*", lambda event: told.append(event["topic"]))
    stage.fail("socket.cut")
    until(hub, lambda: told[-1:] == ["ftrack.meta.connected"] and "ftrack.meta.disconnected" in told)
    hub.publish_acknowledged(Event("t", data={"n": 50}))
    hub.close()
    assert not hub.connected


def test_an_encrypted_socket_is_closed_with_its_line() -> None:
    """A listener that reconnects for months must not run out of descriptors."""
    plain = ssl.create_default_context().wrap_socket(
        socket.socket(), server_hostname="studio.example", do_handshake_on_connect=False
    )
    web: Any = websocket.WebSocket()
    web.sock = OneAtATime.of(plain)
    OpenSocketLine(web, SocketLink.client(0.0, Handshake("sid", 10, 20, ("websocket",))), Any).end()  # type: ignore[arg-type]
    assert plain.fileno() == -1


def test_an_encrypted_socket_is_not_closed_while_another_thread_writes() -> None:
    """What is still written could go into whatever file gets the descriptor next."""
    plain = ssl.create_default_context().wrap_socket(
        socket.socket(), server_hostname="studio.example", do_handshake_on_connect=False
    )
    one, writing, written = OneAtATime.of(plain), threading.Event(), threading.Event()

    def send(_data: bytes) -> int:
        writing.set()
        assert written.wait(20)
        return plain.fileno()

    plain.send = send  # type: ignore[assignment,method-assign]
    descriptors: list[int] = []
    writer = threading.Thread(target=lambda: descriptors.append(one.send(b"x")), daemon=True)
    writer.start()
    assert writing.wait(20)
    closer = threading.Thread(target=one.close, daemon=True)
    closer.start()
    closer.join(0.1)
    written.set()
    writer.join(20)
    closer.join(20)
    assert descriptors != [-1]
    assert plain.fileno() == -1


def test_a_certificate_that_nobody_trusts_is_refused(stage: Any, encrypted_url: str) -> None:
    """A man in the middle would get the key with the handshake."""
    with pytest.raises(EventHubConnectionError, match="certificate"):
        _hub(stage, encrypted_url).connect()

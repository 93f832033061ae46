"""A connection to ftrack's event server: Socket.IO 0.9 over a WebSocket."""

from __future__ import annotations

import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import attrs
import websocket

from ftrack_backends.event_hubs._cookies import as_header, given_along
from ftrack_backends.event_hubs._one_at_a_time import OneAtATime
from ftrack_backends.event_hubs._ways import Way, way_to
from ftrack_backends.hub_parts._line import Receiver
from ftrack_core.errors import EventHubConnectionError, EventHubPacketError
from ftrack_core.interfaces import IBackendContext
from ftrack_core.protocol import (
    EVENT_NAME,
    HEARTBEAT,
    Handshake,
    LinkState,
    Packet,
    PacketType,
    Reaction,
    SocketLink,
    decode_packet,
    encode_packet,
    event_from_wire,
    read_acknowledgement,
    read_event,
)
from ftrack_core.values import Request

__all__ = ["OpenSocketLine", "SocketLine"]

_LOG = logging.getLogger("ftrack_backends.event_hubs")
_PATH: Final = "/socket.io/1/"
_OF_THE_SOCKET: Final = frozenset(
    {"host", "connection", "upgrade", "origin", "content-length", "content-type", "accept-encoding", "cookie"}
)
_SHORTEST_TICK, _LONGEST_TICK = 0.25, 10.0
_TICKS: Final = 4
"""The socket wakes up so often within the time after which a silent server counts as gone."""

_LONGEST_FRAME_BYTES: Final = 64 * 1024 * 1024
_SOCKET_OPTIONS: Final = ((socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1))


@attrs.frozen(eq=False)
class SocketLine:
    """Opens connections to the event server at the root of the server's host.

    Both requests that open one carry the session's credentials, headers and cookies. The first goes through the
    session's transport; for the second its proxy and certificates are given here, as `way`.

    Attributes:
        connect_seconds: How long each step may take.
        headers: Sent with both requests.
        cookies: Sent with both requests; the second brings what the reply to the first sets too, as load balancers
            with sticky sessions want it.
    """

    _context: IBackendContext = attrs.field(repr=False)
    _way_options: Any = attrs.field(repr=False)
    connect_seconds: float = 10.0
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    cookies: Mapping[str, str] = attrs.field(factory=dict, repr=False)

    def open(self, receiver: Receiver, again: bool = False) -> OpenSocketLine:  # noqa: ARG002 - the server keeps nothing
        """Shake hands, open the WebSocket, and return once the server greets."""
        way = way_to(self._context.server_url, self._way_options)
        handshake, cookies = self._shaken_hands(way)
        plain = self._socket(way, handshake, cookies)
        _bound_frames(plain)
        if isinstance(plain.sock, ssl.SSLSocket):
            plain.sock = OneAtATime.of(plain.sock)  # type: ignore[assignment]  # it has all that is used
        opened = OpenSocketLine(plain, SocketLink.client(time.monotonic(), handshake), receiver)
        try:
            opened.await_greeting(self.connect_seconds)
        except BaseException:
            opened.end()
            raise
        return opened

    def _shaken_hands(self, way: Way) -> tuple[Handshake, dict[str, str]]:
        """The handshake, and the cookies for the socket: those that were given, and those that its reply sets."""
        headers = {**self.headers, **({"Cookie": as_header(self.cookies)} if self.cookies else {})}
        request = Request("GET", way.http_root + _PATH, headers, timeout_seconds=self.connect_seconds)
        response = self._context.exchange(request)
        if response.status in {401, 403}:
            raise EventHubConnectionError(
                f"the event server at {way.http_root} does not accept the credentials of {self._context.user!r} "
                f"(status {response.status})"
            )
        if response.status != 200:
            raise EventHubConnectionError(
                f"the event server at {way.http_root} answered {response.status} to the handshake; is there an event "
                "server, or is it being restarted?"
            )
        handshake = Handshake.parse(response.body[:4096].decode("utf-8", "replace"))
        if "websocket" not in handshake.transports:
            raise EventHubConnectionError(f"the event server at {way.http_root} speaks no WebSocket")
        return handshake, {**self.cookies, **given_along(response.headers.get("set-cookie", ""), _PATH)}

    def _socket(self, way: Way, handshake: Handshake, cookies: Mapping[str, str]) -> websocket.WebSocket:
        url = f"{way.socket_root}{_PATH}websocket/{handshake.sid}"
        signed = self._context.authorised(Request("GET", url.replace("ws", "http", 1), self.headers))
        parts = urlsplit(signed.url)
        arguments = way.arguments()
        failed = ""
        try:
            return websocket.create_connection(
                f"{url}?{parts.query}" if parts.query else url,
                timeout=self.connect_seconds,
                header=[f"{name}: {value}" for name, value in _sendable(signed.headers)],
                cookie=as_header(cookies) or None,
                sockopt=_SOCKET_OPTIONS,
                enable_multithread=True,
                skip_utf8_validation=True,
                suppress_origin=True,
                http_proxy_timeout=self.connect_seconds,
                **arguments,
            )
        except websocket.WebSocketBadStatusException as error:
            failed = f"it answered {error.status_code}"
        except Exception as error:  # noqa: BLE001 - SOCKS has errors of its own kind, and each attempt may fail
            failed = _described(error)
        # Raised here, so that what quotes addresses and headers is not in its context.
        raise EventHubConnectionError(f"the WebSocket to {way.socket_root} could not be opened: {failed}")


def _sendable(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in headers.items()
        if name.lower() not in _OF_THE_SOCKET and not name.lower().startswith("sec-websocket")
    ]


def _bound_frames(plain: websocket.WebSocket) -> None:
    """Have a frame refused by its head: the library would read all of it first, be it a million gigabytes."""
    frames = plain.frame_buffer
    read_length = frames.recv_length

    def bounded() -> None:
        header = frames.header
        if header is not None and (any(header[1:4]) or header[5]):
            raise websocket.WebSocketProtocolException("a server's frame has no mask and no reserved bits")
        read_length()
        if frames.length is not None and frames.length > _LONGEST_FRAME_BYTES:
            raise websocket.WebSocketProtocolException("the frame is too long")

    frames.recv_length = bounded  # type: ignore[method-assign]


def _described(error: BaseException) -> str:
    """What an error of the socket was, without what it may quote."""
    if isinstance(error, OSError) and error.strerror and not isinstance(error, ssl.SSLError):
        return error.strerror
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    if isinstance(error, websocket.WebSocketProtocolException):
        return "what came was no WebSocket frame"
    if isinstance(error, websocket.WebSocketConnectionClosedException):
        return "the server broke it off"
    return type(error).__name__


@attrs.define(eq=False, repr=False)
class OpenSocketLine:
    """A connection that stands, or is about to.

    Thread safety: `run` is called by one thread, `send` by another, `close` by any.
    """

    _socket: websocket.WebSocket
    _link: SocketLink
    _receiver: Receiver
    _closing: bool = attrs.field(default=False, init=False)
    _garbage: int = attrs.field(default=0, init=False)
    _ended: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def await_greeting(self, seconds: float) -> None:
        """Wait until the server says that the connection stands.

        Raises:
            EventHubConnectionError: It does not, or says something else.
        """
        deadline = time.monotonic() + seconds
        self._settle_tick()
        while self._link.state is LinkState.OPENING:
            if time.monotonic() > deadline:
                raise EventHubConnectionError(f"the event server did not greet within {seconds:g} s")
            packet = self._next_packet()
            if packet is None and self._closing:
                raise EventHubConnectionError("the event server closed the connection instead of greeting")
            if packet is not None:
                self._take(packet)
        if self._link.state is LinkState.CLOSED:
            raise EventHubConnectionError("the event server refused the connection")

    def send(self, text: str, number: int) -> None:
        """Send an event, and ask for its acknowledgement."""
        data = f'{{"name":"{EVENT_NAME}","args":[{text}]}}'
        self._socket.send(encode_packet(Packet(PacketType.EVENT, number, wants_acknowledgement=True, data=data)))

    def run(self) -> str:
        """Bring what comes, answer heartbeats, and watch for silence, until it is over."""
        try:
            while not self._closing:
                packet = self._next_packet()
                if packet is not None:
                    self._take(packet)
                self._link, _ = self._link.looked(time.monotonic())
                if self._link.state is LinkState.CLOSED:
                    return "the server closed it" if packet is not None else "the server went silent"
            return "the server closed it"
        except (websocket.WebSocketException, OSError, ValueError, AttributeError) as error:
            # What a socket raises that another thread closes: AttributeError is TLS's way.
            return "it was closed" if self._closing else _described(error)
        finally:
            self.end()

    def close(self) -> None:
        """Have `run` come to its end."""
        self._closing = True
        plain = self._socket.sock
        if plain is not None:
            try:
                plain.shutdown(socket.SHUT_RDWR)
            except (OSError, ValueError):
                return  # it is over already

    def drop(self) -> None:
        """Let go of the descriptor, and of nothing else."""
        self._closing = True
        plain = self._socket.sock
        if plain is not None:
            os.close(plain.detach())

    def end(self) -> None:
        """Let go of the socket."""
        with self._ended:
            self.close()
            plain = self._socket.sock
            if plain is not None:
                plain.close()  # the library closes only sockets whose private state it knows, and ours is wrapped
            self._socket.shutdown()  # type: ignore[no-untyped-call]

    def _settle_tick(self) -> None:
        silence = self._link.silence_seconds
        tick = min(_LONGEST_TICK, max(_SHORTEST_TICK, silence / _TICKS)) if silence else _LONGEST_TICK
        self._socket.settimeout(tick)

    def _next_packet(self) -> Packet | None:
        """The next packet; None when there is none for a while, when it is over, and for what is none."""
        try:
            opcode, data = self._socket.recv_data()
        except websocket.WebSocketTimeoutException:
            return None
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            self._closing = True
            return None
        try:
            return decode_packet(data.decode())
        except (EventHubPacketError, UnicodeDecodeError) as error:
            self._note_garbage(error)
            return None

    def _take(self, packet: Packet) -> None:
        self._link, reaction = self._link.received(packet, time.monotonic())
        if reaction is Reaction.BEAT:
            self._socket.send(encode_packet(HEARTBEAT))
        elif reaction is Reaction.DELIVER:
            try:
                self._deliver(packet)
            except EventHubPacketError as error:
                self._note_garbage(error)

    def _deliver(self, packet: Packet) -> None:
        if packet.type is PacketType.ACKNOWLEDGEMENT:
            acknowledged = read_acknowledgement(packet)
            self._receiver.acknowledged(acknowledged.id, _refusal(acknowledged.arguments))
            return
        call = read_event(packet)
        if call.name == EVENT_NAME and call.arguments:
            self._receiver.event(event_from_wire(call.arguments[0]))

    def _note_garbage(self, error: Exception) -> None:
        """Pass over what nobody can read: the next packet may be fine. Said once a connection."""
        self._garbage += 1
        if self._garbage == 1:
            _LOG.warning("the event server sent something that is passed over: %s", str(error)[:300])


def _refusal(arguments: tuple[Any, ...]) -> str:
    answer = arguments[0] if arguments else None
    if isinstance(answer, Mapping) and answer.get("success") is False:
        return str(answer.get("message") or "it gave no reason")[:1000]
    return ""

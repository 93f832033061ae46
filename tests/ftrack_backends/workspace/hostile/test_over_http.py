"""The same over a socket: bytes that are no HTTP, bodies that never end, clients that go away."""

from __future__ import annotations

import json
import re
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("uvicorn", reason="the front needs the `server` extra")

from ftrack_backends.workspace import front

LIMIT_BYTES = 20_000
some = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
BATCH = b'[{"action": "query", "expression": "select name from Shot"}]'
END = b"\0\r\n\r\n"
GARBAGE = [
    b"",
    b"\0" * 100,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x7f" * 200,  # a TLS hello
    b"GET\r\n\r\n",
    b"POST /api HTTP/1.1\r\n\r\n",
    b"POST /api HTTP/9.9\r\nHost: x\r\n\r\n",
    b"POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    b"POST /api HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /api HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"POST /api HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n",
    b"POST /api HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
    b"POST " + b"/" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /api HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    b"GET /x HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"BREW /api HTTP/1.1\r\nHost: x\r\n\r\n",
    b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /api?%00%ff HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /%ff%00%0d%0a/..//../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://other.example/api HTTP/1.1\r\nHost: x\r\n\r\n",
]


@pytest.fixture
def server(ground: Any) -> Iterator[Any]:
    """The ground behind a socket, with a small limit for bodies."""
    with front.serve(ground.workspace, body_limit_bytes=LIMIT_BYTES) as running:
        yield running


def _address(server: Any) -> tuple[str, int]:
    host, port = re.fullmatch(r"http://(.+):(\d+)", server.url).groups()  # type: ignore[union-attr]
    return host, int(port)


def _answered(server: Any, sent: bytes) -> bytes:
    """All that comes back until the server closes; after what is sent comes something that is no HTTP, and the end."""
    with socket.create_connection(_address(server), timeout=20) as connection:
        try:
            connection.sendall(sent + END)
            return _received(connection)
        except ConnectionError:
            return b""


def _received(connection: socket.socket) -> bytes:
    """All until the server closes; where it waits for the rest of a body, it is told that there is none."""
    parts: list[bytes] = []
    connection.settimeout(0.5)
    while True:
        try:
            parts.append(connection.recv(65536))
        except TimeoutError:  # noqa: PERF203 - it is what is waited for
            connection.shutdown(socket.SHUT_WR)
        else:
            if not parts[-1]:
                return b"".join(parts)


def _demand_json(answer: bytes) -> None:
    """No answer at all, or answers whose bodies are all JSON; and not one with a traceback."""
    assert b"Traceback" not in answer
    while answer:
        head, _, rest = answer.partition(b"\r\n\r\n")
        status = int(head.split(b" ")[1])
        length = re.search(rb"(?im)^content-length: (\d+)", head)
        size = int(length.group(1)) if length else 0
        assert status != 500, answer
        assert len(rest) >= size
        if size:
            assert re.search(rb"(?im)^content-type: application/json", head), head
            json.loads(rest[:size])
        else:
            assert status in {100, 204}, head
        answer = rest[size:]


def _demand_living(server: Any, ground: Any) -> None:
    reply = requests.post(f"{server.url}/api", data=BATCH, headers=ground.neighbour, timeout=20)
    assert reply.json()[0]["data"][0]["name"] == "sh010"


def _head(ground: Any, length: int) -> bytes:
    lines = [b"POST /api HTTP/1.1", b"Host: x", f"Content-Length: {length}".encode()]
    lines += [f"{name}: {value}".encode() for name, value in ground.credentials.items()]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def test_what_is_no_http_is_refused_in_json(server: Any, ground: Any) -> None:
    """Port scanners, TLS on a plain port, other protocols."""
    for sent in GARBAGE:
        _demand_json(_answered(server, sent))
        _demand_living(server, ground)


def test_a_client_that_sends_no_http_is_told(server: Any) -> None:
    """In the form that it reads, since an ftrack client decodes every body as JSON."""
    answer = _answered(server, b"POST /api HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["exception"] == "ParseError"


@some
@given(
    st.binary(max_size=300)
    | st.builds(
        b"POST /api HTTP/1.1\r\nHost: x\r\n%b\r\n\r\n%b".__mod__, st.tuples(st.binary(max_size=60), st.binary())
    )
    | st.builds(b"%b /api HTTP/1.1\r\nHost: x\r\n\r\n".__mod__, st.tuples(st.binary(max_size=10)))
    | st.builds(b"GET /%b HTTP/1.1\r\nHost: x\r\n\r\n".__mod__, st.tuples(st.binary(max_size=30)))
)
def test_any_bytes_on_the_wire(server: Any, ground: Any, sent: bytes) -> None:
    """Whatever arrives at an open port."""
    _demand_json(_answered(server, sent))
    _demand_living(server, ground)


@some
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4))
def test_any_bodies_on_one_connection(server: Any, ground: Any, bodies: list[bytes]) -> None:
    """After a refusal the same connection goes on."""
    with requests.Session() as session:
        session.headers.update(ground.credentials)
        for body in bodies:
            reply = session.post(f"{server.url}/api", data=body, timeout=20)
            assert reply.status_code == 200
            assert isinstance(reply.json(), dict | list)
        assert session.post(f"{server.url}/api", data=BATCH, timeout=20).json()[0]["action"] == "query"


def test_a_body_beyond_the_limit_is_refused_and_the_connection_goes_on(server: Any, ground: Any) -> None:
    """A scene file sent to the wrong address must not fill the memory, nor cost the next request."""
    with requests.Session() as session:
        session.headers.update(ground.credentials)
        refused = session.post(f"{server.url}/api", data=b" " * LIMIT_BYTES + BATCH, timeout=20)
        chunked = session.post(f"{server.url}/api", data=iter([b" " * 9000] * 10), timeout=20)
        assert [refused.status_code, chunked.status_code] == [413, 413]
        assert refused.json()["exception"] == chunked.json()["exception"] == "RequestTooLarge"
        assert session.post(f"{server.url}/api", data=BATCH, timeout=20).status_code == 200


def test_clients_that_never_finish_disturb_nobody(server: Any, ground: Any) -> None:
    """A hundred hosts on a slow line: each holds a connection, and no thread."""
    with ExitStack() as slow:
        for place in range(100):
            connection = slow.enter_context(closing(socket.create_connection(_address(server), timeout=20)))
            connection.sendall((_head(ground, 5000) + b"[" * place)[: 20 + 5 * place])
        _demand_living(server, ground)
    _demand_living(server, ground)


def test_a_client_that_breaks_off_in_its_body_has_asked_nothing(server: Any, ground: Any) -> None:
    """Half a body that happens to be a whole batch must not be done: the client has not said that it is all."""
    seen = ground.workspace.requests.count()
    create = b'[{"action": "create", "entity_type": "Scope", "entity_data": {"name": "half"}}]'
    for reset in (False, True):
        with socket.create_connection(_address(server), timeout=20) as connection:
            connection.sendall(_head(ground, len(create) + 10) + create)
            if reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                connection.shutdown(socket.SHUT_WR)
                assert connection.recv(65536) is not None
    server.close()
    assert ground.call([{"action": "query", "expression": "Scope"}])[0]["data"] == []
    assert ground.workspace.requests.count() == seen + 1


def test_a_client_that_does_not_wait_for_its_reply_has_written_all_or_nothing(server: Any, ground: Any) -> None:
    """A killed farm job: its batch went out whole, and its connection is gone."""
    names = [f"gone {place}" for place in range(30)]
    batch = [{"action": "create", "entity_type": "Scope", "entity_data": {"name": name}} for name in names]
    body = json.dumps(batch).encode()
    for _ in range(10):
        with socket.create_connection(_address(server), timeout=20) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(_head(ground, len(body)) + body)
    _demand_living(server, ground)
    server.close()
    found = len(ground.call([{"action": "query", "expression": "Scope"}])[0]["data"])
    assert found % len(names) == 0


def test_many_requests_in_one_breath_are_answered_in_order(server: Any, ground: Any) -> None:
    """Pipelining, which some proxies do."""
    expressions = ["select name from Shot", "select name from Task", "nonsense", "select name from Project"]
    sent = b""
    for expression in expressions:
        body = json.dumps([{"action": "query", "expression": expression}]).encode()
        sent += _head(ground, len(body)) + body
    answer = _answered(server, sent)
    _demand_json(answer)
    assert [name in answer for name in (b"sh010", b"anim", b"nonsense", b"show")] == [True] * 4
    assert answer.index(b"sh010") < answer.index(b"anim") < answer.index(b"nonsense")

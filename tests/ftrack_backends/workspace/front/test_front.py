"""The HTTP front: the same answers as in process, safe limits, and a log that tells without telling secrets."""

from __future__ import annotations

import http.client
import json
import logging
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest
import requests

from ftrack_backends.workspace import front
from ftrack_backends.workspace.front import _server
from ftrack_backends.workspace.front._server import RunningServer
from ftrack_core.errors import BrokenBackendError, ConfigurationError
from ftrack_core.values import Request, Response

pytest.importorskip("uvicorn", reason="the front needs the `server` extra")


@attrs.define(eq=False)
class EchoWorkspace:
    """Answers with what it was asked, so that a test sees what the front passed on."""

    seen: list[Request] = attrs.field(factory=list)
    arrived: threading.Event = attrs.field(factory=threading.Event)
    meeting: threading.Barrier = attrs.field(factory=lambda: threading.Barrier(1))

    def exchange(self, request: Request) -> Response:
        """Say what arrived; `/meet` waits for company, `/fail` raises, `/refuse` answers with a refusal."""
        self.seen.append(request)
        self.arrived.set()
        if request.url == "/meet":
            self.meeting.wait(timeout=10)
        if request.url == "/fail":
            raise RuntimeError("a fault with secret-key in it")
        status = 404 if request.url == "/refuse" else 200
        told = {"method": request.method, "url": request.url, "body": request.body.decode()}
        headers = {"content-type": "application/json", "etag": '"abc"', "content-length": "999"}
        return Response(status, headers, json.dumps(told).encode())


@pytest.fixture
def workspace() -> EchoWorkspace:
    """A workspace that only echoes."""
    return EchoWorkspace()


@pytest.fixture
def server(workspace: EchoWorkspace) -> Iterator[RunningServer]:
    """The echo, served with a small body limit."""
    with front.serve(workspace, body_limit_bytes=1000) as running:
        yield running


@pytest.fixture
def client() -> Iterator[requests.Session]:
    """An HTTP client without proxies."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


def test_a_request_reaches_the_workspace_whole(
    server: RunningServer, client: requests.Session, workspace: EchoWorkspace
) -> None:
    """Without it, a query string, a header or a body would be lost between HTTP and the workspace."""
    reply = client.post(f"{server.url}/a%20b/c?id=1&name=x%2By", data=b"[1]", headers={"ftrack-user": "ann"})
    assert reply.json() == {"method": "POST", "url": "/a%20b/c?id=1&name=x%2By", "body": "[1]"}
    assert workspace.seen[0].headers["ftrack-user"] == "ann"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods_reach_the_workspace_too(server: RunningServer, client: requests.Session, method: str) -> None:
    """Uploads PUT and downloads GET: a front that knows only POST breaks both."""
    assert client.request(method, f"{server.url}/component").json()["method"] == method


def test_the_workspaces_status_and_headers_come_back(server: RunningServer, client: requests.Session) -> None:
    """Clients tell a refusal by its status, and multi-part uploads need the ETag."""
    reply = client.get(f"{server.url}/refuse")
    assert (reply.status_code, reply.headers["etag"]) == (404, '"abc"')
    assert int(reply.headers["content-length"]) == len(reply.content)


def test_requests_do_not_wait_for_each_other(server: RunningServer, workspace: EchoWorkspace) -> None:
    """A slow query of one artist must not hold up all others: four requests meet inside the workspace."""
    workspace.meeting = threading.Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: _plain_get(server, "/meet"), range(4)))
    assert replies == [200] * 4


def test_one_connection_serves_many_requests(server: RunningServer) -> None:
    """Official clients keep their connection: reconnecting for each call would double every round trip."""
    connection = http.client.HTTPConnection(*_address(server), timeout=10)
    for _ in range(3):
        connection.request("POST", "/api", b"[]")
        reply = connection.getresponse()
        reply.read()
        assert not reply.will_close
    connection.close()


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_a_body_beyond_the_limit_is_refused_as_json(
    server: RunningServer, client: requests.Session, workspace: EchoWorkspace, *, chunked: bool
) -> None:
    """Without a limit one runaway batch takes the server's memory; without JSON the client cannot say why."""
    body = b"x" * 200_000
    reply = client.post(f"{server.url}/api", data=iter([body[:150_000], body[150_000:]]) if chunked else body)
    assert (reply.status_code, reply.json()["exception"]) == (413, "RequestTooLarge")
    assert "1000 bytes" in reply.json()["content"]
    assert workspace.seen == []


def test_a_body_of_exactly_the_limit_passes(server: RunningServer, client: requests.Session) -> None:
    """The limit is what it says."""
    assert client.post(f"{server.url}/api", data=b"x" * 1000).status_code == 200


def test_a_fault_in_the_workspace_is_a_json_error_with_the_request_id(
    server: RunningServer, client: requests.Session, caplog: pytest.LogCaptureFixture
) -> None:
    """The official client cannot read an HTML error page, and the message must not show the fault's own text."""
    reply = client.post(f"{server.url}/fail")
    assert (reply.status_code, reply.json()["exception"]) == (500, "InternalServerError")
    assert reply.headers["x-request-id"] in reply.json()["content"]
    assert "secret-key" not in reply.text
    assert any(record.exc_info for record in caplog.records)


def test_no_error_content_holds_braces(server: RunningServer, client: requests.Session) -> None:
    """`str(error)` of the official client raises KeyError on a brace in the server's text."""
    contents = [client.post(f"{server.url}/fail").json()["content"]]
    contents.append(client.post(f"{server.url}/api", data=b"x" * 2000).json()["content"])
    contents.append(client.request("BREW", f"{server.url}/api").json()["content"])
    assert not [content for content in contents if "{" in content or "}" in content]


def test_a_browser_of_any_origin_may_ask(server: RunningServer, client: requests.Session) -> None:
    """The JavaScript client sends credentials: without an explicit origin the browser throws the reply away."""
    reply = client.get(f"{server.url}/api", headers={"origin": "https://tools.studio.example"})
    assert reply.headers["access-control-allow-origin"] == "https://tools.studio.example"
    assert reply.headers["access-control-allow-credentials"] == "true"
    assert "etag" in reply.headers["access-control-expose-headers"].lower()


def test_a_browser_learns_beforehand_which_headers_it_may_send(
    server: RunningServer, client: requests.Session, workspace: EchoWorkspace
) -> None:
    """Browsers ask with OPTIONS before a call with ftrack's headers, and refuse the call when one is missing."""
    wanted = "ftrack-user, ftrack-api-key, ftrack-clienttoken, ftrack-pushtoken, ftrack-api-options, ftrack-strict-api"
    asking = {
        "origin": "https://tools.studio.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": f"{wanted}, content-type",
    }
    reply = client.options(f"{server.url}/api", headers=asking)
    allowed = {name.strip().lower() for name in reply.headers["access-control-allow-headers"].split(",")}
    assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (200, "https://tools.studio.example")
    assert {name.strip() for name in wanted.split(",")} <= allowed
    assert workspace.seen == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"access-control-request-method": "TRACE"}, "method"),
        ({"access-control-request-method": "POST", "access-control-request-headers": "x-own"}, "headers"),
    ],
)
def test_a_browser_that_asks_for_too_much_is_refused_in_json(
    server: RunningServer, client: requests.Session, asked: dict[str, str], said: str
) -> None:
    """Every error is JSON, and the developer sees in it what was refused and what is allowed."""
    reply = client.options(f"{server.url}/api", headers={"origin": "https://tools.studio.example", **asked})

    assert (reply.status_code, reply.headers["content-type"]) == (400, "application/json")
    assert (reply.json()["exception"], said in reply.json()["content"]) == ("CrossOriginError", True)
    assert reply.headers["access-control-allow-origin"] == "https://tools.studio.example"
    assert "ftrack-user" in reply.headers["access-control-allow-headers"]


def test_a_plain_options_request_names_the_methods(server: RunningServer, client: requests.Session) -> None:
    """Monitoring tools ask so, and no workspace needs to know of it."""
    reply = client.options(f"{server.url}/api")
    assert (reply.status_code, "POST" in reply.headers["allow"]) == (204, True)


def test_the_access_log_has_one_line_a_request_and_no_secret(
    server: RunningServer, client: requests.Session, workspace: EchoWorkspace, caplog: pytest.LogCaptureFixture
) -> None:
    """Keys travel in headers and in component URLs: a log that shows either gives the workspace away."""
    with caplog.at_level(logging.INFO, front.ACCESS_LOGGER):
        reply = client.get(
            f"{server.url}/component/get?username=ann&apiKey=secret-key",
            headers={"ftrack-api-key": "secret-key", "x-request-id": "farm-7"},
        )
    lines = [record.getMessage() for record in caplog.records if record.name == front.ACCESS_LOGGER]
    assert len(lines) == 1
    assert lines[0].startswith("farm-7 GET /component/get 200 ")
    assert "secret-key" not in lines[0]
    assert (reply.headers["x-request-id"], workspace.seen[0].headers["x-request-id"]) == ("farm-7", "farm-7")


@pytest.mark.parametrize("sent", ["two words", "x" * 65, "", "semi;colon"])
def test_an_unfit_request_id_is_replaced(server: RunningServer, client: requests.Session, sent: str) -> None:
    """What goes into the log is short and plain, whatever a client sends."""
    made = client.get(f"{server.url}/api", headers={"x-request-id": sent}).headers["x-request-id"]
    assert (made != sent, len(made)) == (True, 32)


def test_a_line_break_in_a_path_does_not_forge_a_log_line(
    server: RunningServer, client: requests.Session, caplog: pytest.LogCaptureFixture
) -> None:
    """A log that can be written by its readers proves nothing."""
    with caplog.at_level(logging.INFO, front.ACCESS_LOGGER):
        client.get(f"{server.url}/a%0Aforged%20GET")
    assert "\n" not in caplog.records[-1].getMessage()


def test_closing_lets_a_running_request_finish(workspace: EchoWorkspace) -> None:
    """An artist's commit must not be cut in half because the server is told to stop."""
    workspace.meeting = threading.Barrier(2)
    server = front.serve(workspace)
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(_plain_get, server, "/meet")
        closing = threading.Thread(target=server.close)
        assert workspace.arrived.wait(timeout=10)
        closing.start()
        workspace.meeting.wait(timeout=10)
        assert pending.result(timeout=10) == 200
        closing.join(timeout=10)
    assert not server.running


def test_a_closed_server_is_gone_and_closes_again_quietly(workspace: EchoWorkspace) -> None:
    """Test fixtures close twice, and the port must be free for the next one."""
    server = front.serve(workspace)
    server.close()
    server.close()
    assert server.wait(0)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(_address(server), timeout=5)


def test_a_port_in_use_is_an_error_that_says_what_to_do(server: RunningServer, workspace: EchoWorkspace) -> None:
    """A second `ftrack serve` on the same port is the commonest slip."""
    host, port = _address(server)
    with pytest.raises(ConfigurationError, match=rf"{host}:{port}.*in use.*--port"):
        front.serve(workspace, host, port)


@pytest.mark.parametrize(("host", "port"), [("no-such-host.invalid", 0), ("127.0.0.1", 70_000), ("192.0.2.1", 0)])
def test_an_impossible_address_is_an_error_of_ours(workspace: EchoWorkspace, host: str, port: int) -> None:
    """Three libraries raise three different things for these; the user gets one."""
    with pytest.raises(ConfigurationError, match="cannot listen on"):
        front.serve(workspace, host, port)


def test_replies_are_sent_at_once() -> None:
    """Asyncio leaves delayed sending on unless the socket says TCP: 40 ms more for every call of every client."""
    with _server._listener("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_server_on_all_addresses_says_so(workspace: EchoWorkspace) -> None:
    """`ftrack serve` warns by this, and its URL must be one that a client can use."""
    with front.serve(workspace, "0.0.0.0") as server:  # noqa: S104 - that is what is tested
        assert (server.loopback_only, server.url.startswith("http://127.0.0.1:")) == (False, True)


def test_a_missing_extra_is_named(workspace: EchoWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The base install has no HTTP front; who asks for it must read what to install."""
    monkeypatch.delitem(sys.modules, "ftrack_backends.workspace.front._application")
    monkeypatch.delattr(front, "_application")
    monkeypatch.setitem(sys.modules, "starlette.applications", None)
    with pytest.raises(BrokenBackendError, match=r'pip install "ftrack-core\[server\]"'):
        front.application(workspace)


def _address(server: RunningServer) -> tuple[str, int]:
    host, _, port = server.url.removeprefix("http://").partition(":")
    return host, int(port)


def _plain_get(server: RunningServer, path: str) -> int:
    connection = http.client.HTTPConnection(*_address(server), timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()

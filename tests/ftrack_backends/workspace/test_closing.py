"""Failures stay with the request that has them, and closing is none."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from ftrack_backends.workspace import Workspace, front
from ftrack_backends.workspace.reading import Reader
from ftrack_core.errors import ConnectionClosedError

QUERY = b'[{"action": "query", "expression": "State"}, {"action": "query", "expression": "Status"}]'


@pytest.fixture(params=["memory", "file"])
def opened(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Workspace]:
    """A workspace of either sort; a test may close it before."""
    with Workspace.open(tmp_path / "show.sqlite" if request.param == "file" else None) as workspace:
        yield workspace


def client_in(opened: Workspace, client_of: Any) -> Any:
    """A client of it."""
    first = opened.users[0]
    return client_of(opened, first.username, first.api_key)


def test_closing_while_a_request_runs_is_no_failure(
    opened: Workspace, client_of: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A test that ends while its tool still asks must not fill the log with tracebacks."""
    running, closed = threading.Event(), threading.Event()
    client = client_in(opened, client_of)
    query = Reader.query

    def slow(reader: Reader, *arguments: Any, **named: Any) -> Any:
        running.set()
        assert closed.wait(10)
        return query(reader, *arguments, **named)

    monkeypatch.setattr(Reader, "query", slow)
    with caplog.at_level(logging.WARNING), ThreadPoolExecutor(1) as pool:
        reply = pool.submit(client.post, QUERY)
        assert running.wait(10)
        opened.close()
        closed.set()
        response = reply.result(10)

    assert response.status == 503
    assert json.loads(response.body)["exception"] == "ClosedError"
    assert caplog.text == ""
    with pytest.raises(ConnectionClosedError, match="closed"):
        client.post(QUERY)


def test_a_request_that_comes_too_late_is_told_so_over_http(
    opened: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    """A browser that is left open meets a server that is going down, and not a failing one."""
    pytest.importorskip("uvicorn", reason="the front needs the `server` extra")
    with front.serve(opened) as server, requests.Session() as session, caplog.at_level(logging.WARNING):
        session.trust_env = False
        opened.close()
        response = session.post(f"{server.url}/api", data=QUERY)

    assert response.status_code == 503
    assert response.json()["exception"] == "ClosedError"
    assert caplog.text == ""


def test_a_failure_inside_is_told_and_the_next_request_works(
    opened: Workspace, client_of: Any, ops: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One bug must not take the server down, nor leave half a batch or a locked database."""
    client = client_in(opened, client_of)
    batch = json.dumps([ops.create("Scope", id="s", name="s"), json.loads(QUERY)[0]]).encode()

    with monkeypatch.context() as patched, caplog.at_level(logging.ERROR):
        patched.setattr(Reader, "query", lambda *_, **__: 1 / 0)
        response = client.post(batch, **{"x-request-id": "r-1"})

    assert response.status == 500
    assert json.loads(response.body)["exception"] == "InternalError"
    assert "r-1" in json.loads(response.body)["content"]
    assert "ZeroDivisionError" in caplog.text
    assert client.query("Scope") == []
    assert client.create("Scope", name="s")


def test_nobody_is_hindered_by_anothers_failures(opened: Workspace, client_of: Any, ops: Any) -> None:
    """A broken tool that tries again and again costs the others nothing but time."""
    client = client_in(opened, client_of)
    wrong = [
        json.dumps([ops.create("Scope", name="half"), ops.create("Scope")]).encode(),
        b'[{"action": "query", "expression": "Scope where"}]',
        b"[" * 5000,
        b'[{"action": "delete", "entity_type": "Scope", "entity_key": "gone"}]',
    ]

    def fail(turn: int) -> int:
        return int(json.loads(client.post(wrong[turn % len(wrong)]).body).get("exception") is not None)

    def work(turn: int) -> bool:
        return bool(client.create("Scope", name=f"{turn}")) and bool(client.query("State"))

    with ThreadPoolExecutor(8) as pool:
        failed, worked = pool.map(fail, range(80)), pool.map(work, range(40))
        assert sum(failed) == 80
        assert all(worked)
    assert len(client.query("Scope")) == 40

"""The application: whatever comes in, JSON goes out."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_core.values import Request

QUERY = b'[{"action": "query", "expression": "User"}]'


def answer(workspace: Workspace, **request: Any) -> tuple[int, Any]:
    """Status and decoded body of the reply to a request."""
    response = workspace.exchange(Request(**{"method": "POST", "url": "/api", **request}))
    assert response.headers["content-type"] == "application/json"
    return response.status, json.loads(response.body)


def test_a_batch_is_answered_by_a_list_in_its_order(client: Any) -> None:
    """A client matches replies with operations by place alone."""
    reply = client.call(
        {"action": "query", "expression": "State where short is DONE"},
        {"action": "query_server_information"},
        {"action": "query", "expression": "State where short is BLOCKED"},
    )

    assert [one.get("action") for one in reply] == ["query", None, "query"]


def test_an_empty_batch_is_answered_by_an_empty_list(client: Any) -> None:
    """The JavaScript client may send one."""
    assert client.call() == []


def test_the_url_may_be_absolute(workspace: Workspace, client: Any) -> None:
    """The HTTP front hands on what it got."""
    headers = {"Ftrack-User": client.username, "FTRACK-API-KEY": client.api_key}

    status, reply = answer(workspace, url="http://127.0.0.1:80/api/", headers=headers, body=QUERY)

    assert (status, len(reply[0]["data"])) == (200, 1)


@pytest.mark.parametrize(
    ("username", "api_key"),
    [
        ("user", "wrong"),
        ("nobody", "wrong"),
        ("", ""),
        ("user", ""),
        ("user", "größe"),
        ("' or 1=1 --", "x"),
        ("\ud800", "x"),
        ("user", "\ud800"),
    ],
)
@pytest.mark.parametrize(("strict", "status"), [("false", 200), ("true", 401)])
def test_wrong_credentials_are_refused(
    workspace: Workspace, username: str, api_key: str, strict: str, status: int
) -> None:
    """Third parties look at the error code, and read the body only of status 200 unless they asked to be strict."""
    headers = {"ftrack-user": username, "ftrack-api-key": api_key, "ftrack-strict-api": strict}

    got, reply = answer(workspace, headers=headers, body=QUERY)

    assert got == status
    assert (reply["exception"], reply["error_code"]) == ("InvalidCredentialsError", "api_credentials_invalid")


def test_credentials_may_stand_in_the_address(workspace: Workspace, client: Any) -> None:
    """Old clients send them there."""
    url = f"/api?api_user={client.username}&api_key={client.api_key}"

    assert answer(workspace, url=url, body=QUERY)[0] == 200


def test_a_user_who_is_not_active_is_refused(client: Any) -> None:
    """Deactivating somebody takes effect at once."""
    user = client.one(f"User where username is {client.username}")
    client.update("User", user["id"], is_active=False)

    assert client.refused({"action": "query", "expression": "User"})[0] == "InvalidCredentialsError"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b'[{"action": "query"',
        b"\xff\xfe",
        b'"text"',
        b"{}",
        b"null",
        b"[1]",
        b"[[]]",
        b"[null]",
        b"[" * 100_000,
        b"[{}]",
        b'[{"action": null}]',
        b'[{"action": ["query"]}]',
        b'[{"action": "query"}]',
        b'[{"action": "query", "expression": 7}]',
        b'[{"action": "query", "expression": "{bad} {0}"}]',
        b'[{"action": "query", "expression": "Scope where name is \\ud800"}]',
        b'[{"action": "query", "expression": "\xed\xa0\x80"}]',
        b'[{"action": "create", "entity_type": "Scope", "entity_data": {"name": "\\uDFFF"}}]',
        b'[{"action": "create", "entity_type": "FileComponent", "entity_data": {"size": NaN}}]',
        b'[{"action": "create", "entity_type": "FileComponent", "entity_data": {"size": 1e999}}]',
        b'[{"action": "create", "entity_type": "Scope", "entity_data": {"name": ' + b"[" * 5000 + b"]" * 5000 + b"}}]",
        b'[{"action": "query", "expression": "' + b"User where " + b"(" * 50_000 + b'"}]',
    ],
)
@pytest.mark.parametrize("strict", ["true", "false"])
def test_a_body_that_is_no_batch_is_refused_in_json(client: Any, body: bytes, strict: str) -> None:
    """The official client fails with a raw decoding error on anything that is not JSON, and on braces in the text."""
    response = client.post(body, **{"ftrack-strict-api": strict})
    reply = json.loads(response.body)

    assert set(reply) - {"detail"} == {"exception", "content", "error_code"}
    assert not set("{}") & set(reply["content"])
    assert (response.status == 200) == (strict == "false")


def test_an_unknown_action_is_refused_in_the_words_that_clients_look_for(client: Any) -> None:
    """The official client turns exactly this text into its compatibility error."""
    _, content = client.refused({"action": "get_wdget_url"})

    assert "Invalid action u'get_wdget_url'" in content


@pytest.mark.parametrize(
    ("method", "url", "status"), [("GET", "/api", 405), ("GET", "/nowhere", 404), ("PUT", "/", 404)]
)
def test_an_address_or_method_that_is_not_there_gets_its_status(
    workspace: Workspace, method: str, url: str, status: int
) -> None:
    """A mistyped server URL is found out by looking at the reply."""
    got, reply = answer(workspace, method=method, url=url)

    assert (got, reply["exception"]) == (status, "NotFoundError")


def test_a_url_that_is_none_is_refused(workspace: Workspace) -> None:
    """Nothing that a client sends raises in the server."""
    assert answer(workspace, url="http://[")[0] == 404


def test_a_failure_of_the_workspace_is_logged_and_told_by_its_id(
    workspace: Workspace, client: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A traceback belongs into the server's log, and its reader must find the request."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("ftrack_backends.workspace.reading.Reader.query", fail)
    with caplog.at_level(logging.ERROR):
        response = client.post(QUERY, **{"x-request-id": "abc-1"})

    assert response.status == 500
    assert b"secret detail" not in response.body
    assert b"abc-1" in response.body
    assert "abc-1" in caplog.text
    assert "secret detail" in caplog.text


def test_a_database_that_fails_is_told_by_its_reason_and_changes_nothing(
    workspace: Workspace, client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk is the studio's to mend, so the reply says it."""
    with workspace._store.reading() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
    scope = {"action": "create", "entity_type": "Scope", "entity_data": {"name": "x" * 100_000}}

    response = client.post(json.dumps([scope]).encode())

    assert response.status == 500
    assert "full" in json.loads(response.body)["content"]
    assert client.query("Scope") == []


def test_a_byte_order_mark_is_no_fault(client: Any) -> None:
    """Some tools write one."""
    assert client.post(b"\xef\xbb\xbf[]").body == b"[]"


def test_credentials_never_show_in_the_log(
    workspace: Workspace, client: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log is copied into bug reports."""
    monkeypatch.setattr("ftrack_backends.workspace.reading.Reader.query", None)
    with caplog.at_level(logging.DEBUG):
        client.post(QUERY)

    assert client.api_key not in caplog.text
    assert client.api_key not in repr(workspace.users)


def test_requests_are_counted_by_action(workspace: Workspace, client: Any) -> None:
    """A test that says how many calls a tool may make reads this counter."""
    client.call({"action": "query", "expression": "State"}, {"action": "query", "expression": "Status"})
    client.call({"action": "query_schemas"})
    client.call({"action": "nonsense"})

    assert workspace.requests.count() == 3
    assert workspace.requests.count("query") == 2
    assert [(one.username, one.actions, one.faulty) for one in workspace.requests][1:] == [
        (client.username, ("query_schemas",), False),
        (client.username, ("nonsense",), True),
    ]
    workspace.requests.clear()
    assert (workspace.requests.count(), workspace.requests.count("query"), list(workspace.requests)) == (0, 0, [])

"""The actions `get_widget_url` and `generate_signed_url`, and what is behind the URLs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_core.testing import FakeClock
from ftrack_core.values import Request


def widget_url(client: Any, **fields: Any) -> str:
    """URL that the action gives."""
    return str(client.call({"action": "get_widget_url", "name": "tasks", "theme": None, **fields})[0]["widget_url"])


def get(workspace: Workspace, url: str, method: str = "GET") -> tuple[int, bytes]:
    """Status and body of what is at a URL, asked without credentials."""
    response = workspace.exchange(Request(method, url))
    return response.status, response.body


def test_a_widget_can_be_opened_without_credentials(workspace: Workspace, client: Any) -> None:
    """A browser that a tool embeds has no key."""
    task = client.query("select id from Task limit 1")[0]["id"]

    status, body = get(workspace, widget_url(client, name="info", entity_type="Task", entity_key=[task]))

    assert status == 200
    assert task.encode() in body


def test_a_widget_is_over_after_six_minutes(workspace: Workspace, client: Any, clock: FakeClock) -> None:
    """A link in somebody's history must not stay open for ever."""
    url = widget_url(client)

    clock.advance(359)
    assert get(workspace, url)[0] == 200
    clock.advance(1)
    status, body = get(workspace, url)

    assert status == 403
    assert json.loads(body)["exception"] == "SignatureError"
    assert "time of this URL is over" in json.loads(body)["content"]


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.replace("theme=dark", "theme=light"),
        lambda url: url.replace("expires=1", "expires=2"),
        lambda url: url + "&name=info",
        lambda url: url + "&more=1",
        lambda url: url + "&expires=9999999999",
        lambda url: url[:-1],
        lambda url: url.partition("&signature")[0],
        lambda url: "/widget",
        lambda url: "/widget?signature=%00&expires=x",
        lambda url: "/widget?signature=%C3%A9&expires=" + "9" * 5000,
    ],
)
def test_a_url_that_was_changed_is_refused(workspace: Workspace, client: Any, change: Any) -> None:
    """The signature covers every character."""
    assert get(workspace, change(widget_url(client)))[0] == 403


def test_a_url_of_another_workspace_is_refused(client: Any) -> None:
    """The secret is the database's own."""
    with Workspace.open() as other:
        assert get(other, widget_url(client))[0] == 403


def test_a_url_is_honoured_by_the_same_file_opened_again(tmp_path: Any, client_of: Any) -> None:
    """A server that restarts must not break the links it has given."""
    with Workspace.open(tmp_path / "show.sqlite") as workspace:
        first = workspace.users[0]
        url = widget_url(client_of(workspace, first.username, first.api_key))
    with Workspace.open(tmp_path / "show.sqlite") as workspace:
        assert get(workspace, url)[0] == 200


def test_a_url_begins_with_the_address_that_the_client_used(client: Any) -> None:
    """The client hands it to a browser, which has to find the server."""
    body = json.dumps([{"action": "get_widget_url", "name": "tasks"}]).encode()

    def given(**headers: str) -> str:
        return str(json.loads(client.post(body, **headers).body)[0]["widget_url"])

    assert given(host="127.0.0.1:8000").startswith("http://127.0.0.1:8000/widget?")
    assert given(host="show.example", **{"x-forwarded-proto": "https"}).startswith("https://show.example/widget?")
    assert given().startswith("/widget?")
    assert given(host="evil.example/path?").startswith("/widget?")


def test_text_in_a_widget_is_no_markup(workspace: Workspace, client: Any) -> None:
    """A user's name must not run in the browser."""
    user = client.one(f"User where username is {client.username}")
    client.update("User", user["id"], username="<script>")
    client.username = "<script>"

    assert b"<script>" not in get(workspace, widget_url(client))[1]


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({"name": "chart"}, "info, tasks, tasks_browser"),
        ({"name": None}, "'name' of 'get_widget_url' must be a text"),
        ({"entity_type": "Task", "entity_key": ["gone"]}, "There is no Task 'gone'"),
        ({"entity_type": "Tsk", "entity_key": ["gone"]}, "Task"),
        ({"entity_key": ["a", "b"]}, "'entity_key'"),
    ],
)
def test_a_widget_that_cannot_be_is_refused(client: Any, fields: dict[str, Any], hint: str) -> None:
    """The page would stay empty, and nobody would know why."""
    operation = {"action": "get_widget_url", "name": "tasks", **fields}

    assert hint in client.refused(operation)[1]


def test_a_url_is_signed_for_a_component_and_one_method(workspace: Workspace, client: Any) -> None:
    """A URL to fetch with must not let its holder write."""
    component = client.create("FileComponent", name="plate")["id"]
    signer = workspace._application._services.signer

    for operation, method in (("get", "GET"), ("put", "PUT")):
        reply = client.call({"action": "generate_signed_url", "component_id": component, "operation": operation})
        path, _, query = reply[0]["signed_url"].partition("?")
        assert signer.verified(method, path, query) == {"id": component}


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({}, "'component_id'"),
        ({"component_id": "gone"}, "There is no Component 'gone'"),
        ({"component_id": "gone", "operation": "delete"}, "get and put"),
    ],
)
def test_a_url_that_cannot_be_signed_is_refused(client: Any, fields: dict[str, Any], hint: str) -> None:
    """A URL to nothing fails far away from where it was asked for."""
    assert hint in client.refused({"action": "generate_signed_url", **fields})[1]

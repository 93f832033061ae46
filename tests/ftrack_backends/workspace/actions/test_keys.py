"""The action `reset_remote`."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_backends.workspace import Workspace


def test_a_new_key_opens_and_the_old_one_does_not(workspace: Workspace, client: Any, as_user: Any, ben: Any) -> None:
    """A key that leaked is worth nothing from then on."""
    old = as_user("ben")

    operation = {"action": "reset_remote", "reset_type": "api_key", "entity_type": "User", "entity_key": ben["id"]}
    (reply,) = client.call(operation)

    assert reply["action"] == "reset_remote"
    assert old.refused({"action": "query", "expression": "User"})[0] == "InvalidCredentialsError"
    old.api_key = reply["data"]["api_key"]
    assert old.query("User")
    assert workspace.credentials("ben").api_key == old.api_key
    assert workspace.users[0].username == client.username, "who gives no credentials still acts as the first user"


def test_the_caller_may_reset_his_own_key(client: Any) -> None:
    """Nobody is named, so the caller is meant."""
    (reply,) = client.call({"action": "reset_remote", "reset_type": "api_key"})

    client.api_key = reply["data"]["api_key"]
    assert client.query("User")


def test_a_batch_that_fails_leaves_the_old_key(client: Any) -> None:
    """A key that nobody was told would lock the user out."""
    client.refused({"action": "reset_remote", "reset_type": "api_key"}, {"action": "delete"})

    assert client.query("User")


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({"reset_type": ["id"]}, "'reset_type' of 'reset_remote' must be a text"),
        ({"reset_type": ["email"]}, "'reset_type'"),
        ({"reset_type": "password"}, "'api_key' can"),
        ({}, "it is missing"),
        ({"reset_type": "api_key", "entity_type": "Task", "entity_key": "x"}, "A User has an API key"),
        ({"reset_type": "api_key", "entity_type": "User", "entity_key": "gone"}, "There is no User 'gone'"),
        ({"reset_type": "api_key", "entity_type": "User", "entity_key": {"id": 1}}, "'entity_key'"),
    ],
)
def test_anything_else_is_refused(client: Any, fields: dict[str, Any], hint: str) -> None:
    """The official client's tests ask for resets that there are not, and expect an error."""
    assert hint in client.refused({"action": "reset_remote", **fields})[1]

"""What holds for every operation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ftrack_backends.workspace.actions import ACTIONS


@pytest.mark.parametrize("metadata", [{"a": {"b": 1}}, {}, None, "text"])
def test_every_operation_may_carry_metadata(client: Any, ops: Any, metadata: Any) -> None:
    """The documentation gives the field to all operations; what is in it is the client's business."""
    operations = [
        {"action": "query", "expression": "State limit 1"},
        ops.create("Scope", id="s", name="s"),
        ops.update("Scope", "s", name="t"),
        {"action": "search", "entity_type": "Scope", "terms": ["t"]},
        ops.delete("Scope", "s"),
        {"action": "query_server_information"},
        {"action": "get_widget_url", "name": "tasks"},
    ]

    reply = client.call(*({**one, "metadata": metadata, "newer_field": 1} for one in operations))

    assert isinstance(reply, list), reply
    assert len(reply) == len(operations)


@pytest.mark.parametrize("action", sorted(set(ACTIONS) - {"query_server_information", "query_schemas"}))
def test_fields_that_are_nonsense_are_refused_and_leave_the_workspace_whole(client: Any, action: str) -> None:
    """Nothing that a client sends is a failure of the workspace."""
    names = ("expression", "entity_type", "entity_key", "entity_data", "user_id", "role_id", "component_id", "name")
    more = ("reset_type", "job_type", "review_session_invitee_id", "project_id", "new_role_id", "terms", "api_key_id")
    nonsense: tuple[Any, ...] = (None, 7, [], {}, "{x}", [[]], True, "\0")
    for value in nonsense:
        exception, _ = client.refused({"action": action, **dict.fromkeys((*names, *more), value)})

        assert exception in {"ValidationError", "ParseError"}, value
    assert client.query("State")


def test_a_malformed_operation_is_named_by_place_and_field(client: Any) -> None:
    """In a batch of a hundred operations, one has to be found."""
    batch = [{"action": "query", "expression": "State"}, {"action": "send_user_invite", "user_id": 7}]

    response = client.post(json.dumps(batch).encode(), **{"ftrack-strict-api": "true"})

    reply = json.loads(response.body)
    assert response.status == 422
    assert (reply["exception"], reply["error_code"]) == ("ValidationError", "malformed_operation")
    assert reply["detail"] == [{"loc": [1, "user_id"], "msg": reply["content"], "type": "value_error"}]


def test_a_fault_of_the_whole_batch_names_no_operation(client: Any, ops: Any) -> None:
    """What is found out at the end of a batch is not one operation's fault."""
    reply = client.call(ops.create("Scope", id="s"))

    assert "no name" in reply["content"]
    assert "detail" not in reply


@pytest.mark.parametrize(
    "action",
    [
        "compute_rollups",
        "configure_totp",
        "assume_user",
        "",
        "{x}",
    ],
)
def test_what_the_workspace_does_not_do_is_an_unknown_action(client: Any, action: str) -> None:
    """The official client turns this text into its compatibility error; what is known stands behind it."""
    exception, content = client.refused({"action": action})

    shown = action.replace("{", "(").replace("}", ")")
    assert exception == "InvalidActionError"
    assert content.startswith(f"Invalid action u'{shown}'")
    assert "get_widget_url" in content

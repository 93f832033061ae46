"""Invitations: nothing is sent, and everything can be read."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_core.testing import FakeClock


def test_an_invitation_of_a_user_can_be_read(workspace: Workspace, client: Any, ben: Any, clock: FakeClock) -> None:
    """A test of a sign-up tool looks at what its user would get."""
    assert client.call({"action": "send_user_invite", "user_id": ben["id"]}) == [{"sent": True}]

    (message,) = workspace.outbox
    assert (message.kind, message.address, message.name) == ("user_invite", "ben@harbour.invalid", "Ben Okafor")
    assert (message.entity_type, message.entity_id, message.sender) == ("User", ben["id"], client.username)
    assert message.at == clock.now()


def test_several_invitations_of_a_review_go_in_one_batch(workspace: Workspace, client: Any) -> None:
    """The official client sends one operation for each invitee."""
    project = client.query("select id from Project limit 1")[0]["id"]
    session = client.create("ReviewSession", name="dailies", project_id=project)["id"]
    invitees = [
        client.create("ReviewSessionInvitee", name=name, email=f"{name}@client.invalid", review_session_id=session)
        for name in ("kim", "lee")
    ]

    operations = [{"action": "send_review_session_invite", "review_session_invitee_id": one["id"]} for one in invitees]

    assert client.call(*operations) == [{"sent": True}, {"sent": True}]
    assert [one.address for one in workspace.outbox] == ["kim@client.invalid", "lee@client.invalid"]
    assert "dailies" in workspace.outbox[0].subject
    assert all(one["last_sent_at"] for one in client.query("select last_sent_at from ReviewSessionInvitee"))


def test_a_batch_that_fails_invites_nobody(workspace: Workspace, client: Any, ben: Any) -> None:
    """A message cannot be called back."""
    client.refused({"action": "send_user_invite", "user_id": ben["id"]}, {"action": "delete"})

    assert len(workspace.outbox) == 0


def test_a_user_can_be_invited_by_the_batch_that_creates_him(workspace: Workspace, client: Any, ops: Any) -> None:
    """One request is enough to bring somebody in."""
    user = ops.create("User", id="new", username="zoe", email="zoe@harbour.invalid")

    client.call(user, {"action": "send_user_invite", "user_id": "new"})

    assert [one.address for one in workspace.outbox] == ["zoe@harbour.invalid"]


def test_a_user_name_that_is_an_address_will_do(workspace: Workspace, client: Any) -> None:
    """Most studios sign in by e-mail address, and leave the other field empty."""
    user = client.create("User", username="yan@harbour.invalid")

    client.call({"action": "send_user_invite", "user_id": user["id"]})

    assert workspace.outbox[0].address == "yan@harbour.invalid"


def test_the_outbox_can_be_emptied(workspace: Workspace, client: Any, ben: Any) -> None:
    """A test looks at what its own steps sent."""
    client.call({"action": "send_user_invite", "user_id": ben["id"]})
    workspace.outbox.clear()

    assert list(workspace.outbox) == []


@pytest.mark.parametrize(
    ("operation", "hint"),
    [
        ({"action": "send_user_invite"}, "'user_id'"),
        ({"action": "send_user_invite", "user_id": "gone"}, "There is no User 'gone'"),
        ({"action": "send_review_session_invite"}, "'review_session_invitee_id'"),
        ({"action": "send_review_session_invite", "review_session_invitee_id": "gone"}, "no ReviewSessionInvitee"),
    ],
)
def test_nobody_cannot_be_invited(client: Any, operation: dict[str, Any], hint: str) -> None:
    """The message says whom it looked for."""
    assert hint in client.refused(operation)[1]


def test_a_user_without_an_address_cannot_be_invited(client: Any) -> None:
    """Saying "sent" would be a lie."""
    user = client.create("User", username="nobody")

    assert "no e-mail address" in client.refused({"action": "send_user_invite", "user_id": user["id"]})[1]

"""Invitations: `send_user_invite` and `send_review_session_invite`. Nothing is sent; the outbox keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ftrack_backends.workspace._faults import ValidationFault
from ftrack_backends.workspace._outbox import Message
from ftrack_backends.workspace.actions import _fields as fields

if TYPE_CHECKING:
    from ftrack_backends.workspace.actions._turn import Action, Turn

__all__ = ["INVITATIONS"]


def send_user_invite(turn: Turn, operation: Mapping[str, Any]) -> dict[str, object]:
    """Invite a user to the workspace."""
    user_id = fields.text(operation, "user_id")
    user = turn.found("User", user_id, "username", "first_name", "last_name", "email", field="user_id")
    full_name = " ".join(filter(None, (user["first_name"], user["last_name"])))
    address = user["email"] or (user["username"] if "@" in (user["username"] or "") else "")
    if not address:
        raise ValidationFault(f"User {user['username']!r} has no e-mail address to invite.", field="user_id")
    name = full_name or user["username"] or address
    _keep(turn, "user_invite", address, name, "User", user_id, "You are invited to the workspace")
    return {"sent": True}


def send_review_session_invite(turn: Turn, operation: Mapping[str, Any]) -> dict[str, object]:
    """Invite somebody to a review session, and note down when."""
    invitee_id = fields.text(operation, "review_session_invitee_id")
    names = ("name", "email", "review_session.name")
    invitee = turn.found("ReviewSessionInvitee", invitee_id, *names, field="review_session_invitee_id")
    subject = f"You are invited to review {invitee['review_session']['name']}"
    _keep(
        turn,
        "review_session_invite",
        invitee["email"],
        invitee["name"],
        "ReviewSessionInvitee",
        invitee_id,
        subject,
    )
    turn.writing.update(
        {
            "entity_type": "ReviewSessionInvitee",
            "entity_key": [invitee_id],
            "entity_data": {"last_sent_at": turn.writing.moment},
        }
    )
    return {"sent": True}


def _keep(turn: Turn, kind: str, address: str, name: str, entity_type: str, entity_id: str, subject: str) -> None:
    services = turn.services
    message = Message(services.clock.now(), kind, address, name, entity_type, entity_id, subject, turn.caller.username)
    turn.committed.append(partial(services.outbox.add, message))


INVITATIONS: dict[str, Action] = {
    "send_user_invite": send_user_invite,
    "send_review_session_invite": send_review_session_invite,
}

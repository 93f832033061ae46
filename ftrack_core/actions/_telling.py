"""Having a user's web client show something, unasked.

The event `ftrack.action.trigger-user-interface` and its target are as developer.ftrack.com, "Events list", tells.
"""

from __future__ import annotations

from typing import Any

from ftrack_core.actions._form import Form
from ftrack_core.entity import Entity, inspection
from ftrack_core.errors import InvalidTypeError
from ftrack_core.query import quote
from ftrack_core.session import Session
from ftrack_core.values import Event

__all__ = ["show_form", "tell_user"]

_TOPIC = "ftrack.action.trigger-user-interface"


def tell_user(session: Session, user: Entity | str, message: str, success: bool = True) -> None:
    """Have a user's web client show a message; where nobody is connected it is lost, and that is fine.

    Args:
        session: Whose event hub it goes by.
        user: The user, or the user's id.
        message: The message.
        success: Whether it went well, which colours it.

    Raises:
        InvalidTypeError: The user is neither an entity nor an id.
    """
    _trigger(session, user, {"type": "message", "success": success, "message": message})


def show_form(session: Session, user: Entity | str, form: Any, action: str, **data: Any) -> None:
    """Have a user's web client show a form, whose values come to an action when it is submitted.

    Args:
        session: Whose event hub it goes by.
        user: The user, or the user's id.
        form: A `Form`, or its items.
        action: Identifier of the action that is launched with the values.
        data: What else the launch shall carry, as `selection`.

    Raises:
        ActionDefinitionError: It is no form.
        InvalidTypeError: The user is neither an entity nor an id.
    """
    _trigger(session, user, {**data, **Form.of(form).wire(), "actionIdentifier": action})


def _trigger(session: Session, user: Entity | str, data: dict[str, Any]) -> None:
    if isinstance(user, Entity):
        (user,) = inspection.identity(user).key
    if not isinstance(user, str) or not user:
        raise InvalidTypeError(f"A user is told something by entity or id, not by {user!r}.")
    target = f"applicationId=ftrack.client.web and user.id={quote(user)}"
    session.event_hub.publish(Event(_TOPIC, data=data, target=target), on_error="ignore")

"""What an action answers when it was launched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs

from ftrack_core.actions._form import Form
from ftrack_core.errors import ActionDefinitionError

__all__ = ["Message", "Widget", "answer_of"]


@attrs.frozen
class Message:
    """A message that the web client shows for a moment.

    Attributes:
        text: The message.
        success: Whether it went well, which colours it.
    """

    text: str
    success: bool = True

    def wire(self) -> dict[str, Any]:
        """The message as the client takes it."""
        return {"success": self.success, "message": self.text}


@attrs.frozen
class Widget:
    """A page that the web client shows in a window of its own.

    Attributes:
        url: Address of the page; a browser takes it only over the protocol that ftrack itself comes by.
        title: What stands above it.
        width: Its width in pixels.
        height: Its height in pixels.
    """

    url: str
    title: str = ""
    width: int | None = None
    height: int | None = None

    def wire(self) -> dict[str, Any]:
        """The widget as the client takes it."""
        given = attrs.asdict(self, filter=lambda _, value: bool(value))
        return {"success": True, "message": "", "type": "widget", **given}


def answer_of(result: Any, label: str) -> dict[str, Any]:
    """The answer that a result of `launch` stands for.

    Args:
        result: None, a truth, a text, a `Message`, `Form` or `Widget`, or a mapping as the client takes it.
        label: Name of the action, for messages that it leaves out.

    Raises:
        ActionDefinitionError: The client would not understand it.
    """
    answer = _wire(result, label)
    try:
        json.dumps(answer, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ActionDefinitionError(
            f"The action {label!r} answered with what cannot be said in JSON ({error}): {answer!r:.300}"
        ) from error
    return answer


def _wire(result: Any, label: str) -> dict[str, Any]:
    if isinstance(result, (Message, Form, Widget)):
        return result.wire()
    if result is None or isinstance(result, bool):
        done = result is None or result
        return Message(f"{label}: done." if done else f"{label} did not succeed.", done).wire()
    if isinstance(result, str):
        return Message(result).wire()
    if isinstance(result, Mapping):
        return _mapping(result, label)
    raise ActionDefinitionError(
        f"The action {label!r} answered with {result!r:.200}; an answer is None, True, False, a text, a Message, Form "
        "or Widget, or a mapping as the web client takes it."
    )


def _mapping(result: Mapping[str, Any], label: str) -> dict[str, Any]:
    if "items" in result:
        return Form.of(result).wire()
    if result.get("type") == "widget" and isinstance(result.get("url"), str):
        return {"success": True, "message": "", **result}
    if isinstance(result.get("success", True), bool) and result.keys() & {"success", "message"}:
        success = result.get("success", True)
        return {**_wire(success, label), **result}
    raise ActionDefinitionError(
        f"The action {label!r} answered with the mapping {dict(result)!r:.200}; one that the web client understands "
        "has 'success' (true or false) and 'message', or the 'items' of a form, or 'type': 'widget' and 'url'."
    )

"""The part of the session that asks its server to do something: invitations, resets, widgets, encoding."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ftrack_core.entity import Entity, inspection
from ftrack_core.errors import InvalidValueError, MalformedReplyError, OperationError
from ftrack_core.session._arguments import series

__all__ = ["ServerActions"]


class ServerActions:
    """Mixed into the session. Nothing here is recorded or undone by `rollback`: the server acts at once.

    A server that is too old for an action answers with a `ServerCompatibilityError`.
    """

    @abstractmethod
    def call(self, data: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Send a batch of operations, and give their results."""

    @abstractmethod
    def get(self, entity_type: str, entity_key: str | Sequence[str]) -> Entity | None:
        """The entity of a type and key."""

    def get_widget_url(self, name: str, entity: Entity | None = None, theme: str | None = None) -> str:
        """The URL of a widget, which needs no log-in for a few minutes.

        Args:
            name: Name of the widget: `info`, `tasks`, `tasks_browser`.
            entity: What it shows, for widgets that are about one entity.
            theme: `light` or `dark`; None for the server's own choice.
        """
        operation: dict[str, Any] = {"action": "get_widget_url", "name": name, "theme": theme}
        if entity is not None:
            key = list(_key(entity))
            operation |= {"entity_type": entity.entity_type, "entity_key": key}
        return str(self._told(operation, "widget_url"))

    def reset_remote(self, reset_type: str, entity: Entity | None = None) -> Any:
        """Have the server reset something, as `api_key` of a user.

        Args:
            reset_type: What to reset.
            entity: Whose.

        Returns:
            What the server tells of it, as `{"api_key": ...}`.
        """
        operation: dict[str, Any] = {"action": "reset_remote", "reset_type": reset_type}
        if entity is not None:
            key = _id(entity)
            operation |= {"entity_type": entity.entity_type, "entity_key": key}
        return self._told(operation, "data")

    def send_user_invite(self, user: Entity) -> None:
        """Have the server send a user an invitation by mail."""
        self.send_user_invites([user])

    def send_user_invites(self, users: Iterable[Entity]) -> None:
        """Have the server send several users an invitation by mail, in one call."""
        self._for_each("send_user_invite", "user_id", users)

    def send_review_session_invite(self, invitee: Entity) -> None:
        """Have the server send somebody an invitation to a review session by mail; commit the invitee before."""
        self.send_review_session_invites([invitee])

    def send_review_session_invites(self, invitees: Iterable[Entity]) -> None:
        """Have the server send several invitations to review sessions, in one call; commit the invitees before."""
        self._for_each("send_review_session_invite", "review_session_invitee_id", invitees)

    def encode_media(
        self, media: Entity | str | os.PathLike[str], version_id: str | None = None, keep_original: bool | str = "auto"
    ) -> Entity:
        """Have the server make something that browsers can play.

        Args:
            media: A committed `FileComponent` whose file is in the location `ftrack.server`.
            version_id: The version that the results shall belong to; None for none.
            keep_original: Whether the component stays when that is done; `"auto"` keeps it.

        Returns:
            The job that does it. Its `data` is a JSON text that tells the results once it is done.

        Raises:
            InvalidValueError: This cannot be encoded.
            OperationError: It is the path of a file.
        """
        component, keep = _component(media), _kept(keep_original)
        operation = {"action": "encode_media", "component_id": _id(component), "version_id": version_id}
        job_id = self._told({**operation, "keep_original": keep}, "job_id")
        job = self.get("Job", job_id)
        if job is None:
            raise MalformedReplyError(f"The server encodes in job {job_id!r}, and has no such job.")
        return job

    def get_upload_metadata(
        self, component_id: str, file_name: str, file_size: int, checksum: str | None = None
    ) -> dict[str, Any]:
        """Where to upload the file of a component to, and with which headers.

        Args:
            component_id: The component, which is committed.
            file_name: Name of the file.
            file_size: Its size in bytes.
            checksum: Its MD5 in base 64; None for none.
        """
        operation = {"action": "get_upload_metadata", "component_id": component_id, "file_name": file_name}
        [told] = self.call([{**operation, "file_size": file_size, "checksum": checksum}])
        if not isinstance(told, dict):
            raise MalformedReplyError("The server's result of get_upload_metadata is not a JSON object.")
        return told

    def _told(self, operation: Mapping[str, Any], name: str) -> Any:
        """One value of the result of one operation."""
        [result] = self.call([operation])
        if not isinstance(result, Mapping) or name not in result:
            raise MalformedReplyError(f"The server's result of {operation['action']} does not tell {name!r}.")
        return result[name]

    def _for_each(self, action: str, name: str, entities: Iterable[Entity]) -> None:
        operations = [{"action": action, name: _id(entity)} for entity in series(entities, "Entities are a list")]
        if operations:
            self.call(operations)


def _key(entity: Any) -> tuple[str, ...]:
    if not isinstance(entity, Entity):
        raise InvalidValueError(f"An entity is needed here, and {entity!r} was given.")
    return inspection.identity(entity).key


def _id(entity: Any) -> str:
    """The key of an entity, in an operation that takes it as plain text."""
    key = _key(entity)
    if len(key) != 1:
        raise InvalidValueError(f"{entity} has a key of {len(key)} parts, and one is needed here.")
    return key[0]


def _component(media: Any) -> Entity:
    if isinstance(media, (str, os.PathLike)):
        message = (
            f"The file {os.fspath(media)!r} cannot be encoded: components of files, and the location ftrack.server to "
            "put them into, are not there yet. Give the FileComponent of a file that is in ftrack.server."
        )
        raise OperationError(message)
    if not isinstance(media, Entity) or media.entity_type != "FileComponent":
        raise InvalidValueError(f"Only a FileComponent can be encoded, not {media!r}.")
    return media


def _kept(keep_original: bool | str) -> bool:
    if keep_original == "auto":
        return True
    if not isinstance(keep_original, bool):
        raise InvalidValueError(f"keep_original is True, False or 'auto', not {keep_original!r}.")
    return keep_original

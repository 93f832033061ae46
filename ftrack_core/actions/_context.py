"""What an action knows of the moment in which it is asked or launched."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_core.actions._jobs import JobProgress
from ftrack_core.actions._selection import Selection, load
from ftrack_core.actions._telling import tell_user
from ftrack_core.actions._values import Values
from ftrack_core.errors import ActionError
from ftrack_core.query import quote

if TYPE_CHECKING:
    from ftrack_core.entity import Entity
    from ftrack_core.session import Session

__all__ = ["ActionContext"]

_USER = "select id, username, first_name, last_name, email from User"


@attrs.define(eq=False, repr=False)
class ActionContext:
    """One discover or launch of an action. Nothing is asked of the server before it is needed.

    Thread safety: used by the one thread that handles the event.

    Attributes:
        session: The session that the action was registered with, or, with `run_as_user`, one in the user's name.
        event: The event, with the official keys.
        selection: What was selected; costs nothing.
        values: What the user filled in, read as the form's items say; empty before there was a form.
        submitted: Whether a form came back.
        username: Name of the user, as the event says it.
        user_id: Id of the user, as the server says it; empty where the event does not.
    """

    session: Session
    event: Mapping[str, Any]
    selection: Selection
    values: Values = attrs.field(factory=Values)
    submitted: bool = False
    _job: JobProgress | None = None
    _entities: list[Entity] | None = attrs.field(default=None, init=False)
    _user: Entity | None = attrs.field(default=None, init=False)

    @property
    def username(self) -> str:
        """Name of the user, as the event says it."""
        return str(_user_of(self.event).get("username") or "")

    @property
    def user_id(self) -> str:
        """Id of the user; empty where the event does not say it."""
        return str(_user_of(self.event).get("id") or "")

    @property
    def data(self) -> Mapping[str, Any]:
        """All data of the event; a launch has what the chosen item of the menu carried."""
        data = self.event["data"]
        return data if isinstance(data, Mapping) else {}

    @property
    def entities(self) -> list[Entity]:
        """The selected entities as the server has them now, in order; asked for once, in one call.

        Raises:
            ActionError: Some do not exist, or may not be seen.
        """
        if self._entities is None:
            self._entities = load(self.session, self.selection)
        return self._entities

    @property
    def entity(self) -> Entity:
        """The one selected entity.

        Raises:
            ActionError: None is selected, or several are; or it does not exist.
        """
        if len(self.selection) != 1:
            raise ActionError(f"Select one thing for this; {len(self.selection)} are selected.")
        return self.entities[0]

    @property
    def user(self) -> Entity:
        """The user; asked for once.

        Raises:
            ActionError: The event names none, or there is none of that name.
        """
        if self._user is None:
            self._user = self._found_user()
        return self._user

    def job(self, description: str, every_seconds: float = 1.0) -> JobProgress:
        """A job that the user sees, for a `with` block; within a background launch it is the one that it has already.

        Args:
            description: What the user reads.
            every_seconds: How often progress goes to the server at most.
        """
        if self._job is None:
            return JobProgress(self.session, self.user, description, every_seconds)
        self._job.every_seconds = every_seconds
        if self._job.description != description:
            self._job.describe(description)
        return self._job

    @contextlib.contextmanager
    def session_as_user(self) -> Iterator[Session]:
        """A session in the name of the user, for a `with` block; `Session.as_user` says what it takes.

        Its entities are its own: query there what is changed there.

        Raises:
            ActionError: The event names no user.
            InvalidCredentialsError: The key of the action's session does not go with that name.
        """
        if not self.username:
            raise ActionError("This was to be done in the name of the user, and the event names none.")
        with self.session.as_user(self.username) as session:
            yield session

    def tell(self, message: str, success: bool = True) -> None:
        """Have the user's web client show a message now, while the action goes on."""
        tell_user(self.session, self.user_id or self.user, message, success)

    def _found_user(self) -> Entity:
        name, value = ("id", self.user_id) if self.user_id else ("username", self.username)
        if not value:
            raise ActionError("The event names no user.")
        found = self.session.query(f"{_USER} where {name} is {quote(value)}").first()
        if found is None:
            raise ActionError(f"The event was published by the user of {name} {value!r}, and there is none.")
        return found


def _user_of(event: Mapping[str, Any]) -> Mapping[str, Any]:
    source = event["source"]
    user = source.get("user") if isinstance(source, Mapping) else None
    return user if isinstance(user, Mapping) else {}

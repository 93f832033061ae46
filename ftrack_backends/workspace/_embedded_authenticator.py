"""The authenticator that knows the users of an embedded workspace."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING

import attrs
from zope.interface import implementer

from ftrack_core.errors import InvalidCredentialsError
from ftrack_core.interfaces import IAuthenticator
from ftrack_core.values import Request, Response

if TYPE_CHECKING:
    from ftrack_backends.workspace._workspace import Workspace

__all__ = ["EmbeddedAuthenticator"]


@implementer(IAuthenticator)
@attrs.frozen(kw_only=True)
class EmbeddedAuthenticator:
    """Puts a user and the key that the workspace gave that user on every request.

    The key comes from the workspace itself. It is in no representation and no error.

    Thread safety: nothing in it changes.

    Attributes:
        user: Name of the user.
        api_key: The user's API key.
    """

    user: str
    api_key: str = attrs.field(repr=False)

    @classmethod
    def of(cls, workspace: Workspace, user: str = "") -> EmbeddedAuthenticator:
        """Make one for a user of a workspace.

        Args:
            workspace: The workspace.
            user: Name of the user; empty for the first.

        Raises:
            InvalidCredentialsError: The workspace has no such user, or none at all.
        """
        first = next(iter(workspace.users), None)
        if not user and first is None:
            raise InvalidCredentialsError("the workspace has no active user with a key; its seed names none")
        found = workspace.credentials(user) if user or first is None else first
        return cls(user=found.username, api_key=found.api_key)

    def flow(self, request: Request) -> Generator[Request, Response, None]:
        """The given request, with credentials; nothing before it, nothing after it."""
        yield request.with_headers({"ftrack-user": self.user, "ftrack-api-key": self.api_key})

    def url_parameters(self) -> Mapping[str, str]:
        """User and key under the names that the server's file addresses use."""
        return {"username": self.user, "apiKey": self.api_key}

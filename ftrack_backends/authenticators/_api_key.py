"""A user name and an API key."""

from __future__ import annotations

from collections.abc import Generator, Mapping

import attrs
from zope.interface import implementer

from ftrack_core.errors import InvalidCredentialsError, MissingCredentialsError
from ftrack_core.interfaces import IAuthenticator
from ftrack_core.values import Request, Response

__all__ = ["ApiKeyAuthenticator"]


@implementer(IAuthenticator)
@attrs.frozen(kw_only=True)
class ApiKeyAuthenticator:
    """Puts user and key into two headers of every request.

    The key comes from whoever makes the authenticator (settings, environment, a file: the core resolves them). It is
    in no representation and no error. It never changes, so a refusal by the server is final and nothing is repeated.

    Thread safety: nothing in it changes.

    Attributes:
        user: Name of the user.
        api_key: The user's API key.
    """

    user: str
    api_key: str = attrs.field(repr=False)

    def __attrs_post_init__(self) -> None:
        credentials = {"user": self.user, "api_key": self.api_key}
        missing = [name for name, value in credentials.items() if not value]
        if missing:
            message = (
                f"the api_key authenticator was given no {' and no '.join(missing)}; set it in the configuration, or "
                "set FTRACK_API_USER and FTRACK_API_KEY"
            )
            raise MissingCredentialsError(message, missing=missing)
        for name, value in credentials.items():
            _refuse_control_characters(name, value)

    def flow(self, request: Request) -> Generator[Request, Response, None]:
        """The given request, with credentials; nothing before it, nothing after it."""
        yield request.with_headers({"ftrack-user": self.user, "ftrack-api-key": self.api_key})

    def url_parameters(self) -> Mapping[str, str]:
        """User and key under the names that the server's file addresses use."""
        return {"username": self.user, "apiKey": self.api_key}


def _refuse_control_characters(name: str, value: str) -> None:
    if value.isprintable() and value == value.strip():
        return
    message = (
        f"the {name} given to the api_key authenticator begins or ends with a blank, or has a line break or another "
        "control character in it; was it read from a file together with the line's end?"
    )
    raise InvalidCredentialsError(message)

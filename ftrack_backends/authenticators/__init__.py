"""Authenticators: who is asking."""

from __future__ import annotations

from typing import Any

import attrs

from ftrack_backends._factories import BackendFactory
from ftrack_core.interfaces import IAuthenticator, IBackendContext
from ftrack_core.values import ByValue

__all__ = ["ApiKeyOptions", "api_key"]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ApiKeyOptions(ByValue):
    """Options of the `api_key` authenticator."""

    user: str = attrs.field(
        default="", metadata={"help": "Name of the user, as ftrack shows it.", "environment": "FTRACK_API_USER"}
    )
    api_key: str = attrs.field(
        default="",
        repr=False,
        metadata={"help": "The user's API key.", "secret": True, "environment": "FTRACK_API_KEY"},
    )


def _make_api_key(options: ApiKeyOptions, _context: IBackendContext) -> Any:
    from ftrack_backends.authenticators._api_key import ApiKeyAuthenticator

    return ApiKeyAuthenticator(user=options.user, api_key=options.api_key)


api_key = BackendFactory(
    group="ftrack.authenticator",
    name="api_key",
    summary="A user name and an API key, on every request.",
    options=ApiKeyOptions,
    provides=(IAuthenticator,),
    make=_make_api_key,
)

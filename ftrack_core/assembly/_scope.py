"""What tells one server, user and key from another in a store that several share."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from ftrack_core.config import is_embedded

if TYPE_CHECKING:
    from ftrack_core.interfaces import IAuthenticator

__all__ = ["scope_of"]


def scope_of(server_url: str, transport: Any, authenticator: IAuthenticator | None) -> str:
    """Server, user and a digest of the credentials, as text without a secret.

    Permissions follow the key, so two keys of one user have two scopes. An embedded workspace is told by the
    `workspace_id` of its transport, where that has one, since many workspaces share a URL.
    """
    server = str(getattr(transport, "workspace_id", "") or server_url) if is_embedded(server_url) else server_url
    user = authenticator.user if authenticator is not None else ""
    parameters = authenticator.url_parameters() if authenticator is not None else {}
    return f"{server} {user} {_digest(server, user, parameters)}"


def _digest(server: str, user: str, parameters: Any) -> str:
    key = hashlib.blake2b(f"{server}\0{user}".encode()).digest()
    credentials = "\0".join(f"{name}\0{value}" for name, value in sorted(parameters.items()))
    return hashlib.blake2b(credentials.encode(), key=key, digest_size=16).hexdigest()

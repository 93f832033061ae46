"""URLs that authenticate themselves: a workspace signs them, and honours them for a while.

An upload, a download or a widget is fetched by whoever has the URL, without a header of ftrack. So the URL carries
what it is for, until when, and an HMAC over method, path and every parameter, made with a secret of the database's
own. A URL of another workspace, of another method or with any character changed is worth nothing.

Example:
    signer = UrlSigner(store, clock)
    url = signer.signed("GET", "/component/get", {"id": component_id}, lifetime_seconds=3600)
    path, _, query = url.partition("?")
    assert signer.verified("GET", path, query) == {"id": component_id}
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

import attrs

from ftrack_backends.workspace._faults import SignatureFault

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from ftrack_backends.workspace.store import Store
    from ftrack_core.interfaces import IClock

__all__ = ["UrlSigner", "make_signing_secret"]

_READ = "SELECT value FROM _workspace WHERE name = 'signing_secret'"
_MAKE = "INSERT INTO _workspace (name, value) VALUES ('signing_secret', ?) ON CONFLICT (name) DO NOTHING"
_EXPIRES = "expires"
_SIGNATURE = "signature"


def make_signing_secret(connection: sqlite3.Connection) -> None:
    """Make the secret of a database that has none. Called within a transaction."""
    connection.execute(_MAKE, (secrets.token_hex(32),))


@attrs.frozen(eq=False)
class UrlSigner:
    """Signs URLs of one workspace, and knows its own again. Thread safety: every method may be called by many threads.

    Attributes:
        store: Holds the secret.
        clock: Tells the time that URLs end by.
    """

    store: Store
    clock: IClock

    def signed(self, method: str, path: str, parameters: Mapping[str, str], *, lifetime_seconds: int) -> str:
        """Give a path with parameters and signature.

        Args:
            method: HTTP method that it is good for.
            path: Path of the address.
            parameters: What it is for; neither `expires` nor `signature`.
            lifetime_seconds: How long it is honoured.
        """
        asked = {**parameters, _EXPIRES: str(int(self.clock.now()) + lifetime_seconds)}
        return f"{path}?{urlencode({**asked, _SIGNATURE: self._signature(method, path, asked)})}"

    def verified(self, method: str, path: str, query: str) -> dict[str, str]:
        """Give the parameters of a signed URL.

        Args:
            method: HTTP method it was asked with.
            path: Path of the address.
            query: What stands behind the question mark.

        Raises:
            SignatureFault: There is no valid signature, or its time is over.
        """
        pairs = parse_qsl(query, keep_blank_values=True)
        asked = dict(pairs)
        given = asked.pop(_SIGNATURE, "").encode("utf-8", "replace")
        expected = self._signature(method, path, asked).encode()
        if len(pairs) != len(asked) + 1 or not hmac.compare_digest(given, expected):
            raise SignatureFault("The signature of this URL is not valid here; ask the workspace for a new URL.")
        if self.clock.now() >= int(asked.pop(_EXPIRES)):
            raise SignatureFault("The time of this URL is over; ask the workspace for a new URL.")
        return asked

    def _signature(self, method: str, path: str, parameters: Mapping[str, str]) -> str:
        with self.store.reading() as connection:
            (secret,) = connection.execute(_READ).fetchone()
        told = "\n".join((method.upper(), path, urlencode(sorted(parameters.items()), errors="replace")))
        return hmac.new(bytes.fromhex(secret), told.encode(), hashlib.sha256).hexdigest()

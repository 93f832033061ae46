"""Who may use a workspace: users and their API keys.

The keys stand in a table of the workspace's own, which the data model does not name, so that no query reaches it. They
stand there as they are: a workspace is a test double that has to tell its keys to whoever starts it, not a provider of
identities. Do not put a key there that opens anything else.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace._faults import CredentialsFault
from ftrack_core.errors import InvalidCredentialsError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from ftrack_backends.workspace.store import Store

__all__ = ["Accounts", "Caller", "Credentials", "give_missing_keys"]

_CREATE = 'CREATE TABLE IF NOT EXISTS "_api_keys" (user_id TEXT PRIMARY KEY, api_key TEXT NOT NULL)'
_GIVE = 'INSERT INTO "_api_keys" (user_id, api_key) VALUES (?, ?)'
_USERS = """SELECT id FROM "Resource" WHERE "__type__" = 'User' ORDER BY rowid"""
_ALL = """
    SELECT user.username, key.api_key FROM "_api_keys" AS key JOIN "Resource" AS user ON user.id = key.user_id
    WHERE user.is_active AND user.username IS NOT NULL ORDER BY key.rowid
"""
_ONE = """
    SELECT user.id, user.is_active, key.api_key FROM "Resource" AS user
    LEFT JOIN "_api_keys" AS key ON key.user_id = user.id WHERE user.username = ? AND user."__type__" = 'User'
"""


@attrs.frozen
class Credentials:
    """What a client needs to be let in.

    Attributes:
        username: The user's name.
        api_key: The user's key; no representation shows it.
    """

    username: str
    api_key: str = attrs.field(repr=False)


@attrs.frozen
class Caller:
    """Who asks, and how the events that follow will name the client.

    Attributes:
        id: Id of the user.
        username: Name of the user.
        client_token: What the client calls itself; empty when it does not say.
        push_token: Further name that some clients give; empty when they do not.
    """

    id: str
    username: str
    client_token: str = ""
    push_token: str = ""


@attrs.define(eq=False)
class Accounts:
    """The users of one workspace who have a key. Thread safety: every method may be called by many threads."""

    _store: Store

    def all(self) -> tuple[Credentials, ...]:
        """Active users with their keys, in the order they got them."""
        with self._store.reading() as connection:
            return tuple(Credentials(*row) for row in connection.execute(_ALL))

    def credentials(self, username: str) -> Credentials:
        """Give what a user needs to be let in; one who has no key yet gets one.

        Raises:
            InvalidCredentialsError: There is no such active user; the message says who is.
        """
        with self._store.writing() as connection:
            user_id, is_active, api_key = connection.execute(_ONE, (username,)).fetchone() or (None, False, None)
            if is_active and not api_key:
                api_key = secrets.token_urlsafe(32)
                connection.execute(_GIVE, (user_id, api_key))
        if api_key and is_active:
            return Credentials(username, api_key)
        known = ", ".join(one.username for one in self.all()) or "nobody"
        raise InvalidCredentialsError(f"the workspace has no active user {username!r}; those with a key are {known}")

    def caller(self, username: str, api_key: str) -> Caller:
        """Find out who calls.

        Raises:
            CredentialsFault: There is no such active user, or the key is another's. Which of them, nobody is told.
        """
        name = username.encode("utf-8", "replace").decode()  # half a character could not be looked for
        with self._store.reading() as connection:
            row = connection.execute(_ONE, (name,)).fetchone()
        user_id, is_active, expected = tuple(row) if row else (None, False, None)
        if is_active and expected and hmac.compare_digest(expected.encode(), api_key.encode("utf-8", "replace")):
            return Caller(str(user_id), username)
        raise CredentialsFault(
            "The user name or the API key is not valid here. Use one of the pairs that the workspace was opened with: "
            "`ftrack serve` prints them."
        )


def give_missing_keys(connection: sqlite3.Connection, keys: Mapping[str, str]) -> None:
    """Give every user a key who was there from the beginning and has none. Called within a transaction.

    Args:
        connection: Of the transaction.
        keys: Keys that a seed says, by user id; everybody else gets a random one.
    """
    connection.execute(_CREATE)
    if connection.execute('SELECT 1 FROM "_api_keys"').fetchone() is None:
        for (user_id,) in connection.execute(_USERS).fetchall():
            connection.execute(_GIVE, (user_id, keys.get(user_id) or secrets.token_urlsafe(32)))

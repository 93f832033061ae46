"""Who may use a workspace, and how: users, their API keys, and roles.

- A *personal* key belongs to one user. Its rights are the user's: one whose security roles are all read-only may only
  read; one without a role may do everything.
- A *global* key goes with the name of any active user, as those of farms and services do. Its rights are those of its
  own roles, by the same rule.
- A role says one thing here, whether it is read-only; that a role holds in some projects only is kept and not
  enforced.

Keys and what is said of roles stand in tables of the workspace's own, which the data model does not name, so that no
query reaches them. Keys stand there as they are: a workspace is a test double that has to tell its keys to whoever
starts it, not a provider of identities. Do not put a key there that opens anything else.
"""

from __future__ import annotations

import hmac
import secrets
import uuid
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace._faults import CredentialsFault
from ftrack_core.errors import InvalidCredentialsError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from ftrack_backends.workspace.store import Store

__all__ = [
    "Accounts",
    "Caller",
    "Credentials",
    "GlobalKey",
    "add_global_key",
    "give_missing_keys",
    "mark_read_only",
    "new_personal_key",
    "set_key_role",
]

_TABLES = (
    'CREATE TABLE IF NOT EXISTS "_keys" (id TEXT PRIMARY KEY, user_id TEXT, api_key TEXT, label TEXT)',
    'CREATE INDEX IF NOT EXISTS "_keys_by_user" ON "_keys" (user_id)',
    'CREATE TABLE IF NOT EXISTS "_key_roles" (key_id TEXT, role_id TEXT, PRIMARY KEY (key_id, role_id))',
    'CREATE TABLE IF NOT EXISTS "_read_only_roles" (role_id TEXT PRIMARY KEY)',
)
_GIVE = 'INSERT INTO "_keys" (id, user_id, api_key, label) VALUES (?, ?, ?, ?)'
_REPLACE = 'UPDATE "_keys" SET api_key = ? WHERE user_id = ?'
_READ_ONLY = 'INSERT OR IGNORE INTO "_read_only_roles" (role_id) VALUES (?)'
_USERS = """SELECT id FROM "Resource" WHERE "__type__" = 'User' ORDER BY rowid"""
_ALL = """
    SELECT user.username, key.api_key FROM "_keys" AS key JOIN "Resource" AS user ON user.id = key.user_id
    WHERE user.is_active AND user.username IS NOT NULL ORDER BY key.rowid
"""
_USER = """SELECT id FROM "Resource" WHERE username = ? AND "__type__" = 'User'"""
_ONE = """
    SELECT user.id, user.is_active, key.api_key FROM "Resource" AS user
    LEFT JOIN "_keys" AS key ON key.user_id = user.id WHERE user.username = ? AND user."__type__" = 'User'
"""
_CANDIDATES = """
    SELECT user.id, key.id, key.api_key, key.user_id IS NULL FROM "Resource" AS user
    JOIN "_keys" AS key ON key.user_id = user.id OR key.user_id IS NULL
    WHERE user.username = ? AND user."__type__" = 'User' AND user.is_active
"""
_USER_RESTRICTED = """
    SELECT min(security_role_id IN (SELECT role_id FROM "_read_only_roles")) FROM "UserSecurityRole" WHERE user_id = ?
"""
_KEY_RESTRICTED = """
    SELECT min(role_id IN (SELECT role_id FROM "_read_only_roles")) FROM "_key_roles" WHERE key_id = ?
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
        key_id: Id of the API key; empty for the workspace itself.
        is_global_key: Whether the key goes with any user's name.
        read_only: Whether the key may only read.
        strict: Whether the client asked for the strict API, and so may ask for aggregates.
    """

    id: str
    username: str
    client_token: str = ""
    push_token: str = ""
    key_id: str = ""
    is_global_key: bool = False
    read_only: bool = False
    strict: bool = False


@attrs.frozen
class GlobalKey:
    """A key that goes with the name of any active user.

    Attributes:
        api_key: The key; no representation shows it.
        label: What it is for, for people.
        role_ids: Ids of its security roles; none for one that may do everything.
    """

    api_key: str = attrs.field(repr=False)
    label: str = ""
    role_ids: tuple[str, ...] = ()


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
            if user_id and is_active and not api_key:
                api_key = new_personal_key(connection, user_id)
        if api_key and is_active:
            return Credentials(username, api_key)
        known = ", ".join(one.username for one in self.all()) or "nobody"
        raise InvalidCredentialsError(f"the workspace has no active user {username!r}; those with a key are {known}")

    def user_id(self, username: str) -> str | None:
        """Give the id of a user, active or not; None where there is no such user."""
        name = username.encode("utf-8", "replace").decode()
        with self._store.reading() as connection:
            found = connection.execute(_USER, (name,)).fetchone()
        return str(found[0]) if found else None

    def caller(self, username: str, api_key: str) -> Caller:
        """Find out who calls.

        Raises:
            CredentialsFault: There is no such active user, or the key is another's. Which of them, nobody is told.
        """
        name = username.encode("utf-8", "replace").decode()  # half a character could not be looked for
        given = api_key.encode("utf-8", "replace")
        with self._store.reading() as connection:
            candidates = connection.execute(_CANDIDATES, (name,)).fetchall()
            for user_id, key_id, expected, is_global in candidates:
                if hmac.compare_digest(str(expected).encode(), given):
                    rule, holder = (_KEY_RESTRICTED, key_id) if is_global else (_USER_RESTRICTED, user_id)
                    read_only = bool(connection.execute(rule, (holder,)).fetchone()[0])
                    return Caller(str(user_id), username, "", "", str(key_id), bool(is_global), read_only)
        raise CredentialsFault(
            "The user name or the API key is not valid here. Use one of the pairs that the workspace was opened with: "
            "`ftrack serve` prints them."
        )


def give_missing_keys(
    connection: sqlite3.Connection,
    keys: Mapping[str, str],
    global_keys: Iterable[GlobalKey] = (),
    read_only_roles: Iterable[str] = (),
) -> None:
    """Give every user a key who was there from the beginning, and keep what a seed says of keys and roles.

    Called within a transaction; a database that has keys already keeps what it has.

    Args:
        connection: Of the transaction.
        keys: Personal keys that a seed says, by user id; everybody else gets a random one.
        global_keys: Global keys that a seed says.
        read_only_roles: Ids of security roles that only let read.
    """
    for statement in _TABLES:
        connection.execute(statement)
    if connection.execute('SELECT 1 FROM "_keys"').fetchone() is not None:
        return
    for (user_id,) in connection.execute(_USERS).fetchall():
        new_personal_key(connection, user_id, keys.get(user_id))
    for one in global_keys:
        add_global_key(connection, one)
    mark_read_only(connection, read_only_roles)


def new_personal_key(connection: sqlite3.Connection, user_id: str, api_key: str | None = None) -> str:
    """Give a user a key; one that the user had opens nothing any more. Called within a transaction.

    Returns:
        The key: the one that was given, or a random one.
    """
    api_key = api_key or secrets.token_urlsafe(32)
    if not connection.execute(_REPLACE, (api_key, user_id)).rowcount:
        connection.execute(_GIVE, (str(uuid.uuid4()), user_id, api_key, ""))
    return api_key


def add_global_key(connection: sqlite3.Connection, key: GlobalKey) -> str:
    """Add a key that goes with any user's name, and give its id. Called within a transaction."""
    key_id = str(uuid.uuid4())
    connection.execute(_GIVE, (key_id, None, key.api_key, key.label))
    for role_id in key.role_ids:
        set_key_role(connection, key_id, role_id, granted=True)
    return key_id


def mark_read_only(connection: sqlite3.Connection, role_ids: Iterable[str]) -> None:
    """Say of security roles that they only let read. Called within a transaction."""
    connection.executemany(_READ_ONLY, [(one,) for one in role_ids])


def set_key_role(connection: sqlite3.Connection, key_id: str, role_id: str, *, granted: bool) -> bool:
    """Give a global key a role, or take it. Called within a transaction.

    Returns:
        Whether there is such a global key.
    """
    known = 'SELECT 1 FROM "_keys" WHERE id = ? AND user_id IS NULL'
    if connection.execute(known, (key_id,)).fetchone() is None:
        return False
    change = 'INSERT OR IGNORE INTO "_key_roles" VALUES (?, ?)'
    if not granted:
        change = 'DELETE FROM "_key_roles" WHERE key_id = ? AND role_id = ?'
    connection.execute(change, (key_id, role_id))
    return True

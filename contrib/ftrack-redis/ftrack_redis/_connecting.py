"""Clients of Redis."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.retry import Retry

from ftrack_core.errors import ConfigurationError
from ftrack_redis._options import RedisOptions

__all__ = ["Unanswered", "address_of", "client_of", "connection_of", "described", "digest"]

Unanswered: Final = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, OSError)
"""What is raised when Redis does not answer, or does not let us in. What it answers is a `ResponseError`."""


def client_of(options: RedisOptions, timeout_seconds: float, max_connections: int, retries: int = 1) -> redis.Redis:
    """A client, with a pool of connections of its own; none is opened, and a forked child opens its own.

    Args:
        options: Where Redis is.
        timeout_seconds: How long connecting, and each answer, may take.
        max_connections: How many may be open at once; who needs one more waits that long for it.
        retries: How often a command is sent anew over another connection when the one that it had turns out to be
            broken, as after a restart of Redis. One that was not answered in time is never sent again.

    Raises:
        ConfigurationError: The address is none.
    """
    arguments = _arguments(options, timeout_seconds, timeout_seconds, retries)
    pool = redis.BlockingConnectionPool(  # type: ignore[no-untyped-call]
        **arguments, timeout=timeout_seconds, max_connections=max_connections
    )
    return redis.Redis(connection_pool=pool)


def connection_of(options: RedisOptions, connect_seconds: float, answer_seconds: float) -> Any:
    """A single connection, open; whoever has it disconnects it.

    Args:
        options: Where Redis is.
        connect_seconds: How long connecting may take.
        answer_seconds: How long each answer may take.

    Raises:
        ConfigurationError: The address is none.
        redis.exceptions.RedisError: Redis cannot be reached, or does not let us in.
    """
    arguments = _arguments(options, connect_seconds, answer_seconds, 0)
    pool = redis.ConnectionPool(**arguments)
    connection: Any = pool.make_connection()
    connection.connect()
    return connection


def described(error: BaseException) -> str:
    """What an error was, in a line, without an address that might hold a password."""
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def address_of(options: RedisOptions) -> str:
    """Where Redis is, for people: without user and password.

    Raises:
        ConfigurationError: The address is none.
    """
    found = _address(options)
    database = found.get("db", 0)
    if "path" in found:
        return f"unix://{found['path']} database {database}"
    scheme = options.url.partition(":")[0]
    return f"{scheme}://{found.get('host', 'localhost')}:{found.get('port', 6379)}/{database}"


def digest(text: str) -> str:
    """A short name for a text: of one length, so that no key's beginning is another one's."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _arguments(options: RedisOptions, connect_seconds: float, answer_seconds: float, retries: int) -> dict[str, Any]:
    return _address(options) | {
        "socket_connect_timeout": connect_seconds,
        "socket_timeout": answer_seconds,
        "socket_keepalive": True,
        "retry": Retry(NoBackoff(), retries, supported_errors=(redis.exceptions.ConnectionError,)),
        "protocol": 2,
        "client_name": "ftrack-core",
    }


def _address(options: RedisOptions) -> dict[str, Any]:
    try:
        address: dict[str, Any] = dict(parse_url(options.url))  # type: ignore[no-untyped-call]
    except ValueError:
        address = {}
    if not address:
        raise ConfigurationError(
            "the address of Redis (option url, or FTRACK_REDIS_URL) cannot be read; write redis://HOST:PORT/DB, "
            "rediss://HOST:PORT/DB or unix:///PATH, with a password in the option password"
        )
    given = {"username": options.user_name, "password": options.password}
    tls = {
        "ssl_ca_certs": options.ca_bundle,
        "ssl_certfile": options.client_certificate,
        "ssl_keyfile": options.client_key,
    }
    if options.url.startswith("rediss:"):
        given.update({name: value for name, value in tls.items() if value})
    return address | {name: value for name, value in given.items() if value}

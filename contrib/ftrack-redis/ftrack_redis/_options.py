"""What can be chosen."""

from __future__ import annotations

from typing import Any

import attrs

__all__ = ["RedisCacheOptions", "RedisHubOptions", "RedisOptions"]

_POSITIVE = attrs.validators.gt(0.0)
_AT_LEAST_ONE = attrs.validators.ge(1)


def _prefix(_options: object, _field: object, value: str) -> None:
    if not value:
        raise ValueError("the prefix is empty; it sets the keys of ftrack apart from all others, as 'ftrack'")


@attrs.frozen(kw_only=True)
class RedisOptions:
    """Where Redis is, and how to get there."""

    url: str = attrs.field(
        default="redis://127.0.0.1:6379/0",
        repr=False,  # it may hold a password
        metadata={
            "help": "Address: `redis://HOST:PORT/DB`, `rediss://...` for TLS, or `unix:///PATH`.",
            "secret": True,
            "environment": "FTRACK_REDIS_URL",
        },
    )
    user_name: str = attrs.field(default="", metadata={"help": "Name of the user of Redis, where it has several."})
    password: str = attrs.field(
        default="",
        repr=False,
        metadata={"help": "Password of that user.", "secret": True, "environment": "FTRACK_REDIS_PASSWORD"},
    )
    ca_bundle: str | None = attrs.field(
        default=None, metadata={"help": "File of the certificate authorities to trust, with `rediss://`."}
    )
    client_certificate: str | None = attrs.field(
        default=None, metadata={"help": "File of the client certificate, with `rediss://`."}
    )
    client_key: str | None = attrs.field(default=None, metadata={"help": "File of the client certificate's key."})
    prefix: str = attrs.field(
        default="ftrack",
        validator=_prefix,
        metadata={"help": "What the names of all keys begin with; nothing else in Redis is looked at or changed."},
    )


@attrs.frozen(kw_only=True)
class RedisCacheOptions(RedisOptions):
    """Options of the `redis` cache."""

    timeout_seconds: float = attrs.field(
        default=0.25,
        validator=_POSITIVE,
        metadata={"help": "How long Redis may take before it is bypassed: to connect, and for each answer."},
    )
    retry_seconds: float = attrs.field(
        default=5.0,
        validator=_POSITIVE,
        metadata={"help": "How long it is bypassed before one call tries it again; it doubles with each failure."},
    )
    max_retry_seconds: float = attrs.field(
        default=60.0, validator=_POSITIVE, metadata={"help": "The longest time between two tries."}
    )
    keep_seconds: float = attrs.field(
        default=7 * 86_400.0,
        validator=_POSITIVE,
        metadata={"help": "When Redis forgets a record that nobody wrote again, also one to be kept for ever."},
    )
    max_connections: int = attrs.field(
        default=32, validator=_AT_LEAST_ONE, metadata={"help": "How many threads may speak to Redis at once."}
    )
    codec: Any = attrs.field(
        default="msgpack",
        metadata={"help": "How records become bytes: `msgpack`, `json`, or an `IRecordCodec` of your own."},
    )


@attrs.frozen(kw_only=True)
class RedisHubOptions(RedisOptions):
    """Options of the `redis` event hub."""

    connect_seconds: float = attrs.field(
        default=5.0, validator=_POSITIVE, metadata={"help": "How long connecting, and each answer, may take."}
    )
    silence_seconds: float = attrs.field(
        default=10.0,
        validator=attrs.validators.ge(1.0),
        metadata={"help": "After how long without a sign from Redis the connection counts as lost."},
    )
    stream_events: int = attrs.field(
        default=10_000,
        validator=_AT_LEAST_ONE,
        metadata={"help": "About how many events Redis keeps, for those who were away for a moment."},
    )
    max_queued_events: int = attrs.field(
        default=50_000,
        validator=_AT_LEAST_ONE,
        metadata={"help": "How many events that came wait for `wait()`; beyond it the oldest are dropped."},
    )
    reply_seconds: float = attrs.field(
        default=600.0, validator=_POSITIVE, metadata={"help": "How long replies to an event are waited for."}
    )
    max_unsent_events: int = attrs.field(
        default=10_000,
        validator=_AT_LEAST_ONE,
        metadata={"help": "How many published events wait for the connection; beyond it publishing is refused."},
    )
    reconnect_seconds: float = attrs.field(
        default=1.0,
        validator=_POSITIVE,
        metadata={"help": "About how long to wait before the second attempt to connect; it doubles with each."},
    )
    max_reconnect_seconds: float = attrs.field(
        default=60.0, validator=_POSITIVE, metadata={"help": "The longest wait between two attempts to connect."}
    )
    close_seconds: float = attrs.field(
        default=5.0,
        validator=attrs.validators.ge(0.0),
        metadata={"help": "How long closing waits at most for what was published to be sent."},
    )

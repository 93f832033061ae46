"""How the Redis is in which a cache keeps its records."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs
import redis

from ftrack_core.interfaces import IClock
from ftrack_core.values import Finding
from ftrack_redis._connecting import address_of, client_of, described
from ftrack_redis._options import RedisCacheOptions

__all__ = ["Examination"]

_FAULTS: Final = (redis.exceptions.RedisError, OSError, ValueError)
_MOST_APART_SECONDS: Final = 2.0


@attrs.frozen(eq=False)
class Examination:
    """Looks at Redis over a connection of its own, so that nothing of the cache's changes, not even its outage.

    Attributes:
        options: Where Redis is.
        prefix: What the names of the cache's keys begin with.
        clock: The clock of the cache.
        timeout_seconds: How long connecting, and each answer, may take.
    """

    options: RedisCacheOptions
    prefix: bytes
    clock: IClock
    timeout_seconds: float

    def findings(self) -> Iterator[Finding]:
        """The way there, what the server says of itself, and its clock; the first alone when that fails."""
        client = client_of(self.options, self.timeout_seconds, 1, retries=0)
        try:
            reached = self._connection(client)
            yield reached
            if reached.state != "failed":
                yield self._server(client)
                yield self._clock(client)
        finally:
            client.close()
            client.connection_pool.disconnect()

    def _connection(self, client: redis.Redis) -> Finding:
        """Connect and ask once for a key, as the cache does."""
        where = address_of(self.options)
        facts: dict[str, Any] = {"address": where}
        began = time.monotonic()
        try:
            client.mget([self.prefix])
            answered_at = time.monotonic()
            client.mget([self.prefix])
        except _FAULTS as error:
            took = time.monotonic() - began
            return Finding("connection", "failed", f"{where}: {described(error)}", _advice(error), took, facts)
        took = time.monotonic() - answered_at
        facts["answer_seconds"] = round(took, 6)
        text = f"{where} answers in {took * 1000:.1f} ms"
        if took > self.options.timeout_seconds:
            late = f"{text}, and is bypassed where it takes longer than {self.options.timeout_seconds:g} s"
            return Finding("connection", "warning", late, "see to the way there, or set timeout_seconds", took, facts)
        return Finding("connection", "ok", text, "", answered_at - began, facts)

    def _server(self, client: redis.Redis) -> Finding:
        """What it is, and whether it keeps what it is given."""
        try:
            told: Any = client.info()
        except _FAULTS as error:
            return _unknown("server", "INFO", error)
        facts = _facts(told)
        limit = f"of {facts['max_bytes']:,}" if facts["max_bytes"] else "without a limit"
        text = f"{facts['server']} {facts['version']}; it holds {facts['bytes']:,} bytes {limit}"
        if facts["role"] != "master":
            return Finding("server", "failed", f"{text}; it is a replica, and keeps nothing", _TO_MASTER, facts=facts)
        if facts["max_bytes"] and facts["eviction_policy"] == "noeviction":
            full = f"{text}; once it is full it refuses whatever is new (maxmemory-policy noeviction)"
            return Finding("server", "warning", full, "set maxmemory-policy allkeys-lru", facts=facts)
        return Finding("server", "ok", f"{text}, {facts['eviction_policy']}", facts=facts)

    def _clock(self, client: redis.Redis) -> Finding:
        """How far its clock and ours are apart: hosts that share a cache have to agree on the time."""
        try:
            seconds, micro = client.time()
        except _FAULTS as error:
            return _unknown("clock", "TIME", error)
        apart = self.clock.now() - (seconds + micro / 1_000_000)
        facts = {"seconds_apart": round(apart, 3)}
        if abs(apart) > _MOST_APART_SECONDS:
            text = f"this host is {abs(apart):,.1f} s {'ahead of' if apart > 0 else 'behind'} that of Redis"
            advice = "have both follow one clock (NTP): records look older or younger than they are"
            return Finding("clock", "warning", text, advice, facts=facts)
        return Finding("clock", "ok", f"{abs(apart) * 1000:.0f} ms from that of Redis", facts=facts)


_TO_MASTER: Final = "name the server that takes writes"


def _advice(error: BaseException) -> str:
    if isinstance(error, redis.exceptions.AuthenticationError):
        return "see to the options user_name and password, or FTRACK_REDIS_PASSWORD"
    if isinstance(error, redis.exceptions.NoPermissionError):
        return "allow that user what the README of ftrack-redis lists"
    return "see whether Redis runs there: the option url, or FTRACK_REDIS_URL; sessions go on without it"


def _unknown(check: str, command: str, error: BaseException) -> Finding:
    """What was not looked at, since this user may not ask; it needs no more rights than the cache does."""
    if isinstance(error, redis.exceptions.NoPermissionError):
        text = f"this user may not ask ({command})"
        return Finding(check, "skipped", text, f"allow it +{command.lower()} to have this looked at")
    return Finding(check, "warning", f"{command}: {described(error)}")


def _facts(told: Mapping[str, Any]) -> dict[str, Any]:
    """What of it matters here; Valkey tells a version of Redis too, the one that it stands for."""
    is_valkey = "valkey_version" in told
    return {
        "server": "Valkey" if is_valkey else "Redis",
        "version": str(told.get("valkey_version" if is_valkey else "redis_version", "of no version")),
        "role": str(told.get("role", "master")),
        "bytes": int(told.get("used_memory", 0)),
        "max_bytes": int(told.get("maxmemory", 0)),
        "eviction_policy": str(told.get("maxmemory_policy", "")),
        "evicted": int(told.get("evicted_keys", 0)),
    }

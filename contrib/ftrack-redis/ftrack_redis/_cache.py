"""Records in Redis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs
from zope.interface import implementer

from ftrack_backends.caches import SerialisedCache
from ftrack_core.interfaces import IBackendContext, IDiagnosed
from ftrack_redis._connecting import client_of, digest
from ftrack_redis._guarded import GuardedRedis
from ftrack_redis._options import RedisCacheOptions
from ftrack_redis._outage import Breaker
from ftrack_redis._store import RedisStore, forget_under

if TYPE_CHECKING:
    from ftrack_core.values import Finding

__all__ = ["RedisCache", "redis_cache"]


@implementer(IDiagnosed)
@attrs.define(eq=False, slots=False)
class RedisCache(SerialisedCache):
    """Records as bytes in Redis, for all processes of a farm that are of one server, user and key.

    Atomicity: each record is one value of Redis, so it is there whole or not at all; a batch is several.
    Processes and hosts: as many as Redis serves. They have to agree on the time where records expire.
    Expiry: by the clock of the cache, and at the latest after `keep_seconds`, by that of Redis.
    Persistence: what is in Redis outlives this process; whether it outlives Redis is Redis's own setting.
    Outages: while Redis does not answer in time, every record is missing and nothing is kept. The first call of an
    outage waits for one time-out; the others do not. What should have been replaced or removed meanwhile is removed
    before anything is served again, by this process; if it ends before, the setting `freshness` bounds how long an
    old record can be served to others.
    An entry that cannot be read (another version's, damaged, foreign) is missing, logged once, and removed.

    Thread safety: all calls; each thread has a connection of its own. A forked child opens its own.

    Attributes:
        options: Where Redis is; what `diagnose` looks at.
    """

    options: RedisCacheOptions = attrs.field(kw_only=True)

    def diagnose(self, timeout_seconds: float) -> Iterable[Finding]:
        """How Redis is, over a connection of its own; the first finding alone where it cannot be reached."""
        from ftrack_redis._diagnosis import Examination

        return Examination(self.options, self.cache.prefix, self.cache.clock, timeout_seconds).findings()


def redis_cache(options: RedisCacheOptions, context: IBackendContext) -> RedisCache:
    """Make a cache; no connection is opened.

    Raises:
        ConfigurationError: The address of Redis is none.
    """
    prefix = f"{options.prefix}:records:{digest(context.scope)}:".encode()
    redis = GuardedRedis(
        client=client_of(options, options.timeout_seconds, options.max_connections),
        breaker=Breaker(options.retry_seconds, options.max_retry_seconds),
        timeout_seconds=options.timeout_seconds,
        forget_all=lambda client: forget_under(client, prefix),
    )
    store = RedisStore(redis, prefix, options.keep_seconds, context.clock)
    return RedisCache(store, options.codec, options=options)

"""Redis or Valkey behind two seams of ftrack-core: a cache that a farm shares, and an event bus.

How to read it: this module declares what there is and imports no library. `_connecting` makes clients; `_outage` keeps
a dead or slow Redis from stalling anybody; `_store` keeps bytes in Redis; `_cache` keeps records in that, `_diagnosis`
tells how Redis is. `_bus` names streams and reads them, `_line` is a connection to one, `_hub` an event hub over that.
`bridging` brings what ftrack's own event server tells onto the bus.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
from zope.interface import implementer

from ftrack_core.interfaces import (
    IBackendContext,
    IBackendFactory,
    IBatchCache,
    ICache,
    IDiagnosed,
    IExpiringCache,
    IMeasured,
    IPersistentCache,
    IRemoteEventHub,
    ISharedCache,
)
from ftrack_redis._options import RedisCacheOptions, RedisHubOptions

__all__ = ["RedisCacheOptions", "RedisFactory", "RedisHubOptions", "cache", "event_hub"]


@implementer(IBackendFactory)
@attrs.frozen(kw_only=True)
class RedisFactory:
    """A factory that hands over to a function, which imports what it needs when it is called.

    Attributes:
        group: Entry-point group of the seam.
        name: Name in that group.
        summary: What the backend is, in one line.
        options: attrs class of its options.
        provides: Interfaces of what it makes.
        make: Makes the backend from options and context.
        requirement_hint: What to install when the library is missing.
    """

    group: str
    name: str = "redis"
    summary: str
    options: type[Any]
    provides: tuple[Any, ...]
    make: Callable[[Any, IBackendContext], Any] = attrs.field(repr=False)
    requirement_hint: str = "pip install 'redis>=5.0,<9'"

    def create(self, options: Any, context: IBackendContext) -> Any:
        """Make a backend; no connection is opened."""
        return self.make(options, context)


def _make_cache(options: RedisCacheOptions, context: IBackendContext) -> Any:
    from ftrack_redis._cache import redis_cache

    return redis_cache(options, context)


def _make_event_hub(options: RedisHubOptions, context: IBackendContext) -> Any:
    from ftrack_redis._hub import redis_event_hub

    return redis_event_hub(options, context)


cache = RedisFactory(
    group="ftrack.cache",
    summary="Records in Redis or Valkey, shared by a farm; bypassed while it is slow or gone.",
    options=RedisCacheOptions,
    provides=(ICache, IBatchCache, IExpiringCache, ISharedCache, IPersistentCache, IMeasured, IDiagnosed),
    make=_make_cache,
)

event_hub = RedisFactory(
    group="ftrack.event_hub",
    summary="Events over a stream in Redis or Valkey, shared by a farm, once it is asked to connect.",
    options=RedisHubOptions,
    provides=(IRemoteEventHub,),
    make=_make_event_hub,
)

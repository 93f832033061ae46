"""The hub of a farm."""

from __future__ import annotations

import attrs

from ftrack_backends.hub_parts import RemoteEventHub
from ftrack_core.interfaces import IBackendContext
from ftrack_redis._bus import stream_of
from ftrack_redis._line import StreamLine
from ftrack_redis._options import RedisHubOptions

__all__ = ["RedisEventHub", "redis_event_hub"]


@attrs.define(eq=False, kw_only=True, repr=False)
class RedisEventHub(RemoteEventHub):
    """Joined to all others of the same server by a stream in Redis; what it promises says its base.

    Beyond that: what others publish while the connection is broken comes after it stands again, as far back as the
    stream reaches. Each hub reads the whole stream and picks what its subscribers want, so that a subscription holds
    from the moment at which it is acknowledged. An event that is acknowledged is in the stream.

    Redis asks nobody who he is beyond its own password: whoever may write to it can speak as any user.
    """


def redis_event_hub(options: RedisHubOptions, context: IBackendContext) -> RedisEventHub:
    """Make a hub; nothing is opened."""
    shared = {field.name for field in attrs.fields(RedisEventHub)} & {
        field.name for field in attrs.fields(RedisHubOptions)
    }
    line = StreamLine(options, stream_of(options, context.server_url))
    return RedisEventHub(line=line, user=context.user, **{name: getattr(options, name) for name in shared})

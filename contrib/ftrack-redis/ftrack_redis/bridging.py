"""`ftrack redis-bridge`: bring what ftrack's event server tells onto the bus of a farm."""

from __future__ import annotations

import argparse
import logging
import os
from typing import TYPE_CHECKING, Any

import attrs
from zope.interface import implementer

from ftrack_core.errors import EventHubConnectionError, EventHubError
from ftrack_core.interfaces import ICommand
from ftrack_core.values import Event
from ftrack_redis._options import RedisHubOptions

if TYPE_CHECKING:
    from ftrack_core.config import Settings
    from ftrack_redis._bridge import Bridge

__all__ = ["BridgeCommand", "command"]

_LOG = logging.getLogger("ftrack_redis")
_BEAT_SECONDS = 5.0


@implementer(ICommand)
@attrs.frozen
class BridgeCommand:
    """Listens at ftrack's event server and puts what comes into the stream, until it is ended."""

    name: str = "redis-bridge"
    summary: str = "bring what ftrack's event server tells onto the bus in Redis"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        add = parser.add_argument
        add("--profile", metavar="NAME", help="profile of the config file, for the way to ftrack and to Redis")
        add("--hub", default="socketio", help="the event hub to listen at (socketio)")
        add("--topic", action="append", metavar="TOPIC", help="what to bring, again for more (ftrack.update)")
        add("--prefix", metavar="TEXT", help="the option prefix of the hubs on the bus, in place of the profile's")
        add(
            "--check", action="store_true", help="only tell whether a bridge stands; the exit status is 1 if none does"
        )
        parser.epilog = (
            "Redis is where sessions with that profile find their bus, if their event_hub is redis; else where "
            "FTRACK_REDIS_URL and FTRACK_REDIS_PASSWORD say."
        )

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; ends by a signal, or when the event server is left."""
        from ftrack_core.assembly import assemble
        from ftrack_core.config import resolve
        from ftrack_core.plugins import Registry
        from ftrack_redis._bridge import Bridge

        settings = resolve({}, profile=arguments.profile, studio=Registry().studio(os.environ))
        options = _bus_options(settings, arguments.prefix)
        backends = assemble(settings.replaced(event_hub=arguments.hub, cache=[]))
        bridge = Bridge.to(options, backends.server_url)
        try:
            if arguments.check:
                return int(not _stands(bridge))
            return _carry(backends.event_hub, bridge, arguments.topic or ["ftrack.update"])
        finally:
            bridge.close()
            backends.close()


def _stands(bridge: Bridge) -> bool:
    import redis

    from ftrack_redis._connecting import described

    try:
        return bridge.stands()
    except (redis.exceptions.RedisError, OSError) as error:
        raise EventHubConnectionError(
            f"Redis, at {bridge.address}, cannot be asked whether a bridge stands: {described(error)}; see to the "
            "event_hub of the profile, or to FTRACK_REDIS_URL"
        ) from error


def _bus_options(settings: Settings, prefix: str | None) -> RedisHubOptions:
    """Where the bus is: where a session with these settings joins it, else where the environment says."""
    from ftrack_core.assembly import assemble
    from ftrack_redis._line import StreamLine

    backends = assemble(settings.replaced(cache=[]))
    try:
        line = getattr(backends.event_hub, "line", None)
        options = line.options if isinstance(line, StreamLine) else _of_environment()
    finally:
        backends.close()
    return attrs.evolve(options, prefix=prefix) if prefix else options


def _of_environment() -> RedisHubOptions:
    """What the variables say; the defaults where they say nothing."""
    variables = {field.name: field.metadata.get("environment", "") for field in attrs.fields(RedisHubOptions)}
    found: dict[str, Any] = {name: os.environ[each] for name, each in variables.items() if os.environ.get(each)}
    return RedisHubOptions(**found)


def _begin(hub: Any, bridge: Bridge) -> None:
    """Once the event server knows what is wanted here, tell everybody that something may have been missed."""
    try:
        hub.publish_acknowledged(Event("ftrack.redis.bridge"), _BEAT_SECONDS)
    except EventHubError:
        _LOG.debug("the event server does not say that it knows what is wanted; it is asked again when it is back")
    bridge.missed()


def _carry(hub: Any, bridge: Bridge, topics: list[str]) -> int:
    for topic in topics:
        hub.subscribe(f"topic={topic}", lambda event: bridge.forward(event.as_event()))
    hub.subscribe(f"topic=ftrack.meta.connected and source.id={hub.id}", lambda _event: _begin(hub, bridge))
    hub.connect()
    while (reason := hub.wait(_BEAT_SECONDS)) == "time over":
        bridge.sign()
    return int(reason != "stopped")


command = BridgeCommand()

"""`ftrack redis-bridge`: bring what ftrack's event server tells onto the bus of a farm."""

from __future__ import annotations

import argparse
import logging
import os
from typing import TYPE_CHECKING, Any

import attrs
from zope.interface import implementer

from ftrack_core.errors import EventHubError
from ftrack_core.interfaces import ICommand
from ftrack_core.values import Event
from ftrack_redis._options import RedisHubOptions

if TYPE_CHECKING:
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
        add("--profile", metavar="NAME", help="profile of the config file, for the way to ftrack")
        add("--hub", default="socketio", help="the event hub to listen at (socketio)")
        add("--topic", action="append", metavar="TOPIC", help="what to bring, again for more (ftrack.update)")
        add("--prefix", default="ftrack", help="the option prefix of the hubs on the bus (ftrack)")
        add(
            "--check", action="store_true", help="only tell whether a bridge stands; the exit status is 1 if none does"
        )
        parser.epilog = "Where Redis is say FTRACK_REDIS_URL and FTRACK_REDIS_PASSWORD."

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; ends by a signal, or when the event server is left."""
        from ftrack_core.session import Session
        from ftrack_redis._bridge import Bridge

        with Session(
            plugin_paths=[],
            auto_connect_event_hub=False,
            profile=arguments.profile,
            config={"event_hub": arguments.hub, "installed_plugins": False},
        ) as session:
            bridge = Bridge.to(_options(arguments.prefix), session.server_url)
            try:
                if arguments.check:
                    return int(not bridge.stands())
                return _carry(session.event_hub, bridge, arguments.topic or ["ftrack.update"])
            finally:
                bridge.close()


def _options(prefix: str) -> RedisHubOptions:
    variables = {"url": "FTRACK_REDIS_URL", "password": "FTRACK_REDIS_PASSWORD"}
    found: dict[str, Any] = {option: os.environ[name] for option, name in variables.items() if os.environ.get(name)}
    return RedisHubOptions(prefix=prefix, **found)


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

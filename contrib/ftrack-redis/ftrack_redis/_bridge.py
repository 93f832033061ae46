"""What ftrack's event server tells, told to the farm."""

from __future__ import annotations

import json
import logging
from typing import Any, Final

import attrs
import redis

from ftrack_core.protocol import event_to_wire
from ftrack_core.values import Event
from ftrack_redis._bus import EVENT, GAP, TOPIC, stream_of
from ftrack_redis._connecting import address_of, client_of, described, digest
from ftrack_redis._options import RedisHubOptions

__all__ = ["Bridge"]

_LOG = logging.getLogger("ftrack_redis")
_REMEMBERED_SECONDS: Final = 600
_SIGN_SECONDS: Final = 15


@attrs.define(eq=False)
class Bridge:
    """Puts events of ftrack's event server into the stream that a farm shares.

    Several may run for one server: whichever comes first with an event puts it there. What cannot be put there, and
    what the event server said while nobody listened, is a *gap*: every hub on the bus is told as soon as it can be,
    and behaves as after a broken connection.

    Thread safety: used by the one thread that waits at the event server.

    Attributes:
        client: Asks Redis; it sends nothing twice.
        stream: Name of the stream.
        address: Where Redis is, without user and password.
        most: About how many events Redis keeps.
    """

    client: redis.Redis
    stream: bytes
    address: str
    most: int
    _gap: bool = attrs.field(default=True, init=False)
    _out: bool = attrs.field(default=False, init=False)

    @classmethod
    def to(cls, options: RedisHubOptions, server_url: str) -> Bridge:
        """A bridge to the bus of those who work with a server; nothing is opened.

        Raises:
            ConfigurationError: The address of Redis is none.
        """
        client = client_of(options, options.connect_seconds, 1, retries=0)
        return cls(client, stream_of(options, server_url), address_of(options), options.stream_events)

    def forward(self, event: Event) -> None:
        """Put an event into the stream, unless another bridge has."""
        self._attempt(lambda: self._put(event))

    def missed(self) -> None:
        """Take note that something was said that nobody heard, and tell everybody."""
        self._gap = True
        self.sign()

    def sign(self) -> None:
        """Tell what is owed, and give a sign of life."""
        self._attempt(lambda: self.client.set(self._sign, b"1", ex=_SIGN_SECONDS))

    def stands(self) -> bool:
        """Whether a bridge of this bus gave a sign of life lately.

        Raises:
            redis.exceptions.RedisError: Redis does not answer.
        """
        return bool(self.client.exists(self._sign))

    def close(self) -> None:
        """Let go of the connection."""
        self.client.close()

    @property
    def _sign(self) -> bytes:
        return self.stream + b":bridge"

    def _put(self, event: Event) -> None:
        seen = self.stream + b":seen:" + digest(event.id).encode()
        if self.client.set(seen, b"1", nx=True, ex=_REMEMBERED_SECONDS):
            text = json.dumps(event_to_wire(event), separators=(",", ":"), default=dict)
            self._add({TOPIC: event.topic, EVENT: text})

    def _add(self, fields: dict[Any, Any]) -> None:
        self.client.xadd(self.stream, fields, maxlen=self.most, approximate=True)

    def _attempt(self, step: Any) -> None:
        """Do something, after what is owed; what fails is a gap, logged once until it works again."""
        try:
            if self._gap:
                self._add({GAP: b"1"})
                self._gap = False
            step()
        except (redis.exceptions.RedisError, OSError, TypeError, ValueError) as error:
            self._gap = True
            level, self._out = logging.DEBUG if self._out else logging.WARNING, True
            _LOG.log(level, "events do not get to Redis; this is said once until they do: %s", described(error))
        else:
            self._out = False

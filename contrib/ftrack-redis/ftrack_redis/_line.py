"""A connection to the stream of a bus: one socket that writes, one that reads."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import attrs
import redis

from ftrack_backends.hub_parts import Receiver
from ftrack_core.errors import Error, EventHubConnectionError, ParseError
from ftrack_core.events import Expression
from ftrack_redis._bus import EVENT, GAP, MAX_BYTES, START, TOPIC, Wanted, event_of, place_of
from ftrack_redis._connecting import connection_of, described
from ftrack_redis._options import RedisHubOptions

__all__ = ["OpenStreamLine", "StreamLine"]

_LOG = logging.getLogger("ftrack_redis")
_AT_ONCE = 500


@attrs.define(eq=False)
class Place:
    """How far a hub has read, from its joining to its leaving: what an earlier connection still reads moves its own.

    Attributes:
        entry: The entry that was read last; empty for none.
    """

    entry: bytes = b""


@attrs.define(eq=False)
class StreamLine:
    """Opens connections to a stream.

    After a connection that broke, the next one goes on where that ended, as far back as the stream reaches; after one
    that was ended on purpose, it begins with what comes from then on.

    Attributes:
        options: Where Redis is.
        stream: Name of the stream.
        wanted: What the hub's subscribers want.
    """

    options: RedisHubOptions
    stream: bytes
    wanted: Wanted = attrs.field(factory=Wanted, init=False)
    _places: WeakKeyDictionary[Receiver, Place] = attrs.field(factory=WeakKeyDictionary, init=False)
    _latest: Receiver | None = attrs.field(default=None, init=False)
    """Of those who joined, each with a receiver of its own, the last one."""

    def open(self, receiver: Receiver, again: bool) -> OpenStreamLine:
        """Connect, and return once both connections stand.

        Args:
            receiver: Told of what comes.
            again: Whether it goes on where the last connection ended.

        Raises:
            EventHubConnectionError: Redis cannot be reached, or does not let us in.
        """
        options, opened = self.options, list[Any]()
        self._latest = receiver
        place = self._places.get(receiver, Place()) if again else Place()
        try:
            opened.append(connection_of(options, options.connect_seconds, options.connect_seconds))
            opened.append(connection_of(options, options.connect_seconds, options.silence_seconds))
            self._find_place(place, opened[0])
        except (redis.exceptions.RedisError, OSError) as error:
            for connection in opened:
                _disconnected(connection)
            raise EventHubConnectionError(f"Redis cannot be joined: {described(error)}") from error
        self._places[receiver] = place
        if self._latest is receiver:
            self.wanted.begin()
        return OpenStreamLine(self, place, opened[0], opened[1], receiver)

    def _find_place(self, place: Place, connection: Any) -> None:
        """Where to begin to read: where the last connection ended, or at the end of the stream."""
        connection.send_command("XREVRANGE", self.stream, "+", "-", "COUNT", 1)
        newest = connection.read_response()
        end = newest[0][0] if newest else START
        if not place.entry or place_of(place.entry) > place_of(end):  # the stream was emptied, and begins anew
            place.entry = end


@attrs.define(eq=False, repr=False)
class OpenStreamLine:
    """A connection that stands.

    An event counts as acknowledged once Redis has it in the stream: whoever is joined gets it, and whoever is away
    for a moment gets it afterwards. That somebody did is what nobody knows; replies tell that.

    Thread safety: `run` is called by one thread, `send` by another, `close` by any.
    """

    _line: StreamLine
    _place: Place
    _writing: Any
    _reading: Any
    _receiver: Receiver
    _closing: bool = attrs.field(default=False, init=False)
    _garbage: int = attrs.field(default=0, init=False)

    def send(self, text: str, number: int) -> None:
        """Take note of a subscription, or put an event into the stream."""
        wire = json.loads(text)
        refusal = self._subscribed(wire) if wire["topic"].startswith("ftrack.meta.") else None
        if refusal is None:
            refusal = _refusal(wire, text) or self._put(wire["topic"], text)
        if refusal is not None:
            self._receiver.acknowledged(number, refusal)

    def run(self) -> str:
        """Bring what comes until the connection is over."""
        try:
            while not self._closing:
                for identifier, found in self._next():
                    fields = dict(zip(found[::2], found[1::2], strict=False))
                    self._place.entry = identifier
                    if GAP in fields:
                        return "events from ftrack were missed"
                    self._deliver(identifier, fields)
            return "it was closed"
        except Exception as error:  # noqa: BLE001 - what the library raises where another thread disconnects is anything
            return "it was closed" if self._closing else f"Redis is gone: {described(error)}"
        finally:
            self._end()

    def close(self) -> None:
        """Have `run` come to its end."""
        self._closing = True
        self._end()

    def drop(self) -> None:
        """Let go of the sockets; in a forked child the library shuts nothing down that is the parent's."""
        self._closing = True
        self._end()

    def _subscribed(self, wire: dict[str, Any]) -> str | None:
        """What becomes of a subscription: nothing leaves this process; None for what is none."""
        data = wire["data"]
        try:
            if wire["topic"] == "ftrack.meta.subscribe":
                self._line.wanted.subscribe(data["subscription"], data["subscriber"])
            elif wire["topic"] == "ftrack.meta.unsubscribe":
                self._line.wanted.unsubscribe(str(data["subscriber"]["id"]))
            else:
                return None
        except ParseError as error:
            return str(error)
        return ""

    def _put(self, topic: str, text: str) -> str | None:
        """Put an event into the stream; gives why Redis refuses it, empty for not at all, None if nobody knows."""
        bound = ("MAXLEN", "~", self._line.options.stream_events)
        self._writing.send_command("XADD", self._line.stream, *bound, "*", TOPIC, topic, EVENT, text)
        try:
            self._writing.read_response()
        except redis.exceptions.ResponseError as error:
            return described(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the event may be in the stream or not
            _LOG.debug("Redis did not say whether it took an event: %s", described(error))
            self._end()
            return None
        return ""

    def _next(self) -> Sequence[tuple[bytes, Sequence[bytes]]]:
        """What is new in the stream; nothing when there is nothing for a while."""
        line = self._line
        block = ("BLOCK", max(1, int(line.options.silence_seconds * 500)))
        self._reading.send_command("XREAD", "COUNT", _AT_ONCE, *block, "STREAMS", line.stream, self._place.entry)
        found = self._reading.read_response()
        return found[0][1] if found else ()

    def _deliver(self, identifier: bytes, fields: dict[bytes, bytes]) -> None:
        if not self._line.wanted.topic(fields.get(TOPIC, b"").decode("utf-8", "replace")):
            return
        try:
            event = event_of(identifier, fields.get(EVENT, b""))
        except (Error, ValueError, RecursionError) as error:
            self._note_garbage(error)
            return
        if self._line.wanted.event(event):
            self._receiver.event(event)

    def _note_garbage(self, error: Exception) -> None:
        """Pass over what nobody can read: the next entry may be fine. Said once a connection."""
        self._garbage += 1
        if self._garbage == 1:
            _LOG.warning("something in the stream of events is none and is passed over: %s", described(error))

    def _end(self) -> None:
        _disconnected(self._writing)
        _disconnected(self._reading)


def _disconnected(connection: Any) -> None:
    """End a connection, whatever another thread does with it."""
    try:
        connection.disconnect()
    except Exception:  # noqa: BLE001 - it is over in any case
        _LOG.debug("a connection to Redis did not end as it should", exc_info=True)


def _refusal(wire: dict[str, Any], text: str) -> str | None:
    """Why an event is not put into the stream; None if it is."""
    if len(text) > MAX_BYTES:
        return f"it is longer than {MAX_BYTES} bytes"
    try:
        if wire["target"]:
            Expression.parse(wire["target"])
    except (ParseError, TypeError, AttributeError) as error:
        return f"its target cannot be read: {error}"
    return None

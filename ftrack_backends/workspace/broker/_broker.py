"""The broker: events in, one line, each to whoever wants it."""

from __future__ import annotations

import logging
import threading
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from ftrack_backends.workspace.broker._event_log import EventLog
from ftrack_backends.workspace.broker._member import Delivery, Limits, Member
from ftrack_core.errors import ConnectionClosedError, EventHubPacketError, NotFoundError, NotUniqueError, ParseError
from ftrack_core.events import Expression, Subscription, Subscriptions
from ftrack_core.values import Event

if TYPE_CHECKING:
    from ftrack_backends.workspace._accounts import Caller
    from ftrack_core.interfaces import IClock

__all__ = ["Broker"]

_LOG = logging.getLogger(__name__)

Posted: TypeAlias = "Event | Callable[[], Event | None]"


def _nothing() -> None:
    """Nobody needs to be told."""


@attrs.define(eq=False)
class Broker:
    """Hands events to those who want them.

    Ordering: events are handed on in the order in which they were posted, by one thread of the broker's own, so every
    member gets them in that order. Delivery: to each member once, however many of its subscriptions match; the one
    that published included. A subscription sees what is posted after it was made, and nothing after it was ended.

    Thread safety: every method may be called by many threads, and none waits for a member.
    Lifetime: until `close`. The thread starts with the first event, and never keeps the interpreter from exiting.

    Attributes:
        id: Hexadecimal uuid; the source of what the workspace itself publishes.
        limits: What a member may have.
        log: What was handed on.
    """

    _clock: IClock
    _user_id: Callable[[str], str | None]
    limits: Limits = attrs.field(factory=Limits)
    id: str = attrs.field(factory=lambda: uuid.uuid4().hex, init=False)
    log: EventLog = attrs.field(factory=EventLog, init=False)
    _changed: threading.Condition = attrs.field(factory=threading.Condition, init=False, repr=False)
    _line: deque[tuple[Posted, Caller]] = attrs.field(factory=deque, init=False, repr=False)
    _posted: int = attrs.field(default=0, init=False)
    _routed: int = attrs.field(default=0, init=False)
    _members: dict[int, Member] = attrs.field(factory=dict, init=False, repr=False)
    _numbers: count[int] = attrs.field(factory=count, init=False, repr=False)
    _subscriptions: Subscriptions = attrs.field(factory=Subscriptions, init=False, repr=False)
    _owners: dict[str, Member] = attrs.field(factory=dict, init=False, repr=False)
    _thread: threading.Thread | None = attrs.field(default=None, init=False, repr=False)
    _closed: bool = attrs.field(default=False, init=False)

    @property
    def members(self) -> int:
        """How many take part."""
        return len(self._members)

    @property
    def backlog(self) -> int:
        """How many events stand in line."""
        return len(self._line)

    def join(
        self,
        caller: Caller,
        *,
        framed: bool = False,
        wake: Callable[[], None] = _nothing,
        overrun: Callable[[], None] = _nothing,
    ) -> Member:
        """Take part.

        Args:
            caller: In whose name.
            framed: Whether it takes frames, whose size counts, and not events.
            wake: Called when there is something in its outlet after there was nothing, and when that closes.
            overrun: Called when its outlet was full and it was cut off.

        Raises:
            ConnectionClosedError: The broker is closed.
        """
        with self._changed:
            self._refuse_closed()
            number = next(self._numbers)

            def cut_off() -> None:
                _LOG.warning("an event client of %s did not keep up: it is cut off", caller.username or "nobody")
                self.leave(member)
                overrun()

            member = Member.of(number, caller, self.limits, framed, wake, cut_off)
            self._members[number] = member
        return member

    def leave(self, member: Member) -> None:
        """Take part no more: its subscriptions end with it. A second call does nothing."""
        with self._changed:
            self._members.pop(member.number, None)
            for subscription, _ in member.subscriptions.values():
                self._subscriptions.remove(subscription.id)
                del self._owners[subscription.id]
            member.subscriptions.clear()
        member.outlet.close()

    def subscribe(self, member: Member, expression: str, metadata: Mapping[str, Any]) -> str:
        """Have a member get what an expression matches, from the next event on.

        Args:
            member: Who wants it.
            expression: In the subscription language.
            metadata: What targets are matched with; its `id` is the subscriber's.

        Returns:
            Id of the subscriber; a new one where the metadata has none.

        Raises:
            ParseError: The expression is not of the language, or too long.
            NotUniqueError: The member has a subscriber of that id, or as many as it may.
            ConnectionClosedError: The member takes part no more.
        """
        if len(expression) > self.limits.expression_characters:
            raise ParseError(f"an expression may have {self.limits.expression_characters} characters at most")
        parsed = Expression.parse(expression)
        identifier = str(metadata.get("id") or uuid.uuid4().hex)
        own = f"{member.number} {identifier}"
        subscription = Subscription(own, parsed, _uncalled, {**metadata, "id": identifier})
        with self._changed:
            self._demand_room(member, identifier)
            self._subscriptions.add(subscription)
            self._owners[own] = member
            member.subscriptions[identifier] = (subscription, self._posted)
        return identifier

    def unsubscribe(self, member: Member, subscriber_id: str) -> None:
        """End a subscription.

        Raises:
            NotFoundError: The member has no subscriber of that id.
        """
        with self._changed:
            found = member.subscriptions.pop(subscriber_id, None)
            if found is None:
                raise NotFoundError(f"there is no subscriber {subscriber_id!r} on this connection")
            self._subscriptions.remove(found[0].id)
            del self._owners[found[0].id]

    def post(self, posted: Posted, caller: Caller) -> None:
        """Put an event into the line; it is handed on soon, by another thread. After `close` nothing happens.

        Args:
            posted: The event, or a function that makes it, called by the broker's thread; None means no event.
            caller: In whose name: the source is completed with it.
        """
        with self._changed:
            if self._closed:
                return
            self._line.append((posted, caller))
            self._posted += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ftrack-workspace-broker", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def settle(self, timeout_seconds: float | None = None, behind: int = 0) -> bool:
        """Wait until what was posted before this call is handed on, or so long.

        Args:
            timeout_seconds: How long at most; None for no end but that of the broker.
            behind: How many may still stand in line.

        Returns:
            Whether it is.
        """
        with self._changed:
            goal = self._posted - behind
            self._changed.wait_for(lambda: self._closed or self._routed >= goal, timeout_seconds)
            return self._routed >= goal

    def close(self) -> None:
        """End it: nothing is handed on any more, and every member's outlet closes. A second call does nothing."""
        with self._changed:
            self._closed = True
            self._line.clear()
            members = list(self._members.values())
            self._changed.notify_all()
        for member in members:
            self.leave(member)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _demand_room(self, member: Member, identifier: str) -> None:
        if member.number not in self._members:
            raise ConnectionClosedError("this connection is over; it can subscribe to nothing")
        if identifier in member.subscriptions:
            raise NotUniqueError(f"there is a subscriber {identifier!r} on this connection already")
        if len(member.subscriptions) >= self.limits.subscriptions:
            raise NotUniqueError(f"a connection may have {self.limits.subscriptions} subscribers at most")

    def _refuse_closed(self) -> None:
        if self._closed:
            raise ConnectionClosedError("the workspace is closed; open it again to go on")

    def _run(self) -> None:
        while (found := self._next()) is not None:
            number, posted, caller = found
            try:
                self._hand_on(number, posted, caller)
            except Exception:  # noqa: BLE001 - whatever is wrong with one event, the others go on
                _LOG.exception("an event could not be handed on; the next ones are")
            with self._changed:
                self._routed = number
                self._changed.notify_all()

    def _next(self) -> tuple[int, Posted, Caller] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._line)
            return None if self._closed else (self._routed + 1, *self._line.popleft())

    def _hand_on(self, number: int, posted: Posted, caller: Caller) -> None:
        event = posted() if callable(posted) else posted
        if event is None:
            return
        signed = self._signed(event, caller)
        wanted_by = self._wanted_by(signed, number)
        self.log.add(signed)
        delivery = Delivery(signed)
        for member in wanted_by:
            member.deliver(delivery)

    def _wanted_by(self, event: Event, number: int) -> list[Member]:
        """Members that want an event, each once."""
        meant_for = _target(event.target)
        seen_as = _seen_as(event)
        wanting: dict[int, Member] = {}
        with self._changed:
            for one in self._subscriptions.candidates(event.topic):
                member = self._owners[one.id]
                if member.number in wanting or member.subscriptions[one.metadata["id"]][1] >= number:
                    continue
                if one.expression.matches(seen_as) and (meant_for is None or meant_for.matches(one.metadata)):
                    wanting[member.number] = member
        return list(wanting.values())

    def _signed(self, event: Event, caller: Caller) -> Event:
        """Complete what a client may leave out: id, moment, and the user that it comes from."""
        moment = datetime.fromtimestamp(self._clock.now(), timezone.utc)
        sent = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
        source = {**event.source, "user": self._user(event.source.get("user"), caller)}
        return attrs.evolve(event, id=event.id or uuid.uuid4().hex, source=source, sent=sent)

    def _user(self, given: object, caller: Caller) -> dict[str, Any]:
        own = {"id": caller.id, "username": caller.username}
        if not isinstance(given, Mapping) or not given:
            return own
        named = given.get("username")
        if given.get("id"):
            return dict(given)
        known = caller.id if named in {None, caller.username} else self._user_id(str(named))
        return {"username": caller.username, **given, "id": known or caller.id}


def _uncalled(_event: object) -> None:
    """A subscription of the broker is looked up and not called: its member's outlet gets the event."""


def _seen_as(event: Event) -> dict[str, Any]:
    """What expressions see: the keys that Python clients know, and those that are on the wire."""
    return {
        "topic": event.topic,
        "id": event.id,
        "data": event.data,
        "source": event.source,
        "target": event.target,
        "sent": event.sent,
        "in_reply_to_event": event.in_reply_to_event,
        "inReplyToEvent": event.in_reply_to_event,
    }


@lru_cache(maxsize=1024)
def _parsed_target(target: str) -> Expression:
    return Expression.parse(target)


def _target(target: str) -> Expression | None:
    return _parsed_target(target) if target else None


def demand_publishable(event: Event) -> None:
    """Refuse an event that could reach nobody.

    Raises:
        EventHubPacketError: Its target is not of the language.
    """
    try:
        _target(event.target)
    except ParseError as error:
        raise EventHubPacketError(f"the target of the event is no expression: {error}") from error

"""A hub without a way to anybody else: who subscribed, what came, who waits."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from ftrack_backends.hub_parts._asking import Asking
from ftrack_backends.hub_parts._familiar import Familiar
from ftrack_backends.hub_parts._signing import Signature, event_of, new_id
from ftrack_backends.hub_parts._subscribing import guarded
from ftrack_backends.hub_parts._waiting import Wait, Waiting
from ftrack_core.errors import EventHubConnectionError, InvalidTypeError
from ftrack_core.events import REPLY_TOPIC, DispatchedEvent, Expected, reply_to
from ftrack_core.values import Event

__all__ = ["BaseEventHub"]

_LOG = logging.getLogger("ftrack_backends.event_hubs")
_LOOK_SECONDS: Final = 1.0
"""A wait wakes up so often, so that replies expire, and that Ctrl+C is seen on Windows."""

_ON_ERROR: Final = ("raise", "ignore")


@attrs.define(eq=False, kw_only=True, repr=False)
class BaseEventHub(Familiar):
    """What every hub does by itself: subscribing, dispatching in order, waiting, replies and their expiry.

    A subclass says how an event that is not synchronous leaves the hub (`_send`), and calls `_received` with each that
    comes. It may also say what else happens when a subscriber comes or goes, and why a wait makes no sense
    (`_refuse_waiting`).

    Thread safety: all calls. The lock is held to look up and to queue, never while a callback runs.

    Attributes:
        user: Name of the user that published events are signed with.
        server_url: URL of the session's server, for who asks; empty where nobody said it.
        max_queued_events: How many events wait at most to be handled.
        reply_seconds: How long replies are waited for.
        id: Hexadecimal uuid of this hub.
    """

    user: str = ""
    server_url: str = ""
    max_queued_events: int = attrs.field(default=10_000, validator=attrs.validators.ge(1))
    reply_seconds: float = 600.0
    id: str = attrs.field(factory=new_id)

    def __attrs_post_init__(self) -> None:
        super().__init__()
        self._asking = Asking()
        self._waiting = Waiting(self.max_queued_events)
        self._signature = Signature(self.id, self.user)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}{' closed' if self._changed.closed else ''}>"

    @property
    def dropped(self) -> int:
        """How many events were dropped because nobody handled them in time."""
        return self._waiting.dropped

    def publish(
        self,
        event: Event,
        synchronous: bool = False,
        on_reply: Callable[[Any], object] | None = None,
        on_error: str = "raise",
    ) -> list[Any]:
        """Tell subscribers: now and here, or through the hub's own way."""
        if on_error not in _ON_ERROR:
            raise InvalidTypeError(f"on_error says what a failed publish does: 'raise' or 'ignore', not {on_error!r}")
        if synchronous:
            self._refuse_closed()
            return self._dispatch(self._signature.dispatched(event))
        signed = self._signature.under(event)
        expected = None if on_reply is None else self._expect(signed, on_reply)
        try:
            self._send(signed)
        except BaseException as error:
            self._forget(expected)
            if on_error == "raise" or not isinstance(error, EventHubConnectionError):
                raise
            _LOG.debug("the event %s (%s) was not published; this was to be ignored", signed.id, signed.topic)
        return []

    def publish_reply(
        self, source_event: Event, data: Mapping[str, Any], source: Mapping[str, Any] | None = None
    ) -> None:
        """Answer an event; `source` adds to what is said of who answers."""
        answer = reply_to(event_of(source_event), data, new_id())
        self.publish(attrs.evolve(answer, source=source or {}))

    def request(self, event: Event, timeout_seconds: float = 30.0) -> Event:
        """Publish an event and wait for the first reply."""
        signed = self._signature.under(event)
        with self._changed:
            question = self._asking.ask(signed, time.monotonic() + timeout_seconds + 1.0)
        try:
            self._send(signed)
            return question.answer(timeout_seconds)
        finally:
            with self._changed:
                self._asking.done(question)

    def wait(self, duration_seconds: float | None = None, duration: float | None = None) -> str:
        """Handle queued events in this thread.

        Args:
            duration_seconds: How long. What was queued before the call is handled in any case, so that 0 means "what
                there is"; None waits until told to end.
            duration: The same, as programs made for ftrack's own client call it.

        Returns:
            Why it ended: `time over`, `stopped`, `disconnected` or `closed`.
        """
        seconds = duration if duration_seconds is None else duration_seconds
        with self._changed:
            self._refuse_waiting(seconds)
            wait = self._waiting.begun(None if seconds is None else time.monotonic() + seconds)
        while not isinstance(found := self._next(wait), str):
            self._handle(found)
        return found

    def run(self) -> str:
        """Handle events in this thread until told to end; gives why it ended, as `wait` does."""
        reason = self.wait()
        _LOG.info("the event hub %s handles events no more: %s", self.id, reason)
        return reason

    def stop(self) -> None:
        """End every `wait` and `run` that is going on; what is queued stays for the next. Handlers may call it."""
        with self._changed:
            self._waiting.stop()
            self._changed.notify_all()

    def close(self) -> None:
        """End all subscriptions, forget queued events and send waiting threads home."""
        with self._changed:
            self._changed.closed = True
            self._end_subscriptions()
            self._waiting.clear()
            self._asking.leave("the event hub was closed")
            self._changed.notify_all()

    # What a subclass says.

    def _send(self, event: Event) -> None:
        """Have a signed event leave the hub."""
        raise NotImplementedError

    def _refuse_waiting(self, duration_seconds: float | None) -> None:
        """Refuse a wait that could never see anything; called under the lock."""

    # What comes.

    def _received(self, event: Event) -> None:
        """Take an event: by whichever thread brings it."""
        self._tap(event)
        asked: list[Expected] = []
        with self._changed:
            self._refuse_closed()
            if event.topic == REPLY_TOPIC:
                asked = self._asking.answered(event, time.monotonic(), at_once=True)
            if not self._is_quiet(event):
                self._waiting.append(event)
                self._changed.notify_all()
        for one in asked:
            one.callback(event)

    def _next(self, wait: Wait) -> Event | str:
        """The next event, or why there is none."""
        with self._changed:
            while not self._changed.closed:
                now = time.monotonic()
                self._asking.expire(now)
                found = self._waiting.next(wait, now)
                if found is not None:
                    return found
                self._changed.wait(_LOOK_SECONDS if wait.deadline is None else min(wait.deadline - now, _LOOK_SECONDS))
        return "closed"

    def _handle(self, event: Event) -> None:
        if event.topic == REPLY_TOPIC:
            self._tell_expecting(event)
        for result in self._dispatch(DispatchedEvent(event)):
            if result is not None and not self._changed.closed:
                self._reply(event, result)

    def _tell_expecting(self, event: Event) -> None:
        with self._changed:
            waiting = self._asking.answered(event, time.monotonic(), at_once=False)
        for one in waiting:
            guarded(one.callback, DispatchedEvent(event), f"the callback for replies to {one.event_id}")

    def _reply(self, event: Event, result: object) -> None:
        try:
            self.publish(reply_to(event, result, new_id()))
        except Exception:  # noqa: BLE001 - an answer is anything at all; one that cannot go out must not end the wait
            _LOG.exception("the answer to the event %s (%s) could not be published", event.id, event.topic)

    # What goes.

    def _expect(self, event: Event, on_reply: Callable[[Any], object]) -> Expected:
        with self._changed:
            return self._asking.expect(event, on_reply, time.monotonic() + self.reply_seconds)

    def _forget(self, expected: Expected | None) -> None:
        if expected is not None:
            with self._changed:
                self._asking.forget(expected)

    def _left(self) -> None:
        """The hub has left its server: end waits for answers; called under the lock."""
        self._waiting.leave()
        self._asking.leave("the event hub was disconnected")

    def _depart(self) -> None:
        """End the waits that had begun before it left, now that they can hear of it."""
        with self._changed:
            self._waiting.depart()
            self._changed.notify_all()

    def _refuse_closed(self) -> None:
        if self._changed.closed:
            message = "an event was to be published, and the event hub is closed; open a new session"
            raise EventHubConnectionError(message)

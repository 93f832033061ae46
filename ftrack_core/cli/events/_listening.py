"""`ftrack events listen`."""

from __future__ import annotations

import argparse
import contextlib
import os
import select
import signal
import stat
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from ftrack_core.cli.events._arguments import opened
from ftrack_core.cli.events._screen import Printer, given_up, moment, note
from ftrack_core.errors import EventHubConnectionError
from ftrack_core.events import Expression
from ftrack_core.interfaces import IRemoteEventHub
from ftrack_core.values import Event

__all__ = ["Listening", "listen"]

_EVERYTHING: Final = "topic=*"
_LOOK_SECONDS: Final = 0.5
_STATUS: Final = {"SIGINT": 130, "SIGTERM": 143, "SIGBREAK": 130, "SIGHUP": 129}
_CONNECTED: Final = "ftrack.meta.connected"
_DISCONNECTED: Final = "ftrack.meta.disconnected"


def listen(arguments: argparse.Namespace) -> int:
    """Print what comes; gives the exit status."""
    expressions = arguments.expression or [_EVERYTHING]
    if arguments.subscriber is None:
        note("--subscriber is a JSON object or @FILE; standard input is not read for it")
        return 2
    with opened(arguments) as session:
        listening = Listening(session.event_hub, Printer.of(arguments), expressions, arguments.count)
        listening.begin(arguments.subscriber)
        with _signals(listening):
            note(f"connected to {session.server_url} as {session.api_user}; listening to {' or '.join(expressions)}")
            return listening.run(arguments.seconds)


@attrs.define(eq=False)
class Listening:
    """Prints the events of a hub, and tells what becomes of its connection.

    Attributes:
        hub: The hub.
        printer: Prints events.
        expressions: What to hear: any of these.
        count: After how many to end; None for never.
        heard: How many were printed.
        status: Exit status that a signal asked for; None while none did.
    """

    hub: Any
    printer: Printer
    expressions: list[str]
    count: int | None = None
    heard: int = attrs.field(default=0, init=False)
    status: int | None = attrs.field(default=None, init=False)
    _trouble: OSError | None = attrs.field(default=None, init=False)

    def begin(self, subscriber: Mapping[str, Any]) -> None:
        """Subscribe and connect; back once the server knows all subscriptions.

        Raises:
            EventHubConnectionError: The event server cannot be joined.
        """
        joined = " or ".join(f"({one})" for one in self.expressions) if self.expressions[1:] else self.expressions[0]
        self.hub.subscribe(joined, self._print, dict(subscriber))
        if IRemoteEventHub.providedBy(self.hub):
            self.hub.connect()
            self._settle()
        self.hub.subscribe(f"topic={_CONNECTED}", self._tell_connected, priority=0)
        self.hub.subscribe(f"topic={_DISCONNECTED}", self._tell_lost, priority=0)

    def run(self, seconds: float | None) -> int:
        """Print what comes until it is enough; gives the exit status."""
        deadline = None if seconds is None else time.monotonic() + seconds
        reason = ""
        while not self._is_over() and reason not in {"closed", "disconnected"} and not _reader_is_gone():
            remaining = _LOOK_SECONDS if deadline is None else deadline - time.monotonic()
            if remaining <= 0:
                break
            reason = self.hub.wait(min(remaining, _LOOK_SECONDS))
        return self._told(reason)

    def stop(self, status: int) -> None:
        """End it from a signal."""
        self.status = status
        self.hub.stop()

    def _is_over(self) -> bool:
        return self.status is not None or self._trouble is not None or self._complete

    @property
    def _complete(self) -> bool:
        return self.count is not None and self.heard >= self.count

    def _told(self, reason: str) -> int:
        if self._trouble is not None:
            return given_up(self._trouble)
        dropped = getattr(self.hub, "dropped", 0)
        if dropped:
            note(f"{dropped} events came faster than they could be printed, and were dropped")
        if self.status is not None:
            return self.status
        if reason in {"closed", "disconnected"}:
            note(f"the event hub is {reason}")
            return 1
        if self.count is not None and not self._complete and not _reader_is_gone():
            note(f"the time is over, and {self.heard} of {self.count} events came")
            return 1
        return 0

    def _settle(self) -> None:
        """Wait until the server has all subscriptions: it acknowledges in order."""
        with contextlib.suppress(EventHubConnectionError):  # one that acknowledges nothing can be listened to as well
            nobody = f"id={uuid.uuid4().hex}"
            self.hub.publish_acknowledged(Event("ftrack.cli.listening", target=nobody), timeout_seconds=10)

    def _print(self, event: Any) -> None:
        if self._is_over() or self._is_ours(event):
            return
        try:
            self.printer.event(event)
        except OSError as error:  # the hub would log it and go on; who reads us has gone, or the disk is full
            self._trouble = error
        else:
            self.heard += 1
        if self._is_over():
            self.hub.stop()

    def _is_ours(self, event: Mapping[str, Any]) -> bool:
        """Whether it tells of our own connection, and was not asked for by its name."""
        if event["topic"] not in {_CONNECTED, _DISCONNECTED} or event["source"].get("id") != self.hub.id:
            return False
        return all(Expression.parse(one).required_topic() != event["topic"] for one in self.expressions)

    def _tell_lost(self, event: Mapping[str, Any]) -> None:
        if event["source"].get("id") == self.hub.id:
            again = "; it is opened anew" if event["data"].get("reconnecting") else ""
            note(f"connection lost at {moment(time.time())} ({event['data'].get('reason')}){again}")

    def _tell_connected(self, event: Mapping[str, Any]) -> None:
        lost_at = event["data"].get("lost_at")
        if lost_at is not None and event["source"].get("id") == self.hub.id:
            now = event["data"]["connected_at"]
            gap = f"from {moment(lost_at)} to {moment(now)}, {now - lost_at:.1f} s"
            note(f"connected again; what was published meanwhile was not heard: {gap}")


@contextlib.contextmanager
def _signals(listening: Listening) -> Iterator[None]:
    """Have signals end it between two events, never in the middle of a line."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = {getattr(signal, name): status for name, status in _STATUS.items() if hasattr(signal, name)}
    before = {number: signal.getsignal(number) for number in numbers}

    def end(number: int, _frame: object) -> None:
        signal.signal(number, before[number])  # the same signal again ends it at once
        listening.stop(numbers[signal.Signals(number)])

    for number in numbers:
        if before[number] is not signal.SIG_IGN:  # as nohup wants it
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _reader_is_gone() -> bool:
    """Whether whoever read our pipe has gone: otherwise that shows at the next event only, which may be tomorrow."""
    if not hasattr(select, "poll"):
        return False
    try:
        number = sys.stdout.fileno()
        if not stat.S_ISFIFO(os.fstat(number).st_mode):
            return False
    except (OSError, ValueError):
        return False
    poll = select.poll()
    poll.register(number, 0)
    return any(flags & select.POLLERR for _, flags in poll.poll(0))

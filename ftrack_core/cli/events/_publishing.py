"""`ftrack events publish`."""

from __future__ import annotations

import argparse
import time
import uuid
from collections.abc import Mapping
from typing import Any

import attrs

from ftrack_core.cli import _output
from ftrack_core.cli.events._arguments import opened, standard_input
from ftrack_core.cli.events._screen import Printer, given_up, note
from ftrack_core.interfaces import IRemoteEventHub
from ftrack_core.values import Event

__all__ = ["publish"]


def publish(arguments: argparse.Namespace) -> int:
    """Publish one event; gives the exit status."""
    try:
        event = _event(arguments)
    except argparse.ArgumentTypeError as error:
        _output.error(f"ftrack events publish: error: argument --data: {error}")
        return 2
    printer = Printer.of(arguments)
    with opened(arguments) as session:
        hub = session.event_hub
        event = attrs.evolve(event, source={"id": hub.id, **event.source})
        if IRemoteEventHub.providedBy(hub):
            hub.connect()
        if arguments.wait_for_reply:
            return _Replies(hub, printer, arguments.count).of(event, arguments.seconds)
        told = _sent(hub, event, arguments)
    _tell(printer, event, told)
    return 0


def _event(arguments: argparse.Namespace) -> Event:
    data = standard_input() if arguments.data is None else arguments.data
    if arguments.source is None:
        raise argparse.ArgumentTypeError("standard input is for --data; give --source itself, or @FILE")
    return Event(arguments.topic, uuid.uuid4().hex, data, arguments.source, arguments.target)


def _sent(hub: Any, event: Event, arguments: argparse.Namespace) -> str:
    """Publish; gives what is known of it."""
    if arguments.acknowledged and IRemoteEventHub.providedBy(hub):
        hub.publish_acknowledged(event, arguments.seconds)
        return "the server has it"
    hub.publish(event)
    return "not acknowledged"


def _tell(printer: Printer, event: Event, told: str) -> None:
    if printer.as_json:
        printer.event(attrs.asdict(event, recurse=False))
    else:
        _output.say(f"published {event.topic} as {event.id}: {told}")


@attrs.define(eq=False)
class _Replies:
    """Publishes an event and prints what comes back."""

    hub: Any
    printer: Printer
    wanted: int
    came: int = 0
    _trouble: OSError | None = None

    def of(self, event: Event, seconds: float) -> int:
        """Publish it and wait; gives the exit status."""
        deadline = time.monotonic() + seconds
        self.hub.publish(event, on_reply=self._print)
        while not self._is_over() and (remaining := deadline - time.monotonic()) > 0:
            self.hub.wait(min(remaining, 0.5))
        if self._trouble is not None:
            return given_up(self._trouble)
        if self.came < self.wanted:
            note(f"{event.topic} was published as {event.id}, and {self.came} of {self.wanted} replies came in time")
        return int(self.came < self.wanted)

    def _is_over(self) -> bool:
        return self._trouble is not None or self.came >= self.wanted

    def _print(self, reply: Mapping[str, Any]) -> None:
        if self._is_over():
            return
        try:
            self.printer.event(reply)
            self.came += 1
        except OSError as error:
            self._trouble = error
        if self._is_over():
            self.hub.stop()

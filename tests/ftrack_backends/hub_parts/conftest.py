"""A remote hub whose line a test holds in its hands."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from ftrack_backends.hub_parts import _turn
from ftrack_backends.hub_parts._line import Receiver
from ftrack_backends.hub_parts._remote import RemoteEventHub
from ftrack_core.errors import EventHubConnectionError

PATIENCE_SECONDS = 20.0


@attrs.define(eq=False)
class OpenEnds:
    """One connection: what was sent, and ways to have things come.

    Attributes:
        receiver: Whom the hub has listening.
        sent: Events that the hub sent, by number.
        refuses: Makes sending fail, as a broken socket does.
        breaks: Makes sending wait for it, and fail then.
        dropped: Whether it was let go of in a forked child.
        closed: How often it was closed.
        served: How often it was served to its end.
    """

    receiver: Receiver
    acknowledges: bool = True
    sent: dict[int, Any] = attrs.field(factory=dict)
    refuses: bool = False
    breaks: threading.Event | None = None
    dropped: bool = False
    closed: int = 0
    served: int = 0
    _over: threading.Event = attrs.field(factory=threading.Event, init=False)
    _reason: str = attrs.field(default="it was closed", init=False)

    def send(self, text: str, number: int) -> None:
        """Take an event."""
        if self.breaks is not None:
            self.breaks.wait(PATIENCE_SECONDS)
        if self.refuses or self.breaks is not None:
            raise OSError("broken")
        self.sent[number] = json.loads(text)
        if self.acknowledges:
            self.receiver.acknowledged(number, "")

    def run(self) -> str:
        """Wait for the end."""
        self._over.wait()
        self.served += 1
        return self._reason

    def close(self) -> None:
        """End it."""
        self.closed += 1
        self._over.set()

    def drop(self) -> None:
        """Let go of it."""
        self.dropped = True

    def lose(self, reason: str = "the cable was pulled") -> None:
        """Have it break."""
        self._reason = reason
        self._over.set()

    def topics(self) -> list[str]:
        """Topics of what was sent, in order."""
        return [event["topic"] for _, event in sorted(self.sent.items())]


@attrs.define(eq=False)
class Ends:
    """A line.

    Attributes:
        opened: Its connections, in order.
        faults: What the next attempts raise; an Event among them is waited for, and then the attempt succeeds, or
            raises the text that stands beside it in a pair.
        attempts: How many there were.
        again: Of each, whether it took the place of a connection that broke.
        acknowledges: Whether connections acknowledge by themselves.
    """

    opened: list[OpenEnds] = attrs.field(factory=list)
    faults: list[Any] = attrs.field(factory=list)
    attempts: int = 0
    again: list[bool] = attrs.field(factory=list)
    acknowledges: bool = True

    def open(self, receiver: Receiver, again: bool) -> OpenEnds:
        """Connect."""
        self.attempts += 1
        self.again.append(again)
        fault = self.faults.pop(0) if self.faults else None
        gate, text = fault if isinstance(fault, tuple) else (fault, fault)
        if isinstance(gate, threading.Event):
            gate.wait(PATIENCE_SECONDS)
        if isinstance(text, str):
            raise EventHubConnectionError(text)
        self.opened.append(OpenEnds(receiver, self.acknowledges))
        return self.opened[-1]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who leaves does not wait for threads that a test holds."""
    monkeypatch.setattr(_turn, "_JOIN_SECONDS", 0.0)


@pytest.fixture
def line() -> Ends:
    """A line."""
    return Ends()


@pytest.fixture
def make(line: Ends) -> Iterator[Callable[..., RemoteEventHub]]:
    """Makes hubs of the line."""
    made: list[RemoteEventHub] = []

    def of(**options: Any) -> RemoteEventHub:
        given = {"reconnect_seconds": 0.001, "max_reconnect_seconds": 0.002, "close_seconds": 0.2, **options}
        made.append(RemoteEventHub(line=line, **given))
        return made[-1]

    yield of
    for hub in made:
        hub.close()

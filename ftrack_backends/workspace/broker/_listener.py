"""A member of this process: a function that is called with events, in order, on a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_backends.workspace.broker._broker import demand_publishable
from ftrack_backends.workspace.broker._member import Delivery

if TYPE_CHECKING:
    from ftrack_backends.workspace._accounts import Caller
    from ftrack_backends.workspace.broker._broker import Broker
    from ftrack_backends.workspace.broker._member import Member
    from ftrack_core.values import Event

__all__ = ["Listener"]

_LOG = logging.getLogger(__name__)
_AT_ONCE = 64
_LONGEST_LINE = 10_000


def _nothing() -> None:
    """Nobody needs to be told."""


@attrs.define(eq=False)
class Listener:
    """Takes part in the events of a workspace from within its process. Make one with `Listener.join`.

    Ordering: the function is called with one event at a time, in the order in which they were handed on. It is called
    by the listener's own thread, never inside a call that commits or publishes.

    Thread safety: every method may be called by many threads, by the function too.
    Lifetime: until `close`, until the workspace is closed, or until it does not keep up; `lost` is called in the two
    latter cases, once.
    """

    _broker: Broker
    _receive: Callable[[Event], None]
    _lost: Callable[[], None]
    _ready: threading.Event = attrs.field(factory=threading.Event, init=False, repr=False)
    _member: Member = attrs.field(init=False, repr=False)
    _thread: threading.Thread = attrs.field(init=False, repr=False)
    _left: bool = attrs.field(default=False, init=False)

    @classmethod
    def join(
        cls,
        broker: Broker,
        caller: Caller,
        receive: Callable[[Event], None],
        lost: Callable[[], None] = _nothing,
    ) -> Listener:
        """Take part.

        Args:
            broker: That of the workspace.
            caller: In whose name.
            receive: Called with each event that a subscription matches; what it raises is logged.
            lost: Called when it takes part no more though nobody closed it: events may be missing from then on.

        Raises:
            ConnectionClosedError: The workspace is closed.
        """
        listener = cls(broker, receive, lost)
        listener._member = broker.join(caller, wake=listener._ready.set)
        listener._thread = threading.Thread(target=listener._run, name="ftrack-workspace-listener", daemon=True)
        listener._thread.start()
        return listener

    @property
    def connected(self) -> bool:
        """Whether it takes part."""
        return not self._member.outlet.closed

    def subscribe(self, expression: str, metadata: Mapping[str, Any]) -> str:
        """Want what an expression matches; gives the subscriber's id. Raises as `Broker.subscribe`."""
        return self._broker.subscribe(self._member, expression, metadata)

    def unsubscribe(self, subscriber_id: str) -> None:
        """Want it no more. Raises as `Broker.unsubscribe`."""
        self._broker.unsubscribe(self._member, subscriber_id)

    def publish(self, event: Event) -> None:
        """Publish an event; it waits for its turn while ten thousand others stand in line.

        Raises:
            EventHubPacketError: Its target is not of the language.
        """
        demand_publishable(event)
        if self._broker.backlog > _LONGEST_LINE:
            self._broker.settle(behind=_LONGEST_LINE)
        self._broker.post(event, self._member.caller)

    def close(self) -> None:
        """Take part no more; the function is not called again, but for a call that is going on. Twice is fine."""
        self._left = True
        self._member.outlet.close(empty=True)
        self._broker.leave(self._member)
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        outlet = self._member.outlet
        while True:
            self._ready.wait()
            self._ready.clear()
            while items := outlet.take(_AT_ONCE):
                for item in items:
                    self._call(item)
            if outlet.closed and not len(outlet):
                break
        if not self._left:
            self._lost()

    def _call(self, item: Delivery | str) -> None:
        if self._left or not isinstance(item, Delivery):
            return
        try:
            self._receive(item.event)
        except Exception:  # noqa: BLE001 - what receives is anybody's code
            _LOG.exception("the event %s (%s) was received, and handling it raised", item.event.id, item.event.topic)

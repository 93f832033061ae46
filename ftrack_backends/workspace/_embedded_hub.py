"""The hub of a workspace in this process."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_backends.hub_parts._line import OpenLine, Receiver
from ftrack_backends.hub_parts._remote import RemoteEventHub
from ftrack_core.errors import Error
from ftrack_core.protocol import event_from_wire
from ftrack_core.values import Event, Request

if TYPE_CHECKING:
    from ftrack_backends.workspace._workspace import Workspace
    from ftrack_backends.workspace.broker import Listener
    from ftrack_core.interfaces import IBackendContext

__all__ = ["EmbeddedEventHub", "WorkspaceLine"]

_SUBSCRIBE = "ftrack.meta.subscribe"
_UNSUBSCRIBE = "ftrack.meta.unsubscribe"


@attrs.define(eq=False, kw_only=True, repr=False)
class EmbeddedEventHub(RemoteEventHub):
    """Joined to others by a workspace of this process; what it promises says its base.

    It behaves as the hub of a server does: it has to be asked to connect, and an event arrives as what JSON makes of
    it. The connection breaks only where this hub does not keep up, or the workspace is closed.
    """


@attrs.frozen(eq=False, repr=False)
class WorkspaceLine:
    """Takes part in the events of a workspace, in the name of the session's user."""

    _workspace: Callable[[], Workspace]
    _context: IBackendContext

    def open(self, receiver: Receiver, again: bool) -> OpenLine:  # noqa: ARG002 - the workspace keeps nothing
        """Take part."""
        headers = self._context.authorised(Request("GET", "/socket.io/1/")).headers
        opened = _OpenWorkspaceLine(receiver)
        user, key = headers.get("ftrack-user", ""), headers.get("ftrack-api-key", "")
        opened.listener = self._workspace().listen(user, key, opened.came, opened.close)
        return opened


@attrs.define(eq=False, repr=False)
class _OpenWorkspaceLine:
    """A listener, as a line."""

    _receiver: Receiver
    _over: threading.Event = attrs.field(factory=threading.Event, init=False)
    listener: Listener = attrs.field(init=False)

    def send(self, text: str, number: int) -> None:
        """Have the workspace do what an event asks for."""
        refusal = ""
        try:
            self._do(event_from_wire(json.loads(text)))
        except Error as error:
            refusal = str(error) or type(error).__name__
        self._receiver.acknowledged(number, refusal)

    def run(self) -> str:
        """Wait until it is over; the listener's own thread brings what comes."""
        self._over.wait()
        self.listener.close()
        return "the workspace cut it off"

    def came(self, event: Event) -> None:
        """Hand an event on; a copy, since others get the same one."""
        self._receiver.event(attrs.evolve(event, data=_copied(event.data), source=_copied(event.source)))

    def close(self) -> None:
        """End it."""
        self._over.set()

    def drop(self) -> None:
        """Nothing: the child has no thread that waits for the end, and may find its lock held by one of the parent."""

    def _do(self, event: Event) -> None:
        subscriber: Any = event.data.get("subscriber") if isinstance(event.data, dict) else None
        if event.topic == _SUBSCRIBE:
            self.listener.subscribe(event.data["subscription"], subscriber)
        elif event.topic == _UNSUBSCRIBE:
            self.listener.unsubscribe(subscriber["id"])
        else:
            self.listener.publish(event)


def _copied(value: Any) -> Any:
    return json.loads(json.dumps(value))

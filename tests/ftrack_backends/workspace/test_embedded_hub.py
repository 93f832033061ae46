"""The hub of a workspace in this process, where threads are in each other's way."""

from __future__ import annotations

import threading
import time
from typing import Any

import attrs

from ftrack_backends.hub_parts import OpenLine, Receiver
from ftrack_backends.workspace import Workspace
from ftrack_backends.workspace._embedded_hub import EmbeddedEventHub, WorkspaceLine

PATIENCE_SECONDS = 20.0


@attrs.frozen(eq=False)
class LateLine:
    """A line that is slow to come back with its connection."""

    line: Any
    opened: threading.Event = attrs.field(factory=threading.Event)
    back: threading.Event = attrs.field(factory=threading.Event)

    def open(self, receiver: Receiver, again: bool) -> OpenLine:
        """Connect, and take a while."""
        opened: OpenLine = self.line.open(receiver, again)
        self.opened.set()
        assert self.back.wait(PATIENCE_SECONDS)
        return opened


@attrs.frozen
class Credentials:
    """A context that adds credentials."""

    headers: dict[str, str]

    def authorised(self, request: Any) -> Any:
        """The request with them."""
        return request.with_headers(self.headers)


def test_a_hub_that_left_while_it_connected_takes_part_no_more() -> None:
    """A workspace would hand events to members whom nobody has any more, each with a thread."""
    with Workspace.open() as workspace:
        user = workspace.users[0]
        context: Any = Credentials({"ftrack-user": user.username, "ftrack-api-key": user.api_key})
        line = LateLine(WorkspaceLine(lambda: workspace, context))
        hub = EmbeddedEventHub(line=line, close_seconds=0.0)
        hub.connect_in_background()
        assert line.opened.wait(PATIENCE_SECONDS)
        assert workspace.broker.members == 1
        hub.close()
        line.back.set()
        until = time.monotonic() + PATIENCE_SECONDS
        while workspace.broker.members and time.monotonic() < until:
            time.sleep(0.001)
        assert workspace.broker.members == 0

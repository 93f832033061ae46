"""A session that ends while its hub connects."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ftrack_core import Session
from ftrack_core.session.freshness._bell import Bell
from ftrack_core.session.freshness._following import Following

PATIENCE_SECONDS = 20.0


class Aging:
    """Is told of nothing that a test looks at."""

    def all(self, *, records: bool) -> None:
        """Take note."""


def test_a_session_that_closes_while_its_hub_connects_leaves_nothing_behind() -> None:
    """A hub that sessions share, one after the other, would have the server send it more and more for nobody."""
    with Session("embedded:") as session:
        hub, aging = session.event_hub, Aging()
        before = [one.id for one in hub._subscriptions.all()]
        begun, go, tap = threading.Event(), threading.Event(), hub.tap

        def slowly(receive: Any, expression: str = "", subscriber: Any = None) -> Callable[[], None]:
            if expression:  # what the server shall send, as soon as the hub is connected
                begun.set()
                assert go.wait(PATIENCE_SECONDS)
            end: Callable[[], None] = tap(receive, expression, subscriber)
            return end

        session._parts.bell.end()  # the session's own
        hub.tap = slowly
        bell = Bell(hub, lambda: Following(hub, aging, "token", print))  # type: ignore[arg-type]
        bell.hang()
        hub.connect_in_background()
        assert begun.wait(PATIENCE_SECONDS)
        bell.end()
        keep = hub._connection._threads[0]
        go.set()
        assert hub.wait_until_connected(PATIENCE_SECONDS)
        hub.disconnect()
        keep.join(PATIENCE_SECONDS)
        assert [one.id for one in hub._subscriptions.all()] == before

"""A session that ends while its hub connects."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, ClassVar

from ftrack_core import Session
from ftrack_core.session.freshness._bell import Bell
from ftrack_core.session.freshness._following import Following
from ftrack_core.values import Event

PATIENCE_SECONDS = 20.0


class Aging:
    """Keeps what it is told.

    Attributes:
        told: Whether records in caches are stale too, each time.
    """

    def __init__(self) -> None:
        self.told: list[bool] = []

    def all(self, *, records: bool) -> None:
        """Take note."""
        self.told.append(records)


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
        bell = Bell(lambda: Following(hub, aging, "token", print))  # type: ignore[arg-type]
        bell.hang(hub)
        hub.connect_in_background()
        assert begun.wait(PATIENCE_SECONDS)
        bell.end()
        keep = hub._connection._threads[0]
        go.set()
        assert hub.wait_until_connected(PATIENCE_SECONDS)
        hub.disconnect()
        keep.join(PATIENCE_SECONDS)
        assert [one.id for one in hub._subscriptions.all()] == before


def test_a_reconnection_while_a_session_begins_to_follow_is_not_forgotten() -> None:
    """What changed until the server knew of the session again would be served from its cache for a day."""

    class Hub:
        """Is connected anew, and says so in its own thread, while somebody taps it for the first time."""

        id = "hub"
        published: ClassVar[list[Event]] = []

        def tap(self, _receive: Any, _expression: str = "", _subscriber: Any = None) -> Callable[[], None]:
            if not self.published:
                following.receive(Event("ftrack.meta.connected", "c", {"lost_at": 1.0}, {"id": "hub"}))
            return lambda: None

        def publish(self, event: Event, on_error: str = "raise") -> None:
            assert on_error == "ignore"
            self.published.append(event)

    hub, aging = Hub(), Aging()
    following = Following(hub, aging, "token", print)  # type: ignore[arg-type]
    following.begin()
    assert aging.told == [True, False]
    for echo in hub.published:
        following.receive(echo)
    assert aging.told == [True, False, True]

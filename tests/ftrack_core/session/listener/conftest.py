"""A served workspace, listeners on it over the real wire, and inboxes in real files."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from ftrack_backends.workspace.fixture import WorkspaceFixture
from ftrack_core import Session
from ftrack_core.session.listener import Listener
from ftrack_core.values import Event

PATIENCE_SECONDS = 30.0
HUB = {"backend": "socketio", "reconnect_seconds": 0.05, "max_reconnect_seconds": 0.2}


def until(done: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"it did not come to that within {seconds:g} s"
        time.sleep(0.01)


@attrs.define(eq=False)
class Studio:
    """A workspace behind a real port, and listeners on it.

    Attributes:
        fixture: The workspace.
        path: The file of the inbox.
    """

    fixture: WorkspaceFixture
    path: Path
    _ending: list[Any] = attrs.field(factory=list)
    _publisher: Session | None = None

    def session(self, session_class: Any = Session, **given: Any) -> Any:
        """A session over HTTP."""
        who = self.fixture.credentials()
        config = {"event_hub": HUB, "schema_cache_path": False, "retry_seconds": 0, "settle_seconds": 0}
        config.update(given.pop("settings", {}))
        made = session_class(self.fixture.url, who.api_key, who.username, config=config, plugin_paths=[], **given)
        self._ending.append(made)
        return made

    def listener(self, session: Any = None, **options: Any) -> Listener:
        """A listener with an inbox in a file, that is quick about everything."""
        quick = {"inbox": self.path, "retry_seconds": 0.01, "poll_seconds": 0.05, "mark_seconds": 0.1}
        made: Listener = (session or self.session()).listener(**{**quick, "close_seconds": 5.0, **options})
        self._ending.append(made)
        return made

    def started(self, listener: Listener) -> Listener:
        """Start a listener, and return once the server knows what it wants."""
        listener.start()
        hub = listener._session.event_hub
        assert hub.wait_until_connected(PATIENCE_SECONDS)
        hub.publish_acknowledged(Event("known"))
        return listener

    def started_again(self, listener: Listener) -> None:
        """Wait until the server knows once more what a listener wants."""
        hub = listener._session.event_hub
        assert hub.wait_until_connected(PATIENCE_SECONDS)
        hub.publish_acknowledged(Event("known"))

    @property
    def other(self) -> Session:
        """Somebody else's session, which publishes and changes things."""
        if self._publisher is None:
            self._publisher = self.session()
            self._publisher.event_hub.connect()
        return self._publisher

    def publish(self, *numbers: int, topic: str = "studio.shot", **data: Any) -> None:
        """Have somebody publish events with numbers."""
        for number in numbers:
            self.other.event_hub.publish(Event(topic, data={"n": number, **data}))
        self.other.event_hub.publish_acknowledged(Event("known"))

    def close(self) -> None:
        """End everything, the last first."""
        for each in reversed(self._ending):
            each.close()


@pytest.fixture(scope="module")
def workspace() -> Iterator[WorkspaceFixture]:
    """A show that the tests of a module share."""
    with WorkspaceFixture.open("demo") as opened:
        yield opened


@pytest.fixture
def studio(workspace: WorkspaceFixture, tmp_path: Path) -> Iterator[Studio]:
    """What is made for one test ends with it."""
    made = Studio(workspace, tmp_path / "events.sqlite")
    yield made
    made.close()
    until(lambda: not [one for one in threading.enumerate() if one.name.startswith("ftrack-listener")])


@pytest.fixture(name="until")
def _until() -> Callable[..., None]:
    """Waits until something is so."""
    return until

"""Two users at desks of their own, over real HTTP and WebSockets, one of whom hears what the other does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from ftrack_backends.workspace import Workspace
from ftrack_backends.workspace.front import serve as served
from ftrack_core import Session

PATIENCE_SECONDS = 20.0


def until(done: Callable[[], object]) -> None:
    """Wait until something is so; what is waited for happens in other threads."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, f"it did not come to that within {PATIENCE_SECONDS:g} s"
        threading.Event().wait(0.005)


@attrs.define(eq=False)
class Desk:
    """A session, and what its hub brought.

    Attributes:
        session: The session.
        came: Topics of events, in order, each once the session itself had dealt with it.
    """

    session: Session
    came: list[str] = attrs.field(factory=list)

    def connect(self) -> Desk:
        """Connect the hub, and wait until the session hears of changes."""
        self.session.event_hub.tap(lambda event: self.came.append(event.topic))
        self.session.event_hub.connect()
        until(lambda: "ftrack.core.following" in self.came)
        return self

    def hears(self, change: Callable[[], object], events: int = 1) -> None:
        """Have somebody change something, and wait until this session heard of it."""
        before = self.came.count("ftrack.update")
        change()
        until(lambda: self.came.count("ftrack.update") >= before + events)

    @staticmethod
    def until(done: Callable[[], object]) -> None:
        """Wait until something is so."""
        until(done)

    @property
    def calls(self) -> int:
        """How many requests the session has sent."""
        return self.session.statistics().calls


@attrs.define(eq=False)
class Stage:
    """A workspace behind a real port.

    Attributes:
        workspace: The workspace.
        url: Where it is.
    """

    workspace: Workspace
    url: str
    made: list[Session] = attrs.field(factory=list)

    def session(self, user: int = 0, settings: dict[str, Any] | None = None, **given: Any) -> Session:
        """A session of a user."""
        who = self.workspace.users[user]
        hub = {"backend": "socketio", "reconnect_seconds": 0.05, "max_reconnect_seconds": 0.2}
        config = {"event_hub": hub, "schema_cache_path": False, "retry_seconds": 0, **(settings or {})}
        self.made.append(Session(self.url, who.api_key, who.username, config=config, **given))
        return self.made[-1]

    def desk(self, user: int = 0, settings: dict[str, Any] | None = None, **given: Any) -> Desk:
        """A session that hears of changes."""
        return self.seated(self.session(user, settings, **given))

    @staticmethod
    def seated(session: Session) -> Desk:
        """A session that exists hears of changes from now on."""
        return Desk(session).connect()

    def cut(self) -> Any:
        """Cut the next WebSocket that anything comes from or goes to."""
        return self.workspace.sockets.failures.add("socket.cut", 1, 0.0)


SEED = {
    "User": [
        {"username": "ann", "first_name": "Ann", "email": "ann@show.invalid"},
        {"username": "ben", "first_name": "Ben", "email": "ben@show.invalid"},
    ],
    "show": [
        {
            "name": "show",
            "full_name": "The show",
            "project_schema": "VFX",
            "sequences": [{"name": "sq010", "shots": 3}],
            "tasks": [{"name": "layout", "type": "Layout"}, {"name": "animation", "type": "Animation"}],
        }
    ],
}


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A workspace with one show behind a real port."""
    with Workspace.open(seed=SEED) as workspace, served(workspace) as server:
        stage = Stage(workspace, server.url)
        yield stage
        for session in stage.made:
            session.recorded_operations.clear()
            session.close()


@pytest.fixture
def desk(stage: Stage) -> Desk:
    """Whoever hears of changes."""
    return stage.desk()


@pytest.fixture
def other(stage: Stage) -> Session:
    """Whoever changes things."""
    return stage.session(user=1)

"""A served workspace, and hubs of it as sessions get them."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from ftrack_backends.workspace import Workspace
from ftrack_backends.workspace.front import serve as served
from ftrack_core.assembly import assemble
from ftrack_core.config import resolve
from ftrack_core.values import Event

PATIENCE_SECONDS = 20.0
UNRULY = Path(__file__).parents[2] / "benchmarks" / "unruly_proxy.py"


@attrs.define(eq=False)
class Stage:
    """A workspace behind a real port.

    Attributes:
        workspace: The workspace.
        url: Where it is.
        made: What was assembled; closed with the test.
    """

    workspace: Workspace
    url: str
    made: list[Any] = attrs.field(factory=list)

    def hub(self, url: str = "", connected: bool = True, user: int = 0, **options: Any) -> Any:
        """A hub as a session gets it."""
        who = self.workspace.users[user]
        hub = {"backend": "socketio", "reconnect_seconds": 0.05, "max_reconnect_seconds": 0.5, **options}
        given = {"server_url": url or self.url, "api_key": who.api_key, "api_user": who.username, "event_hub": hub}
        self.made.append(assemble(resolve({**given, "schema_cache_path": False}, environment={})))
        found = self.made[-1].event_hub
        if connected:
            found.connect()
        return found

    def listener(self, topic: str = "t", **options: Any) -> tuple[Any, list[Any]]:
        """A connected hub and the numbers in the events that it handled."""
        hub, seen = self.hub(**options), list[Any]()
        hub.subscribe(f"topic={topic}", lambda event: seen.append(event["data"]["n"]))
        hub.publish_acknowledged(Event("known"))
        return hub, seen

    def fail(self, action: str, times: int | None = 1, delay_seconds: float = 0.0) -> Any:
        """Order a failure of sockets."""
        return self.workspace.sockets.failures.add(action, times, delay_seconds)


def until(hub: Any, done: Callable[[], object]) -> None:
    """Handle a hub's events until something is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, f"it did not come to that within {PATIENCE_SECONDS:g} s"
        hub.wait(0.02)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A workspace behind a real port."""
    with Workspace.open(seed="demo") as workspace, served(workspace) as server:
        stage = Stage(workspace, server.url)
        yield stage
        for backends in stage.made:
            backends.close()


@pytest.fixture(name="until")
def _until() -> Callable[..., None]:
    """Handles a hub's events until something is so."""
    return until


@pytest.fixture
def unruly(stage: Stage) -> Iterator[Any]:
    """A proxy before the workspace that misbehaves on order."""
    spec = importlib.util.spec_from_file_location("unruly_proxy", UNRULY)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    proxy = module.UnrulyProxy(stage.url)
    yield proxy
    proxy.close()

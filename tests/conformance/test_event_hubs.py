"""The shipped event hubs keep their contracts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from ftrack_backends.event_hubs import LocalOptions, local
from ftrack_backends.workspace import Workspace
from ftrack_backends.workspace.factories import EmbeddedEventHubOptions
from ftrack_backends.workspace.factories import event_hub as embedded
from ftrack_backends.workspace.front import serve
from ftrack_core.assembly import Backends, assemble
from ftrack_core.config import resolve
from ftrack_core.testing import FakeBackendContext
from ftrack_core.testing.suites import EventHubContract, RemoteEventHubContract

RECONNECT_SECONDS = 0.05


class TestLocalEventHub(EventHubContract):
    """The `local` event hub."""

    def make(self) -> Any:
        """A hub."""
        return local.create(LocalOptions(), FakeBackendContext())


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Workspace, str]]:
    """A workspace that is served, and where."""
    with Workspace.open() as workspace, serve(workspace) as server:
        yield workspace, server.url


class TestSocketIoEventHub(RemoteEventHubContract):
    """The `socketio` event hub, over a real WebSocket."""

    @pytest.fixture(autouse=True)
    def server(self, served: tuple[Workspace, str]) -> Iterator[None]:
        """The served workspace, with nobody joined before and after."""
        self.made: list[Backends] = []
        self.workspace, self.url = served
        yield
        for backends in self.made:
            backends.close()
        until = time.monotonic() + 20.0
        while self.workspace.broker.members:
            assert time.monotonic() < until, "hubs that were closed are members still"
            time.sleep(0.002)

    def make_unconnected(self) -> Any:
        """A hub as a session gets it."""
        return self._hub(self.url)

    def unreachable(self) -> Any:
        """A hub whose port nobody listens at."""
        return self._hub("http://127.0.0.1:9")

    def cut(self) -> None:
        """Break off every socket."""
        self.workspace.sockets.failures.add("socket.cut", times=self.workspace.broker.members)

    def _hub(self, url: str) -> Any:
        user = self.workspace.users[0]
        given = {
            "server_url": url,
            "api_key": user.api_key,
            "api_user": user.username,
            "schema_cache_path": False,
            "event_hub": {"backend": "socketio", "reconnect_seconds": RECONNECT_SECONDS},
        }
        self.made.append(assemble(resolve(given, environment={})))
        return self.made[-1].event_hub


@attrs.define(kw_only=True)
class WorkspaceContext(FakeBackendContext):
    """A context with credentials of a workspace."""

    api_key: str = ""

    def authorised(self, request: Any) -> Any:
        """The request with user and key."""
        return request.with_headers({"ftrack-user": self.user, "ftrack-api-key": self.api_key})


class TestEmbeddedEventHub(RemoteEventHubContract):
    """The `embedded` event hub."""

    @pytest.fixture(autouse=True)
    def server(self, request: pytest.FixtureRequest) -> Iterator[None]:
        """A workspace of this process."""
        self.url = f"embedded:hub-{id(request)}"
        self.contexts: list[WorkspaceContext] = []
        yield
        for context in self.contexts:
            context.close()

    def make_unconnected(self) -> Any:
        """A hub of the workspace."""
        from ftrack_backends.workspace.factories import _workspace

        context = WorkspaceContext(server_url=self.url)
        self.contexts.append(context)
        user = _workspace(context).users[0]
        context.user, context.api_key = user.username, user.api_key
        return embedded.create(EmbeddedEventHubOptions(reconnect_seconds=RECONNECT_SECONDS), context)

    def unreachable(self) -> Any:
        """A hub in the name of nobody."""
        context = WorkspaceContext(server_url=self.url, user="nobody")
        self.contexts.append(context)
        return embedded.create(EmbeddedEventHubOptions(), context)

    def cut(self) -> None:
        """Cut every member off, as one that does not keep up is."""
        from ftrack_backends.workspace.factories import _workspace

        broker = _workspace(self.contexts[0]).broker
        for member in list(broker._members.values()):
            broker.leave(member)

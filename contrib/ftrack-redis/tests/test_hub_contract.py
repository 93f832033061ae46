"""The `redis` event hub keeps the contract of hubs that are joined by a server, on a real server."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from ftrack_redis import RedisHubOptions, event_hub

from ftrack_core.testing import FakeBackendContext
from ftrack_core.testing.suites import RemoteEventHubContract


class TestRedisEventHub(RemoteEventHubContract):
    """The suite."""

    @pytest.fixture(autouse=True)
    def _bus(self, shared_server: Any) -> None:
        self.server = shared_server
        self.farm = f"https://{uuid.uuid4().hex}.invalid"

    def make_unconnected(self) -> Any:
        """A hub on the bus of this test."""
        return self._hub(self.server.url)

    def unreachable(self) -> Any:
        """A hub where nobody listens."""
        return self._hub("redis://127.0.0.1:1/0")

    def cut(self) -> None:
        """Have the server drop everybody."""
        with self.server.client() as client:
            client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    def _hub(self, url: str) -> Any:
        options = RedisHubOptions(url=url, reconnect_seconds=0.1, silence_seconds=30.0)
        return event_hub.create(options, FakeBackendContext(server_url=self.farm))

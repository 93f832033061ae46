"""The shipped event hubs keep their contract."""

from __future__ import annotations

from typing import Any

from ftrack_backends.event_hubs import LocalOptions, local
from ftrack_core.testing import FakeBackendContext
from ftrack_core.testing.suites import EventHubContract


class TestLocalEventHub(EventHubContract):
    """The `local` event hub."""

    def make(self) -> Any:
        """A hub."""
        return local.create(LocalOptions(), FakeBackendContext())

"""The shipped transports keep their contract."""

from __future__ import annotations

from typing import Any

from ftrack_backends.transports import RequestsOptions, requests
from ftrack_core.interfaces import IStreamingTransport
from ftrack_core.testing import FakeBackendContext
from ftrack_core.testing.suites import SPEAKS_HTTP, TransportContract


class TestRequestsTransport(TransportContract):
    """The `requests` transport."""

    capabilities = frozenset({IStreamingTransport, SPEAKS_HTTP})

    def make(self, server_url: str) -> Any:
        """A transport without the environment's proxies."""
        options = RequestsOptions(use_environment=False, connect_seconds=5.0, read_seconds=5.0)
        return requests.create(options, FakeBackendContext(server_url=server_url))

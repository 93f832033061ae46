"""The shipped transports keep their contract."""

from __future__ import annotations

import json
from typing import Any

from ftrack_backends.transports import RequestsOptions, requests
from ftrack_backends.workspace import factories
from ftrack_core.interfaces import IStreamingTransport
from ftrack_core.testing import FakeBackendContext
from ftrack_core.testing.suites import SPEAKS_HTTP, TransportContract
from ftrack_core.values import Request


class TestRequestsTransport(TransportContract):
    """The `requests` transport."""

    capabilities = frozenset({IStreamingTransport, SPEAKS_HTTP})

    def make(self, server_url: str) -> Any:
        """A transport without the environment's proxies."""
        options = RequestsOptions(use_environment=False, connect_seconds=5.0, read_seconds=5.0)
        return requests.create(options, FakeBackendContext(server_url=server_url))


class TestEmbeddedTransport(TransportContract):
    """The `embedded` transport; it speaks to the workspace of its assembly, whatever server there is."""

    capabilities = frozenset({IStreamingTransport})

    def make(self, server_url: str) -> Any:
        """A transport to a private workspace."""
        transport = factories.transport
        return transport.create(transport.options(), FakeBackendContext(server_url="embedded:"))

    def exchangeable_request(self) -> Request:
        """A batch without credentials, which the workspace refuses with a body."""
        body = json.dumps([{"action": "query_server_information"}]).encode()
        return Request("POST", "/api", {"content-type": "application/json"}, body)

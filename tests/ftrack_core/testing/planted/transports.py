"""Suites of wrong transports: run by `test_planted.py`, collected by nobody else."""

from __future__ import annotations

import contextlib
import gc
import logging
from typing import Any

import attrs

from ftrack_backends.transports import RequestsOptions
from ftrack_backends.transports._requests import RequestsTransport
from ftrack_core.errors import ConnectionLostError, NotSentError, Phase, TransportError
from ftrack_core.interfaces import IStreamingTransport
from ftrack_core.testing.suites import SPEAKS_HTTP, TransportContract
from ftrack_core.values import Request, Response


class StatusIsError(RequestsTransport):
    """Raises for what the server refuses."""

    def exchange(self, request: Request) -> Response:
        """A response, if it is a good one."""
        response = super().exchange(request)
        if response.status >= 400:
            raise ConnectionLostError(f"status {response.status}", phase=Phase.WHILE_READING)
        return response


class NeverSent(RequestsTransport):
    """Says of every failure that nothing was sent."""

    def exchange(self, request: Request) -> Response:
        """A response."""
        try:
            return super().exchange(request)
        except TransportError as error:
            raise NotSentError(str(error), phase=Phase.BEFORE_SENDING) from error


class AlwaysLost(RequestsTransport):
    """Says of every failure that something may have been sent."""

    def exchange(self, request: Request) -> Response:
        """A response."""
        try:
            return super().exchange(request)
        except NotSentError as error:
            raise ConnectionLostError(str(error), phase=Phase.AFTER_SENDING) from None


class TakesHalf(RequestsTransport):
    """Takes half a reply for a reply."""

    def exchange(self, request: Request) -> Response:
        """A response."""
        streamed = self.open(request)
        pieces: list[bytes] = []
        with contextlib.suppress(ConnectionLostError):
            pieces.extend(streamed.chunks(100))
        streamed.close()
        return Response(streamed.status, streamed.headers, b"".join(pieces))


class NamesAsTheyCame(RequestsTransport):
    """Leaves names of headers as servers write them."""

    def exchange(self, request: Request) -> Response:
        """A response."""
        response = super().exchange(request)
        return attrs.evolve(response, headers={name.title(): value for name, value in response.headers.items()})


class TouchesHeaders(RequestsTransport):
    """Knows better what to accept."""

    def open(self, request: Request) -> Any:
        """A response."""
        return super().open(request.with_headers({"accept": "*/*"}))


class StaysOpen(RequestsTransport):
    """Cannot be closed."""

    def close(self) -> None:
        """Let go of the connections only."""
        self._pool.adapter.close()


class LogsHeaders(RequestsTransport):
    """Logs helpfully."""

    def open(self, request: Request) -> Any:
        """A response."""
        logging.getLogger(__name__).debug("%s %s", request.method, request.headers)
        return super().open(request)


class ShowsAddresses(RequestsTransport):
    """Tells the whole address."""

    def open(self, request: Request) -> Any:
        """A response."""
        try:
            return super().open(request)
        except ConnectionLostError as error:
            raise ConnectionLostError(f"{request.url}: {error}", phase=error.phase) from None


class Repeats(RequestsTransport):
    """Tries again."""

    def exchange(self, request: Request) -> Response:
        """A response."""
        try:
            return super().exchange(request)
        except ConnectionLostError:
            return super().exchange(request)


class FollowsAnything(RequestsTransport):
    """Follows every redirect, without the body."""

    def exchange(self, request: Request) -> Response:
        """A response."""
        response = super().exchange(request)
        if 300 <= response.status < 400:
            return super().exchange(Request("GET", response.headers["location"], request.headers))
        return response


class ReadsAll(RequestsTransport):
    """Reads the body to have it."""

    def open(self, request: Request) -> Any:
        """A response."""
        streamed = super().open(request)
        body = b"".join(streamed.chunks(1 << 20))
        streamed.close()
        return _Read(streamed.status, streamed.headers, body)


@attrs.define
class _Read:
    status: int
    headers: dict[str, str]
    body: bytes

    def chunks(self, chunk_bytes: int) -> Any:
        """One."""
        return iter([self.body])

    def close(self) -> None:
        """Nothing."""


class Suite(TransportContract):
    """Suite of all of them."""

    capabilities = frozenset({IStreamingTransport, SPEAKS_HTTP})
    kind: Any = RequestsTransport

    def make(self, server_url: str) -> Any:
        """The transport."""
        return self.kind(server_url, RequestsOptions(use_environment=False, connect_seconds=5.0, read_seconds=5.0))


class TestRight(Suite):
    """Nothing is wrong with it."""


for _name, _kind in list(globals().items()):
    if isinstance(_kind, type) and issubclass(_kind, RequestsTransport) and _kind is not RequestsTransport:
        globals()[f"Test{_name}"] = type(f"Test{_name}", (Suite,), {"kind": _kind})

gc.freeze()  # the suite collects garbage after each test, and need not look through what was imported

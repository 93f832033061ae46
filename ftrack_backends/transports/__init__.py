"""Transports: bytes to the server, bytes back."""

from __future__ import annotations

from typing import Any

import attrs

from ftrack_backends._factories import BackendFactory
from ftrack_backends._options import NetworkOptions
from ftrack_core.interfaces import IBackendContext, IDiagnosed, IStreamingTransport, ITransport

__all__ = ["RequestsOptions", "requests"]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RequestsOptions(NetworkOptions):
    """Options of the `requests` transport."""

    connect_seconds: float = attrs.field(
        default=10.0,
        validator=attrs.validators.gt(0.0),
        metadata={"help": "How long to wait for a connection, its encryption included."},
    )
    read_seconds: float = attrs.field(
        default=60.0,
        validator=attrs.validators.gt(0.0),
        metadata={"help": "How long to wait for the next bytes of a reply, where a request does not say it itself."},
    )
    pool_connections: int = attrs.field(
        default=16,
        validator=attrs.validators.ge(1),
        metadata={"help": "How many connections to keep open between requests; more are made when they are needed."},
    )
    user_agent: str = attrs.field(default="ftrack-core", metadata={"help": "How to introduce ourselves."})


def _make_requests(options: RequestsOptions, context: IBackendContext) -> Any:
    from ftrack_backends.transports._requests import RequestsTransport

    return RequestsTransport(server_url=context.server_url, options=options)


requests = BackendFactory(
    group="ftrack.transport",
    name="requests",
    summary="HTTP with the requests library and pooled connections.",
    options=RequestsOptions,
    provides=(ITransport, IStreamingTransport, IDiagnosed),
    make=_make_requests,
    requirement_hint="pip install requests",
)

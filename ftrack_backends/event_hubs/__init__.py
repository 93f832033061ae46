"""Event hubs: what happened, told to those who subscribed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from ftrack_backends._factories import BackendFactory
from ftrack_core.interfaces import IBackendContext, IEventHub, IRemoteEventHub

__all__ = ["LocalOptions", "SocketIoOptions", "local", "socketio"]

_AT_LEAST_ONE = attrs.validators.ge(1)
_POSITIVE = attrs.validators.gt(0.0)


@attrs.frozen(kw_only=True)
class LocalOptions:
    """Options of the `local` event hub."""

    max_queued_events: int = attrs.field(
        default=10_000,
        validator=_AT_LEAST_ONE,
        metadata={"help": "How many published events wait for `wait()`; beyond it the oldest are dropped."},
    )
    reply_seconds: float = attrs.field(
        default=600.0, validator=_POSITIVE, metadata={"help": "How long replies to an event are waited for."}
    )


@attrs.frozen(kw_only=True)
class SocketIoOptions:
    """Options of the `socketio` event hub. Where the transport's are a table, those that both have follow from it."""

    max_queued_events: int = attrs.field(
        default=50_000,
        validator=_AT_LEAST_ONE,
        metadata={"help": "How many events that came wait for `wait()`; beyond it the oldest are dropped."},
    )
    max_unsent_events: int = attrs.field(
        default=10_000,
        validator=_AT_LEAST_ONE,
        metadata={"help": "How many published events wait for the connection; beyond it publishing is refused."},
    )
    reply_seconds: float = attrs.field(
        default=600.0, validator=_POSITIVE, metadata={"help": "How long replies to an event are waited for."}
    )
    connect_seconds: float = attrs.field(
        default=10.0, validator=_POSITIVE, metadata={"help": "How long each step of connecting may take."}
    )
    reconnect_seconds: float = attrs.field(
        default=1.0,
        validator=_POSITIVE,
        metadata={"help": "About how long to wait before the second attempt to connect; it doubles with each."},
    )
    max_reconnect_seconds: float = attrs.field(
        default=60.0, validator=_POSITIVE, metadata={"help": "The longest wait between two attempts to connect."}
    )
    close_seconds: float = attrs.field(
        default=5.0,
        validator=attrs.validators.ge(0.0),
        metadata={"help": "How long closing waits at most for what was published to be sent."},
    )
    proxies: Mapping[str, str] | None = attrs.field(
        default=None,
        repr=False,  # a proxy's address may hold its password
        metadata={"help": "Address of the proxy by scheme (`http`, `https`); without it, the environment's."},
    )
    use_environment: bool = attrs.field(
        default=True, metadata={"help": "Whether HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE and the like count."}
    )
    ca_bundle: str | None = attrs.field(
        default=None, metadata={"help": "File or folder of the certificate authorities to trust."}
    )
    verify: bool = attrs.field(
        default=True,
        metadata={"help": "Whether the server's certificate is verified; turn it off only to find a fault."},
    )
    client_certificate: str | Sequence[str] | None = attrs.field(
        default=None, metadata={"help": "File of the client certificate, or a list of two: certificate and key."}
    )
    cookies: Mapping[str, str] = attrs.field(
        factory=dict,
        repr=False,
        metadata={"help": "Cookies that go to the event server.", "secret": True},
    )
    headers: Mapping[str, str] = attrs.field(
        factory=dict, repr=False, metadata={"help": "Headers that go to the event server.", "secret": True}
    )


def _make_local(options: LocalOptions, context: IBackendContext) -> Any:
    from ftrack_backends.event_hubs._local import LocalEventHub

    return LocalEventHub(
        user=context.user, max_queued_events=options.max_queued_events, reply_seconds=options.reply_seconds
    )


def _make_socketio(options: SocketIoOptions, context: IBackendContext) -> Any:
    from ftrack_backends.event_hubs._socketio import SocketIoEventHub

    return SocketIoEventHub.of(options, context)


local = BackendFactory(
    group="ftrack.event_hub",
    name="local",
    summary="Events within this hub, without a server.",
    options=LocalOptions,
    provides=(IEventHub,),
    make=_make_local,
)

socketio = BackendFactory(
    group="ftrack.event_hub",
    name="socketio",
    summary="Events over ftrack's event server, once it is asked to connect.",
    options=SocketIoOptions,
    provides=(IRemoteEventHub,),
    make=_make_socketio,
    requirement_hint="pip install websocket-client",
)

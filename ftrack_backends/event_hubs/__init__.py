"""Event hubs: what happened, told to those who subscribed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ftrack_backends._factories import BackendFactory
from ftrack_backends._options import HubOptions, NetworkOptions, RemoteHubOptions
from ftrack_core.interfaces import IBackendContext, IEventHub, IRemoteEventHub

__all__ = ["LocalOptions", "SocketIoOptions", "local", "socketio"]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class LocalOptions(HubOptions):
    """Options of the `local` event hub."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class SocketIoOptions(RemoteHubOptions, NetworkOptions):  # type: ignore[misc]  # neither base is ever made
    """Options of the `socketio` event hub. Where the transport's are a table, those that both have follow from it."""

    connect_seconds: float = attrs.field(
        default=10.0,
        validator=attrs.validators.gt(0.0),
        metadata={"help": "How long each step of connecting may take."},
    )
    headers: Mapping[str, str] = attrs.field(
        factory=dict, repr=False, metadata={"help": "Headers that go to the event server.", "secret": True}
    )


def _make_local(options: LocalOptions, context: IBackendContext) -> Any:
    from ftrack_backends.event_hubs._local import LocalEventHub

    return LocalEventHub(
        user=context.user,
        server_url=context.server_url,
        max_queued_events=options.max_queued_events,
        reply_seconds=options.reply_seconds,
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

"""The workspace as backends: a transport, an authenticator and an event hub, all called `embedded`.

Those of one assembly use the same workspace. Which one, the server URL says: `embedded:` is
private to the assembly and gone when it closes; `embedded:NAME` is one for all sessions of this process that say the
same name; `embedded:///path/show.sqlite` is kept in a file, which one process at a time may have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_backends._factories import BackendFactory
from ftrack_backends._options import RemoteHubOptions
from ftrack_core.interfaces import IAuthenticator, IBackendContext, IRemoteEventHub, IStreamingTransport

if TYPE_CHECKING:
    from ftrack_backends.workspace._workspace import Workspace

__all__ = [
    "EmbeddedAuthenticatorOptions",
    "EmbeddedEventHubOptions",
    "EmbeddedTransportOptions",
    "authenticator",
    "event_hub",
    "transport",
]


@attrs.frozen(kw_only=True)
class EmbeddedTransportOptions:
    """Options of the `embedded` transport."""

    seed: str | Mapping[str, Any] | None = attrs.field(
        default=None,
        metadata={
            "help": "What a new workspace begins with: 'empty' (one user and nothing else, the default), 'demo' (a "
            "small show), a path of a TOML or JSON file, or the content of one."
        },
    )


@attrs.frozen(kw_only=True)
class EmbeddedAuthenticatorOptions:
    """Options of the `embedded` authenticator."""

    user: str = attrs.field(
        default="", metadata={"help": "Name of a user of the workspace; without it, the first of its seed."}
    )


@attrs.frozen(kw_only=True)
class EmbeddedEventHubOptions(RemoteHubOptions):
    """Options of the `embedded` event hub."""

    reconnect_seconds: float = attrs.field(
        default=0.1,
        validator=attrs.validators.gt(0.0),
        metadata={"help": "About how long to wait before the second attempt to connect; it doubles with each."},
    )


def _workspace(context: IBackendContext, seed: str | Mapping[str, Any] | None = None) -> Workspace:
    from ftrack_backends.workspace._address import Address
    from ftrack_backends.workspace._registry import OPEN_WORKSPACES

    def lease() -> Any:
        return OPEN_WORKSPACES.lease(Address.parse(context.server_url), seed, context.clock)

    workspace: Workspace = context.shared(f"workspace {context.server_url}", lease).workspace
    return workspace


def _make_transport(options: EmbeddedTransportOptions, context: IBackendContext) -> Any:
    from ftrack_backends.workspace._embedded_transport import EmbeddedTransport

    return EmbeddedTransport(_workspace(context, options.seed), context.server_url)


def _make_authenticator(options: EmbeddedAuthenticatorOptions, context: IBackendContext) -> Any:
    from ftrack_backends.workspace._embedded_authenticator import EmbeddedAuthenticator

    return EmbeddedAuthenticator.of(_workspace(context), options.user)


def _make_event_hub(options: EmbeddedEventHubOptions, context: IBackendContext) -> Any:
    from ftrack_backends.workspace._embedded_hub import EmbeddedEventHub, WorkspaceLine

    return EmbeddedEventHub(
        line=WorkspaceLine(lambda: _workspace(context), context),
        user=context.user,
        server_url=context.server_url,
        **options.of_hub(),
    )


transport = BackendFactory(
    group="ftrack.transport",
    name="embedded",
    summary="A workspace in this process, on SQLite; no network and no account.",
    options=EmbeddedTransportOptions,
    provides=(IStreamingTransport,),
    make=_make_transport,
)

authenticator = BackendFactory(
    group="ftrack.authenticator",
    name="embedded",
    summary="A user of the embedded workspace, the first one unless told.",
    options=EmbeddedAuthenticatorOptions,
    provides=(IAuthenticator,),
    make=_make_authenticator,
)

event_hub = BackendFactory(
    group="ftrack.event_hub",
    name="embedded",
    summary="Events of the embedded workspace, once it is asked to connect.",
    options=EmbeddedEventHubOptions,
    provides=(IRemoteEventHub,),
    make=_make_event_hub,
)

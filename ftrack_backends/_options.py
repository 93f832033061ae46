"""Options that several shipped backends have: shared ground that knows no seam.

These classes are never made themselves, so attrs writes no methods for them, which would cost every program's start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from ftrack_core.values import ByValue

__all__ = ["HubOptions", "NetworkOptions", "RemoteHubOptions"]

_AT_LEAST_ONE = attrs.validators.ge(1)
_POSITIVE = attrs.validators.gt(0.0)


@attrs.frozen(kw_only=True, slots=False, init=False, repr=False, eq=False)
class NetworkOptions(ByValue):
    """How to get to a server, and what goes along with every request."""

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
        metadata={"help": "Cookies that go to the server with every request.", "secret": True},
    )


@attrs.frozen(kw_only=True, slots=False, init=False, repr=False, eq=False)
class HubOptions(ByValue):
    """What an event hub keeps, and for how long."""

    max_queued_events: int = attrs.field(
        default=50_000,
        validator=_AT_LEAST_ONE,
        metadata={"help": "How many events that came wait for `wait()`; beyond it the oldest are dropped."},
    )
    reply_seconds: float = attrs.field(
        default=600.0, validator=_POSITIVE, metadata={"help": "How long replies to an event are waited for."}
    )


@attrs.frozen(kw_only=True, slots=False, init=False, repr=False, eq=False)
class RemoteHubOptions(HubOptions):
    """How an event hub gets along with a connection that comes and goes."""

    max_unsent_events: int = attrs.field(
        default=10_000,
        validator=_AT_LEAST_ONE,
        metadata={"help": "How many published events wait for the connection; beyond it publishing is refused."},
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

    def of_hub(self) -> dict[str, Any]:
        """These options as arguments of a hub."""
        return {field.name: getattr(self, field.name) for field in attrs.fields(RemoteHubOptions)}

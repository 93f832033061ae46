"""Event hubs: what happened, told to those who subscribed."""

from __future__ import annotations

from typing import Any

import attrs

from ftrack_backends._factories import BackendFactory
from ftrack_core.interfaces import IBackendContext, IEventHub

__all__ = ["LocalOptions", "local"]


@attrs.frozen(kw_only=True)
class LocalOptions:
    """Options of the `local` event hub."""

    max_queued_events: int = attrs.field(
        default=10_000,
        validator=attrs.validators.ge(1),
        metadata={"help": "How many published events wait for `wait()`; beyond it the oldest are dropped."},
    )


def _make_local(options: LocalOptions, context: IBackendContext) -> Any:
    from ftrack_backends.event_hubs._local import LocalEventHub

    return LocalEventHub(user=context.user, max_queued_events=options.max_queued_events)


local = BackendFactory(
    group="ftrack.event_hub",
    name="local",
    summary="Events within this hub, without a server.",
    options=LocalOptions,
    provides=(IEventHub,),
    make=_make_local,
)

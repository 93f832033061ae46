"""Event inboxes: events that wait until they are handled, whatever becomes of the processes meanwhile."""

from __future__ import annotations

from typing import Any

import attrs

from ftrack_backends._factories import BackendFactory
from ftrack_core.interfaces import IBackendContext, IBatchEventInbox

__all__ = ["SqliteInboxOptions", "sqlite"]


@attrs.frozen(kw_only=True)
class SqliteInboxOptions:
    """Options of the `sqlite` event inbox."""

    path: str = attrs.field(
        metadata={"help": "The file, on a disk of this host; made with its folder where there is none."},
    )
    keep_done_seconds: float = attrs.field(
        default=86_400.0,
        validator=attrs.validators.ge(0),
        metadata={"help": "How long done deliveries are remembered, so that an event that comes again is known."},
    )
    max_megabytes: int = attrs.field(
        default=4096,
        validator=attrs.validators.ge(1),
        metadata={"help": "Size that the file may have; storing is refused when it is reached."},
    )
    busy_seconds: float = attrs.field(
        default=30.0,
        validator=attrs.validators.ge(0),
        metadata={"help": "How long to wait for a process that is writing to the same file."},
    )
    create: bool = attrs.field(
        default=True, metadata={"help": "Whether a file that is not there is made; it is an error otherwise."}
    )


def _make_sqlite(options: SqliteInboxOptions, context: IBackendContext) -> Any:
    from ftrack_backends.event_inboxes._sqlite import SqliteEventInbox

    return SqliteEventInbox.open(
        path=options.path,
        clock=context.clock,
        keep_done_seconds=options.keep_done_seconds,
        max_bytes=options.max_megabytes * 1024 * 1024,
        busy_seconds=options.busy_seconds,
        create=options.create,
    )


sqlite = BackendFactory(
    group="ftrack.event_inbox",
    name="sqlite",
    summary="One SQLite file, which the processes of one host may share.",
    options=SqliteInboxOptions,
    provides=(IBatchEventInbox,),
    make=_make_sqlite,
)

"""What an action is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ftrack_backends.workspace._accounts import Accounts, Caller
    from ftrack_backends.workspace._requests import RequestLog
    from ftrack_backends.workspace.model import Model
    from ftrack_backends.workspace.reading import Reader
    from ftrack_backends.workspace.store import Store
    from ftrack_backends.workspace.writing import Batch
    from ftrack_core.interfaces import IClock

__all__ = ["Action", "Services", "Turn"]


@attrs.frozen(eq=False)
class Services:
    """What a workspace is made of, for those who answer requests.

    Attributes:
        model: Its data model.
        store: Its rows.
        reader: Answers queries.
        accounts: Knows who may call.
        clock: Tells the time.
        requests: Counts what was served.
        schemas: Reply to `query_schemas`.
        schema_hash: Hash of that reply, which clients' schema caches go by.
    """

    model: Model
    store: Store
    reader: Reader
    accounts: Accounts
    clock: IClock
    requests: RequestLog
    schemas: Sequence[Mapping[str, Any]]
    schema_hash: str


@attrs.frozen(eq=False)
class Turn:
    """One batch of operations being done.

    Attributes:
        services: Those of the workspace.
        caller: Who asks.
        batch: The transaction, in a batch that writes; None in one that only reads.
    """

    services: Services
    caller: Caller
    batch: Batch | None


Action: TypeAlias = Callable[[Turn, Mapping[str, Any]], object]
"""Does one operation and gives its entry of the reply, or a function that gives it once the batch is finished."""

"""What an action is given."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from ftrack_backends.workspace._faults import ValidationFault
from ftrack_core.query import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ftrack_backends.workspace._accounts import Accounts, Caller
    from ftrack_backends.workspace._outbox import Outbox
    from ftrack_backends.workspace._requests import RequestLog
    from ftrack_backends.workspace._signing import UrlSigner
    from ftrack_backends.workspace.broker import Broker, Sockets
    from ftrack_backends.workspace.files import Files
    from ftrack_backends.workspace.model import Model
    from ftrack_backends.workspace.reading import Reader
    from ftrack_backends.workspace.store import Store
    from ftrack_backends.workspace.writing import Batch
    from ftrack_core.interfaces import IClock

__all__ = ["Action", "Services", "Turn"]


@attrs.frozen(eq=False, repr=False)
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
        outbox: Keeps what a real server would send by mail.
        signer: Signs URLs, and knows its own again.
        broker: Hands events on.
        sockets: Opens sockets for event clients.
        files: Keeps the bytes of components.
        closing: Set once the workspace is being closed: what fails from then on is no fault of the workspace.
    """

    model: Model
    store: Store
    reader: Reader
    accounts: Accounts
    clock: IClock
    requests: RequestLog
    schemas: Sequence[Mapping[str, Any]]
    schema_hash: str
    outbox: Outbox
    signer: UrlSigner
    broker: Broker
    sockets: Sockets
    files: Files
    closing: threading.Event = attrs.field(factory=threading.Event)


@attrs.frozen(eq=False, repr=False)
class Turn:
    """One batch of operations being done.

    Attributes:
        services: Those of the workspace.
        caller: Who asks.
        batch: The transaction, in a batch that writes; None in one that only reads.
        address: Address that the client reached the workspace at, as `http://host:port`; empty in process.
        committed: What is called once the batch is committed, in order; never when it is not.
    """

    services: Services
    caller: Caller
    batch: Batch | None
    address: str = ""
    committed: list[Callable[[], None]] = attrs.field(factory=list)

    @property
    def writing(self) -> Batch:
        """The transaction of a writing action."""
        assert self.batch is not None, "a batch with a writing action has a transaction"  # noqa: S101
        return self.batch

    def found(self, type_name: str, entity_id: str, *names: str, field: str) -> dict[str, Any]:
        """Give attributes of the entity that a field of the operation names.

        Raises:
            ValidationFault: There is no such entity.
        """
        if self.batch is not None:
            self.batch.settle()
        query = f"select {', '.join(('id', *names))} from {type_name} where id is {quote(entity_id)}"  # noqa: S608
        rows = self.services.reader.query(query).rows
        if not rows:
            raise ValidationFault(f"There is no {type_name} {entity_id!r}.", "entity_not_found", field)
        return rows[0]


Action: TypeAlias = Callable[[Turn, Mapping[str, Any]], object]
"""Does one operation and gives its entry of the reply, or a function that gives it once the batch is finished."""

"""One batch: the story of a transaction."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ftrack_backends.workspace._faults import NotFoundFault, ValidationFault
from ftrack_backends.workspace.updates import collect
from ftrack_backends.workspace.writing._assignments import assignments, concrete_type
from ftrack_backends.workspace.writing._checks import Checks
from ftrack_backends.workspace.writing._collections import Collections
from ftrack_backends.workspace.writing._custom_attributes import CustomAttributes
from ftrack_backends.workspace.writing._defaults import Defaults, declared_defaults
from ftrack_backends.workspace.writing._effects import Effects
from ftrack_backends.workspace.writing._orders import creation, order
from ftrack_backends.workspace.writing._removal import Removal
from ftrack_backends.workspace.writing._replies import Replies
from ftrack_backends.workspace.writing._rows import Row, Rows
from ftrack_backends.workspace.writing._workflows import Workflows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ftrack_backends.workspace._accounts import Caller
    from ftrack_backends.workspace.model import Model
    from ftrack_backends.workspace.reading import Reader
    from ftrack_backends.workspace.store import Connection, Stored
    from ftrack_backends.workspace.updates import Collected
    from ftrack_backends.workspace.writing._assignments import Assignments
    from ftrack_core.interfaces import IClock

__all__ = ["Batch"]


class Batch:
    """Does the writing operations of one batch, within a transaction that somebody else begins and ends.

    Used by one thread. Whatever raises leaves the transaction to be undone as a whole.

    Args:
        connection: Connection of the transaction.
        model: The data model.
        reader: Reads entities for replies; on the same connection, by the same thread.
        clock: Tells the moment that the batch happens at.
        caller: In whose name it is done.

    Attributes:
        connection: Connection of the transaction.
        moment: When the batch happens, as a client would send it.
    """

    def __init__(self, connection: Connection, model: Model, reader: Reader, clock: IClock, caller: Caller) -> None:
        now = datetime.fromtimestamp(clock.now(), timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
        self.moment = {"__type__": "datetime", "value": now}
        self.connection = connection
        self._model = model
        self._rows = Rows(connection, model)
        self._unsettled: deque[Row] = deque()
        self._removal = Removal(model, self._rows)
        self._collections = Collections(model, self._rows, self._created, self._removed)
        self._defaults = Defaults(model, self._rows, Workflows(self._rows), caller, now)
        self._values = CustomAttributes(model, self._rows, self._created, self._removed)
        self._effects = Effects(model, self._rows, caller, now, self._created, self._removed)
        self._replies = Replies(reader)

    def create(self, operation: Mapping[str, Any]) -> Callable[[], dict[str, Any]]:
        """Create an entity.

        Args:
            operation: `{"entity_type", "entity_data", "entity_key"?}` as the client sent it.

        Returns:
            A function that gives the reply once the batch is finished.

        Raises:
            Fault: The operation is refused.
        """
        asked = creation(self._model, operation)
        if self._values.concerns(asked.type):
            return self._values.create(asked)
        model_type = concrete_type(self._model, asked.type, asked.data)
        wanted = assignments(self._model, model_type, asked, new=True)
        key: dict[str, Stored] = dict(zip(asked.type.primary_key, asked.key, strict=True))
        row = self._created(model_type.name, {**wanted.columns, **key})
        self._collect(row, wanted)
        return self._replies.created(asked, row)

    def update(self, operation: Mapping[str, Any]) -> Callable[[], dict[str, Any]]:
        """Change an entity.

        Args:
            operation: `{"entity_type", "entity_key", "entity_data"}` as the client sent it.

        Returns:
            A function that gives the reply once the batch is finished.

        Raises:
            Fault: The operation is refused.
        """
        asked = order(self._model, operation)
        if self._values.concerns(asked.type):
            return self._values.update(asked)
        row = self._rows.find(asked.type, asked.key)
        if row is None:
            raise NotFoundFault(f"{asked} does not exist; it cannot be changed.")
        wanted = assignments(self._model, row.type, asked, new=row.before is None)
        self._demand_same_kind(row, wanted)
        self._rows.change(row, wanted.columns)
        self._collect(row, wanted)
        return self._replies.updated(asked, row)

    def delete(self, operation: Mapping[str, Any]) -> None:
        """Delete an entity with all that belongs to it; one that this batch has deleted already is fine.

        Args:
            operation: `{"entity_type", "entity_key"}` as the client sent it.

        Raises:
            Fault: The operation is refused.
        """
        asked = order(self._model, operation)
        if self._values.concerns(asked.type):
            self._values.delete(asked)
            return
        row = self._rows.find(asked.type, asked.key)
        if row is not None:
            self._removed([row])
        elif not self._rows.removed(asked.type, asked.key):
            raise NotFoundFault(f"{asked} does not exist; it cannot be deleted.")

    def settle(self) -> None:
        """Fill in what new rows lack, and bring about what follows from them."""
        while self._unsettled:
            row = self._unsettled.popleft()
            if not row.removed:
                self._defaults.fill(row)
                self._effects.after_create(row)

    def finish(self) -> None:
        """Bring the batch to its end.

        Raises:
            Fault: Its result breaks a rule.
        """
        self.settle()
        for row in self._rows.touched:
            self._effects.after_change(row)
        self.settle()
        self._values.finish()
        Checks(self._model, self._rows).demand(self._rows.touched, self._removal.dangling)

    def done(self) -> Collected:
        """Gather what the batch did, once it is finished and while its transaction stands."""
        return collect(self._model, self._rows)

    def _demand_same_kind(self, row: Row, wanted: Assignments) -> None:
        """What an entity is stays: a list of versions does not become one of tasks."""
        kinds = {name for one in self._model[row.type.root].subtypes for name in self._model[one].classifiers}
        changed = [name for name in kinds & wanted.columns.keys() if row.values[name] != wanted.columns[name]]
        if changed:
            raise ValidationFault(f"{row} cannot become something else: {', '.join(changed)} cannot be changed.")

    def _collect(self, row: Row, wanted: Assignments) -> None:
        for collection, items in wanted.collections:
            self._collections.replace(row, collection, items)

    def _created(self, type_name: str, values: dict[str, Stored]) -> Row:
        model_type = self._model[type_name]
        marks: dict[str, Any] = dict(model_type.classifiers)
        row = self._rows.insert(model_type, {**_declared(declared_defaults(model_type), values), **marks})
        self._unsettled.append(row)
        return row

    def _removed(self, rows: Iterable[Row]) -> None:
        rows = list(rows)
        self._removal.remove(rows)
        for row in rows:
            self._effects.after_delete(row)


def _declared(defaults: dict[str, Stored], values: dict[str, Stored]) -> dict[str, Stored]:
    """A default goes where nothing was sent; a "nothing" that was sent counts as nothing sent."""
    return {**defaults, **{name: value for name, value in values.items() if value is not None}}

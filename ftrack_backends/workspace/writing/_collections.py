"""What a list of entities means. A client always sends the full list; what is not in it leaves the collection.

| relation | joining | leaving |
|---|---|---|
| one to many | the item's key names the owner, its `parent_type` the owner's type | the key is emptied; an item that \
cannot be without its owner (metadata, recipients) is deleted |
| many to many, pairs of ids | a pair is added | the pair is deleted |
| many to many, link entities (list items) | a link entity is created | it is deleted with all that it owns |
"""

# ruff: noqa: S608 - statements are made of the model's names; whatever a client sent is bound

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace._faults import IntegrityFault
from ftrack_backends.workspace.model import ForeignKey, LinkTable
from ftrack_backends.workspace.store import link_table, quoted
from ftrack_backends.workspace.writing._custom_attributes import CustomAttributes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ftrack_backends.workspace.model import Collection, Model
    from ftrack_backends.workspace.store import Stored
    from ftrack_backends.workspace.writing._assignments import Item
    from ftrack_backends.workspace.writing._rows import Row, Rows

__all__ = ["Collections"]


@attrs.frozen(eq=False)
class Collections:
    """Makes collections consist of what a client sent.

    Attributes:
        model: The data model.
        rows: Rows of the batch.
        create: Creates a link entity of a type from column values.
        remove: Deletes rows with all they own.
    """

    model: Model
    rows: Rows
    create: Callable[[str, dict[str, Stored]], Row]
    remove: Callable[[Iterable[Row]], None]

    def replace(self, owner: Row, collection: Collection, items: Sequence[Item]) -> None:
        """Make a collection consist of these items.

        Raises:
            IntegrityFault: An item does not exist.
        """
        if CustomAttributes.concerns(self.model[collection.item]):
            return  # an entity has all of them always; their values change by themselves
        wanted = [self._found(collection, item) for item in items]
        if isinstance(collection.via, ForeignKey):
            self._own(owner, collection, collection.via, [row for row in wanted if row])
        elif isinstance(collection.via, LinkTable):
            self._link(owner, collection, collection.via, [row.id for row in wanted if row])

    def _found(self, collection: Collection, item: Item) -> Row | None:
        row = self.rows.find(item.type, item.key)
        if row is None and not self.rows.removed(item.type, item.key):
            raise IntegrityFault(f"{item} in {collection.name!r} does not exist.")
        return row

    def _own(self, owner: Row, collection: Collection, via: ForeignKey, wanted: list[Row]) -> None:
        item = self.model[collection.item]
        column = item.scalars[via.attribute].column
        present = self.rows.where(item.table, column, [owner.id])
        for row in wanted:
            values: dict[str, Stored] = {column: owner.id, **dict(_stored(via))}
            if via.type_attribute:
                values[via.type_attribute] = owner.type.name
            self.rows.change(row, values)
        kept = {id(row) for row in wanted}
        leaving = [row for row in present if id(row) not in kept and _fits(row, via)]
        if column in item.primary_key or item.columns[column].required:
            self.remove(leaving)
            return
        for row in leaving:
            self.rows.change(row, {column: None, **({via.type_attribute: None} if via.type_attribute else {})})

    def _link(self, owner: Row, collection: Collection, via: LinkTable, wanted: list[str]) -> None:
        if via.table in self.model:
            self._link_by_entities(owner, via, wanted)
        elif self._link_by_pairs(owner, via, wanted):
            self.rows.relinked.append((owner, collection.internal_name))

    def _link_by_entities(self, owner: Row, via: LinkTable, wanted: list[str]) -> None:
        link = self.model[via.table]
        present = {str(row.values[via.there]): row for row in self.rows.where(link.table, via.here, [owner.id])}
        self.remove([row for there, row in present.items() if there not in wanted])
        for there in wanted:
            if there not in present:
                values: dict[str, Stored] = {via.here: owner.id, via.there: there}
                self.create(via.table, values | ({"id": str(uuid.uuid4())} if link.primary_key == ("id",) else {}))

    def _link_by_pairs(self, owner: Row, via: LinkTable, wanted: list[str]) -> bool:
        """Make the pairs so; gives whether that changed anything."""
        table, here, there = quoted(link_table(self.model, via)), quoted(via.here), quoted(via.there)
        before = self.rows.scalars(f"SELECT {there} FROM {table} WHERE {here} = ? ORDER BY position", [owner.id])
        gone = f"DELETE FROM {table} WHERE {here} = ? AND {there} NOT IN (SELECT value FROM json_each(?))"
        self.rows.execute(gone, (owner.id, json.dumps(wanted)))
        new = f"INSERT OR REPLACE INTO {table} ({here}, {there}, position) VALUES (?, ?, ?)"
        for position, one in enumerate(wanted):
            self.rows.execute(new, (owner.id, one, position))
        return before != wanted


def _stored(via: ForeignKey) -> Iterable[tuple[str, Stored]]:
    """The values that belong to the relation; they are texts in every declaration there is."""
    return ((name, str(value)) for name, value in via.where.items())


def _fits(row: Row, via: ForeignKey) -> bool:
    return all(row.values.get(name) == value for name, value in _stored(via))

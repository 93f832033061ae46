"""Attributes that are other entities, one or many, and what such a relation means to a storage."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import attrs

from ftrack_backends.workspace.model._scalars import Attribute

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Collection",
    "Computed",
    "ForeignKey",
    "LinkTable",
    "Mapped",
    "Reference",
    "Via",
]


@attrs.frozen
class Reference(Attribute):
    """One other entity.

    Attributes:
        target: Entity type of the other; it may be a base type, then the row decides.
        over: Name of the `Key` attribute of this same type that holds the other's id; `<name>_id` unless told.
            It may be a hidden one. A computed or derived reference has none.
    """

    target: str
    over: str = attrs.field(default="", kw_only=True)

    @property
    def column(self) -> str:
        """Name of the attribute that holds the other entity's id."""
        return self.over or f"{self.name}_id"


@attrs.frozen
class ForeignKey:
    """One to many: the items are those whose `attribute` holds this entity's id.

    Attributes:
        attribute: Attribute of the item's type that points back.
        type_attribute: Attribute of the item that holds this entity's type id, where anything may be a parent
            (Metadata.parent_type, Note.parent_type); None where only one type can be. Ids are unique over all
            types, so reading may do without it; writing has to fill it.
        where: Further values that an item must have: assignments are the appointments of type "assignment".
            Adding an item sets them.
    """

    attribute: str
    type_attribute: str | None = None
    where: Mapping[str, object] = attrs.field(factory=dict)


@attrs.frozen
class LinkTable:
    """Many to many: a table between the two holds pairs of ids. A pair goes with either of its ends.

    Attributes:
        table: Name of the link table; where it is an entity type's name, that type's rows are the links.
        here: Column that holds this entity's id.
        there: Column that holds the item's id.
    """

    table: str
    here: str
    there: str


@attrs.frozen
class Computed:
    """The server works the items out; clients cannot write them.

    Attributes:
        rule: Name of the rule, as "ancestors"; a storage knows what to do.
    """

    rule: str


Via: TypeAlias = "ForeignKey | LinkTable | Computed"


@attrs.frozen
class Collection(Attribute):
    """Many other entities.

    Attributes:
        item: Entity type of the items; it may be a base type.
        via: What the relation means to a storage.
        told_as: What the schema calls the items' type where it says less than the truth: the real server's own
            `Task` table holds every typed context, so a list of shots is told as one of tasks.
    """

    item: str
    via: Via
    told_as: str | None = attrs.field(default=None, kw_only=True)


@attrs.frozen
class Mapped(Collection):
    """A collection that clients see as a mapping from one attribute of the items to another.

    Attributes:
        key: Attribute of the item that is the key; None where the schema names none.
        value: Attribute of the item that is the value; None where the schema names none.
        restricted: It may be filtered on and never selected.
    """

    key: str | None = attrs.field(default="key", kw_only=True)
    value: str | None = attrs.field(default="value", kw_only=True)
    restricted: bool = attrs.field(default=False, kw_only=True)

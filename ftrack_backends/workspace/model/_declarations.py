"""The words in which the data model is written: attributes, what relations mean, traits and entity types.

Everything here is a frozen value. A declaration says both what a client sees (the schema) and what a storage must
know (columns, tables, which column a relation goes over); it knows neither SQL nor the wire.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "NO_DEFAULT",
    "UID",
    "Attribute",
    "Collection",
    "Computed",
    "EntityType",
    "ForeignKey",
    "Integer",
    "Key",
    "LinkTable",
    "Mapped",
    "Moment",
    "Number",
    "Reference",
    "Scalar",
    "Structure",
    "Text",
    "Trait",
    "Truth",
    "Variable",
    "Via",
]

UID = "{uid}"
"""A default that means: whoever creates the entity makes a new uuid4."""


@attrs.frozen
class _NoDefault:
    """There is no default; None would be one."""

    def __repr__(self) -> str:
        return "NO_DEFAULT"


NO_DEFAULT = _NoDefault()


@attrs.frozen
class Attribute:
    """One named thing that entities of a type have; what it is, the subclasses say.

    Attributes:
        name: Public name, as clients use it.
        required: A row must have a value, in the end; clients need not send it where the server fills it in.
        immutable: Clients may not change it.
        computed: The server computes it and tells clients so (the schema's `computed`). It has no column.
        projected: Every reply about such an entity carries it (the schema's `default_projections`).
        alias: Internal name of column or relation on the real server; update events use it. None: no alias is told.
        description: Sentence for the schema; None for none.
        hidden: It exists in storage and in the schema's lists of names, and clients see no such property.
        derived: The server computes it without saying so in the schema. It has no column.
    """

    name: str
    required: bool = attrs.field(default=False, kw_only=True)
    immutable: bool = attrs.field(default=False, kw_only=True)
    computed: bool = attrs.field(default=False, kw_only=True)
    projected: bool = attrs.field(default=False, kw_only=True)
    alias: str | None = attrs.field(default=None, kw_only=True)
    description: str | None = attrs.field(default=None, kw_only=True)
    hidden: bool = attrs.field(default=False, kw_only=True)
    derived: bool = attrs.field(default=False, kw_only=True)

    @property
    def internal_name(self) -> str:
        """What the real server calls it: the alias, else the name."""
        return self.alias or self.name


@attrs.frozen
class Scalar(Attribute):
    """A single value of its own: what a column holds.

    Attributes:
        default: Value a client sends when its user gives none; `UID` for a new id; `NO_DEFAULT` for none.
        same_as: Name of another attribute of the type whose column this one shows too, or None.
    """

    kind: ClassVar[str]
    default: object = attrs.field(default=NO_DEFAULT, kw_only=True)
    same_as: str | None = attrs.field(default=None, kw_only=True)

    @property
    def stored(self) -> bool:
        """Whether rows hold it; otherwise the server computes it when asked."""
        return not (self.computed or self.derived)

    @property
    def column(self) -> str:
        """Name of the column that holds it. Two attributes may share one (`same_as`)."""
        return self.same_as or self.name


@attrs.frozen
class Text(Scalar):
    """A string.

    Attributes:
        format: What the string is written in, as `json`; None for plain text.
        choices: The only values allowed; empty for any.
        names_type: It names an entity type: clients see the type's id, storage may use the internal table name.
    """

    kind: ClassVar[str] = "string"
    format: str | None = attrs.field(default=None, kw_only=True)
    choices: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    names_type: bool = attrs.field(default=False, kw_only=True)


@attrs.frozen
class Integer(Scalar):
    """A whole number."""

    kind: ClassVar[str] = "integer"


@attrs.frozen
class Number(Scalar):
    """A number that may have a fraction."""

    kind: ClassVar[str] = "number"


@attrs.frozen
class Truth(Scalar):
    """True or false."""

    kind: ClassVar[str] = "boolean"


@attrs.frozen
class Moment(Scalar):
    """A point in time, UTC, to the second."""

    kind: ClassVar[str] = "datetime"


@attrs.frozen
class Variable(Scalar):
    """A value whose type another row decides: number, truth value, text, list or moment (custom attributes)."""

    kind: ClassVar[str] = "variable"


@attrs.frozen
class Structure(Scalar):
    """A structured value, as `thumbnail_url`; always computed."""

    kind: ClassVar[str] = "object"


@attrs.frozen
class Key(Scalar):
    """A foreign key: the id of an entity of another type. A `Reference` shows the entity itself.

    Attributes:
        target: Entity type whose id it holds.
        target_key: What the schema calls the key on the target's side. The real server says `User.user_id` where it
            means the table's own column; it is always the target's id.
        holds: Kind of the key's values: "string", "integer", or None where the schema keeps silent.
        names_target: The schema also calls the key itself a reference to the target (dashboard resources do).
    """

    kind: ClassVar[str] = "key"
    target: str
    target_key: str = attrs.field(default="id", kw_only=True)
    holds: str | None = attrs.field(default="string", kw_only=True)
    names_target: bool = attrs.field(default=False, kw_only=True)


@attrs.frozen
class Reference(Attribute):
    """One other entity.

    Attributes:
        target: Entity type of the other; it may be a base type, then the row decides.
        over: Name of the `Key` attribute of this same type that holds the other's id; `<name>_id` unless told.
            It may be a hidden one. A computed reference has none: it is never looked at.
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
    """Many to many: a table between the two holds pairs of ids.

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
        rule: Which rule: "ancestors", "descendants", "users of the same account" and so on; a storage knows them.
    """

    rule: str


Via: TypeAlias = "ForeignKey | LinkTable | Computed"


@attrs.frozen
class Collection(Attribute):
    """Many other entities.

    Attributes:
        item: Entity type of the items; it may be a base type.
        via: What the relation means to a storage.
    """

    item: str
    via: Via


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


@attrs.frozen
class Trait:
    """What several types have in common: a named handful of attributes, to compose types of.

    Attributes:
        name: What a thing with this trait is or has, as words.
        doc: What it means in production.
        attributes: What a type gets by it.
    """

    name: str
    doc: str
    attributes: tuple[Attribute, ...]


@attrs.frozen
class EntityType:
    """The declaration of one entity type.

    A type has its own attributes, then those of its traits, then those of its base, in the order they stand; one that
    is declared again replaces the first in its place. Order only shows in the schema's lists of names.

    Attributes:
        name: Schema id, as `Task`.
        doc: What it is in production.
        attributes: Its own attributes; one named as an inherited one replaces that.
        traits: What it is composed of.
        base: Type it is a kind of: it inherits all attributes, and its rows live in the base's table.
        view_of: Another type whose table this one shows under another name (NoteLabel shows NoteCategory); or None.
        primary_key: Names of the attributes that identify a row; empty for the base's, and `id` without a base.
        classifiers: Values that tell a row of this type from others in the shared table, by attribute.
        alias: What the real server calls the type; None where it tells none.
        locked: Inherited attributes that clients may not change on this type.
        system: Attributes that every reply carries, whatever was asked; empty for the base's.
        listing: Where the real schema's order of a list follows no declaration: the names that come first, by list
            (`required`, `immutable`, `default_projections`, ...).
    """

    name: str
    doc: str
    attributes: tuple[Attribute, ...] = ()
    traits: tuple[Trait, ...] = attrs.field(default=(), kw_only=True)
    base: str | None = attrs.field(default=None, kw_only=True)
    view_of: str | None = attrs.field(default=None, kw_only=True)
    primary_key: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    classifiers: Mapping[str, object] = attrs.field(factory=dict, kw_only=True)
    alias: str | None = attrs.field(default=None, kw_only=True)
    locked: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    system: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    listing: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, kw_only=True)

"""What any attribute can be told of, and the attributes that hold a single value.

Everything here is a frozen value. It says both what a client sees (the schema) and what a storage must know
(columns, owners); it knows neither SQL nor the wire.
"""

from __future__ import annotations

from typing import ClassVar

import attrs

__all__ = [
    "NO_DEFAULT",
    "UID",
    "Attribute",
    "Integer",
    "Key",
    "Moment",
    "Number",
    "Scalar",
    "Structure",
    "Text",
    "Truth",
    "Variable",
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
        owner: The value is the id of an entity that owns the row: the row is deleted with it. Where a row refers to
            an entity that does not own it, the reference becomes empty.
    """

    kind: ClassVar[str]
    default: object = attrs.field(default=NO_DEFAULT, kw_only=True)
    same_as: str | None = attrs.field(default=None, kw_only=True)
    owner: bool = attrs.field(default=False, kw_only=True)

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

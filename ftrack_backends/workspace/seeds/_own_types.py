"""A studio's own entity types and attributes: what a seed adds to the data model, not to the rows.

[[object_type]]                    # a kind of context, beside Shot and Sequence
name = "Vehicle"
attributes.wheels = "integer"
attributes.driver = { kind = "reference", to = "User" }

[[entity_type]]                    # a type of its own, that hangs on nothing
name = "Camera"
attributes.name = "text"

[attributes.Shot]                  # more attributes of a type that there is
plate = "text"
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import attrs

from ftrack_backends.workspace.model import (
    NO_DEFAULT,
    NO_STATUS,
    NO_TYPE,
    SCHEDULED_BY_TASKS,
    Attribute,
    Collection,
    EntityType,
    ForeignKey,
    Integer,
    Key,
    LinkTable,
    Model,
    Moment,
    Number,
    Reference,
    Scalar,
    Text,
    Truth,
    identifier,
    object_type,
)
from ftrack_backends.workspace.seeds._ids import stable_id
from ftrack_backends.workspace.seeds._tables import Table
from ftrack_core.errors import ConfigurationError, EntityTypeError

__all__ = ["OWN_HEADINGS", "Extension", "type_id"]

OWN_HEADINGS = ("object_type", "entity_type", "attributes")
"""Headings of a seed that say something of the model."""

_SCALARS: dict[str, Callable[..., Scalar]] = {
    "text": Text,
    "integer": Integer,
    "number": Number,
    "boolean": Truth,
    "date": Moment,
}
_KINDS = (*_SCALARS, "reference", "references", "items")
_TYPE_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,63}")
_ATTRIBUTE_NAME = re.compile(r"[a-z][A-Za-z0-9_]{0,63}")
_HELD: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "date": (str,),
}


@attrs.frozen
class Extension:
    """What seeds add to a model. Equal ones make equal models.

    Attributes:
        text: The headings of `OWN_HEADINGS` as JSON; empty for nothing. A database keeps it, so that it can be opened
            again without the seed.
    """

    text: str = ""

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Extension:
        """Take what a seed's content says of the model."""
        own = {heading: content[heading] for heading in OWN_HEADINGS if content.get(heading)}
        return cls(json.dumps(own, sort_keys=True) if own else "")

    def joined(self, other: Extension) -> Extension:
        """This one and another, one after the other."""
        if not (self.text and other.text):
            return self if self.text else other
        mine, its = json.loads(self.text), json.loads(other.text)
        lists = {name: [*mine.get(name, []), *its.get(name, [])] for name in ("object_type", "entity_type")}
        attributes = mine.get("attributes", {})
        for name, more in its.get("attributes", {}).items():
            twice = sorted(attributes.get(name, {}).keys() & more.keys())
            if twice:
                fault = f"attributes.{name}: {', '.join(twice)} is declared already"
                raise ConfigurationError(fault, faults=(fault,))
            attributes[name] = {**attributes.get(name, {}), **more}
        return Extension.of({**lists, "attributes": attributes})

    def model(self, base: Model) -> Model:
        """Give a model with these types and attributes; the same object for the same base and text.

        Raises:
            ConfigurationError: The declarations do not make sense; each fault begins with its place, as
                `object_type[0].attributes.driver`.
        """
        return _extended(base, self.text) if self.text else base


def type_id(name: str) -> str:
    """Give the schema's name of an object type: ftrack leaves out what stands between the words."""
    return name.replace(" ", "")


@lru_cache(maxsize=16)
def _extended(base: Model, text: str) -> Model:
    declared = _Declared(base, json.loads(text))
    types = tuple(declared.types())
    attributes = dict(declared.attributes())
    if declared.faults:
        raise ConfigurationError("; ".join(declared.faults), faults=declared.faults)
    try:
        return base.extended(types, attributes)
    except EntityTypeError as error:
        found = error.details.get("faults")
        told = [str(one) for one in found] if isinstance(found, list) else [str(error)]
        raise ConfigurationError("; ".join(told), faults=told) from error


class _Declared:
    """Reads declarations, and gathers what is wrong with them."""

    def __init__(self, base: Model, content: Mapping[str, Any]) -> None:
        self.faults: list[str] = []
        self._base = base
        self._content = content
        self._names: set[str] = set()

    def types(self) -> Iterator[EntityType]:
        for heading, make in (("object_type", self._object_type), ("entity_type", self._entity_type)):
            for place, values in enumerate(self._content.get(heading, ())):
                yield from self._made(make, Table(values, f"{heading}[{place}]"))

    def _made(self, make: Callable[[Table], EntityType], table: Table) -> Iterator[EntityType]:
        try:
            yield make(table)
        except ConfigurationError as error:
            self.faults.extend(error.faults)

    def attributes(self) -> Iterator[tuple[str, tuple[Attribute, ...]]]:
        for name, values in self._content.get("attributes", {}).items():
            at = f"attributes.{name}"
            try:
                if name not in self._base:
                    Table({}, at).refuse_name(name, [one.name for one in self._base], "is no entity type")
                kin = {each for one in self._base[name].subtypes for each in self._base[one].attributes}
                found = tuple(self._attributes(Table(values, at), name))
                for one in found:
                    if one.name in kin:
                        Table({}, f"{at}.{one.name}").fail("there is an attribute of that name already")
                yield name, found
            except ConfigurationError as error:
                self.faults.extend(error.faults)

    def _object_type(self, table: Table) -> EntityType:
        name = self._name(table, type_id(table.text("name")))
        own_id = table.text("id", stable_id("ObjectType", table.text("name")))
        locked = [
            *(() if table.truth("is_typeable", default=True) else NO_TYPE),
            *(() if table.truth("is_statusable", default=True) else NO_STATUS),
            *(() if table.truth("is_schedulable", default=False) else SCHEDULED_BY_TASKS),
        ]
        declared = object_type(name, table.text("doc", f"A {table.text('name')}."), own_id, *locked)
        return self._with_attributes(declared, table, "TypedContext")

    def _entity_type(self, table: Table) -> EntityType:
        table.only("name", "doc", "attributes", "unique")
        name = self._name(table, table.text("name"))
        attribute_names = table.table("attributes").values
        unique = table.values.get("unique", [])
        if not isinstance(unique, list) or not all(isinstance(one, list) and one for one in unique):
            table.fail("unique must be a list of lists of attribute names")
        for one in (each for names in unique for each in names):
            if not isinstance(one, str) or one not in attribute_names:
                table.fail(f"unique names {one!r}, which is no attribute of it")
        doc = table.text("doc", f"A {name}.")
        declared = EntityType(name, doc, (identifier(),), unique=tuple(tuple(names) for names in unique))
        return self._with_attributes(declared, table, None)

    def _with_attributes(self, declared: EntityType, table: Table, base: str | None) -> EntityType:
        inherited = self._base[base].attributes.keys() if base else {"id"}
        found = tuple(self._attributes(table.table("attributes"), declared.name))
        for one in found:
            if one.name in inherited:
                table.fail(f"attributes.{one.name} is there already; every {base or declared.name} has it")
        return attrs.evolve(declared, attributes=(*declared.attributes, *found))

    def _attributes(self, table: Table, owner: str) -> Iterator[Attribute]:
        for name, said in table.values.items():
            at = Table({"kind": said} if isinstance(said, str) else said, f"{table.place}.{name}")
            if not isinstance(at.values, Mapping):
                table.fail(f"{name} must be a kind or a table, not {said!r}")
            if not _ATTRIBUTE_NAME.fullmatch(name):
                at.fail("a name begins with a small letter and has letters, digits and _")
            yield from _attribute(at, owner, name)

    def _name(self, table: Table, name: str) -> str:
        if not _TYPE_NAME.fullmatch(name):
            table.fail(f"name {name!r} must begin with a capital letter and have letters and digits")
        if name in self._base or name in self._names:
            table.fail(f"there is an entity type {name!r} already; its own attributes go under [attributes.{name}]")
        self._names.add(name)
        return name


def _attribute(table: Table, owner: str, name: str) -> Iterator[Attribute]:
    kind = table.text("kind")
    if kind not in _KINDS:
        table.refuse_name(kind, _KINDS, "is no kind of attribute")
    if kind in _SCALARS:
        yield _scalar(table, kind, name)
        return
    to = table.text("to")
    if kind == "reference":
        table.only("kind", "to", "required")
        yield Key(f"{name}_id", to, required=table.truth("required", default=False))
        yield Reference(name, to)
    elif kind == "references":
        table.only("kind", "to")
        yield Collection(name, to, LinkTable(f"{owner}_{name}", "own_id", "other_id"))
    else:
        table.only("kind", "to", "by")
        yield Collection(name, to, ForeignKey(table.text("by")))


def _scalar(table: Table, kind: str, name: str) -> Scalar:
    table.only("kind", "default", "required", "description", *(("choices",) if kind == "text" else ()))
    default = table.values.get("default", NO_DEFAULT)
    fits = isinstance(default, _HELD[kind]) and (kind == "boolean" or not isinstance(default, bool))
    if default is not NO_DEFAULT and not fits:
        table.fail(f"default must be {kind}, not {default!r}")
    more: dict[str, Any] = {"choices": tuple(table.texts("choices", ()))} if kind == "text" else {}
    return _SCALARS[kind](
        name,
        required=table.truth("required", default=False),
        default=default,
        description=table.text("description", "") or None,
        **more,
    )

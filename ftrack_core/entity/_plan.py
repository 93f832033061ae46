"""Everything about an entity type that reading and splitting need, worked out once."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from ftrack_core.errors import MalformedReplyError
from ftrack_core.schema import AttributeKind, AttributeSchema, EntityTypeSchema, Schemas
from ftrack_core.values import EntityIdentity

__all__ = ["ENTITY_TYPE", "Relation", "Shape", "TypePlan"]

ENTITY_TYPE: Final = "__entity_type__"
"""The key under which an entity's dict on the wire says its type."""


class Relation(NamedTuple):
    """A relation among the keys of a row.

    Attributes:
        name: Name of the attribute.
        many: Whether it holds many entities.
        value_of: Gives its value in a row.
    """

    name: str
    many: bool
    value_of: Callable[[Mapping[str, Any]], Any]


class Shape(NamedTuple):
    """What rows with certain keys hold besides scalars.

    Attributes:
        relations: The relations among the keys.
        strays: The keys that are no attribute.
    """

    relations: tuple[Relation, ...]
    strays: tuple[str, ...]


class TypePlan:
    """What an entity type's schema means for the hot roads.

    Attributes:
        name: Name of the type.
        schema: The schema it was made from.
        attributes: Attributes by name.
        primary_key: Names of the attributes that make the key.
        single_key: The name of the only one of these, or None for a composite key.
        twins: Of each reference the name of the attribute that holds its key, and the other way round.
        shapes: What rows hold, for each set of keys that they came with; see `shape_of`.
    """

    __slots__ = ("_paths", "_schemas", "attributes", "name", "primary_key", "schema", "shapes", "single_key", "twins")

    def __init__(self, schema: EntityTypeSchema, schemas: Schemas) -> None:
        self.name = schema.name
        self.schema = schema
        self.attributes: Mapping[str, AttributeSchema] = schema.attributes
        self.primary_key = schema.primary_key
        self.single_key = schema.primary_key[0] if len(schema.primary_key) == 1 else None
        self.twins = _twins(schema.attributes)
        self.shapes: dict[tuple[str, ...], Shape] = {}
        self._schemas = schemas
        self._paths: dict[str, tuple[str, ...]] = {}

    def shape_of(self, keys: tuple[str, ...]) -> Shape:
        """What a row of these keys, in order, holds besides scalars."""
        known = [self.attributes[name] for name in keys if name in self.attributes]
        relations = tuple(
            Relation(each.name, each.kind is not AttributeKind.REFERENCE, operator.itemgetter(each.name))
            for each in known
            if each.kind is not AttributeKind.SCALAR
        )
        made = Shape(relations, tuple(name for name in keys if name not in self.attributes))
        self.shapes[keys] = made
        return made

    def key_of(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The primary key among values, as text.

        Raises:
            MalformedReplyError: A part of it is missing.
        """
        key = tuple(values.get(name) for name in self.primary_key)
        if None in key:
            missing = [name for name in self.primary_key if values.get(name) is None]
            raise MalformedReplyError(f"The server sent a {self.name} without {' and '.join(missing)}.")
        return tuple(map(str, key))

    def identity_of(self, values: Mapping[str, Any]) -> EntityIdentity:
        """The identity of the entity of this type that has these values."""
        return EntityIdentity(self.name, self.key_of(values))

    def key_values(self, identity: EntityIdentity) -> dict[str, str]:
        """The primary key of an identity, by attribute name."""
        return dict(zip(self.primary_key, identity.key, strict=True))

    def only_target(self, name: str) -> str | None:
        """The type of the entities that a reference leads to, if they can be of no other."""
        target = self.attributes[name].target
        return target if self._schemas.subtypes(target) == (target,) else None

    def load_paths(self, name: str) -> tuple[str, ...]:
        """What to select so that an attribute has a value: of a relation, the target's plain scalars too."""
        paths = self._paths.get(name)
        if paths is None:
            paths = self._paths[name] = self._paths_to(self.attributes[name])
        return paths

    def _paths_to(self, attribute: AttributeSchema) -> tuple[str, ...]:
        if attribute.kind is AttributeKind.SCALAR or attribute.target not in self._schemas:
            return (attribute.name,)
        if attribute.kind is AttributeKind.MAPPED:
            return (f"{attribute.name}.{attribute.key_name}", f"{attribute.name}.{attribute.value_name}")
        target = self._schemas[attribute.target]
        plain = (each.name for each in target.attributes.values() if each.kind is AttributeKind.SCALAR and each.plain)
        return tuple(f"{attribute.name}.{name}" for name in dict.fromkeys((*target.primary_key, *plain)))


def _twins(attributes: Mapping[str, AttributeSchema]) -> dict[str, str]:
    references = [name for name, each in attributes.items() if each.kind is AttributeKind.REFERENCE]
    pairs = [(name, f"{name}_id") for name in references if f"{name}_id" in attributes]
    return {**dict(pairs), **{key: name for name, key in pairs}}

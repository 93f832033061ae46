"""Everything about an entity type that reading and splitting need, worked out once."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from ftrack_core.errors import MalformedReplyError
from ftrack_core.schema import AttributeKind, AttributeSchema, EntityTypeSchema, Schemas
from ftrack_core.values import EntityIdentity

__all__ = ["ENTITY_TYPE", "Form", "TypePlan"]

ENTITY_TYPE: Final = "__entity_type__"
"""The key under which an entity's dict on the wire says its type."""


_REFERENCE: Final = AttributeKind.REFERENCE
_SCALAR: Final = AttributeKind.SCALAR


class Form(NamedTuple):
    """What rows with certain keys hold.

    Attributes:
        relations: The relations among the keys, each with whether it holds many.
        scalars: The other attributes among the keys, without those of the primary key.
        strays: The keys that are no attribute.
        values_of: Gives the values of a row, in the order of the keys; raises `KeyError` where a key is missing.
    """

    relations: tuple[tuple[str, bool], ...]
    scalars: tuple[str, ...]
    strays: tuple[str, ...]
    values_of: Callable[[Mapping[str, Any]], tuple[Any, ...]]


class TypePlan:
    """What an entity type's schema means for the hot roads.

    Attributes:
        name: Name of the type.
        schema: The schema it was made from.
        attributes: Attributes by name.
        primary_key: Names of the attributes that make the key.
        single_key: The name of the only one of these, or None for a composite key.
        twins: Of each reference the name of the attribute that holds its key, and the other way round.
    """

    __slots__ = ("_forms", "_paths", "_schemas", "attributes", "name", "primary_key", "schema", "single_key", "twins")

    def __init__(self, schema: EntityTypeSchema, schemas: Schemas) -> None:
        self.name = schema.name
        self.schema = schema
        self.attributes: Mapping[str, AttributeSchema] = schema.attributes
        self.primary_key = schema.primary_key
        self.single_key = schema.primary_key[0] if len(schema.primary_key) == 1 else None
        self.twins = _twins(schema.attributes)
        self._forms: dict[tuple[str, ...], Form] = {}
        self._schemas = schemas
        self._paths: dict[str, tuple[str, ...]] = {}

    def form(self, keys: tuple[str, ...]) -> Form:
        """What rows with these keys hold."""
        return self._forms.get(keys) or self._form(keys)

    def _form(self, keys: tuple[str, ...]) -> Form:
        kinds = {name: self.attributes[name].kind for name in keys if name in self.attributes}
        made = self._forms[keys] = Form(
            relations=tuple((name, kinds[name] is not _REFERENCE) for name in kinds if kinds[name] is not _SCALAR),
            scalars=tuple(name for name in kinds if kinds[name] is _SCALAR and name not in self.primary_key),
            strays=tuple(name for name in keys if name not in kinds),
            values_of=_values_of(keys),
        )
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
        if self.single_key is not None:  # nearly every type, and three times as fast
            (part,) = identity.key
            return {self.single_key: part}
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
            items = self._schemas[attribute.target]
            told = (attribute.key_name if attribute.key_name in items.attributes else items.primary_key[0],)
            return tuple(f"{attribute.name}.{name}" for name in (*told, attribute.value_name))
        target = self._schemas[attribute.target]
        plain = (each.name for each in target.attributes.values() if each.kind is AttributeKind.SCALAR and each.plain)
        return tuple(f"{attribute.name}.{name}" for name in dict.fromkeys((*target.primary_key, *plain)))


def _twins(attributes: Mapping[str, AttributeSchema]) -> dict[str, str]:
    references = [name for name, each in attributes.items() if each.kind is AttributeKind.REFERENCE]
    pairs = [(name, f"{name}_id") for name in references if f"{name}_id" in attributes]
    return {**dict(pairs), **{key: name for name, key in pairs}}


def _values_of(keys: tuple[str, ...]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """What gives the values of these keys, one key or many."""
    return operator.itemgetter(*keys) if len(keys) > 1 else lambda row: (row[keys[0]],)

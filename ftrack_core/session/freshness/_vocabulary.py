"""From the names that ftrack has inside, as events use them, to those of the schemas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ftrack_core.schema import AttributeKind, Schemas
from ftrack_core.session.freshness._staleness import is_derived
from ftrack_core.values import EntityIdentity

__all__ = ["Vocabulary"]

_CUSTOM: Final = "custom_attributes"
_HISTORY: Final = frozenset({"StatusChange"})
"""Types that the server writes by itself and tells nobody of."""


class Vocabulary:
    """What internal names mean; each is looked up once.

    Args:
        schemas: The server's schemas.
    """

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._tables: dict[str, set[str]] = {}
        for described in schemas.raw:
            self._tables.setdefault(_table(described).lower(), set()).add(described["id"])
        self._families: dict[tuple[str, str], tuple[str, ...]] = {}
        self._names: dict[str, dict[str, set[str]]] = {}
        self._related: dict[str, frozenset[str]] = {}

    def types(self, internal: str, named: str) -> tuple[str, ...]:
        """All types that an entity of an event may be of; every type where neither name says anything.

        Args:
            internal: Its `entityType`, as `task`.
            named: Its `entity_type`, as `Shot`.
        """
        family = self._families.get((internal, named))
        if family is None:
            schemas = self._schemas
            found = {*self._tables.get(internal, ())}
            if named in schemas:
                found.update(schemas.subtypes(named), schemas.supertypes(named))
            family = self._families[internal, named] = tuple(found or schemas)
        return family

    def identities(self, types: Iterable[str], identifier: str) -> list[EntityIdentity]:
        """What an id, or the parts of a key with commas between, may be the identity of."""
        found = []
        for name in types:
            parts = len(self._schemas[name].primary_key)
            key = tuple(identifier.split(",", parts - 1))
            if len(key) == parts:
                found.append(EntityIdentity(name, key))
        return found

    def attributes(self, entity_type: str, internal: str) -> Iterable[str]:
        """The attributes of a type that an internal name stands for.

        One that stands for none is the key of a custom attribute, where the type has these, else anything.
        """
        found = self._names_of(entity_type).get(internal)
        if found is not None:
            return found
        attributes = self._schemas[entity_type].attributes
        return (_CUSTOM,) if _CUSTOM in attributes else attributes

    def _names_of(self, entity_type: str) -> dict[str, set[str]]:
        names = self._names.get(entity_type)
        if names is None:
            names = self._names[entity_type] = self._by_internal(entity_type)
        return names

    def _by_internal(self, entity_type: str) -> dict[str, set[str]]:
        schema = self._schemas[entity_type]
        names: dict[str, set[str]] = {}
        for name, described in schema.raw["properties"].items():
            for internal in (name, str(described.get("alias_for") or name)):
                names.setdefault(internal, set()).update(_with_twins(name, schema.attributes))
        return names

    def derived(self, entity_type: str) -> frozenset[str]:
        """Attributes of a type that the server works out from others."""
        attributes = self._schemas[entity_type].attributes.values()
        return self._remembered(
            f"derived {entity_type}", (each.name for each in attributes if not each.plain or each.target in _HISTORY)
        )

    def touched_by(self, items: Sequence[str], entity_type: str) -> frozenset[str]:
        """Attributes of a type that are not what they were when an item changes that belongs to one of its entities.

        Args:
            items: The types that the item may be of: a mapping, as of metadata, shows its items' values as its own.
            entity_type: The type.
        """
        attributes = self._schemas[entity_type].attributes.values()
        mapped = (each.name for each in attributes if each.kind is AttributeKind.MAPPED and each.target in items)
        return self.derived(entity_type) | frozenset(mapped)

    def owners(self, types: Iterable[str], identifier: str) -> list[str]:
        """Ids of those that something without an id of its own belongs to: they are a part of its key."""
        return [part for identity in self.identities(types, identifier) if identity.key[1:] for part in identity.key]

    def related(self, entity_type: str) -> frozenset[str]:
        """Attributes of a type that change when something comes to its entities, or leaves them."""
        attributes = self._schemas[entity_type].attributes.values()
        return self._remembered(f"related {entity_type}", (each.name for each in attributes if is_derived(each)))

    def _remembered(self, what: str, names: Iterable[str]) -> frozenset[str]:
        found = self._related.get(what)
        if found is None:
            found = self._related[what] = frozenset(names)
        return found

    def targets(self, entity_type: str, internal: str) -> frozenset[str]:
        """The types of the entities whose key an attribute may hold, by its internal name; none for a plain value."""
        return self._remembered(f"{internal} of {entity_type}", self._targets(entity_type, internal))

    def _targets(self, entity_type: str, internal: str) -> Iterable[str]:
        schema = self._schemas[entity_type]
        names = self._names_of(entity_type).get(internal, set())
        if names <= set(schema.primary_key) and len(schema.primary_key) == 1:
            return ()
        expected = {schema.attributes[name].target for name in names} - {""}
        if expected:
            known = all(name in self._schemas for name in expected)
            return {each for name in expected for each in self.types("", name)} if known else self._schemas
        return self._schemas if any(name.endswith("_id") for name in names) else ()

    def values_type(self, entity_type: str) -> str:
        """The type of the values of an entity's custom attributes; empty where it has none."""
        attribute = self._schemas[entity_type].attributes.get(_CUSTOM)
        return attribute.target if attribute is not None else ""


def _with_twins(name: str, attributes: Mapping[str, Any]) -> set[str]:
    """An attribute with the reference whose key it is, or the key of the reference that it is."""
    twin = name.removesuffix("_id") if name.endswith("_id") else f"{name}_id"
    return {each for each in (name, twin) if each in attributes}


def _table(described: Mapping[str, Any]) -> str:
    alias = described.get("alias_for") or described["id"]
    return str(alias.get("id") or described["id"]) if isinstance(alias, Mapping) else str(alias)

"""Collections of key and value entities, seen as mappings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Final

from ftrack_core.entity._collections import Collection
from ftrack_core.entity._scalar_values import fit_scalar
from ftrack_core.errors import InvalidTypeError, UnknownAttributeError
from ftrack_core.schema import AttributeSchema
from ftrack_core.values import NOT_SET, State

if TYPE_CHECKING:
    from ftrack_core.entity._entity import Entity

__all__ = ["METADATA", "MappedCollection"]

METADATA: Final = "Metadata"
"""The type whose items a program makes; those of other mappings are the server's."""


class MappedCollection(MutableMapping[str, Any]):
    """A collection of key and value entities, as metadata is, seen as a mapping.

    Setting an existing key sets the value on its entity, a new key creates one, deleting a key deletes one.
    """

    __slots__ = ("collection",)

    def __init__(self, collection: Collection) -> None:
        self.collection = collection

    def _entity_of(self, key: object) -> Entity:
        name = self.collection.attribute.key_name
        for entity in self.collection:
            if entity[name] == key:
                return entity
        raise KeyError(key)

    def __getitem__(self, key: str) -> Any:
        return self._known(key)[self.collection.attribute.value_name]

    def _known(self, key: object) -> Entity:
        """The entity of a key; custom attributes tell which there are."""
        try:
            return self._entity_of(key)
        except KeyError:
            if self.collection.attribute.target == METADATA:
                raise
            raise self._unknown(key) from None

    def __setitem__(self, key: str, value: Any) -> None:
        try:
            entity = self._entity_of(key)
        except KeyError:
            if self.collection.attribute.target == METADATA:
                self.collection.append(self._created(key, value))
                return
            entity = self._expected(key)
        self._set(entity, value)

    def _set(self, entity: Entity, value: Any) -> None:
        entity[self.collection.attribute.value_name] = self._fit(entity, value)

    def _fit(self, entity: Entity, value: Any) -> Any:
        """A value as the configuration of a custom attribute has it; any other value as it is."""
        if self.collection.attribute.target == METADATA or "configuration_id" not in entity.attributes:
            return value
        return entity._context.fit_custom_attribute(entity._stored("configuration_id"), value)

    def _expected(self, key: str) -> Entity:
        """The value of a custom attribute that was not among the loaded ones: of a new entity, or a new attribute."""
        owner, attribute = self.collection.entity, self.collection.attribute
        if owner._state is State.CREATED:
            owner._context.expect_custom_attributes(owner, attribute.name, key)
        else:
            owner._load(attribute.name)
        try:
            return self._entity_of(key)
        except KeyError:
            raise self._unknown(key) from None

    def _unknown(self, key: object) -> UnknownAttributeError:
        owner, known = self.collection.entity, ", ".join(sorted(map(str, self))) or "none"
        late = "; what was not set yet can be read after the commit" if owner._state is State.CREATED else ""
        name = self.collection.attribute.name
        return UnknownAttributeError(f"{owner} has no {name} {key!r}; it has: {known}{late}.")

    def _created(self, key: str, value: Any) -> Entity:
        owner, attribute = self.collection.entity, self.collection.attribute
        values = {attribute.key_name: key, attribute.value_name: value}
        owned = {"parent_id": owner._identity.key[0], "parent_type": owner.entity_type}
        created: Entity = owner._context.create(attribute.target, {**values, **owned})
        return created

    def __delitem__(self, key: str) -> None:
        entity = self._known(key)
        self.collection.remove(entity)
        entity._context.delete(entity)

    def replace(self, values: Any) -> None:
        """Have exactly these keys and values, none for None; all are looked at before the first one changes."""
        values = {} if values is None else values
        self.check(self.collection.attribute, values)
        if self.collection.attribute.target != METADATA:
            self._check_configured(values)
        if self.collection.attribute.target != METADATA and self.collection.entity._state is State.CREATED:
            self.update(values)  # a new entity has nothing yet to go back to the default
            return
        for key in [key for key in self if key not in values]:
            del self[key]
        self.update(values)

    def _check_configured(self, values: Mapping[str, Any]) -> None:
        for key, value in values.items():
            try:
                entity = self._entity_of(key)
            except KeyError:
                entity = self._expected(key)
            self._fit(entity, value)

    @staticmethod
    def check(attribute: AttributeSchema, values: Any) -> None:
        """Refuse what is no mapping, or what metadata cannot hold.

        Raises:
            InvalidTypeError: It is none, or one of its keys or values is neither text nor number.
        """
        if not isinstance(values, Mapping):
            raise InvalidTypeError(f"{attribute.name} holds keys and values, and was given {values!r}.")
        if attribute.target == METADATA:
            for each in (*values, *values.values()):
                fit_scalar(attribute.name, "word", each)

    def keys(self) -> list[str]:  # type: ignore[override]  # programs sort and index what they get here
        """The keys, each once, as a list of its own."""
        return list(self)

    def __iter__(self) -> Iterator[str]:
        name = self.collection.attribute.key_name
        return iter(dict.fromkeys(entity[name] for entity in self.collection))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        owner, attribute = self.collection.entity, self.collection.attribute
        stored = owner._stored(attribute.name)
        if stored is NOT_SET and owner._state is not State.CREATED:
            return f"<{owner}.{attribute.name}: not loaded>"
        items = [owner._context.entity(identity) for identity in stored or ()]
        return repr({item._stored(attribute.key_name): item._stored(attribute.value_name) for item in items})

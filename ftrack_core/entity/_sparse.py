"""Custom attributes of servers that tell only the values which somebody set.

Such a server's schema says that `custom_attributes` holds `CustomAttributeValue`; newer ones have a type for each kind
of entity, and tell a value for every attribute.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ftrack_core.entity._collections import Collection
from ftrack_core.entity._mapped import MappedCollection
from ftrack_core.errors import UnknownCustomAttributeError

if TYPE_CHECKING:
    from ftrack_core.entity._entity import Entity
    from ftrack_core.schema import AttributeSchema
    from ftrack_core.values import ConfiguredAttribute

__all__ = ["SPARSE", "SparseCustomAttributes", "mapped_view"]

SPARSE: Final = "CustomAttributeValue"
"""The type of stored values, whatever they are of."""


def mapped_view(entity: Entity, attribute: AttributeSchema) -> MappedCollection:
    """The mapping that a mapped attribute of an entity is seen as."""
    kind = SparseCustomAttributes if attribute.target == SPARSE else MappedCollection
    return kind(Collection(entity, attribute))


class SparseCustomAttributes(MappedCollection):
    """The custom attributes of one entity, by key: every one that is configured for it.

    One that nobody set has the default of its configuration. Setting it creates a value, deleting it deletes that, so
    that it is at its default again.
    """

    __slots__ = ()

    def _configured(self, key: object) -> ConfiguredAttribute:
        owner = self.collection.entity
        known = owner._context.configured_attributes(owner)
        if key not in known:
            known = owner._context.configured_attributes(owner, anew=True)
        if key in known:
            return known[key]  # type: ignore[index]  # it is one of its keys
        import difflib  # for errors only

        near = difflib.get_close_matches(str(key), known, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        listed = ", ".join(sorted(known)) or "none"
        message = f"No custom attribute {key!r} is configured for {owner}; {hint}it has: {listed}."
        raise UnknownCustomAttributeError(message, {"key": key, "known": sorted(known)})

    def _value_of(self, configured: ConfiguredAttribute) -> Entity | None:
        """The stored value of an attribute, or None."""
        stored = (each for each in self.collection if each["configuration_id"] == configured.id)
        return next(stored, None)

    def __getitem__(self, key: str) -> Any:
        configured = self._configured(key)
        entity = self._value_of(configured)
        return configured.default if entity is None else entity[self.collection.attribute.value_name]

    def __setitem__(self, key: str, value: Any) -> None:
        configured, owner = self._configured(key), self.collection.entity
        value = owner._context.fit_custom_attribute(configured.id, value)
        entity, name = self._value_of(configured), self.collection.attribute.value_name
        if entity is not None:
            entity[name] = value
            return
        values = {"configuration_id": configured.id, "entity_id": owner._identity.key[0], name: value}
        self.collection.append(owner._context.create(SPARSE, values))

    def __delitem__(self, key: str) -> None:
        entity = self._value_of(self._configured(key))
        if entity is not None:
            self.collection.remove(entity)
            entity._context.delete(entity)

    def replace(self, values: Any) -> None:
        """Have these values, and the default for every other attribute."""
        values = {} if values is None else values
        self.check(self.collection.attribute, values)
        for key in values:
            self._configured(key)
        for key in [key for key in self if key not in values]:
            del self[key]
        self.update(values)

    def __iter__(self) -> Iterator[str]:
        owner = self.collection.entity
        return iter(tuple(owner._context.configured_attributes(owner)))

    def __repr__(self) -> str:
        return f"<{self.collection.entity}.{self.collection.attribute.name}: stored in {self.collection!r}>"

"""Collections: views on a relation of an entity. All state is the entity's, so a view costs nothing to make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSequence
from typing import TYPE_CHECKING, Any, overload

from ftrack_core.errors import (
    DuplicateItemInCollectionError,
    ImmutableCollectionError,
    InvalidTypeError,
    UnknownAttributeError,
)
from ftrack_core.interfaces import IEntityContext
from ftrack_core.schema import AttributeSchema
from ftrack_core.values import NOT_SET, EntityIdentity, State

if TYPE_CHECKING:
    from ftrack_core.entity._entity import Entity

__all__ = ["Collection", "MappedCollection"]


class Collection(MutableSequence["Entity"]):
    """The entities that a collection attribute leads to, in the server's order, each once.

    Two collections are equal when they hold the same entities, in any order. Changing one records an update of its
    entity that carries the whole new list.
    """

    __slots__ = ("_attribute", "_entity")

    def __init__(self, entity: Entity, attribute: AttributeSchema) -> None:
        self._entity = entity
        self._attribute = attribute

    @property
    def entity(self) -> Entity:
        """The entity whose collection it is."""
        return self._entity

    @property
    def attribute(self) -> AttributeSchema:
        """The attribute whose value it is."""
        return self._attribute

    @property
    def mutable(self) -> bool:
        """Whether it may be changed."""
        return self._attribute.mutable

    @staticmethod
    def identities(context: IEntityContext, attribute: AttributeSchema, value: Any) -> tuple[EntityIdentity, ...]:
        """The entities of anything that is assigned to a collection attribute; None means empty.

        Raises:
            InvalidTypeError: It is not a series of entities that can stand there.
            DuplicateItemInCollectionError: It holds an entity twice.
        """
        if value is None:
            return ()
        if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
            raise InvalidTypeError(f"{attribute.name} holds a list of {attribute.target}, and was given {value!r}.")
        found = tuple(context.adopt(item, attribute.target) for item in value)
        if len(set(found)) != len(found):
            twice = next(identity for identity in found if found.count(identity) > 1)
            raise DuplicateItemInCollectionError(
                f"{attribute.name} holds each entity once, and was given {twice} twice."
            )
        return found

    # Reading.

    def _items(self) -> tuple[EntityIdentity, ...] | list[EntityIdentity]:
        entity, name = self._entity, self._attribute.name
        stored = entity._stored(name)
        if stored is NOT_SET:
            entity._load(name)
            stored = entity._stored(name)
        return stored or ()

    @overload
    def __getitem__(self, index: int) -> Entity: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entity]: ...
    def __getitem__(self, index: int | slice) -> Entity | list[Entity]:
        found = self._items()[index]
        resolve = self._entity._context.entity
        return resolve(found) if isinstance(found, EntityIdentity) else [resolve(item) for item in found]

    def __iter__(self) -> Iterator[Entity]:
        return map(self._entity._context.entity, tuple(self._items()))

    def __len__(self) -> int:
        return len(self._items())

    def __contains__(self, item: object) -> bool:
        return getattr(item, "_identity", None) in self._items()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Collection) and set(self._items()) == set(other._items())

    __hash__ = None  # type: ignore[assignment]  # it can be changed, as a list

    def __repr__(self) -> str:
        stored = self._entity._stored(self._attribute.name)
        shown = "not loaded" if stored is NOT_SET else ", ".join(map(str, stored or ()))
        return f"<Collection {self._entity}.{self._attribute.name}: {shown or 'empty'}>"

    # Changing.

    def insert(self, index: int, value: Entity) -> None:
        """Put an entity before a position.

        Raises:
            ImmutableCollectionError: The collection cannot be changed.
            DuplicateItemInCollectionError: The entity is in it already.
        """
        items = self._changing()
        items.insert(index, self._adopted(value, items))
        self._change(items)

    def __setitem__(self, index: Any, value: Any) -> None:
        items = self._changing()
        if isinstance(index, slice):
            items[index] = [self._entity._context.adopt(item, self._attribute.target) for item in value]
            self._refuse_twins(items)
        else:
            place = range(len(items))[index]
            del items[place]
            items.insert(place, self._adopted(value, items))
        self._change(items)

    def __delitem__(self, index: Any) -> None:
        items = self._changing()
        del items[index]
        self._change(items)

    def remove(self, value: Entity) -> None:
        """Take an entity out.

        Raises:
            ValueError: It is not in the collection.
        """
        items = self._changing()
        try:
            items.remove(value._identity)
        except (AttributeError, ValueError):
            raise ValueError(f"{value!r} is not in {self!r}.") from None
        self._change(items)

    def _changing(self) -> list[EntityIdentity]:
        if not self._attribute.mutable:
            name = f"{self._entity.entity_type}.{self._attribute.name}"
            raise ImmutableCollectionError(f"{name} cannot be changed.")
        self._load_whole()
        return list(self._items())

    def _load_whole(self) -> None:
        """Have the items before one of them changes, also where this thread loads nothing by itself.

        An update carries the whole list, so that a change of a list which is not known would remove the rest of it.
        """
        entity, name = self._entity, self._attribute.name
        if entity._state is not State.CREATED and entity._stored(name) is NOT_SET:
            entity._context.load([entity], (name,))

    def _adopted(self, value: Any, items: list[EntityIdentity]) -> EntityIdentity:
        identity: EntityIdentity = self._entity._context.adopt(value, self._attribute.target)
        if identity in items:
            raise DuplicateItemInCollectionError(f"{identity} is in {self._entity}.{self._attribute.name} already.")
        return identity

    def _refuse_twins(self, items: list[EntityIdentity]) -> None:
        if len(set(items)) != len(items):
            raise DuplicateItemInCollectionError(f"{self._entity}.{self._attribute.name} holds each entity once.")

    def _change(self, items: list[EntityIdentity]) -> None:
        self._entity._assign(self._attribute.name, tuple(items))


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
        return self._entity_of(key)[self.collection.attribute.value_name]

    def __setitem__(self, key: str, value: Any) -> None:
        try:
            entity = self._entity_of(key)
        except KeyError:
            if self.collection.attribute.target == "Metadata":
                self.collection.append(self._created(key, value))
                return
            entity = self._expected(key)
        entity[self.collection.attribute.value_name] = value

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
            known = ", ".join(sorted(map(str, self))) or "none"
            raise UnknownAttributeError(f"{owner} has no {attribute.name} {key!r}; it has: {known}.") from None

    def _created(self, key: str, value: Any) -> Entity:
        owner, attribute = self.collection.entity, self.collection.attribute
        values = {attribute.key_name: key, attribute.value_name: value}
        owned = {"parent_id": owner._identity.key[0], "parent_type": owner.entity_type}
        created: Entity = owner._context.create(attribute.target, {**values, **owned})
        return created

    def __delitem__(self, key: str) -> None:
        entity = self._entity_of(key)
        self.collection.remove(entity)
        entity._context.delete(entity)

    def replace(self, values: Any) -> None:
        """Have exactly these keys and values."""
        self.check(self.collection.attribute, values)
        if self.collection.attribute.target != "Metadata" and self.collection.entity._state is State.CREATED:
            self.update(values)  # a new entity has nothing yet to go back to the default
            return
        for key in [key for key in self if key not in values]:
            del self[key]
        self.update(values)

    @staticmethod
    def check(attribute: AttributeSchema, values: Any) -> None:
        """Refuse what is no mapping.

        Raises:
            InvalidTypeError: It is none.
        """
        if not isinstance(values, Mapping):
            raise InvalidTypeError(f"{attribute.name} holds keys and values, and was given {values!r}.")

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

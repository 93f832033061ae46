"""Collections: views on a relation of an entity. All state is the entity's, so a view costs nothing to make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableSequence, Sequence
from typing import TYPE_CHECKING, Any, overload

from ftrack_core.errors import (
    DuplicateItemInCollectionError,
    ImmutableCollectionError,
    InvalidTypeError,
)
from ftrack_core.interfaces import IEntityContext
from ftrack_core.schema import AttributeSchema
from ftrack_core.values import NOT_SET, EntityIdentity

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from ftrack_core.entity._entity import Entity

    EntityT = TypeVar("EntityT", bound=Entity, default=Entity)
else:
    from typing import TypeVar

    EntityT = TypeVar("EntityT")

__all__ = ["Collection"]


class Collection(MutableSequence[EntityT]):
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

    def _items(self) -> Sequence[EntityIdentity]:
        return self._entity._listed(self._attribute.name)

    @overload
    def __getitem__(self, index: int) -> EntityT: ...
    @overload
    def __getitem__(self, index: slice) -> list[EntityT]: ...
    def __getitem__(self, index: int | slice) -> Any:
        found = self._items()[index]
        resolve = self._entity._context.entity
        return resolve(found) if isinstance(found, EntityIdentity) else [resolve(item) for item in found]

    def __iter__(self) -> Iterator[EntityT]:
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

    def insert(self, index: int, value: EntityT) -> None:
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

    def remove(self, value: EntityT) -> None:
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
        self._entity._load_whole(self._attribute.name)
        return list(self._items())

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

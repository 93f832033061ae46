"""From what a client sent to columns: every attribute in the form and the place in which it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_backends.workspace._faults import ValidationFault
from ftrack_backends.workspace.model import Collection, Computed, Reference, Scalar, Text
from ftrack_backends.workspace.store import to_storage
from ftrack_backends.workspace.writing._orders import key_of, type_named
from ftrack_core.errors import UnknownAttributeError

if TYPE_CHECKING:
    from ftrack_backends.workspace.model import Attribute, Model, ModelType
    from ftrack_backends.workspace.store import Stored
    from ftrack_backends.workspace.writing._orders import Order

__all__ = ["Assignments", "Item", "assignments", "concrete_type"]


@attrs.frozen
class Item:
    """An entity that a client refers to.

    Attributes:
        type: Its type, as the client named it.
        key: Its primary key.
    """

    type: ModelType
    key: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.type.name} {', '.join(self.key)}"


@attrs.frozen
class Assignments:
    """What the data of one operation sets.

    Attributes:
        columns: Stored values by column. A reference is the column that holds its key.
        collections: Full lists of items, by the collection that shall consist of them.
    """

    columns: Mapping[str, Stored]
    collections: tuple[tuple[Collection, tuple[Item, ...]], ...]


def concrete_type(model: Model, named: ModelType, data: Mapping[str, Any]) -> ModelType:
    """Find out what a new entity is, from the type it was named by and the values that tell types apart."""
    stored = {name: value for name, value in data.items() if name in named.columns}
    found = model.type_of_row(named.name, {**named.classifiers, **_sole_kind(model, named), **stored})
    for name, value in found.classifiers.items():
        if data.get(name) not in {None, value}:
            raise ValidationFault(f"A {named.name} has {name} {value!r}; it cannot have {data[name]!r}.")
    return found


def assignments(model: Model, model_type: ModelType, order: Order, *, new: bool) -> Assignments:
    """Turn the data of an operation into what is stored.

    Args:
        model: The data model.
        model_type: Concrete type of the entity.
        order: The operation.
        new: Whether the entity is being created: immutable attributes may be given then, and only then.

    Raises:
        ValidationFault: An attribute is unknown, may not be set, or cannot hold its value; or two attributes that
            share a column disagree.
    """
    columns: dict[str, Stored] = {}
    collections: list[tuple[Collection, tuple[Item, ...]]] = []
    for name, value in order.data.items():
        attribute = _writable(model_type, name, value, new=new)
        if attribute is None:
            continue
        if isinstance(attribute, Collection):
            collections.append((attribute, _items(model, attribute, value)))
            continue
        column, stored = _column(model, model_type, attribute, value)
        if columns.setdefault(column, stored) != stored:
            raise ValidationFault(f"{name!r} of {order} disagrees with another {column!r} that was sent.")
    return Assignments(columns, tuple(collections))


def _sole_kind(model: Model, named: ModelType) -> Mapping[str, object]:
    """A bare `Component` is a file: it is the only base type that clients create without saying which."""
    return model["FileComponent"].classifiers if named.name == "Component" and "FileComponent" in model else {}


def _writable(model_type: ModelType, name: str, value: object, *, new: bool) -> Attribute | None:
    try:
        attribute = model_type.attribute(name)
    except UnknownAttributeError as error:
        raise ValidationFault(f"{error}.") from error
    if attribute.computed or attribute.derived or _is_computed(attribute):
        if value is None or value == []:
            return None
        raise ValidationFault(f"{name!r} of a {model_type.name} is computed by the server; it cannot be set.")
    if attribute.hidden:
        raise ValidationFault(f"{model_type.name} has no attribute {name!r} that can be set.")
    if attribute.immutable and not new:
        raise ValidationFault(f"{name!r} of a {model_type.name} is immutable; it cannot be changed.")
    return attribute


def _is_computed(attribute: Attribute) -> bool:
    return isinstance(attribute, Collection) and isinstance(attribute.via, Computed)


def _column(model: Model, model_type: ModelType, attribute: Attribute, value: object) -> tuple[str, Stored]:
    if isinstance(attribute, Reference):
        key = model_type.scalars[attribute.column]
        return key.column, None if value is None else _item(model, attribute, attribute.target, value).key[0]
    if not isinstance(attribute, Scalar):
        raise TypeError(f"{attribute.name} is of a kind that nobody taught writing: {type(attribute).__name__}")
    stored = to_storage(attribute, value)
    if isinstance(attribute, Text) and attribute.choices and stored not in {None, *attribute.choices}:
        choices = ", ".join(attribute.choices)
        raise ValidationFault(f"{attribute.name!r} of a {model_type.name} cannot be {stored!r}; choose of {choices}.")
    return attribute.column, stored


def _items(model: Model, collection: Collection, value: object) -> tuple[Item, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ValidationFault(f"{collection.name!r} must be a list of entities.")
    items = dict.fromkeys(_item(model, collection, collection.item, one) for one in value)
    return tuple(items)


def _item(model: Model, attribute: Attribute, target: str, value: object) -> Item:
    if isinstance(value, str) and value:
        return Item(model[target], (value,))
    if not isinstance(value, Mapping):
        raise ValidationFault(f"{attribute.name!r} must be an entity: an object with its type and primary key.")
    named = type_named(model, value.get("__entity_type__", target))
    if named.table != model[target].table:
        raise ValidationFault(f"{attribute.name!r} must be a {target}, not a {named.name}.")
    return Item(named, key_of(named, value))

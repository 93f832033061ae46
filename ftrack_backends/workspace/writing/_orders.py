"""What a client wants done, once the shape of its operation has been checked."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_backends.workspace._faults import ValidationFault
from ftrack_core.errors import UnrecognisedEntityTypeError

if TYPE_CHECKING:
    from ftrack_backends.workspace.model import Model, ModelType

__all__ = ["Order", "creation", "key_of", "order", "type_named"]

_TYPE = "__entity_type__"


@attrs.frozen
class Order:
    """One operation, with its parts in one form.

    Attributes:
        type: Entity type as the client named it; it may be a base type.
        key: Values of the primary key.
        data: Attribute values as they were sent, without the type's name and the primary key.
    """

    type: ModelType
    key: tuple[str, ...]
    data: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.type.name} {', '.join(self.key)}"


def order(model: Model, operation: Mapping[str, Any]) -> Order:
    """Read an operation on an entity that exists: `entity_key` names it, as a list or as plain text.

    Raises:
        ValidationFault: A part is missing or of the wrong kind.
    """
    named = type_named(model, operation.get("entity_type"))
    key = _key(named, operation.get("entity_key"))
    return Order(named, key, _without(named, _data(operation)))


def creation(model: Model, operation: Mapping[str, Any]) -> Order:
    """Read an operation that creates an entity: the data has its primary key; an `id` is made where it has none.

    Raises:
        ValidationFault: A part is missing or of the wrong kind.
    """
    data = _data(operation)
    named = type_named(model, operation.get("entity_type", data.get(_TYPE)))
    sent = {**_sent_key(named, operation.get("entity_key")), **data}
    if named.primary_key == ("id",) and sent.get("id") is None:
        sent["id"] = str(uuid.uuid4())
    return Order(named, key_of(named, sent), _without(named, data))


def key_of(model_type: ModelType, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Take the primary key of a type out of attribute values.

    Raises:
        ValidationFault: A part of it is missing or is no text.
    """
    missing = [name for name in model_type.primary_key if not _is_text(values.get(name))]
    if missing:
        raise ValidationFault(f"A {model_type.name} needs {' and '.join(missing)}, its primary key, as text.")
    return tuple(str(values[name]) for name in model_type.primary_key)


def type_named(model: Model, name: object) -> ModelType:
    """Find an entity type.

    Raises:
        ValidationFault: There is none of that name.
    """
    if not isinstance(name, str):
        raise ValidationFault("The operation needs an 'entity_type', such as 'Task'.")
    try:
        return model[name]
    except UnrecognisedEntityTypeError as error:
        raise ValidationFault(f"{error}.") from error


def _data(operation: Mapping[str, Any]) -> Mapping[str, Any]:
    data = operation.get("entity_data", {})
    if not isinstance(data, Mapping):
        raise ValidationFault("'entity_data' must be an object of attribute values.")
    return data


def _key(model_type: ModelType, key: object) -> tuple[str, ...]:
    parts = key if isinstance(key, list) else [key]
    if len(parts) != len(model_type.primary_key) or not all(map(_is_text, parts)):
        names = ", ".join(model_type.primary_key)
        raise ValidationFault(f"'entity_key' of a {model_type.name} must give its primary key ({names}), as text.")
    return tuple(map(str, parts))


def _sent_key(model_type: ModelType, key: object) -> dict[str, str]:
    if key is None or key == []:
        return {}
    return dict(zip(model_type.primary_key, _key(model_type, key), strict=True))


def _without(model_type: ModelType, data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != _TYPE and name not in model_type.primary_key}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""

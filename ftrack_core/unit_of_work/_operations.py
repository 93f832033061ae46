"""What a session records between commits: one value for each create, update and delete."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, TypeAlias

import attrs

from ftrack_core.values import NOT_SET, ByValue, EntityIdentity

__all__ = ["CreateEntityOperation", "DeleteEntityOperation", "Operation", "UpdateEntityOperation", "entity_of"]

_new_identity: Final = partial(tuple.__new__, EntityIdentity)  # a third of the cost of calling the class


@attrs.frozen(eq=False, repr=False)
class CreateEntityOperation(ByValue):
    """An entity shall come to be.

    Attributes:
        entity_type: Its type.
        entity_key: Its primary key by attribute name, in the schema's order.
        entity_data: Its attribute values.
    """

    entity_type: str
    entity_key: Mapping[str, str]
    entity_data: Mapping[str, Any]


@attrs.frozen(eq=False, repr=False)
class UpdateEntityOperation(ByValue):
    """An attribute of an entity shall have another value. The entity need not be loaded.

    Attributes:
        entity_type: Its type.
        entity_key: Its primary key by attribute name, in the schema's order.
        attribute_name: Which attribute.
        old_value: What it was, as far as it was known, else `NOT_SET`.
        new_value: What it shall be: a scalar, an entity or its identity, or the whole list of these.
    """

    entity_type: str
    entity_key: Mapping[str, str]
    attribute_name: str
    old_value: Any = NOT_SET
    new_value: Any = NOT_SET


@attrs.frozen(eq=False, repr=False)
class DeleteEntityOperation(ByValue):
    """An entity shall cease to be.

    Attributes:
        entity_type: Its type.
        entity_key: Its primary key by attribute name, in the schema's order.
    """

    entity_type: str
    entity_key: Mapping[str, str]


Operation: TypeAlias = "CreateEntityOperation | UpdateEntityOperation | DeleteEntityOperation"


def entity_of(operation: Operation) -> EntityIdentity:
    """Which entity an operation is about."""
    return _new_identity((operation.entity_type, tuple(map(str, operation.entity_key.values()))))

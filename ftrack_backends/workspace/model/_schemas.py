"""The `query_schemas` reply, generated from the model."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from ftrack_backends.workspace.model._relations import Collection, Mapped, Reference
from ftrack_backends.workspace.model._scalars import NO_DEFAULT, Key, Moment, Scalar, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ftrack_backends.workspace.model._model import Model
    from ftrack_backends.workspace.model._model_type import ModelType
    from ftrack_backends.workspace.model._scalars import Attribute

__all__ = ["query_schemas", "schema_hash"]

_TYPE_NAME_TRANSFORM = {"client": "{schema_id}", "server": "{table_name}"}

_LISTS: dict[str, Callable[[Attribute], bool]] = {
    "required": lambda one: one.required,
    "immutable": lambda one: one.immutable,
    "default_projections": lambda one: one.projected,
    "computed": lambda one: one.computed,
}
_OPTIONAL_LISTS = frozenset({"computed"})


def query_schemas(model: Model) -> list[dict[str, object]]:
    """Generate the schemas of all types, as the action `query_schemas` answers them."""
    return [_schema(model, one) for one in model]


def schema_hash(schemas: Sequence[object]) -> str:
    """Give the hash that `query_server_information` tells, by which clients know whether their copy is fresh."""
    text = json.dumps(schemas, sort_keys=True)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _schema(model: Model, one: ModelType) -> dict[str, object]:
    schema: dict[str, object] = {
        "id": one.name,
        "type": "object",
        "properties": {name: _property(each) for name, each in sorted(one.attributes.items()) if not each.hidden},
        "primary_key": list(one.primary_key),
    }
    for name, belongs in _LISTS.items():
        names = _listed(one, name, [each.name for each in one.attributes.values() if belongs(each)])
        if names or name not in _OPTIONAL_LISTS:
            schema[name] = names
    if one.system:
        schema["system_projections"] = [one.attribute(name).internal_name for name in one.system]
    if one.declaration.alias:
        schema["alias_for"] = _alias(model, one)
    return schema


def _listed(one: ModelType, listing: str, names: list[str]) -> list[str]:
    """Put the names of a list into the schema's order: the declared hint or what is locked, then as declared."""
    first = one.declaration.listing.get(listing, ())
    if listing == "immutable" and not first:
        first = one.declaration.locked
    return [name for name in first if name in names] + [name for name in names if name not in first]


def _alias(model: Model, one: ModelType) -> object:
    """Give the internal name of a type; with its classifiers where the base has the same internal table."""
    alias = one.declaration.alias
    base = model[one.declaration.base].declaration if one.declaration.base else None
    if base is None or alias not in {base.alias, base.name}:
        return alias
    known = one.attributes
    return {"id": alias, "classifiers": {known[k].internal_name: v for k, v in one.declaration.classifiers.items()}}


def _property(one: Attribute) -> dict[str, object]:
    described: dict[str, object] = {}
    if one.alias:
        described["alias_for"] = one.alias
    if one.description:
        described["description"] = one.description
    if isinstance(one, Reference):
        described["$ref"] = one.target
    elif isinstance(one, Collection):
        described.update(_collection(one))
    elif isinstance(one, Scalar):
        described.update(_scalar(one))
    return described


def _collection(one: Collection) -> dict[str, object]:
    described: dict[str, object] = {"type": "array", "items": {"$ref": one.told_as or one.item}}
    if not isinstance(one, Mapped):
        return described
    described["type"] = "mapped_array"
    if one.key:
        described["key_value_attributes"] = {"key": one.key, "value": one.value}
    if one.restricted:
        described["restricted_projection"] = True
    return described


def _scalar(one: Scalar) -> dict[str, object]:
    described = _kind(one)
    if one.default is not NO_DEFAULT:
        described["default"] = one.default
    return described


def _kind(one: Scalar) -> dict[str, object]:
    if isinstance(one, Key):
        return _key(one)
    if isinstance(one, Text):
        return _text(one)
    if isinstance(one, Moment):
        return {"type": "string", "format": "date-time"}
    return {"type": one.kind}


def _text(one: Text) -> dict[str, object]:
    described: dict[str, object] = {"type": "string"}
    if one.format:
        described["format"] = one.format
    if one.choices:
        described["enum"] = list(one.choices)
    if one.names_type:
        described["transform"] = dict(_TYPE_NAME_TRANSFORM)
    return described


def _key(one: Key) -> dict[str, object]:
    described: dict[str, object] = {
        "format": "foreign_key",
        "description": f"Foreign key(s): {one.target}.{one.target_key}",
    }
    if one.holds:
        described["type"] = one.holds
    if one.names_target:
        described["$ref"] = one.target
    return described

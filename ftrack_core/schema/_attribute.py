"""One attribute, as the server's schema describes it."""

from __future__ import annotations

import enum
from collections.abc import Container, Mapping
from typing import Any, Final

import attrs

from ftrack_core.values import NOT_SET, ByValue

__all__ = ["AttributeKind", "AttributeSchema", "parse_attribute"]

_SCALARS: Final = {
    "string": "string",
    "boolean": "boolean",
    "integer": "integer",
    "number": "float",
    "variable": "variable",
    "object": "object",
}
_GENERATED: Final = "{uid}"
_LINKS: Final = "api_link"
"""How the internal names of `link` and `_link` end, which the server makes by walking up to the project."""


class AttributeKind(enum.Enum):
    """What an attribute holds."""

    SCALAR = "scalar"
    REFERENCE = "reference"
    COLLECTION = "collection"
    MAPPED = "mapped"


@attrs.frozen(eq=False, repr=False)
class AttributeSchema(ByValue):
    """One attribute of an entity type.

    Attributes:
        name: Its name.
        kind: What it holds.
        data_type: Of a scalar: string, boolean, integer, float, datetime, variable or object; else empty.
        target: Type of the entities that a relation leads to, often a base type; empty for a scalar.
        mutable: Whether it may change once it is set.
        computed: Whether the server works it out on every reading.
        plain: Whether the server simply has it, so that loading it with others costs next to nothing.
        default: What a new entity gets where nothing is given, or `NOT_SET`.
        generated: Whether a new entity gets a uuid where nothing is given.
        key_name: Of a mapped collection: the item's attribute that is the key; else empty.
        value_name: Of a mapped collection: the item's attribute that is the value; else empty.
        description: The server's own words about it; mostly empty.
        format: What the schema says of a scalar beside its type, as `json` or `foreign_key`; mostly empty.
    """

    name: str
    kind: AttributeKind
    data_type: str = ""
    target: str = ""
    mutable: bool = True
    computed: bool = False
    plain: bool = True
    default: object = NOT_SET
    generated: bool = False
    key_name: str = ""
    value_name: str = ""
    description: str = ""
    format: str = ""


def parse_attribute(
    name: str, described: Mapping[str, Any], immutable: Container[str], computed: Container[str]
) -> AttributeSchema | None:
    """The attribute that a property describes.

    The type decides where a property has both a type and a reference; one that has neither is no attribute, as
    `User.user_type_id` on real servers (features 7).

    Args:
        name: Name of the property.
        described: The property, as the server's JSON says it.
        immutable: Names of the immutable attributes of the entity type.
        computed: Names of its computed attributes.

    Returns:
        The attribute, or None for a property that a client must not have as one.
    """
    if described.get("restricted_projection"):
        return None
    default = described.get("default", NOT_SET)
    generated = isinstance(default, str) and default == _GENERATED
    common: dict[str, Any] = {
        "name": name,
        "mutable": name not in immutable,
        "computed": name in computed,
        "plain": name not in computed and not str(described.get("alias_for", "")).endswith(_LINKS),
        "default": NOT_SET if generated else default,
        "generated": generated,
        "description": str(described.get("description", "")),
        "format": str(described.get("format", "")),
    }
    return _of_type(described, common)


def _of_type(described: Mapping[str, Any], common: dict[str, Any]) -> AttributeSchema | None:
    declared = described.get("type")
    if declared in _SCALARS:
        dated = declared == "string" and described.get("format") == "date-time"
        return AttributeSchema(
            kind=AttributeKind.SCALAR, data_type="datetime" if dated else _SCALARS[declared], **common
        )
    if declared in {"array", "mapped_array"}:
        return _relation(described.get("items") or {}, described, common)
    if declared is None and "$ref" in described:
        return AttributeSchema(kind=AttributeKind.REFERENCE, target=described["$ref"], **common)
    return None


def _relation(
    items: Mapping[str, Any], described: Mapping[str, Any], common: dict[str, Any]
) -> AttributeSchema | None:
    target = items.get("$ref")
    if not target:
        return None
    if described["type"] == "array":
        return AttributeSchema(kind=AttributeKind.COLLECTION, target=target, **common)
    names = described.get("key_value_attributes") or {}
    return AttributeSchema(
        kind=AttributeKind.MAPPED,
        target=target,
        key_name=names.get("key", "key"),
        value_name=names.get("value", "value"),
        **common,
    )

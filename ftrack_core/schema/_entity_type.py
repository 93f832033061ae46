"""One entity type, as the server's schema describes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ftrack_core.errors import MalformedReplyError
from ftrack_core.schema._attribute import AttributeSchema, parse_attribute

__all__ = ["EntityTypeSchema", "parse_entity_type"]


@attrs.frozen(eq=False)
class EntityTypeSchema:
    """One entity type.

    Attributes:
        name: Its name, as `Shot`.
        primary_key: Names of the attributes that make an entity's key, in order.
        default_projections: Attributes that a query selects where it selects nothing.
        attributes: Attributes by name.
        hidden: Names that may be filtered on though an entity does not have them as attributes.
        raw: The schema as the server's JSON says it.
    """

    name: str
    primary_key: tuple[str, ...]
    default_projections: tuple[str, ...]
    attributes: Mapping[str, AttributeSchema] = attrs.field(repr=False)
    hidden: frozenset[str] = attrs.field(repr=False)
    raw: Mapping[str, Any] = attrs.field(repr=False)


def parse_entity_type(raw: Mapping[str, Any]) -> EntityTypeSchema:
    """The entity type that one schema of a reply to `query_schemas` describes.

    Raises:
        MalformedReplyError: It is not of the shape that the protocol says.
    """
    try:
        return _parsed(raw)
    except (AttributeError, KeyError, TypeError) as error:
        message = f"The server's schema of {_name_of(raw)} cannot be understood ({type(error).__name__}: {error})."
        raise MalformedReplyError(message) from error


def _parsed(raw: Mapping[str, Any]) -> EntityTypeSchema:
    properties: Mapping[str, Mapping[str, Any]] = raw["properties"]
    immutable, computed = frozenset(raw.get("immutable", ())), frozenset(raw.get("computed", ()))
    parsed = {name: parse_attribute(name, described, immutable, computed) for name, described in properties.items()}
    attributes = {name: attribute for name, attribute in parsed.items() if attribute is not None}
    primary_key = tuple(raw["primary_key"])
    if not primary_key or not attributes.keys() >= set(primary_key):
        message = f"The server's schema of {raw['id']} names a primary key {primary_key} that it does not describe."
        raise MalformedReplyError(message)
    return EntityTypeSchema(
        name=raw["id"],
        primary_key=primary_key,
        default_projections=tuple(raw.get("default_projections") or primary_key),
        attributes=attributes,
        hidden=frozenset(properties.keys() - attributes.keys()),
        raw=raw,
    )


def _name_of(raw: object) -> str:
    name = raw.get("id") if isinstance(raw, Mapping) else None
    return repr(name) if name else "an entity type without a name"

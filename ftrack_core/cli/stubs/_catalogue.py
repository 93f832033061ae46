"""What the stubs are made of: the server's schema and its custom attributes, as one value."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from ftrack_core.schema import (
    AttributeKind,
    EntityTypeSchema,
    Schemas,
    configuration_applies,
    configured_kind,
    hash_of,
)

if TYPE_CHECKING:
    from ftrack_core.session import Session

__all__ = ["Catalogue", "CustomAttribute", "catalogue_of", "without_secrets"]

_QUERY: Final = "select key, entity_type, object_type_id, is_hierarchical, type.name from CustomAttributeConfiguration"


@attrs.frozen
class CustomAttribute:
    """A configuration of a custom attribute.

    Attributes:
        key: Its key.
        type_name: Name of its type, as `number`.
        entity_type: What it calls the entities that it is for, as `show` for projects.
        object_type_id: Id of the only object type it is for, or nothing.
        is_hierarchical: Whether values are inherited.
    """

    key: str
    type_name: str
    entity_type: str | None = None
    object_type_id: str | None = None
    is_hierarchical: bool = False

    def is_for(self, schema: EntityTypeSchema) -> bool:
        """Whether entities of just this type have it, in some project."""
        object_type = schema.attributes.get("object_type_id")
        return configuration_applies(
            configured_kind(schema.name, schema.attributes),
            object_type.default if object_type else None,
            entity_type=self.entity_type,
            for_object_type_id=self.object_type_id,
            is_hierarchical=self.is_hierarchical,
        )


@attrs.frozen
class Catalogue:
    """What a server has.

    Attributes:
        server: Its URL, without anything secret.
        schemas: Its entity types.
        custom_attributes: Its configurations of custom attributes.
    """

    server: str
    schemas: Schemas
    custom_attributes: tuple[CustomAttribute, ...] = ()

    @property
    def schema_hash(self) -> str:
        """The hash by which the server names its schemas."""
        return hash_of(self.schemas.raw)

    @property
    def configurations(self) -> int:
        """How many configurations there are."""
        return len(self.custom_attributes)

    def keys_of(self, entity_type: str) -> Mapping[str, frozenset[str]]:
        """Custom attributes that entities asked for by a type may have: names of their types by key, sorted."""
        found: dict[str, set[str]] = {}
        for name in self.schemas.subtypes(entity_type):
            for one in self._of(self.schemas[name]):
                found.setdefault(one.key, set()).add(one.type_name)
        return {key: frozenset(found[key]) for key in sorted(found)}

    def _of(self, schema: EntityTypeSchema) -> Iterable[CustomAttribute]:
        attribute = schema.attributes.get("custom_attributes")
        if attribute is None or attribute.kind is not AttributeKind.MAPPED:
            return ()
        return (one for one in self.custom_attributes if one.is_for(schema))


def catalogue_of(session: Session) -> Catalogue:
    """What the server of a session has; custom attributes cost one query.

    Raises:
        ServerError: The server refuses to tell.
        TransportError: It cannot be reached any more.
    """
    schemas = Schemas(session.schemas)
    configured = "CustomAttributeConfiguration" in schemas
    rows = session.query(_QUERY) if configured else ()
    found = sorted({_custom_attribute(row) for row in rows}, key=repr)
    return Catalogue(without_secrets(session.server_url), schemas, tuple(found))


def _custom_attribute(row: Mapping[str, Any]) -> CustomAttribute:
    return CustomAttribute(
        key=str(row["key"]),
        type_name=str(row["type"]["name"]) if row["type"] else "",
        entity_type=row["entity_type"],
        object_type_id=row["object_type_id"],
        is_hierarchical=bool(row["is_hierarchical"]),
    )


def without_secrets(url: str) -> str:
    """A URL without user, password, query and fragment."""
    parts = urllib.parse.urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urllib.parse.urlunsplit(parts._replace(netloc=host, query="", fragment=""))

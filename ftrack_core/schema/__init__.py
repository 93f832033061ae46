"""The server's schema as a typed model: entity types, their attributes, and which type is of which."""

from __future__ import annotations

from ftrack_core.schema._attribute import AttributeKind, AttributeSchema
from ftrack_core.schema._configured import configuration_applies, configured_kind
from ftrack_core.schema._entity_type import EntityTypeSchema
from ftrack_core.schema._schemas import Schemas, hash_of

__all__ = [
    "AttributeKind",
    "AttributeSchema",
    "EntityTypeSchema",
    "Schemas",
    "configuration_applies",
    "configured_kind",
    "hash_of",
]

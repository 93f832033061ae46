"""Which entities a configuration of a custom attribute is for: ftrack's data model, stated here once."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Final

__all__ = ["configuration_applies", "configured_kind"]

_OBJECT_TYPED: Final = "task"
_KINDS: Final[Mapping[str, str]] = {
    "Asset": "asset",
    "AssetVersion": "assetversion",
    "AssetVersionList": "list",
    "List": "list",
    "ListObject": "listobject",
    "Project": "show",
    "TypedContextList": "list",
    "User": "user",
}
_HIERARCHICAL: Final = frozenset({"asset", "assetversion", "show", _OBJECT_TYPED})


def configured_kind(entity_type: str, attributes: Container[str]) -> str:
    """What configurations call entities of a type, as `show` for projects; empty when there can be none for them.

    Args:
        entity_type: Name of the type.
        attributes: Names of its attributes.
    """
    return _OBJECT_TYPED if "object_type_id" in attributes else _KINDS.get(entity_type, "")


def configuration_applies(
    kind: str, object_type_id: object, *, entity_type: object, for_object_type_id: object, is_hierarchical: bool
) -> bool:
    """Whether a configuration is for entities of a kind, in whatever project.

    Args:
        kind: What configurations call the entities.
        object_type_id: Their object type; None where they have none.
        entity_type: `entity_type` of the configuration.
        for_object_type_id: `object_type_id` of the configuration; nothing means all object types.
        is_hierarchical: Whether the configuration is hierarchical.
    """
    if is_hierarchical:
        return kind in _HIERARCHICAL
    return entity_type == kind and for_object_type_id in {None, "", object_type_id}

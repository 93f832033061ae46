"""Which entity types are of which other type.

The server's schema does not say it outright. What it does say, the internal table behind a type, tells subclasses of
TypedContext and List; the rest is ftrack's data model, stated here once (server contract 5, "Concrete types").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["base_of"]

_BASES: Final = {
    "TypedContext": "Context",
    "Project": "Context",
    "User": "Resource",
    "Group": "Resource",
    "FileComponent": "Component",
    "ContainerComponent": "Component",
    "SequenceComponent": "ContainerComponent",
    "TypedContextStatusChange": "StatusChange",
    "AssetVersionStatusChange": "StatusChange",
    "CustomAttributeConfiguration": "CustomConfigurationBase",
    "CustomAttributeLinkConfiguration": "CustomConfigurationBase",
}
_CLASSIFIED: Final = {"Task": "TypedContext", "List": "List"}
_FAMILIES: Final = ("CustomAttributeLinkFrom", "CustomAttributeLink")


def base_of(raw: Mapping[str, Any]) -> str | None:
    """Name of the type that the described type is a kind of, or None."""
    name = raw["id"]
    if name in _BASES:
        return _BASES[name]
    alias = raw.get("alias_for")
    if isinstance(alias, Mapping) and alias.get("classifiers"):
        return _CLASSIFIED.get(alias.get("id", ""))
    for family in _FAMILIES:
        if name != family and name.endswith(family):
            return family
    return None

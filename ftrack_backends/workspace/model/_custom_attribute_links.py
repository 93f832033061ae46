"""Custom attributes that link: one entity to another, in one pair of types for each kind of thing that has them."""

from __future__ import annotations

import attrs

from ftrack_backends.workspace.model._declarations import EntityType
from ftrack_backends.workspace.model._relations import Reference
from ftrack_backends.workspace.model._scalars import UID, Attribute, Text
from ftrack_backends.workspace.model._traits import any_parent, identifier, link_key

__all__ = ["CUSTOM_ATTRIBUTE_LINKS"]


def _ends(*, shown: bool, required: bool = False) -> tuple[Attribute, ...]:
    """Give both ends of a link: ids of entities and their types, which clients see (`shown`) or only storage knows."""
    make = any_parent if shown else _hidden
    return (
        Text("from_id", required=True, projected=True, owner=True),
        Text("to_id", required=True, projected=True, owner=True),
        attrs.evolve(make("from_entity_type"), required=required),
        attrs.evolve(make("to_entity_type"), required=required, projected=required),
    )


def _hidden(name: str) -> Text:
    return Text(name, hidden=True)


_LINK_CONFIGURATION = (
    link_key("configuration_id", "CustomAttributeLinkConfiguration", "registerid"),
    Reference("configuration", "CustomAttributeLinkConfiguration", alias="register"),
)
_OPTIONAL_ID = Text("id", immutable=True, default=UID)

LINK = EntityType(
    "CustomAttributeLink",
    "A custom attribute links one entity to another; seen from where it starts.",
    (*_LINK_CONFIGURATION, *_ends(shown=False), _OPTIONAL_ID),
)
LINK_FROM = EntityType(
    "CustomAttributeLinkFrom",
    "A custom attribute links one entity to another; seen from where it ends.",
    (*_LINK_CONFIGURATION, *_ends(shown=True), _OPTIONAL_ID),
    view_of="CustomAttributeLink",
)

_LINK_ORDER = {
    "immutable": ("id", "configuration_id"),
    "default_projections": ("id", "to_id", "to_entity_type", "configuration_id", "from_id"),
}


def links_with(holder: str, attribute: str) -> tuple[EntityType, EntityType]:
    """Declare the two types of links that have an entity of one kind at their other end.

    Args:
        holder: Type at the other end, as `AssetVersion`.
        attribute: Name of the reference to it, as `asset_version`.
    """
    to_it = EntityType(
        f"{holder}CustomAttributeLink",
        f"A custom attribute links some entity to a {holder}.",
        (*_ends(shown=False, required=True), identifier(), Reference(attribute, holder, over="to_id")),
        base="CustomAttributeLink",
        classifiers={"to_entity_type": holder},
        listing=_LINK_ORDER,
    )
    from_it = EntityType(
        f"{holder}CustomAttributeLinkFrom",
        f"A custom attribute links a {holder} to some entity.",
        (*_ends(shown=True, required=True), identifier(), Reference(attribute, holder, over="from_id")),
        base="CustomAttributeLinkFrom",
        classifiers={"from_entity_type": holder},
        listing=_LINK_ORDER,
    )
    return to_it, from_it


CUSTOM_ATTRIBUTE_LINKS = (
    LINK,
    LINK_FROM,
    *links_with("Context", "context"),
    *links_with("Asset", "asset"),
    *links_with("AssetVersion", "asset_version"),
    *links_with("Component", "component"),
    *links_with("List", "list"),
    *links_with("User", "user"),
    *links_with("Group", "group"),
)

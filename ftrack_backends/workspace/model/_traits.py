"""What types have in common. Read this first: most of ftrack's data model is these few ideas, combined."""

from __future__ import annotations

from ftrack_backends.workspace.model._declarations import Trait
from ftrack_backends.workspace.model._relations import Collection, ForeignKey, Mapped, Reference
from ftrack_backends.workspace.model._scalars import UID, Key, Moment, Structure, Text

__all__ = [
    "APPOINTED_CONTEXT",
    "APPOINTED_RESOURCE",
    "ATTACHED_URLS",
    "HAS_METADATA",
    "HAS_NOTES",
    "HAS_THUMBNAIL",
    "HAS_TIMELOGS",
    "LINKED_BY_CUSTOM_ATTRIBUTES",
    "any_parent",
    "created",
    "has_custom_attributes",
    "identifier",
    "link_key",
]


def identifier(alias: str | None = None) -> Text:
    """Give the usual primary key: a uuid4 in text form, made by whoever creates the entity.

    Args:
        alias: Internal name of the column, where it is not `id` too.
    """
    return Text("id", required=True, immutable=True, projected=True, default=UID, alias=alias)


def any_parent(name: str, alias: str | None = None, *, required: bool = False) -> Text:
    """Give the attribute that holds the type of a parent which may be of any type; clients see a schema id.

    Args:
        name: Attribute name.
        alias: Internal name of the column.
        required: The schema says that rows have it.
    """
    return Text(name, alias=alias, required=required, projected=required, names_type=True)


def created(*, required: bool = False, immutable: bool = False) -> Trait:
    """Make the trait of things of which it is known who made them and when; the server fills it in.

    Args:
        required: The schema says that rows have it.
        immutable: The schema says that clients may not change it.
    """
    return Trait(
        "created by someone",
        "It is known who made it and when.",
        (
            Key(
                "created_by_id",
                "User",
                target_key="user_id",
                alias="created_by",
                required=required,
                immutable=immutable,
            ),
            Reference("created_by", "User", alias="createdBy", immutable=immutable),
            Moment("created_at", required=required, immutable=immutable),
        ),
    )


def link_key(name: str, target: str, alias: str | None = None) -> Key:
    """Give one part of the primary key of a type whose rows tie others together; a row goes with either of them.

    Args:
        name: Attribute name.
        target: Type it points to.
        alias: Internal name of the column.
    """
    return Key(name, target, required=True, immutable=True, projected=True, alias=alias, owner=True)


HAS_THUMBNAIL = Trait(
    "with a thumbnail",
    "A component holds its picture; the URL to fetch it from is made by the server, for the asking user.",
    (
        Structure("thumbnail_url", computed=True, immutable=True),
        Key("thumbnail_id", "Component", alias="thumbid"),
        Reference("thumbnail", "Component"),
    ),
)

ATTACHED_URLS = (
    Structure("thumbnail_url", computed=True, immutable=True),
    Structure("url", computed=True, immutable=True),
)
"""Where to fetch an attached component from; made by the server for the asking user."""

HAS_NOTES = Trait(
    "with notes",
    "People write notes on it.",
    (Collection("notes", "Note", ForeignKey("parent_id", "parent_type")),),
)

HAS_METADATA = Trait(
    "with metadata",
    "Tools hang any text to it, by key. Nothing checks these keys; custom attributes are the declared sort.",
    (Mapped("metadata", "Metadata", ForeignKey("parent_id", "parent_type"), alias="meta"),),
)

HAS_TIMELOGS = Trait(
    "with time logged on it",
    "People log the hours they worked on it.",
    (Collection("timelogs", "Timelog", ForeignKey("context_id")),),
)

LINKED_BY_CUSTOM_ATTRIBUTES = Trait(
    "linked by custom attributes",
    "Custom attributes of the link kind point from it to other entities, and from others to it. They can be filtered "
    "on and never selected.",
    (
        Mapped(
            "custom_attribute_links",
            "CustomAttributeLink",
            ForeignKey("from_id"),
            key=None,
            value=None,
            restricted=True,
        ),
        Mapped(
            "custom_attribute_links_from",
            "CustomAttributeLinkFrom",
            ForeignKey("to_id"),
            key=None,
            value=None,
            restricted=True,
        ),
    ),
)


def has_custom_attributes(value_type: str) -> Trait:
    """Make the trait of things that a studio declares its own attributes for.

    Args:
        value_type: Type of the values, as `ContextCustomAttributeValue`.
    """
    return Trait(
        "with custom attributes",
        "A studio's own attributes: one value for each configuration that applies, whether it was ever set or not.",
        (
            Mapped(
                "custom_attributes",
                value_type,
                ForeignKey("entity_id"),
                alias="custom_attribute_values",
            ),
        ),
    )


def _appointed(side: str) -> Trait:
    via = {
        "allocations": ForeignKey(f"{side}_id", where={"type": "allocation"}),
        "appointments": ForeignKey(f"{side}_id"),
        "assignments": ForeignKey(f"{side}_id", where={"type": "assignment"}),
    }
    return Trait(
        f"a {side} of appointments",
        "Appointments tie people to work: assignments say who does it, allocations who is booked for it.",
        tuple(Collection(name, "Appointment", one, alias=f"{side}_{name}") for name, one in via.items()),
    )


APPOINTED_CONTEXT = _appointed("context")
APPOINTED_RESOURCE = _appointed("resource")

"""Components and locations: the files of a version, and the places where copies of them are."""

from __future__ import annotations

from ftrack_backends.workspace.model._declarations import EntityType
from ftrack_backends.workspace.model._relations import Collection, ForeignKey, Reference
from ftrack_backends.workspace.model._scalars import UID, Integer, Key, Structure, Text
from ftrack_backends.workspace.model._traits import HAS_METADATA, LINKED_BY_CUSTOM_ATTRIBUTES, identifier

__all__ = ["COMPONENTS"]

COMPONENT = EntityType(
    "Component",
    "A file, or several that belong together, of a version: the movie, the plates, the cache. A component says that "
    "the data exists; where, its component locations say.",
    (
        Text("system_type", required=True, projected=True),
        Text("name", required=True, default="main"),
        identifier(),
        Text("file_type", alias="filetype"),
        Integer("size", default=0),
        Key("container_id", "ContainerComponent", owner=True),
        Key("version_id", "AssetVersion"),
        Reference("container", "ContainerComponent"),
        Reference("version", "AssetVersion"),
        Collection("component_locations", "ComponentLocation", ForeignKey("component_id")),
    ),
    traits=(HAS_METADATA, LINKED_BY_CUSTOM_ATTRIBUTES),
    system=("system_type", "version_id"),
    listing={"default_projections": ("id",)},
)

_SAME_ID = Key("id", "Component", required=True, immutable=True, projected=True, default=UID)
_MEMBERS = Collection("members", "Component", ForeignKey("container_id"))

FILE_COMPONENT = EntityType(
    "FileComponent",
    "A single file.",
    (_SAME_ID,),
    base="Component",
    classifiers={"system_type": "file"},
    listing=COMPONENT.listing,
)

CONTAINER_COMPONENT = EntityType(
    "ContainerComponent",
    "Several components that belong together; they are its members.",
    (_SAME_ID, _MEMBERS),
    base="Component",
    classifiers={"system_type": "container"},
    listing=COMPONENT.listing,
)

SEQUENCE_COMPONENT = EntityType(
    "SequenceComponent",
    "A container of numbered files: its members are the frames, named by number, written with `padding` digits.",
    (Integer("padding", required=True, default=0),),
    base="ContainerComponent",
    classifiers={"system_type": "sequence"},
    listing={**COMPONENT.listing, "required": ("system_type", "name", "id")},
)

LOCATION = EntityType(
    "Location",
    "A place for files: a studio's disk, a cloud bucket, the ftrack server. How paths are made and files are reached "
    "there, the client's plug-ins say.",
    (
        Text("name", required=True),
        identifier(),
        Text("label"),
        Text("description"),
        Collection("location_components", "ComponentLocation", ForeignKey("location_id")),
    ),
)

COMPONENT_LOCATION = EntityType(
    "ComponentLocation",
    "A copy of a component is in a location, under this `resource_identifier`: mostly a path below the location's "
    "root.",
    (
        identifier(),
        Key("location_id", "Location"),
        Key("component_id", "Component", owner=True),
        Text("resource_identifier", alias="resourceIdentifier"),
        Structure("url", computed=True),
        Reference("component", "Component"),
        Reference("location", "Location"),
    ),
    system=("location_id", "component_id"),
)

COMPONENTS = (COMPONENT, FILE_COMPONENT, CONTAINER_COMPONENT, SEQUENCE_COMPONENT, LOCATION, COMPONENT_LOCATION)

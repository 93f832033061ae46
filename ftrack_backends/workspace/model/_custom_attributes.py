"""Custom attributes: what a studio declares for itself, the values entities have, and links of that kind.

A configuration declares an attribute for a type of entity, maybe for one object type or one project. Every entity it
applies to then has a value, the default until another is set. Values and links come in one type for each kind of
thing that has them: these families are made by functions, a line for each kind.
"""

from __future__ import annotations

from typing import TypeVar

import attrs

from ftrack_backends.workspace.model._declarations import EntityType
from ftrack_backends.workspace.model._relations import Collection, ForeignKey, LinkTable, Reference
from ftrack_backends.workspace.model._scalars import Integer, Key, Text, Truth, Variable
from ftrack_backends.workspace.model._traits import identifier

__all__ = ["CUSTOM_ATTRIBUTES"]

_Part = TypeVar("_Part", Key, Text)

_BUILTIN = Truth("core", required=True, default=False, description="Whether a non-alterable builtin.")


def _roles(name: str, alias: str, table: str) -> Collection:
    return Collection(name, "SecurityRole", LinkTable(table, "configuration_id", "security_role_id"), alias=alias)


CONFIGURATION_BASE = EntityType(
    "CustomConfigurationBase",
    "What all custom attributes have, those with a value and those that link.",
    (
        identifier("registerid"),
        _BUILTIN,
        Text("config", required=True, description="JSON blob of relevant menu options."),
        Text("key", description="Attribute name unique to entity type."),
        Text("label", description="Display name for attribute."),
        Text("entity_type", alias="entity", description="The entity type (table name)."),
        Text("object_type_id", alias="entity_key", description="Id of object type attribute applies to."),
        Text("project_id", alias="topid", owner=True, description="Id of project attribute is configured for."),
        Integer("sort", default=0, description="Graphical interface sort order."),
        Key("group_id", "CustomAttributeGroup", alias="groupid"),
        Text("permissionid", hidden=True),
        Text("write_permissionid", hidden=True),
        Text("configuration_kind", hidden=True),
        Reference("group", "CustomAttributeGroup"),
        Reference("object_type", "ObjectType", alias="object_type"),
        _roles("read_security_roles", "read_roles", "CustomAttributeReadRole"),
        _roles("write_security_roles", "write_roles", "CustomAttributeWriteRole"),
    ),
    alias="RegisterBase",
    system=("write_permissionid", "permissionid", "project_id"),
)

CONFIGURATION = EntityType(
    "CustomAttributeConfiguration",
    "Declares a custom attribute: its key, its type, its default, and what it applies to. A hierarchical one can be "
    "set on the project and overridden further down.",
    (
        Key("type_id", "CustomAttributeType", alias="typeid"),
        Variable(
            "default",
            default="",
            alias="casted_default",
            description="Default value to use when no specific attribute value set on an instance.",
        ),
        Truth(
            "is_hierarchical",
            default=False,
            alias="ishierarchical",
            description="Whether overridable at different levels.",
        ),
        Reference("type", "CustomAttributeType"),
        Collection("values", "CustomAttributeValue", ForeignKey("configuration_id")),
    ),
    base="CustomConfigurationBase",
    classifiers={"configuration_kind": "value"},
    alias="Variable_Register",
)

_ENTITY_TYPE = Text("entity_type", required=True, alias="entity", description="The entity type (table name).")

LINK_CONFIGURATION = EntityType(
    "CustomAttributeLinkConfiguration",
    "Declares a custom attribute that links entities of one type to entities of another.",
    (
        _ENTITY_TYPE,
        attrs.evolve(_ENTITY_TYPE, name="entity_type_to", alias="entity_to", immutable=True),
        Key("object_type_id_to", "ObjectType", alias="entity_key_to", immutable=True),
        Truth("one_to_one"),
        Reference("object_type_to", "ObjectType", over="object_type_id_to", alias="object_type_to"),
    ),
    base="CustomConfigurationBase",
    classifiers={"configuration_kind": "link"},
    alias="LinkRegister",
    listing={"required": ("id", "entity_type", "entity_type_to", "core", "config"), "immutable": ("id",)},
)

GROUP = EntityType(
    "CustomAttributeGroup",
    "A heading under which custom attributes show.",
    (
        identifier("groupid"),
        Text("name", projected=True, description="Name of custom attribute group"),
        Collection(
            "custom_attribute_configurations",
            "CustomAttributeConfiguration",
            ForeignKey("group_id"),
            alias="registers",
        ),
    ),
    alias="AttributeGroup",
)

TYPE = EntityType(
    "CustomAttributeType",
    "What values a custom attribute has: text, number, boolean, date, enumerator, expression and so on.",
    (
        identifier("typeid"),
        _BUILTIN,
        Text("name", description="Name of custom attribute type"),
        Text("form_config", alias="formconfig"),
        Collection(
            "custom_attribute_configurations", "CustomAttributeConfiguration", ForeignKey("type_id"), alias="variables"
        ),
    ),
)


def _part(one: _Part) -> _Part:
    """Make an attribute a part of the primary key."""
    return attrs.evolve(one, required=True, immutable=True, projected=True)


_OF_CONFIGURATION = (
    _part(Key("configuration_id", "CustomAttributeConfiguration", alias="registerid", owner=True)),
    Reference("configuration", "CustomAttributeConfiguration", alias="register"),
)

VALUE = EntityType(
    "CustomAttributeValue",
    "A value of a custom attribute that was really set on an entity.",
    (
        *_OF_CONFIGURATION,
        _part(Text("entity_id", alias="entityid", owner=True)),
        Variable("value", alias="casted_value"),
        Text("entity_kind", hidden=True),
    ),
    primary_key=("configuration_id", "entity_id"),
    alias="Variable_Value",
)


def values_of(holder: str, *, in_project: bool = True) -> EntityType:
    """Declare the type of the values that entities of one kind have: one for each configuration that applies.

    Args:
        holder: Type of what has the values, as `Context`.
        in_project: What has them belongs to a project.
    """
    return EntityType(
        f"{holder}CustomAttributeValue",
        f"The value of a custom attribute of a {holder}, the default where none was set.",
        (
            _part(Key("configuration_id", "CustomAttributeConfiguration", alias="register_id", owner=True)),
            _part(Key("entity_id", holder, owner=True)),
            Text("key", projected=True, derived=True),
            Variable("_casted_value", hidden=True, derived=True),
            Text("project_id", hidden=True, derived=True),
        ),
        base="CustomAttributeValue",
        classifiers={"entity_kind": holder},
        system=("entity_id", "key", "_casted_value", *(("project_id",) if in_project else ())),
        listing={"default_projections": ("configuration_id", "entity_id")},
    )


VALUES = (
    values_of("Context"),
    values_of("Asset"),
    values_of("AssetVersion"),
    values_of("List"),
    values_of("ListObject", in_project=False),
    values_of("User", in_project=False),
)

CUSTOM_ATTRIBUTES = (CONFIGURATION_BASE, CONFIGURATION, LINK_CONFIGURATION, GROUP, TYPE, VALUE, *VALUES)

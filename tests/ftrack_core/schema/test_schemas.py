"""The server's schemas as a model."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_core.errors import MalformedReplyError, UnrecognisedEntityTypeError
from ftrack_core.schema import AttributeKind, Schemas
from ftrack_core.values import NOT_SET


def schema(name: str, **properties: Any) -> dict[str, Any]:
    """A schema as a server tells it."""
    return {
        "id": name,
        "primary_key": ["id"],
        "properties": {"id": {"type": "string", "default": "{uid}"}, **properties},
    }


def attribute(described: dict[str, Any], **more: Any) -> Any:
    """The attribute `x` of a type that describes it so."""
    return Schemas([{**schema("T", x=described), **more}])["T"].attributes.get("x")


@pytest.mark.parametrize(
    ("described", "kind", "data_type", "target"),
    [
        ({"type": "string"}, AttributeKind.SCALAR, "string", ""),
        ({"type": "string", "format": "date-time"}, AttributeKind.SCALAR, "datetime", ""),
        ({"type": "number"}, AttributeKind.SCALAR, "float", ""),
        ({"type": "variable"}, AttributeKind.SCALAR, "variable", ""),
        ({"$ref": "Status"}, AttributeKind.REFERENCE, "", "Status"),
        ({"type": "string", "$ref": "Dashboard"}, AttributeKind.SCALAR, "string", ""),
        ({"type": "array", "items": {"$ref": "Note"}}, AttributeKind.COLLECTION, "", "Note"),
        ({"type": "mapped_array", "items": {"$ref": "Metadata"}}, AttributeKind.MAPPED, "", "Metadata"),
    ],
)
def test_a_property_becomes_the_attribute_it_describes(
    described: dict[str, Any], kind: AttributeKind, data_type: str, target: str
) -> None:
    """Every kind of the server's properties is read as what it is; a type wins over a reference."""
    found = attribute(described)
    assert (found.kind, found.data_type, found.target) == (kind, data_type, target)


@pytest.mark.parametrize(
    "described", [{}, {"format": "foreign_key"}, {"type": "array"}, {"type": "string", "restricted_projection": True}]
)
def test_what_a_client_must_not_have_is_hidden_and_may_still_be_filtered_on(described: dict[str, Any]) -> None:
    """`User.user_type_id` and restricted projections are no attributes, yet queries may name them."""
    schemas = Schemas([schema("T", x=described)])
    assert "x" not in schemas["T"].attributes
    assert "x" in schemas.attribute_names("T")


def test_defaults_and_flags_are_read() -> None:
    """New entities get what the server expects them to get."""
    found = attribute({"type": "integer", "default": 0}, immutable=["x"], computed=["x"])
    assert (found.default, found.mutable, found.computed, found.generated) == (0, False, True, False)
    key = Schemas([schema("T")])["T"].attributes["id"]
    assert (key.default, key.generated) == (NOT_SET, True)


def test_an_unknown_type_is_told_with_the_nearest_name() -> None:
    """A typing mistake costs seconds, not minutes."""
    with pytest.raises(UnrecognisedEntityTypeError, match="did you mean 'Task'") as caught:
        Schemas([schema("Task"), schema("Project")])["Tsk"]
    assert isinstance(caught.value, KeyError)


def test_base_types_know_their_subtypes() -> None:
    """What is asked for as a Context may be a Shot."""
    shot = {**schema("Shot"), "alias_for": {"id": "Task", "classifiers": {"object_typeid": "x"}}}
    schemas = Schemas([schema("Context"), schema("TypedContext"), shot, schema("Project"), schema("Status")])
    assert set(schemas.subtypes("Context")) == {"Context", "TypedContext", "Shot", "Project"}
    assert schemas.subtypes("TypedContext") == ("TypedContext", "Shot")
    assert schemas.subtypes("Status") == ("Status",)


def test_types_know_their_base_types() -> None:
    """The nearest first, so that what is said of it wins."""
    shot = {**schema("Shot"), "alias_for": {"id": "Task", "classifiers": {"object_typeid": "x"}}}
    schemas = Schemas([schema("Context"), schema("TypedContext"), shot, schema("Project"), schema("Status")])
    assert schemas.supertypes("Shot") == ("Shot", "TypedContext", "Context")
    assert schemas.supertypes("Status") == ("Status",)
    assert schemas.supertypes("Nothing") == ("Nothing",)


@pytest.mark.parametrize(
    "raw",
    [
        3,
        [3],
        [{}],
        [{"id": "T"}],
        [{"id": "T", "properties": {}, "primary_key": ["id"]}],
        [{"id": "T", "properties": {"id": 3}, "primary_key": ["id"]}],
    ],
)
def test_schemas_that_are_none_are_refused_by_name(raw: Any) -> None:
    """A server that tells nonsense is found out at the start, with the type it told it of."""
    with pytest.raises(MalformedReplyError):
        Schemas(raw)["T"]

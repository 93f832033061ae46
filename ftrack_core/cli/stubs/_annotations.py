"""Annotations: what reading an attribute gives, and what may be written to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from ftrack_core.cli.stubs._names import Names
from ftrack_core.schema import AttributeKind, AttributeSchema, EntityTypeSchema

__all__ = ["Annotations", "is_link"]

_SCALARS: Final[Mapping[str, tuple[str, str]]] = {
    "string": ("str", "str"),
    "boolean": ("bool", "bool"),
    "integer": ("int", "int"),
    "float": ("float", "float"),
    "datetime": ("_datetime.datetime", "_Dated"),
}
_CUSTOM: Final[Mapping[str, tuple[str, str]]] = {
    "text": ("str", "str"),
    "url": ("str", "str"),
    "notification": ("str", "str"),
    "expression": ("str", "str"),
    "number": ("float", "float"),
    "boolean": ("bool", "bool"),
    "date": ("_datetime.datetime", "_Dated"),
    "enumerator": ("list[str]", "_Sequence[str]"),
    "dynamic enumerator": ("list[str]", "_Sequence[str]"),
}
_ANYTHING: Final = ("_Any", "_Any")
_LINKS: Final = "list[dict[str, str]]"


@attrs.frozen
class Annotations:
    """Gives annotations, as source.

    What the schema does not require may be None. Said so everywhere, that would make every line of a pipeline check
    for what hardly ever happens; so by default a scalar is `X | _MaybeNone`, which is checked as X and may be compared
    with None, and a reference is just its type, which is what editors need to complete what follows.

    Attributes:
        names: Names by entity type.
        customs: Names of the type whose custom attributes are those of an entity type, by entity type.
        strict_none: Whether to say `X | None`.
    """

    names: Mapping[str, Names]
    customs: Mapping[str, Names]
    strict_none: bool = False

    def read(self, schema: EntityTypeSchema, attribute: AttributeSchema) -> str:
        """What reading an attribute gives."""
        if attribute.kind is AttributeKind.COLLECTION:
            return f"_Collection[{self._target(attribute)}]"
        if attribute.kind is AttributeKind.MAPPED:
            return self._mapped(schema, attribute)
        may_be_none = not _required(schema, attribute)
        if attribute.kind is AttributeKind.REFERENCE:
            target = self._target(attribute)
            return f"{target} | None" if may_be_none and self.strict_none else target
        if is_link(attribute):
            return _LINKS
        return self._scalar(_SCALARS.get(attribute.data_type, _ANYTHING)[0], may_be_none)

    def write(self, schema: EntityTypeSchema, attribute: AttributeSchema) -> str:
        """What may be written to an attribute."""
        if attribute.kind is AttributeKind.COLLECTION:
            return f"_Iterable[{self._target(attribute)}]"
        if attribute.kind is AttributeKind.MAPPED:
            is_custom = attribute.name == "custom_attributes"
            return self.customs[schema.name].custom_values if is_custom else "_Mapping[str, str]"
        is_reference = attribute.kind is AttributeKind.REFERENCE
        written = self._target(attribute) if is_reference else _SCALARS.get(attribute.data_type, _ANYTHING)[1]
        return written if written == "_Any" or _required(schema, attribute) else f"{written} | None"

    def read_custom(self, type_names: Iterable[str]) -> str:
        """What reading a custom attribute gives, whose configurations are of these types."""
        found = sorted({_CUSTOM.get(name, _ANYTHING)[0] for name in type_names})
        return self._scalar("_Any" if "_Any" in found else " | ".join(found), may_be_none=True)

    def write_custom(self, type_names: Iterable[str]) -> str:
        """What may be written to it."""
        found = sorted({_CUSTOM.get(name, _ANYTHING)[1] for name in type_names})
        return "_Any" if "_Any" in found else f"{' | '.join(found)} | None"

    def _scalar(self, read: str, may_be_none: bool) -> str:
        if read == "_Any" or not may_be_none:
            return read
        return f"{read} | {'None' if self.strict_none else '_MaybeNone'}"

    def _target(self, attribute: AttributeSchema) -> str:
        known = self.names.get(attribute.target)
        return known.entity if known else "_Entity"

    def _mapped(self, schema: EntityTypeSchema, attribute: AttributeSchema) -> str:
        if attribute.name == "custom_attributes":
            return self.customs[schema.name].custom
        return "_Texts"


def is_link(attribute: AttributeSchema) -> bool:
    """Whether it is `link` or `_link`: the server says that they are texts, and gives lists of steps."""
    return attribute.kind is AttributeKind.SCALAR and not attribute.plain and not attribute.computed


def _required(schema: EntityTypeSchema, attribute: AttributeSchema) -> bool:
    """Whether the server cannot have nothing there."""
    required = {*schema.raw.get("required", ()), *schema.primary_key}
    key_of_it = f"{attribute.name}_id" if attribute.kind is AttributeKind.REFERENCE else attribute.name
    return attribute.name in required or key_of_it in required

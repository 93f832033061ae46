"""One entity type as it stands in a model, with everything it inherits."""

from __future__ import annotations

import difflib
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import attrs

from ftrack_backends.workspace.model._relations import Collection, Reference
from ftrack_backends.workspace.model._scalars import Key, Scalar
from ftrack_core.errors import UnknownAttributeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ftrack_backends.workspace.model._declarations import EntityType
    from ftrack_backends.workspace.model._scalars import Attribute

__all__ = ["ModelType", "nearest"]

_Kind = TypeVar("_Kind", bound="Attribute")


@attrs.frozen(eq=False, slots=False, repr=False)
class ModelType:
    """One entity type with everything it inherits.

    Attributes:
        name: Schema id.
        declaration: What was declared.
        attributes: All attributes by name, in order, hidden ones too.
        primary_key: Names of the attributes that identify a row, in order.
        lineage: Names of the type and its bases, itself first, the root last.
        subtypes: Names of the type and of all types below it, itself first.
        table: Name of the table its rows live in: the root's name, or that of the type it is a view of.
        classifiers: Every value that marks a row of this type in its table, bases' values included.
        unique: Sets of attributes whose values no two rows of the table share; an empty value clashes with none.
        system: Names of the attributes that every reply carries.
    """

    name: str
    declaration: EntityType
    attributes: Mapping[str, Attribute]
    primary_key: tuple[str, ...]
    lineage: tuple[str, ...]
    subtypes: tuple[str, ...]
    table: str
    classifiers: Mapping[str, object]
    unique: tuple[tuple[str, ...], ...]
    system: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<ModelType {self.name}>"

    @property
    def root(self) -> str:
        """Name of the outermost base."""
        return self.lineage[-1]

    @cached_property
    def columns(self) -> Mapping[str, Scalar]:
        """Its columns by name; an attribute that shares another's column is not one."""
        stored = (one for one in self.scalars.values() if one.stored and not one.same_as)
        return {one.column: one for one in stored}

    @cached_property
    def scalars(self) -> Mapping[str, Scalar]:
        """Attributes that are single values, keys included."""
        return self._only(Scalar)

    @cached_property
    def keys(self) -> Mapping[str, Key]:
        """Attributes that hold the id of another entity."""
        return self._only(Key)

    @cached_property
    def references(self) -> Mapping[str, Reference]:
        """Attributes that are one other entity."""
        return self._only(Reference)

    @cached_property
    def collections(self) -> Mapping[str, Collection]:
        """Attributes that are many other entities, mapped ones included."""
        return self._only(Collection)

    def attribute(self, name: str) -> Attribute:
        """Give the attribute of that name.

        Raises:
            UnknownAttributeError: This type has none of that name.
        """
        try:
            return self.attributes[name]
        except KeyError:
            visible = [one.name for one in self.attributes.values() if not one.hidden]
            message = f"{self.name} has no attribute {name!r}{nearest(name, visible)}"
            raise UnknownAttributeError(message, {"entity_type": self.name, "attribute": name}) from None

    def _only(self, kind: type[_Kind]) -> dict[str, _Kind]:
        return {name: one for name, one in self.attributes.items() if isinstance(one, kind)}


def nearest(name: str, known: Iterable[str]) -> str:
    """Give the end of a message about an unknown name: the nearest known one, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""

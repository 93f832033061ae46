"""The model: declared types put together, so that a storage or a schema can be made from them."""

from __future__ import annotations

import difflib
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import attrs

from ftrack_backends.workspace.model._declarations import Collection, Key, Reference, Scalar
from ftrack_core.errors import UnknownAttributeError, UnrecognisedEntityTypeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ftrack_backends.workspace.model._declarations import Attribute, EntityType

__all__ = ["Model", "ModelType"]

_Kind = TypeVar("_Kind", bound="Attribute")


@attrs.frozen(eq=False, slots=False)
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
    system: tuple[str, ...]

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
            message = f"{self.name} has no attribute {name!r}{_nearest(name, visible)}"
            raise UnknownAttributeError(message, {"entity_type": self.name, "attribute": name}) from None

    def _only(self, kind: type[_Kind]) -> dict[str, _Kind]:
        return {name: one for name, one in self.attributes.items() if isinstance(one, kind)}


class Model:
    """All entity types of a workspace, put together from their declarations. It never changes.

    A mapping-like look-up by schema id: `model["Task"]`, `"Task" in model`, and iteration over the `ModelType`s in
    the order of their declaration.
    """

    def __init__(self, declarations: Iterable[EntityType]) -> None:
        self._declarations = {one.name: one for one in declarations}
        self._types = {name: self._assembled(name) for name in self._declarations}

    def __getitem__(self, name: str) -> ModelType:
        try:
            return self._types[name]
        except KeyError:
            message = f"there is no entity type {name!r}{_nearest(name, self._types)}"
            raise UnrecognisedEntityTypeError(message, {"entity_type": name}) from None

    def __contains__(self, name: object) -> bool:
        return name in self._types

    def __iter__(self) -> Iterator[ModelType]:
        return iter(self._types.values())

    def __len__(self) -> int:
        return len(self._types)

    @property
    def declarations(self) -> tuple[EntityType, ...]:
        """What the model was put together from."""
        return tuple(self._declarations.values())

    @cached_property
    def tables(self) -> Mapping[str, Mapping[str, Scalar]]:
        """Columns by name, by table: the union over all types whose rows live there, the root's first."""
        tables: dict[str, dict[str, Scalar]] = {}
        for one in self:
            columns = tables.setdefault(one.table, dict(self[one.table].columns))
            for name, column in one.columns.items():
                columns.setdefault(name, column)
        return tables

    def type_of_row(self, name: str, row: Mapping[str, object]) -> ModelType:
        """Find the concrete type of a row: the deepest type at or below `name` whose classifiers the row carries.

        Args:
            name: Type that was asked for; a base type or the very type.
            row: Values of at least the classifying columns.

        Returns:
            The most specific type that fits; `name` itself when none below fits.
        """
        fitting = [self[one] for one in self[name].subtypes]
        fitting = [one for one in fitting if all(row.get(key) == value for key, value in one.classifiers.items())]
        return max(fitting, key=lambda one: len(one.lineage), default=self[name])

    def possible_attributes(self, name: str, attribute: str) -> tuple[tuple[ModelType, Attribute], ...]:
        """Find what an attribute name can mean on a type that may stand for several.

        Args:
            name: Declared type, as `Resource`.
            attribute: Attribute name, as `username`.

        Returns:
            The type's own attribute; where it has none, one entry for each type below it that has; never empty.

        Raises:
            UnknownAttributeError: Neither the type nor any below it has it.
        """
        own = self[name]
        if attribute in own.attributes:
            return ((own, own.attributes[attribute]),)
        below = [self[one] for one in own.subtypes if attribute in self[one].attributes]
        return tuple((one, one.attributes[attribute]) for one in below) or ((own, own.attribute(attribute)),)

    def extended(
        self, types: Iterable[EntityType] = (), attributes: Mapping[str, tuple[Attribute, ...]] | None = None
    ) -> Model:
        """Make a model with more types or attributes; this one stays as it is.

        Args:
            types: Further types; one with a known name replaces it.
            attributes: Further own attributes, by the name of the type that gets them; types below inherit them.
        """
        declarations = self._declarations | {one.name: one for one in types}
        for name, added in (attributes or {}).items():
            known = declarations.get(name) or self[name].declaration
            declarations[name] = attrs.evolve(known, attributes=(*known.attributes, *added))
        return Model(declarations.values())

    def _assembled(self, name: str) -> ModelType:
        lineage = self._lineage(name)
        declared = [self._declarations[one] for one in lineage]
        classifiers: dict[str, object] = {}
        for one in reversed(declared):
            classifiers.update(one.classifiers)
        return ModelType(
            name=name,
            declaration=declared[0],
            attributes=_merged(declared),
            primary_key=next((one.primary_key for one in declared if one.primary_key), ("id",)),
            lineage=lineage,
            subtypes=self._subtypes(name),
            table=declared[0].view_of or lineage[-1],
            classifiers=classifiers,
            system=next((one.system for one in declared if one.system), ()),
        )

    def _lineage(self, name: str) -> tuple[str, ...]:
        base = self._declarations[name].base
        return (name, *self._lineage(base)) if base else (name,)

    def _subtypes(self, name: str) -> tuple[str, ...]:
        below = (one.name for one in self._declarations.values() if one.base == name)
        return (name, *(deeper for one in below for deeper in self._subtypes(one)))


def _merged(declared: list[EntityType]) -> dict[str, Attribute]:
    """Put together the attributes of a type and its bases: own first; what is declared again keeps its first place."""
    own, *bases = declared
    inherited = _merged(bases) if bases else {}
    composed = {one.name: one for trait in own.traits for one in trait.attributes}
    new = {one.name: one for one in own.attributes}
    first = {name: one for name, one in new.items() if name not in composed and name not in inherited}
    merged = first | {name: one for name, one in composed.items() if name not in inherited}
    merged |= inherited | composed | new
    return {name: _locked(one) if name in own.locked else one for name, one in merged.items()}


def _locked(attribute: Attribute) -> Attribute:
    return attrs.evolve(attribute, immutable=True)


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""

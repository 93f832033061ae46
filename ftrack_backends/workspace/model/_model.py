"""The model: declared types put together, so that a storage or a schema can be made from them."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace.model._model_type import ModelType, nearest
from ftrack_backends.workspace.model._relations import LinkTable
from ftrack_backends.workspace.model._soundness import faults
from ftrack_core.errors import EntityTypeError, UnrecognisedEntityTypeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ftrack_backends.workspace.model._declarations import EntityType
    from ftrack_backends.workspace.model._scalars import Attribute, Scalar

__all__ = ["Model"]


class Model:
    """All entity types of a workspace, put together from their declarations. It never changes.

    A mapping-like look-up by schema id: `model["Task"]`, `"Task" in model`, and iteration over the `ModelType`s in
    the order of their declaration.

    Args:
        declarations: The types; each name once.
        outside: Names of types that keys may point to and that no client can ask for.

    Raises:
        EntityTypeError: A name is declared twice.
        UnrecognisedEntityTypeError: A type is based on one that is not declared.
    """

    def __init__(self, declarations: Iterable[EntityType], outside: Iterable[str] = ()) -> None:
        declared = tuple(declarations)
        self._declarations = {one.name: one for one in declared}
        if len(self._declarations) < len(declared):
            twice = sorted(name for name, times in Counter(one.name for one in declared).items() if times > 1)
            raise EntityTypeError(f"declared more than once: {', '.join(twice)}", {"entity_types": twice})
        self.outside = frozenset(outside)
        self._types = {name: self._assembled(name) for name in self._declarations}

    def __getitem__(self, name: str) -> ModelType:
        try:
            return self._types[name]
        except KeyError:
            raise self._unrecognised(name) from None

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

    @cached_property
    def link_tables(self) -> Mapping[str, tuple[str, str]]:
        """The two columns of each link table that is no entity type, by the table's name."""
        vias = (each.via for one in self for each in one.collections.values())
        links = (via for via in vias if isinstance(via, LinkTable) and via.table not in self)
        return {via.table: (via.here, via.there) for via in links}

    def selectors(self, name: str) -> tuple[Mapping[str, object], ...]:
        """Tell which rows of a type's table are of it: those that carry all values of at least one of these mappings.

        Args:
            name: The type that is asked for.

        Returns:
            One mapping mostly; an empty mapping stands for every row. `ContainerComponent` has two: sequences are
            containers too.
        """
        kinds: list[Mapping[str, object]] = []
        for one in self[name].subtypes:
            values = self[one].classifiers
            if not any(known.items() <= values.items() for known in kinds):
                kinds.append(values)
        return tuple(kinds)

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

        Raises:
            EntityTypeError: The new model does not hold together; all faults are told.
        """
        declarations = self._declarations | {one.name: one for one in types}
        for name, added in (attributes or {}).items():
            known = declarations.get(name) or self[name].declaration
            declarations[name] = attrs.evolve(known, attributes=(*known.attributes, *added))
        model = Model(declarations.values(), self.outside)
        if wrong := faults(model):
            raise EntityTypeError("the model does not hold together: " + "; ".join(wrong), {"faults": wrong})
        return model

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
            table=next((one.view_of for one in declared if one.view_of), lineage[-1]),
            classifiers=classifiers,
            unique=tuple(names for one in declared for names in one.unique),
            system=next((one.system for one in declared if one.system), ()),
        )

    def _lineage(self, name: str) -> tuple[str, ...]:
        if name not in self._declarations:
            raise self._unrecognised(name)
        base = self._declarations[name].base
        return (name, *self._lineage(base)) if base else (name,)

    def _subtypes(self, name: str) -> tuple[str, ...]:
        below = (one.name for one in self._declarations.values() if one.base == name)
        return (name, *(deeper for one in below for deeper in self._subtypes(one)))

    def _unrecognised(self, name: str) -> UnrecognisedEntityTypeError:
        message = f"there is no entity type {name!r}{nearest(name, self._declarations)}"
        return UnrecognisedEntityTypeError(message, {"entity_type": name})


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

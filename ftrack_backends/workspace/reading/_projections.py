"""From the paths of a projection to shapes.

Every entity has its primary key, its own type and the attributes that the model calls `system`, whatever was asked.
A path that ends in a relation gives entities with just these. What was asked for and is not there is present all the
same, as null or as an empty list, so that a client need not ask again. A mapping has the keys and values of its items.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ftrack_backends.workspace._faults import QueryFault
from ftrack_backends.workspace.model import Collection, Mapped, Reference, Scalar
from ftrack_backends.workspace.reading._breadcrumbs import BREADCRUMBS, breadcrumbs
from ftrack_backends.workspace.reading._loading import items, others
from ftrack_backends.workspace.reading._names import ANY_TYPE, Meaning, Row
from ftrack_backends.workspace.reading._shapes import Columns, Recipe, Relation, Shape
from ftrack_backends.workspace.store import wire_reader
from ftrack_core.query import Path, Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ftrack_backends.workspace.model import Attribute, ModelType
    from ftrack_backends.workspace.reading._names import Names
    from ftrack_backends.workspace.reading._shapes import Load

    Asked: TypeAlias = tuple[str | None, tuple[Step, ...]]

__all__ = ["Projections"]

_CACHED_SHAPES = 500
_ALWAYS = {"TypedContext": ("object_type_id",), "CustomAttributeValue": ("value",)}
"""What replies of the real server carry whatever was asked, beside what its schemas say, by type."""
_OWN_TYPE = "__entity_type__"
"""Some clients select it; every reply has it."""


class Projections:
    """Compiles projections to shapes, and keeps them: clients ask for the same few again and again."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._shapes: dict[object, Shape] = {}

    def shape(self, model_type: ModelType, paths: Iterable[Path]) -> Shape:
        """Give the shape of a projection.

        Args:
            model_type: Type asked for.
            paths: What is selected; nothing for just what every entity has.

        Raises:
            QueryFault: A path leads nowhere, or to what may not be selected.
        """
        asked = tuple((None, steps) for steps in map(_told, map(self._names.steps, paths)) if steps)
        for _, steps in asked:
            fault = self.fault(model_type, steps)
            if fault is not None:
                raise fault
        return self.below(model_type, asked)

    def default(self, model_type: ModelType) -> Shape:
        """Give the shape of a query without `select`: the attributes that the model calls `projected`."""
        shown = (one for one in model_type.attributes.values() if one.projected and not one.hidden)
        return self.shape(model_type, [Path((Step(one.name),)) for one in shown])

    def fault(self, declared: ModelType, steps: tuple[Step, ...]) -> QueryFault | None:
        """Say what is wrong with a path; where its names mean several things, one that leads on is enough."""
        step, rest = steps[0], steps[1:]
        try:
            meanings = [one.attribute for one in self._names.meanings(declared, step.name)]
            return self._fault_of(declared, step, rest, meanings)
        except QueryFault as fault:
            return fault

    def _fault_of(
        self, declared: ModelType, step: Step, rest: tuple[Step, ...], meanings: list[Attribute]
    ) -> QueryFault | None:
        name = f"{declared.name}.{step.name}"
        if any(isinstance(one, Mapped) and one.restricted for one in meanings):
            return QueryFault("PermissionError", f"{name} can be filtered on and not selected")
        relations = [one for one in meanings if isinstance(one, (Reference, Collection))]
        if not rest:
            return self._fault_of_end(step, relations)
        if not relations:
            return QueryFault("ParseError", f"{name} is a value, and no entity that has {rest[0].name}")
        targets = [self._names.type(step.cast) if step.cast else self._names.target(one) for one in relations]
        faults = [self.fault(one, rest) for one in targets]
        return None if None in faults else faults[0]

    def _fault_of_end(self, step: Step, relations: list[Reference | Collection]) -> QueryFault | None:
        if step.cast is None and relations and relations[0].name in {"parent", "entity"}:
            self._names.target(relations[0])  # raises where the type is open
        return None

    def below(self, model_type: ModelType, asked: tuple[Asked, ...]) -> Shape:
        """Give the shape of a step further down.

        Args:
            model_type: Declared type of the step.
            asked: Pairs of a type that rows must be of, or None, and the rest of a path.
        """
        key = (model_type.name, asked)
        known = self._shapes.get(key)
        if known is None:
            if len(self._shapes) >= _CACHED_SHAPES:
                self._shapes.clear()
            known = self._shapes[key] = _Draft(self, self._names, model_type, asked).shape()
        return known


def _told(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return steps[:-1] if steps[-1].name == _OWN_TYPE else steps


def _always(row_type: ModelType) -> tuple[str, ...]:
    """Name what replies carry beside what the schemas call system projections."""
    return next((names for one, names in _ALWAYS.items() if one in row_type.lineage), ())


@attrs.define(eq=False)
class _Planned:
    """A relation in the making: how it is loaded, and which types of rows have it."""

    name: str
    position: int
    load: Load
    many: bool
    types: set[str] = attrs.field(factory=set)


class _Draft:
    """One shape in the making."""

    def __init__(
        self, projections: Projections, names: Names, model_type: ModelType, asked: tuple[Asked, ...]
    ) -> None:
        self._projections = projections
        self._names = names
        self._type = model_type
        self._row = Row(model_type)
        sharing = [one for one in names.model if one.table == model_type.table]
        views = [one.name for one in sharing if one.declaration.view_of]
        self._columns = Columns.of(model_type, views)
        self._planned: dict[object, _Planned] = {}
        self._asked: dict[str, list[Asked]] = {}
        for cast, steps in asked:
            if projections.fault(names.type(cast) if cast else model_type, steps) is None:
                self._asked.setdefault(steps[0].name, []).append((cast, steps))

    def shape(self) -> Shape:
        """Compile it."""
        key_position = self._columns.position(self._row.column(self._type.primary_key[0]))
        recipes = {one.name: self._recipe(one) for one in self._row_types()}
        relations = tuple(
            Relation(one.name, one.position, one.load, one.many, None if one.types == set(recipes) else one.types)
            for one in self._planned.values()
        )
        return Shape(self._columns.text, key_position, recipes, relations)

    def _row_types(self) -> list[ModelType]:
        """Give every type that a row may turn out to be of: all that share the table, whatever was declared."""
        if self._type.declaration.view_of:
            return [self._type]
        return [one for one in self._names.model if one.table == self._type.table and not one.declaration.view_of]

    def _recipe(self, row_type: ModelType) -> Recipe:
        recipe = Recipe()
        for name in dict.fromkeys((*row_type.primary_key, *row_type.system, *_always(row_type))):
            self._add_value(recipe, row_type, row_type.scalars[name])
        for name, uses in self._asked.items():
            rests = [steps for cast, steps in uses if not cast or row_type.name in self._names.model[cast].subtypes]
            attribute = row_type.attributes.get(name)
            if attribute is None and all(steps[0].cast for steps in rests):
                attribute = self._names.of_any_type(row_type, name)
            if rests and attribute is not None:
                self._add(recipe, row_type, attribute, rests)
        recipe.settle()
        return recipe

    def _add(self, recipe: Recipe, row_type: ModelType, attribute: Attribute, rests: list[tuple[Step, ...]]) -> None:
        if isinstance(attribute, (Reference, Collection)):
            self._add_relation(row_type, attribute, rests)
        elif isinstance(attribute, Scalar) and any(len(steps) == 1 for steps in rests):
            self._add_value(recipe, row_type, attribute)

    def _add_value(self, recipe: Recipe, row_type: ModelType, scalar: Scalar) -> None:
        if scalar.hidden:
            return
        found = self._names.value(self._row, Meaning(row_type, scalar))
        load = breadcrumbs(row_type) if scalar.name in BREADCRUMBS and found is None else None
        if load is not None:
            self._plan(row_type, (scalar.name, row_type.table), scalar.name, self._own_key(row_type), load, many=False)
            return
        recipe.positions[scalar.name] = self._columns.position(found[1] if found else "NULL")
        reader = json.loads if scalar.name in BREADCRUMBS else wire_reader(scalar)
        if reader is not None and found:
            recipe.readers[scalar.name] = reader

    def _add_relation(
        self, row_type: ModelType, relation: Reference | Collection, rests: list[tuple[Step, ...]]
    ) -> None:
        below = tuple((steps[0].cast, steps[1:]) for steps in rests if len(steps) > 1)
        if isinstance(relation, Mapped):
            below += tuple((None, (Step(one),)) for one in (relation.key, relation.value) if one)
        target = self._target(relation, rests)
        shape = self._projections.below(target, below)
        if isinstance(relation, Collection):
            load = items(self._names, relation, row_type, shape)
            key = (relation.name, repr(relation.via), target.name, below)
            self._plan(row_type, key, relation.name, self._own_key(row_type), load, many=True)
            return
        found = self._names.value(self._row, Meaning(row_type, relation))
        position = self._columns.position(found[1] if found else "NULL")
        load = others(target, shape)
        self._plan(row_type, (relation.name, position, target.name, below), relation.name, position, load, many=False)

    def _target(self, relation: Reference | Collection, rests: list[tuple[Step, ...]]) -> ModelType:
        """Give the type that is loaded: the declared one, whose rows each cast then picks from.

        Raises:
            QueryFault: It may be of any type, and the projection says none, or several that have nothing in common.
        """
        casts = {one[0].cast for one in rests}
        if not isinstance(relation, Reference) or relation.target != ANY_TYPE or None in casts:
            return self._names.target(relation)
        first, *others = (self._names.type(one) for one in sorted(filter(None, casts)))
        if any(one.root != first.root for one in others):
            told = f"{relation.name} can be selected as one kind of thing at a time"
            raise QueryFault("ParseError", f"{told}, not as {', '.join(sorted(filter(None, casts)))}")
        return self._names.type(first.root) if others else first

    def _own_key(self, row_type: ModelType) -> int:
        return self._columns.position(self._row.column(row_type.primary_key[0]))

    def _plan(self, row_type: ModelType, key: object, name: str, position: int, load: Load, *, many: bool) -> None:
        planned = self._planned.setdefault(key, _Planned(name, position, load, many))
        planned.types.add(row_type.name)

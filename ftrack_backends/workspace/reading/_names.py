"""What the names in a query mean: entity types and attributes, looked up in the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace._faults import QueryFault
from ftrack_backends.workspace.model import Collection, Key, Reference, Scalar, Text
from ftrack_backends.workspace.reading._computed import expression
from ftrack_backends.workspace.reading._custom_attributes import source_of
from ftrack_backends.workspace.reading._sql import NOTHING, Sql, constants
from ftrack_backends.workspace.store import TYPE_COLUMN, quoted
from ftrack_core.errors import UnknownAttributeError, UnrecognisedEntityTypeError

if TYPE_CHECKING:
    from ftrack_backends.workspace.model import Attribute, Model, ModelType
    from ftrack_core.query import Path, Step

__all__ = ["ANY_TYPE", "Meaning", "Names", "Row"]

ANY_TYPE = ""
"""Target of a reference to whatever has that id."""
_OF_ANY_TYPE = ("parent", "entity")
MAX_STEPS = 50
"""Steps that a path may have."""


@attrs.frozen
class Row:
    """One row of a statement: where a name is looked up.

    Attributes:
        type: Declared entity type; the row itself may be of a type below it.
        depth: How many rows it stands inside of; it makes the alias unique where that matters.
    """

    type: ModelType
    depth: int = 0

    @property
    def alias(self) -> str:
        """Alias of its table in the statement."""
        return f"t{self.depth}"

    @property
    def source(self) -> str:
        """Its table, or what stands for it, as FROM wants it."""
        return f"{source_of(self.type)} AS {self.alias}"

    def column(self, name: str) -> str:
        """Give a column of it as SQL."""
        return f"{self.alias}.{quoted(name)}"

    def inner(self, model_type: ModelType) -> Row:
        """Give a row that stands in a sub-select of this one's statement."""
        return Row(model_type, self.depth + 1)


@attrs.frozen
class Meaning:
    """One thing that an attribute name can mean.

    Attributes:
        owner: Type that has the attribute.
        attribute: The attribute.
        types: The rows' types it holds for; empty for all.
    """

    owner: ModelType
    attribute: Attribute
    types: tuple[str, ...] = ()


class Names:
    """Looks names up in the model, and says in words of the query what is wrong with one."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def steps(self, path: Path) -> tuple[Step, ...]:
        """Give the steps of a path.

        Raises:
            QueryFault: It has more steps than anybody would write.
        """
        if len(path.steps) > MAX_STEPS:
            begun = ".".join(path.names[:4])
            raise QueryFault(
                "ParseError", f"the path {begun}... has {len(path.steps)} steps; {MAX_STEPS} are possible"
            )
        return path.steps

    def type(self, name: str) -> ModelType:
        """Find an entity type.

        Raises:
            QueryFault: There is none of that name; the nearest one is told.
        """
        try:
            return self.model[name]
        except UnrecognisedEntityTypeError as error:
            raise QueryFault("ParseError", str(error)) from None

    def meanings(self, model_type: ModelType, name: str) -> tuple[Meaning, ...]:
        """Find what an attribute name can mean on a type, or, where the type has none, on those below it.

        Returns:
            At least one; several only where types below mean different things by it.

        Raises:
            QueryFault: No such attribute; the nearest one is told.
        """
        try:
            found = self.model.possible_attributes(model_type.name, name)
        except UnknownAttributeError as error:
            anything = self.of_any_type(model_type, name)
            if anything is not None:
                return (Meaning(model_type, anything),)
            raise QueryFault("ParseError", str(error)) from None
        shown = [one for one in found if not one[1].hidden]
        if not shown:
            raise QueryFault("ParseError", f"{model_type.name} has no attribute {name!r}")
        meanings: list[Meaning] = []
        for owner, attribute in shown:
            same = next((one for one in meanings if _same(one.attribute, attribute)), None)
            if same is None:
                meanings.append(Meaning(owner, attribute, (owner.name,)))
            else:
                meanings[meanings.index(same)] = attrs.evolve(same, types=(*same.types, owner.name))
        return tuple(meanings) if len(meanings) > 1 else (attrs.evolve(meanings[0], types=()),)

    def of_any_type(self, model_type: ModelType, name: str) -> Reference | None:
        """Give the reference behind an id that may be of any type, as `parent` of a note.

        The schema tells only of `parent_id`; queries name the type they mean in brackets: `parent[Task].name`.
        """
        key = model_type.scalars.get(f"{name}_id") if name in _OF_ANY_TYPE else None
        return Reference(name, ANY_TYPE) if isinstance(key, Text) and name not in model_type.attributes else None

    def target(self, relation: Reference | Collection) -> ModelType:
        """Give the declared type at the other end of a relation.

        Raises:
            QueryFault: It may be of any type, and the query does not say which.
        """
        if isinstance(relation, Reference) and relation.target == ANY_TYPE:
            told = f"{relation.name} may be of any type; name the one you mean, as {relation.name}[TypedContext]"
            raise QueryFault("ParseError", told)
        return self.type(relation.item if isinstance(relation, Collection) else relation.target)

    def other(self, relation: Reference | Collection, cast: str | None) -> ModelType:
        """Give the type at the other end of a relation that may be cast: `parent[Shot]`."""
        return self.type(cast) if cast else self.target(relation)

    def value(self, row: Row, meaning: Meaning) -> tuple[Scalar, str] | None:
        """Find what to compare or order by: the attribute's own value, or a reference's key.

        Returns:
            The scalar that the value is of, and the SQL expression of it; None where there is none.
        """
        attribute = meaning.attribute
        if isinstance(attribute, Scalar) and attribute.stored:
            return attribute, row.column(attribute.column)
        if isinstance(attribute, Reference) and not (attribute.computed or attribute.derived):
            scalar = meaning.owner.scalars[attribute.column]
            return scalar, row.column(scalar.column)
        if isinstance(attribute, Collection):
            return None
        worked_out = expression(self.model, meaning.owner, attribute, row.alias)
        if worked_out is None:
            return None
        return (attribute if isinstance(attribute, Scalar) else Text("id")), worked_out

    def of_type(self, row: Row, types: tuple[str, ...] | None = None) -> Sql:
        """Give the condition that a row is of its declared type or one below, or of the types given."""
        if types is None:
            if row.type.declaration.view_of or len(row.type.lineage) == 1:
                return NOTHING
            types = row.type.subtypes
        elif not types:
            return NOTHING
        return Sql(f"{row.column(TYPE_COLUMN)} IN ({constants(types)})")


def _same(left: Attribute, right: Attribute) -> bool:
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return left.column == right.column and left.stored == right.stored and _value_kind(left) is _value_kind(right)
    if isinstance(left, Reference) and isinstance(right, Reference):
        return left.column == right.column and left.target == right.target
    if isinstance(left, Collection) and isinstance(right, Collection):
        return left.via == right.via and left.item == right.item
    return False


def _value_kind(scalar: Scalar) -> type[Scalar]:
    return Text if isinstance(scalar, Key) else type(scalar)

"""Whether a model holds together: everything that one declaration says of another is there."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ftrack_backends.workspace.model._relations import Collection, ForeignKey, LinkTable, Mapped, Reference
from ftrack_backends.workspace.model._scalars import Key, Scalar, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ftrack_backends.workspace.model._model import Model
    from ftrack_backends.workspace.model._model_type import ModelType
    from ftrack_backends.workspace.model._scalars import Attribute

__all__ = ["faults"]


def faults(model: Model) -> list[str]:
    """Find everything that is wrong with a model.

    Returns:
        One sentence a fault, each naming type and attribute; empty for a sound model.
    """
    found = [fault for one in model for fault in _type_faults(model, one)]
    return found + list(_table_faults(model))


def _type_faults(model: Model, one: ModelType) -> Iterator[str]:
    yield from _declaration_faults(one)
    for attribute in one.attributes.values():
        place = f"{one.name}.{attribute.name}"
        if isinstance(attribute, Scalar):
            yield from _scalar_faults(model, one, attribute, place)
        elif isinstance(attribute, Reference):
            yield from _reference_faults(model, one, attribute, place)
        elif isinstance(attribute, Collection):
            yield from _collection_faults(model, attribute, place)


def _declaration_faults(one: ModelType) -> Iterator[str]:
    for name, times in Counter(each.name for each in one.declaration.attributes).items():
        if times > 1:
            yield f"{one.name}.{name} is declared {times} times"
    for name in (*one.primary_key, *one.classifiers, *(name for names in one.unique for name in names)):
        if name not in one.columns:
            yield f"{one.name} is told apart by {name!r}, which is no column of it"
    listed = [name for names in one.declaration.listing.values() for name in names]
    for name in (*one.system, *one.declaration.locked, *listed):
        if name not in one.attributes:
            yield f"{one.name} names {name!r}, which is no attribute of it"


def _scalar_faults(model: Model, one: ModelType, attribute: Scalar, place: str) -> Iterator[str]:
    if isinstance(attribute, Key):
        yield from _target_faults(model, attribute.target, place)
    if attribute.stored and attribute.column not in one.columns:
        yield f"{place} shows the column {attribute.column!r}, which {one.name} has not"


def _reference_faults(model: Model, one: ModelType, attribute: Reference, place: str) -> Iterator[str]:
    yield from _target_faults(model, attribute.target, place)
    if not (attribute.computed or attribute.derived) and attribute.column not in one.columns:
        yield f"{place} goes over {attribute.column!r}, which is no column of {one.name}"


def _collection_faults(model: Model, attribute: Collection, place: str) -> Iterator[str]:
    if attribute.item not in model:
        yield from _target_faults(model, attribute.item, place)
        return
    item = model[attribute.item]
    for name in _names_on_item(attribute):
        if name not in item.attributes:
            yield f"{place} needs the attribute {name!r} of {item.name}, which has none of that name"
    via = attribute.via
    if isinstance(via, LinkTable) and via.table in model:
        for name in (via.here, via.there):
            if name not in model[via.table].columns:
                yield f"{place} goes over {via.table}.{name}, which is no column"


def _names_on_item(attribute: Collection) -> Iterator[str]:
    via = attribute.via
    if isinstance(via, ForeignKey):
        yield via.attribute
        yield from via.where
        if via.type_attribute:
            yield via.type_attribute
    if isinstance(attribute, Mapped) and attribute.key and attribute.value:
        yield attribute.key
        yield attribute.value


def _target_faults(model: Model, target: str, place: str) -> Iterator[str]:
    if target not in model and target not in model.outside:
        yield f"{place} points to {target!r}, which is no entity type"


def _table_faults(model: Model) -> Iterator[str]:
    """Types that share a table must agree on what a column of one name holds."""
    for one in model:
        for name, column in one.columns.items():
            other = model.tables[one.table][name]
            if _held(column) != _held(other):
                yield f"{one.name}.{name} holds {_held(column)}, and the table {one.table} {_held(other)} there"


def _held(column: Attribute) -> str:
    """Give the sort of value in a column; ids are texts unless told."""
    if isinstance(column, Key):
        return column.holds or Text.kind
    return column.kind if isinstance(column, Scalar) else ""

"""Searching: `search`, a query that also looks for words as people type them.

Each word, upper or lower case, must stand somewhere in what an entity is called (its name, a person's names, a
version's asset) or in what it stands in (its parents, its project, its task); at least one word in what it is called
itself. So `sh010 anim` finds the task `anim` of `sh010`, and `harbour` the project and not everything in it.

`context_id` leaves what is that context or hangs below it, `object_type_ids` what is of these object types. Types that
have no place in the tree, as users, are not narrowed by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_backends.workspace._faults import QueryFault, ValidationFault
from ftrack_backends.workspace.actions import _fields as fields
from ftrack_backends.workspace.model import Text
from ftrack_backends.workspace.writing import type_named
from ftrack_core.errors import ParseError, UnknownAttributeError
from ftrack_core.query import (
    And,
    Comparison,
    Condition,
    Membership,
    Operator,
    Or,
    Path,
    Quantified,
    Quantifier,
    Query,
    Step,
    Value,
    parse,
    render,
)

if TYPE_CHECKING:
    from ftrack_backends.workspace.actions._turn import Action, Turn
    from ftrack_backends.workspace.model import Model, ModelType

__all__ = ["SEARCHES"]

_MOST_WORDS = 16
_NAMES = ("name", "full_name", "label", "username", "first_name", "last_name", "email", "content", "text", "key")
"""Attributes that say what an entity is called."""
_CALLED: dict[str, tuple[str, ...]] = {"AssetVersion": ("asset.name", "comment"), "Timelog": ("comment",)}
"""Further ones by type."""
_STANDS_IN: dict[str, tuple[str, ...]] = {
    "TypedContext": ("project.name", "project.full_name", "ancestors.name"),
    "Asset": ("parent.name", "parent[TypedContext].ancestors.name"),
    "AssetVersion": ("asset.parent.name", "asset.parent[TypedContext].ancestors.name", "task.name"),
    "Component": ("version.asset.name", "version.asset.parent.name"),
    "List": ("project.name", "project.full_name"),
    "Note": ("author.username", "author.first_name", "author.last_name"),
    "ReviewSession": ("project.name", "project.full_name"),
}
"""Names of what an entity stands in, by type."""
_CONTEXT: dict[str, str] = {
    "Asset": "parent",
    "AssetVersion": "asset.parent",
    "Component": "version.asset.parent",
    "Timelog": "context",
    "Appointment": "context",
}
"""Path to the context that an entity hangs on, by type."""


def search(turn: Turn, operation: Mapping[str, Any]) -> dict[str, object]:
    """Answer a search: a page of entities, as a query does."""
    asked = _query(turn, operation)
    found = tuple(_conditions(turn.services.model, type_named(turn.services.model, asked.entity_type), operation))
    conditions = (*((asked.condition,) if asked.condition else ()), *found)
    asked = attrs.evolve(asked, condition=_all(conditions) if conditions else None)
    if turn.batch is not None:
        turn.batch.settle()
    result = turn.services.reader.query(render(asked))
    return {"action": "search", "data": result.rows, "metadata": {"next": {"offset": result.next_offset}}}


def _query(turn: Turn, operation: Mapping[str, Any]) -> Query:
    """What is searched: the rows of the expression, else all of the type."""
    searched = type_named(turn.services.model, fields.text(operation, "entity_type"))
    expression = fields.optional_text(operation, "expression")
    if expression is None:
        return Query(searched.name)
    try:
        asked = parse(expression)
    except ParseError as error:
        raise QueryFault("ParseError", f"Failed to parse: {error}") from error
    if type_named(turn.services.model, asked.entity_type).table != searched.table:
        told = f"The expression asks for {asked.entity_type}, and 'entity_type' for {searched.name}."
        raise ValidationFault(told, field="entity_type")
    return asked


def _conditions(model: Model, searched: ModelType, operation: Mapping[str, Any]) -> Iterable[Condition]:
    words = [word for term in fields.texts(operation, "terms") for word in term.split()]
    if len(words) > _MOST_WORDS:
        raise ValidationFault(f"A search may have {_MOST_WORDS} words, not {len(words)}.", field="terms")
    if words:
        yield from _worded(model, searched, words)
    context_id = fields.optional_text(operation, "context_id")
    if context_id is not None:
        yield from _within(searched, context_id)
    object_types = fields.texts(operation, "object_type_ids")
    if object_types and "TypedContext" in searched.lineage:
        values = tuple(Value(one, quoted=True) for one in object_types)
        yield Membership(_path("object_type_id"), values)


def _worded(model: Model, searched: ModelType, words: list[str]) -> Iterable[Condition]:
    called = [*(one for one in _NAMES if _is_text(model, searched, one)), *_of(_CALLED, searched)]
    if not called:
        raise ValidationFault(f"A {searched.name} has no name to search for.", field="terms")
    around = [*called, *_of(_STANDS_IN, searched)]
    yield _any(_like(path, word) for word in words for path in called)
    if len(words) > 1:
        yield from (_any(_like(path, word) for path in around) for word in words)


def _within(searched: ModelType, context_id: str) -> Iterable[Condition]:
    value = Value(context_id, quoted=True)
    if "Context" in searched.lineage:
        yield _any([_is("id", value), *(_below("", value) if searched.name != "Project" else ())])
    elif hanging := _of(_CONTEXT, searched):
        yield _any([_is(f"{hanging}.id", value), *_below(f"{hanging}[TypedContext].", value)])
    elif "project_id" in searched.scalars:
        yield _is("project_id", value)
    elif "parent_id" in searched.scalars:
        yield _is("parent_id", value)


def _below(prefix: str, value: Value) -> Iterable[Condition]:
    ancestor = Quantified(_path(f"{prefix}ancestors"), Quantifier.ANY, _is("id", value))
    return _is(f"{prefix}project_id", value), ancestor


def _of(table: Mapping[str, Any], searched: ModelType) -> Any:
    return next((table[one] for one in searched.lineage if one in table), ())


def _is_text(model: Model, searched: ModelType, name: str) -> bool:
    try:
        meanings = model.possible_attributes(searched.name, name)
    except UnknownAttributeError:
        return False
    return all(isinstance(one, Text) and one.stored and not one.hidden for _, one in meanings)


def _like(path: str, word: str) -> Condition:
    escaped = "".join(f"\\{one}" if one in "%_\\" else one for one in word)
    return Comparison(_path(path), Operator.LIKE, Value(f"%{escaped}%", quoted=True))


def _is(path: str, value: Value) -> Condition:
    return Comparison(_path(path), Operator.EQUAL, value)


def _path(text: str) -> Path:
    steps = (one.partition("[") for one in text.split("."))
    return Path(tuple(Step(name, cast.rstrip("]") or None) for name, _, cast in steps))


def _all(conditions: Iterable[Condition]) -> Condition:
    first, *others = conditions
    return And((first, *others)) if others else first


def _any(conditions: Iterable[Condition]) -> Condition:
    first, *others = conditions
    return Or((first, *others)) if others else first


SEARCHES: dict[str, Action] = {"search": search}

"""Checking the names in a query before it costs a round trip.

It never refuses what a server could accept: a name fails only if no type it can mean has it, and wherever the
vocabulary does not know what an attribute leads to, checking of that path ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

import attrs

from ftrack_core import errors

from ._excerpt import excerpt, shortened
from ._render import render
from ._tokens import WORD, tokens
from ._tree import Aggregate, And, Membership, Not, Or, Quantified, Query

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from ._tree import Condition, Path, Step

__all__ = ["Vocabulary", "check_names"]

_LISTED = 12
"""Names a message lists in full where none is near."""
_COMPARED = frozenset(
    {
        "=",
        "!=",
        ">",
        "<",
        ">=",
        "<=",
        "is",
        "is_not",
        "after",
        "before",
        "greater_than",
        "less_than",
        "like",
        "not_like",
    }
)

_Types: TypeAlias = "frozenset[str] | None"
"""The types an entity can be of at some place in a path; None where that is not known."""


class Vocabulary(Protocol):
    """The names of one server, as far as checking a query needs them. Answers may be computed on demand."""

    def has_type(self, name: str) -> bool:
        """Say whether *name* is an entity type."""

    def type_names(self) -> Iterable[str]:
        """Return all entity types; asked only to find the nearest one for a message."""

    def possible_types(self, name: str) -> Iterable[str]:
        """Return what an entity of type *name* can be: the type itself and all types derived from it."""

    def attribute_names(self, entity_type: str) -> Collection[str]:
        """Return the names of all attributes of *entity_type*, inherited ones too."""

    def target(self, entity_type: str, attribute: str) -> str | None:
        """Return the type that a reference or collection leads to; None for scalars, or where it is not known."""


def check_names(query: Query, vocabulary: Vocabulary, text: str | None = None) -> None:
    """Refuse *query* if it uses a name that nothing it can mean has.

    Args:
        query: The query to check, sub-queries included.
        vocabulary: What names there are.
        text: The text that *query* was parsed from, to point into; None lets it be rendered.

    Raises:
        UnrecognisedEntityTypeError: An entity type, also in a cast, does not exist. `details` holds text, position,
            name and nearest.
        UnknownNameError: An attribute exists on no possible type. `details` holds name, types and nearest.
    """
    _Checker(vocabulary, query, text).check(query)


@attrs.define(eq=False, repr=False)
class _Checker:
    """One check of one query."""

    vocabulary: Vocabulary
    whole: Query
    given_text: str | None

    @property
    def text(self) -> str:
        """The text to point into; it is written only for a message."""
        return render(self.whole) if self.given_text is None else self.given_text

    def check(self, query: Query) -> None:
        types = self._types(query.entity_type)
        for path in _paths(query):
            self._path(path, types)
        if query.condition is not None:
            self._condition(query.condition, types)

    def _condition(self, condition: Condition, types: _Types) -> None:
        if isinstance(condition, (And, Or)):
            for each in condition.conditions:
                self._condition(each, types)
        elif isinstance(condition, Not):
            self._condition(condition.condition, types)
        else:
            reached = self._path(condition.path, types)
            if isinstance(condition, Quantified) and condition.condition is not None:
                self._condition(condition.condition, reached)
            elif isinstance(condition, Membership) and isinstance(condition.choices, Query):
                self.check(condition.choices)

    def _path(self, path: Path, types: _Types) -> _Types:
        """Check *path* as seen from *types* and return the types it can lead to."""
        for index, step in enumerate(path.steps):
            owners = self._owners(path, index, types)
            types = self._reached(step, owners) if step.cast is None else self._types(step.cast)
        return types

    def _owners(self, path: Path, index: int, types: _Types) -> _Types:
        """Return those of *types* that have the attribute, one of them at least; None where that is not known.

        Not every name is in a schema: those with leading `__` belong to the protocol, and some relations, as a note's
        `parent`, show only by their `parent_id`.
        """
        name = path.steps[index].name
        if types is None or name.startswith("__"):
            return None
        owners = self._having(name, types)
        if not owners and not self._having(f"{name}_id", types):
            raise self._unknown_name(path, index, types)
        return owners or None

    def _having(self, name: str, types: frozenset[str]) -> frozenset[str]:
        return frozenset(each for each in types if name in self.vocabulary.attribute_names(each))

    def _reached(self, step: Step, owners: _Types) -> _Types:
        if owners is None:
            return None
        targets = {self.vocabulary.target(owner, step.name) for owner in owners}
        reached: set[str] = set()
        for target in targets:
            if target is None or not self.vocabulary.has_type(target):
                return None
            reached.update(self.vocabulary.possible_types(target))
        return frozenset(reached)

    def _types(self, name: str) -> frozenset[str]:
        if not self.vocabulary.has_type(name):
            raise self._unknown_type(name)
        return frozenset(self.vocabulary.possible_types(name))

    def _unknown_type(self, name: str) -> errors.UnrecognisedEntityTypeError:
        text = self.text
        position = _find(text, name, name)
        near, advice = _nearest(name, self.vocabulary.type_names(), "entity types")
        message = f"there is no entity type {shortened(name)} on this server{advice}\n{excerpt(text, position)}"
        details = {"text": text, "position": position, "name": name, "nearest": near}
        return errors.UnrecognisedEntityTypeError(message, details)

    def _unknown_name(self, path: Path, index: int, types: frozenset[str]) -> errors.UnknownNameError:
        name, text = path.steps[index].name, self.text
        position = _find(text, name, _dotted(path, index))
        known = {each for owner in types for each in self.vocabulary.attribute_names(owner)}
        near, advice = _nearest(name, known, "attributes")
        message = f"{_lacking(types)} attribute {shortened(name)}{advice}\n{excerpt(text, position)}"
        details = {"name": name, "types": tuple(sorted(types)), "nearest": near}
        return errors.UnknownNameError(message, details, text=text, position=position)


def _paths(query: Query) -> Iterator[Path]:
    """Yield the paths of *query* outside its condition."""
    for projection in query.projections:
        yield projection.path if isinstance(projection, Aggregate) else projection
    yield from query.group_by
    for ordering in query.order_by:
        yield ordering.path


def _lacking(types: frozenset[str]) -> str:
    names = sorted(types)
    if len(names) == 1:
        return f"{names[0]} has no"
    more = f" and {len(names) - _LISTED} more types" if len(names) > _LISTED else ""
    return f"none of {', '.join(names[:_LISTED])}{more} has an"


def _nearest(name: str, known: Iterable[str], what: str) -> tuple[str | None, str]:
    """Return the known name nearest to *name*, if any is near, and the words that say what to do."""
    by_lower = {each.lower(): each for each in sorted(known, reverse=True)}
    import difflib  # for errors only

    matches = difflib.get_close_matches(name.lower(), by_lower, n=1)
    if matches:
        return by_lower[matches[0]], f"; did you mean {by_lower[matches[0]]!r}?"
    if 0 < len(by_lower) <= _LISTED:
        return None, f"; it has the {what} {', '.join(sorted(by_lower.values()))}"
    return None, f"; none of its {len(by_lower)} {what} is near"


def _dotted(path: Path, index: int) -> str:
    """Return the word that *path* is written as up to *index*: from the last cast before it."""
    names: list[str] = []
    for step in path.steps[:index]:
        names = [*names, step.name] if step.cast is None else [""]
    return ".".join([*names, path.steps[index].name])


def _find(text: str, name: str, dotted: str) -> int:
    """Return where *name* stands in *text*, best as the end of *dotted*; a tree does not keep positions."""
    fallback: int | None = None
    previous = ""
    for token in tokens(text):
        if token.kind == WORD and previous not in _COMPARED:
            if f"{token.text}.".startswith(f"{dotted}."):
                return token.start + len(dotted) - len(name)
            if fallback is None and token.text == name:
                fallback = token.start
        previous = token.keyword
    return fallback or 0

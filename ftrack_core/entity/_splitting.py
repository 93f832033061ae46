"""A page of nested rows is split into one state for each entity before any of it reaches a session.

Each row, nested ones too, becomes the remote state of its own entity, and is the server's own dict; a reference in it
becomes an identity. No state holds another entity's data. A page that is wrong anywhere raises here, before the first
merge, so the session is as before.
"""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain, islice, repeat
from typing import Any, Final, TypeAlias

import attrs

from ftrack_core.entity._plan import ENTITY_TYPE, Relation, TypePlan
from ftrack_core.errors import MalformedReplyError
from ftrack_core.values import EntityIdentity

__all__ = ["SplitPage", "split_results", "split_rows"]

_Row: TypeAlias = dict[str, Any]
_States: TypeAlias = dict[EntityIdentity, _Row]
_type_name: Final = operator.itemgetter(ENTITY_TYPE)
_new_identity: Final = partial(tuple.__new__, EntityIdentity)  # a third of the cost of calling the class


@attrs.frozen(eq=False)
class SplitPage:
    """A page after splitting.

    Attributes:
        roots: Identities of the page's own rows, in order.
        states: New remote state for every entity in the page, nested ones included, by type name and identity.
    """

    roots: list[EntityIdentity]
    states: dict[str, _States]


def split_rows(rows: Iterable[Any], plan_of: Callable[[str], TypePlan]) -> SplitPage:
    """Split the rows of a query into the states of the entities in them; the rows are used up.

    Args:
        rows: Entities as they came over the wire, nested to any depth. They are of one moment: it does not matter
            which of them tells a value.
        plan_of: Gives the plan of a type by name.

    Raises:
        MalformedReplyError: A row is no entity, or lacks its primary key.
        UnrecognisedEntityTypeError: A row is of a type that the schemas do not have.
    """
    splitter = _Splitter(plan_of)
    return SplitPage(splitter.take(list(rows)), splitter.states)


def split_results(results: Iterable[Any], plan_of: Callable[[str], TypePlan]) -> SplitPage:
    """Split the results of several operations: what a later one tells of an entity is newer.

    Args:
        results: Entities as for `split_rows`.
        plan_of: Gives the plan of a type by name.

    Raises:
        MalformedReplyError: A result is no entity, or lacks its primary key.
        UnrecognisedEntityTypeError: A result is of a type that the schemas do not have.
    """
    splitter = _Splitter(plan_of)
    return SplitPage([identity for row in results for identity in splitter.take([row])], splitter.states)


class _Kind:
    """What a split knows of one entity type: its plan, and the entities that came so far."""

    __slots__ = ("identities", "key_of", "plan", "states")

    def __init__(self, plan: TypePlan) -> None:
        self.plan = plan
        self.key_of = operator.itemgetter(plan.single_key or ENTITY_TYPE)
        self.identities: dict[Any, EntityIdentity] = {}
        self.states: _States = {}

    def identify(self, rows: list[_Row]) -> list[EntityIdentity]:
        """The identities of rows of the type; an entity that comes again has the same one."""
        keys = self._keys(rows)
        known = self.identities
        new = [key for key in keys if key not in known]
        if new:
            parts: Iterable[Any] = zip(new) if self.plan.single_key else new
            known.update(zip(new, map(_new_identity, zip(repeat(self.plan.name), parts))))
        return list(map(known.__getitem__, keys))

    def _keys(self, rows: list[_Row]) -> list[Any]:
        if self.plan.single_key is None:
            return list(map(self.plan.key_of, rows))
        try:
            keys = list(map(self.key_of, rows))
        except KeyError:
            keys = [None]
        return keys if set(map(type, keys)) == {str} else [self.plan.key_of(row)[0] for row in rows]


class _Splitter:
    """The state of one split. Its road is hot: a page of a query passes thousands of dicts through it.

    So it goes by columns: rows of one type that have the same keys are taken together, and what one relation of theirs
    holds is taken together again. A step over a column is one call of C code, a step for each dict ten times as slow.
    """

    __slots__ = ("_kinds", "_plan_of")

    def __init__(self, plan_of: Callable[[str], TypePlan]) -> None:
        self._plan_of = plan_of
        self._kinds: dict[str, _Kind] = {}

    @property
    def states(self) -> dict[str, _States]:
        """What was taken so far."""
        return {name: kind.states for name, kind in self._kinds.items()}

    def take(self, rows: list[Any]) -> list[EntityIdentity]:
        """Split entities; gives their identities."""
        try:
            names, shapes = list(map(_type_name, rows)), list(map(tuple, rows))
        except (KeyError, TypeError):
            raise _no_entity(rows) from None
        if not rows or names.count(names[0]) == shapes.count(shapes[0]) == len(rows):
            return self._take_alike(names[0], shapes[0], rows) if rows else []
        return self._take_mixed(rows, list(zip(names, shapes)))

    def _take_mixed(self, rows: list[_Row], marks: Sequence[tuple[Any, tuple[str, ...]]]) -> list[EntityIdentity]:
        """Split entities of several types, or with different keys: those that are alike together."""
        places: dict[Any, list[int]] = {}
        try:
            for place, mark in enumerate(marks):
                places.setdefault(mark, []).append(place)
        except TypeError:
            raise _no_entity(rows) from None
        found: dict[int, EntityIdentity] = {}
        for (name, shape), alike in places.items():
            found.update(zip(alike, self._take_alike(name, shape, [rows[place] for place in alike])))
        return list(map(found.__getitem__, range(len(rows))))

    def _take_alike(self, name: Any, shape: tuple[str, ...], rows: list[_Row]) -> list[EntityIdentity]:
        """Split entities of one type that have the same keys."""
        kind = self._kinds.get(name) if name.__class__ is str else None
        if kind is None:
            kind = self._kind(name, rows)
        form = kind.plan.shapes.get(shape) or kind.plan.shape_of(shape)
        identities = kind.identify(rows)
        for relation in form.relations:
            self._relate(kind.plan, relation, rows)
        newest = dict(zip(identities, rows))
        for stray in form.strays:
            for row in newest.values():
                del row[stray]
        states = kind.states
        if not states.keys().isdisjoint(newest):
            for identity in states.keys() & newest.keys():
                states[identity].update(newest.pop(identity))
        states.update(newest)
        return identities

    def _relate(self, plan: TypePlan, relation: Relation, rows: list[_Row]) -> None:
        """Put identities in the place of the entities that one relation of rows holds."""
        name = relation.name
        values = list(map(relation.value_of, rows))
        if relation.many:
            self._relate_many(plan, name, rows, values)
            return
        if None in values:
            rows = [row for row, value in zip(rows, values) if value is not None]
            values = [value for value in values if value is not None]
        deque(map(operator.setitem, rows, repeat(name), self.take(values)), maxlen=0)

    def _relate_many(self, plan: TypePlan, name: str, rows: list[_Row], values: list[Any]) -> None:
        for value in values:
            if value.__class__ is not list and value is not None:
                raise _wrong_relation(plan, name, value)
        identities = iter(self.take(list(chain.from_iterable(filter(None, values)))))
        for row, value in zip(rows, values):
            row[name] = list(islice(identities, len(value))) if value else []

    def _kind(self, name: Any, rows: list[_Row]) -> _Kind:
        if not isinstance(name, str):
            raise _no_entity(rows)
        kind = self._kinds[name] = _Kind(self._plan_of(name))
        return kind


def _no_entity(rows: Sequence[Any]) -> MalformedReplyError:
    wrong = next(row for row in rows if not isinstance(row, dict) or not isinstance(row.get(ENTITY_TYPE), str))
    return MalformedReplyError(f"The server sent {_shown(wrong)} where an entity was expected.")


def _wrong_relation(plan: TypePlan, name: str, value: object) -> MalformedReplyError:
    return MalformedReplyError(f"The server sent {_shown(value)} for the collection {plan.name}.{name}.")


def _shown(value: object) -> str:
    text = repr(value)
    return f"{text[:80]}..." if len(text) > 80 else text

"""A page of nested rows is split into one state for each entity before any of it reaches a session.

Each row, nested ones too, becomes the remote state of its own entity, and is the server's own dict; a reference in it
becomes an identity. No state holds another entity's data. A page that is wrong anywhere raises here, before the first
merge, so the session is as before.
"""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, compress, filterfalse, islice, repeat
from typing import Any, Final, TypeAlias

import attrs

from ftrack_core.entity._plan import ENTITY_TYPE, Form, TypePlan
from ftrack_core.errors import MalformedReplyError
from ftrack_core.values import EntityIdentity

__all__ = ["SplitPage", "split_results", "split_rows"]

_Row: TypeAlias = dict[str, Any]
_Rows: TypeAlias = Sequence[_Row]
_States: TypeAlias = dict[EntityIdentity, _Row]
_NOTHING: Final = (None,)
_TEXT: Final = {str}
_TEXTS: Final = {str, type(None)}
_REFERENCE: Final = 2
"""How many keys a reference has that tells nothing but type and key."""
_MANY: Final = 16
"""From how many rows on it pays to look for texts that repeat."""
_type_name: Final = operator.itemgetter(ENTITY_TYPE)
_new_identity: Final = partial(tuple.__new__, EntityIdentity)  # a third of the cost of calling the class


@attrs.frozen(eq=False, repr=False)
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
    roots = list(splitter.take(list(rows)))
    return SplitPage(roots, splitter.states())


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
    roots = splitter.take_in_order(results)
    return SplitPage(roots, splitter.states())


class _Kind:
    """What a split knows of one entity type: its plan, and the entities that came so far, by key."""

    __slots__ = ("identities", "plan", "rows")

    def __init__(self, plan: TypePlan) -> None:
        self.plan = plan
        self.identities: dict[Any, EntityIdentity] = {}
        self.rows: dict[Any, _Row] = {}

    def keys(self, rows: _Rows, columns: Mapping[str, tuple[Any, ...]]) -> Sequence[Any]:
        """What tells entities of the type apart: the text of a single key, the texts of a composite one."""
        name = self.plan.single_key
        if name is None:
            return list(map(self.plan.key_of, rows))
        keys = columns.get(name, _NOTHING)
        return keys if set(map(type, keys)) == _TEXT else [self.plan.key_of(row)[0] for row in rows]

    def keep(self, newest: dict[Any, _Row]) -> None:
        """Keep rows by key, each as the state of an entity, or as a further part of it."""
        known = self.identities
        new = list(filterfalse(known.__contains__, newest))
        parts: Iterable[Any] = zip(new) if self.plan.single_key else new
        known.update(zip(new, map(_new_identity, zip(repeat(self.plan.name), parts)), strict=True))
        states = self.rows
        if len(new) < len(newest):
            for key in states.keys() & newest.keys():
                states[key].update(newest.pop(key))
        states.update(newest)

    def states(self) -> _States:
        """The rows by identity."""
        return dict(zip(map(self.identities.__getitem__, self.rows), self.rows.values(), strict=True))


class _Splitter:
    """The state of one split. Its road is hot: a page of a query passes thousands of dicts through it.

    So it goes by columns: rows of one type that have the same keys are taken together, and what one relation of theirs
    holds is taken together again. A step over a column is one call of C code, a step for each dict ten times as slow.
    """

    __slots__ = ("_kinds", "_plan_of")

    def __init__(self, plan_of: Callable[[str], TypePlan]) -> None:
        self._plan_of = plan_of
        self._kinds: dict[str, _Kind] = {}

    def states(self) -> dict[str, _States]:
        """The states of what was taken so far, by type name."""
        return {name: kind.states() for name, kind in self._kinds.items()}

    def take(self, rows: _Rows) -> Sequence[EntityIdentity]:
        """Split entities; gives their identities."""
        try:
            sizes = list(map(len, rows))
        except TypeError:
            raise _no_entity(rows) from None
        found = set(sizes)
        if len(found) == 1:
            return self._take_even(rows)
        ranked = sorted(found, reverse=True)  # who tells most comes first, so that references find everybody known
        return _merged(
            sizes, {each: self._take_even(list(compress(rows, map(each.__eq__, sizes)))) for each in ranked}
        )

    def take_in_order(self, rows: Iterable[Any]) -> list[EntityIdentity]:
        """Split entities of different moments one by one, or together where that comes to the same."""
        return [identity for part in self._parts(rows) for identity in self.take(part)]

    def _parts(self, rows: Iterable[Any]) -> Iterator[_Rows]:
        """Rows that can be taken together: of those with one key, which have one type, the last one wins then."""
        part: list[_Row] = []
        shapes: dict[Any, tuple[str, ...]] = {}
        for row in rows:
            name, shape = _mark(row)
            timeless = self._is_timeless(row, name, shape)
            if timeless and shapes.setdefault(name, shape) == shape:
                part.append(row)
                continue
            yield part
            part, shapes = ([row], {name: shape}) if timeless else ([], {})
            if not timeless:
                yield [row]
        yield part

    def _is_timeless(self, row: _Row, name: Any, shape: tuple[str, ...]) -> bool:
        """Whether a row, of which type and keys are given, tells of no other entity more than its key."""
        if not isinstance(name, str):
            return False
        relations = self._kind(name).plan.form(shape).relations
        return not relations or all(self._is_bare(row[relation]) for relation, _ in relations)

    def _is_bare(self, value: Any) -> bool:
        """Whether a relation's value, or each item of it, tells nothing but the key of an entity."""
        if value is None:
            return True
        if value.__class__ is list:
            return all(map(self._is_bare, value))
        name, shape = _mark(value)
        if not isinstance(name, str):
            return False
        form = self._kind(name).plan.form(shape)
        return not form.scalars and not form.relations

    def _take_even(self, rows: _Rows) -> Sequence[EntityIdentity]:
        """Split entities that have the same number of keys: at one go when they have the same keys and one type."""
        if len(rows[0]) == _REFERENCE:
            known = self._known(rows)
            if known is not None:
                return known
        try:
            shape = tuple(rows[0])
            form = self._kind(rows[0][ENTITY_TYPE]).plan.form(shape)
            columns = dict(zip(shape, zip(*map(form.values_of, rows), strict=True), strict=True))
            names = columns[ENTITY_TYPE]
        except (KeyError, TypeError):
            return self._take_uneven(rows)
        return self._take_alike(form, rows, columns) if names.count(names[0]) == len(rows) else self._take_uneven(rows)

    def _known(self, rows: _Rows) -> Sequence[EntityIdentity] | None:
        """The identities of references, if all lead to entities of one type that came already; they tell no news."""
        try:
            names = list(map(_type_name, rows))
            kind = self._kinds[names[0]]
            keys = map(operator.itemgetter(kind.plan.single_key), rows)
            found = list(map(kind.identities.__getitem__, keys))
        except (KeyError, TypeError):
            return None
        return found if names.count(names[0]) == len(names) else None

    def _take_uneven(self, rows: _Rows) -> Sequence[EntityIdentity]:
        """Split entities of several types, or with different keys: those that are alike together."""
        try:
            marks = list(zip(map(_type_name, rows), map(tuple, rows), strict=True))
            alike: dict[Any, list[_Row]] = {mark: [] for mark in marks}
        except (KeyError, TypeError):
            raise _no_entity(rows) from None
        for mark, row in zip(marks, rows, strict=True):
            alike[mark].append(row)
        return _merged(marks, {mark: self._take_marked(mark, group) for mark, group in alike.items()})

    def _take_marked(self, mark: tuple[Any, tuple[str, ...]], rows: _Rows) -> Sequence[EntityIdentity]:
        name, shape = mark
        if not isinstance(name, str):
            raise _no_entity(rows)
        form = self._kind(name).plan.form(shape)
        return self._take_alike(
            form, rows, dict(zip(shape, zip(*map(form.values_of, rows), strict=True), strict=True))
        )

    def _take_alike(self, form: Form, rows: _Rows, columns: dict[str, tuple[Any, ...]]) -> Sequence[EntityIdentity]:
        """Split entities of one type that have the same keys, given by row and by column."""
        kind = self._kinds[columns[ENTITY_TYPE][0]]
        keys = kind.keys(rows, columns)
        for name, many in form.relations:
            if many:
                self._relate_many(kind.plan, name, rows, columns.pop(name))
            else:
                self._relate(name, rows, columns.pop(name))
        newest = dict(zip(keys, rows, strict=True))
        for name in form.strays:
            for row in newest.values():
                del row[name]
        if len(newest) >= _MANY:
            _share_texts(list(newest.values()), form.scalars, columns if len(newest) == len(rows) else {})
        kind.keep(newest)
        return list(map(kind.identities.__getitem__, keys))

    def _relate(self, name: str, rows: _Rows, values: Sequence[Any]) -> None:
        """Put identities in the place of entities."""
        if None in values:
            rows = [row for row, value in zip(rows, values, strict=True) if value is not None]
            values = [value for value in values if value is not None]
        deque(map(operator.setitem, rows, repeat(name), self.take(values)), maxlen=0)

    def _relate_many(self, plan: TypePlan, name: str, rows: _Rows, values: Sequence[Any]) -> None:
        """Put lists of identities in the place of lists of entities."""
        for value in values:
            if value.__class__ is not list and value is not None:
                raise _wrong_relation(plan, name, value)
        identities = iter(self.take(list(chain.from_iterable(filter(None, values)))))
        for row, value in zip(rows, values, strict=True):
            row[name] = list(islice(identities, len(value))) if value else []

    def _kind(self, name: Any) -> _Kind:
        kind = self._kinds.get(name)
        if kind is None:
            if not isinstance(name, str):
                raise TypeError(name)
            kind = self._kinds[name] = _Kind(self._plan_of(name))
        return kind


def _mark(row: Any) -> tuple[Any, tuple[str, ...]]:
    """What rows have in common that can be taken together: their type and their keys."""
    return (row.get(ENTITY_TYPE), tuple(row)) if isinstance(row, dict) else (None, ())


def _merged(marks: Sequence[Any], found: Mapping[Any, Iterable[Any]]) -> list[Any]:
    """What was found for each mark, in the order of the marks."""
    lines = {mark: iter(each) for mark, each in found.items()}
    return list(map(next, map(lines.__getitem__, marks)))


def _share_texts(rows: list[_Row], names: Iterable[str], columns: Mapping[str, Sequence[Any]]) -> None:
    """Let rows hold one copy of a text that many of them have, as the key of their project; a tenth of all."""
    for name in names:
        sample = [row[name] for row in rows[:_MANY]]
        if not set(map(type, sample)) <= _TEXTS or len(set(sample)) > _MANY // 2:
            continue
        column = columns.get(name) or list(map(operator.itemgetter(name), rows))
        if sample[0] is not None and column.count(sample[0]) == len(column):
            shared: Iterable[Any] = repeat(sample[0])
        elif set(map(type, column)) <= _TEXTS:
            shared = map(dict(zip(column, column, strict=True)).__getitem__, column)
        else:
            continue
        deque(map(operator.setitem, rows, repeat(name), shared), maxlen=0)


def _no_entity(rows: Sequence[Any]) -> MalformedReplyError:
    wrong = next(row for row in rows if not isinstance(row, dict) or not isinstance(row.get(ENTITY_TYPE), str))
    return MalformedReplyError(f"The server sent {_shown(wrong)} where an entity was expected.")


def _wrong_relation(plan: TypePlan, name: str, value: object) -> MalformedReplyError:
    return MalformedReplyError(f"The server sent {_shown(value)} for the collection {plan.name}.{name}.")


def _shown(value: object) -> str:
    text = repr(value)
    return f"{text[:80]}..." if len(text) > 80 else text

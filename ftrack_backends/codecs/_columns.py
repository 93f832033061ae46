"""A record as a few long texts: the fast form of the msgpack codec.

Most of what a record holds is text, and one long text is packed and unpacked several times faster than fifty short
ones. The fields are `[fetched_at, shape, texts, others, tables]`:

- `texts` has a piece for each value, then the record's key, the type of each reference and the record's type;
- `others` has the values that are no texts and nothing of the below: numbers, lists, mappings;
- `tables` has the texts of each list of mappings with the same three names, as ftrack's links are, row by row;
- `shape` has the names of all values, a line end, and which of them are what: `r` a reference, whose piece is its key;
  `d` a date, whose piece is its text; `t` a table, after which its three names stand; `o` one of the others.

Pieces are separated by NUL. A piece of a split text is text, so nothing has to be looked at but the others. What a
shape says is worked out once. A record for which this has no room (NULs, collections, keys of several parts) is
written in the form of `_layout`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Final, NamedTuple

import attrs

from ftrack_backends.codecs._values import SCALARS, UnsoundError, holds_references
from ftrack_core.values import EntityIdentity, EntityRecord

__all__ = ["LEAST_DEPTH", "columns_of", "record_of_columns"]

LEAST_DEPTH: Final = 3
"""Tables are this deep: a codec with a lower limit can neither write nor read the form."""

_SEPARATOR: Final = "\0"
_LINE_END: Final = "\n"
_DATE: Final = ["__type__", "value"]
_COLUMNS: Final = 3
_MOST_NAMES: Final = 256
_MOST_SHAPES: Final = 64
_TIMES: Final = (float, int)
_TEXT: Final = {str}
"""Not a class derived from it: such names may be equal to others that are written otherwise."""
_LONGEST_KEPT_SHAPE: Final = 8192
_new: Final[Any] = tuple.__new__


class _Shape(NamedTuple):
    """What a shape says: the names of the values, and where each kind of them stands."""

    names: Sequence[str]
    references: Sequence[int]
    dates: Sequence[int]
    others: Sequence[int]
    tables: Sequence[tuple[int, str, str, str]]
    pieces: int


def columns_of(record: EntityRecord, max_depth: int) -> list[Any] | None:
    """The fields of a record, or None where the form has no room for it.

    Raises:
        UnsoundError: It holds what does not come over the wire, or holds it too deep.
        TypeError: As above.
    """
    values: Any = record.values if record.values.__class__ is dict else dict(record.values)
    if len(values) > _MOST_NAMES or record.fetched_at.__class__ not in _TIMES or {*map(type, values)} - _TEXT:
        return None
    pieces = [*values.values()]
    plan = _planned((*values,), (*map(type, pieces),))
    pieces.append(record.identity)
    types = _types(plan, pieces)
    if types is None:
        return None
    odd, tables, heads = _contained(plan, pieces)
    others = []
    for place in (*plan.scalars, *odd):
        others.append(pieces[place])
        pieces[place] = ""
    if odd and any(holds_references(value, max_depth - 1) for value in others if value.__class__ not in SCALARS):
        return None
    said: tuple[tuple[int, ...] | str, ...] = (tuple(odd), *heads)
    shape = plan.shapes.get(said) or plan.shape(said, odd, heads)
    pieces += types
    texts = _SEPARATOR.join(pieces)
    if shape is None or texts.count(_SEPARATOR) != len(pieces) - 1:
        return None
    return [record.fetched_at, shape, texts, others, tables]


def record_of_columns(fields: Any, max_depth: int) -> EntityRecord:
    """The record that was read as fields.

    Raises:
        ValueError: They are no record.
        TypeError: As above.
        LookupError: As above.
    """
    fetched_at, shape, texts, others, tables = fields
    if fetched_at.__class__ not in _TIMES or shape.__class__ is not str or texts.__class__ is not str:
        raise UnsoundError
    if others.__class__ is not list or tables.__class__ is not list:
        raise UnsoundError
    read = _known if len(shape) <= _LONGEST_KEPT_SHAPE else _read
    names, at_references, at_dates, at_others, at_tables, pieces = read(shape)
    slots: Any = texts.split(_SEPARATOR)
    if len(slots) != pieces:
        raise UnsoundError
    after = len(names)
    identity = _new(EntityIdentity, (slots[-1], (slots[after],)))
    for place in at_references:
        after += 1
        slots[place] = _new(EntityIdentity, (slots[after], (slots[place],)))
    for place in at_dates:
        slots[place] = {"__type__": "datetime", "value": slots[place]}
    for place, value in zip(at_others, others, strict=True):
        if value.__class__ not in SCALARS:
            holds_references(value, max_depth - 1)  # for what it refuses
        slots[place] = value
    for (place, *heads), cells in zip(at_tables, tables, strict=True):
        slots[place] = _rows(heads, cells)
    return EntityRecord(identity, fetched_at, dict(zip(names, slots)))  # noqa: B905 - pieces stand behind


@attrs.define(eq=False)
class _Plan:
    """Where the values of some names and types go; made once for all records that have these.

    The place after the last value is that of the record's own identity, which is written like any reference.
    """

    names: Sequence[str]
    references: Sequence[int]
    mappings: Sequence[int]
    lists: Sequence[int]
    scalars: Sequence[int]
    shapes: dict[tuple[tuple[int, ...] | str, ...], str] = attrs.field(factory=dict)

    def shape(self, said: tuple[tuple[int, ...] | str, ...], odd: Sequence[int], heads: Sequence[str]) -> str | None:
        """The shape that says it; None for names in which there are separators."""
        heads_left = iter(heads)
        dates = [place for place in self.mappings if place not in odd]
        tables = [place for place in self.lists if place not in odd]
        marks = ["", *self._marked("r", self.references[:-1]), *self._marked("d", dates)]
        for mark in self._marked("t", tables):
            marks += (mark, next(heads_left), next(heads_left), next(heads_left))
        marks += (*self._marked("o", self.scalars), *self._marked("o", odd))
        shape = f"{_SEPARATOR.join(self.names)}{_LINE_END}{_SEPARATOR.join(marks)}"
        if shape.count(_SEPARATOR) != len(self.names) + len(marks) - 2 or shape.count(_LINE_END) != 1:
            return None
        if len(self.shapes) >= _MOST_SHAPES:
            self.shapes.clear()
        self.shapes[said] = shape
        return shape

    def _marked(self, mark: str, places: Iterable[int]) -> Iterator[str]:
        return (mark + self.names[place] for place in places)


@lru_cache(maxsize=512)
def _planned(names: tuple[str, ...], kinds: tuple[type, ...]) -> _Plan:
    """The plan for values of these names and types.

    Raises:
        UnsoundError: A type is none of the wire's.
        TypeError: A name is no text.
    """
    "".join(names)
    found: dict[type, list[int]] = {EntityIdentity: [], dict: [], list: [], object: []}
    for place, kind in enumerate(kinds):
        if kind in SCALARS and kind is not str:
            found[object].append(place)
        elif kind in found:
            found[kind].append(place)
        elif kind is not str:
            raise UnsoundError
    return _Plan(names, [*found[EntityIdentity], len(names)], found[dict], found[list], found[object])


def _types(plan: _Plan, pieces: list[Any]) -> list[str] | None:
    """Put the keys of references in; gives their types, or None where one has no single text for a key."""
    types: list[str] = []
    for place in plan.references:
        identity = pieces[place]
        if identity.__class__ is not EntityIdentity:
            return None
        entity_type, key = identity
        if entity_type.__class__ is not str or key.__class__ is not tuple or len(key) != 1:
            return None
        pieces[place] = part = key[0]
        if part.__class__ is not str:
            return None
        types.append(entity_type)
    return types


def _contained(plan: _Plan, pieces: list[Any]) -> tuple[list[int], list[str], list[str]]:
    """Put the texts of dates in; gives the places of what is neither date nor table, the tables and their names."""
    odd: list[int] = []
    tables: list[str] = []
    heads: list[str] = []
    for place in plan.mappings:
        value = pieces[place]
        if [*value] == _DATE:
            what, text = value.values()
            if what.__class__ is str and what == "datetime" and text.__class__ is str:
                pieces[place] = text
                continue
        odd.append(place)
    for place in plan.lists:
        table = _table(pieces[place])
        if table is None:
            odd.append(place)
        else:
            pieces[place] = ""
            tables.append(table[0])
            heads += table[1]
    return odd, tables, heads


def _table(value: list[Any]) -> tuple[str, list[str]] | None:
    """The texts of mappings that all have the same three names, and these; None where they do not, or have others."""
    if not value or value[0].__class__ is not dict or len(value[0]) != _COLUMNS:
        return None
    heads = [*value[0]]
    if {*map(type, heads)} != _TEXT:
        return None
    cells: list[str] = []
    for each in value:
        if each.__class__ is not dict or [*each] != heads:
            return None
        one, two, three = each.values()
        if one.__class__ is not str or two.__class__ is not str or three.__class__ is not str:
            return None
        cells += (one, two, three)
    joined = _SEPARATOR.join(cells)
    return (joined, heads) if joined.count(_SEPARATOR) == len(cells) - 1 else None


def _rows(heads: Iterable[str], cells: Any) -> list[dict[str, str]]:
    if cells.__class__ is not str:
        raise UnsoundError
    first, second, third = heads
    each = iter(cells.split(_SEPARATOR))
    return [{first: one, second: two, third: three} for one, two, three in zip(each, each, each, strict=True)]


def _read(shape: str) -> _Shape:
    """What a shape says.

    Raises:
        ValueError: It is none.
    """
    named, marked = shape.split(_LINE_END)
    names = [*map(sys.intern, named.split(_SEPARATOR))]
    places = {name: place for place, name in enumerate(names)}
    found: dict[str, list[Any]] = {"r": [], "d": [], "o": [], "t": []}
    marks = iter(marked.split(_SEPARATOR)[1:])
    for mark in marks:
        heads = [*map(sys.intern, islice(marks, _COLUMNS))] if mark[0] == "t" else []
        place = places.pop(mark[1:])
        found[mark[0]].append((place, *heads) if heads else place)
    if any(len({*heads}) != _COLUMNS for _, *heads in found["t"]) or len(set(names)) != len(names):
        raise UnsoundError
    return _Shape(names, found["r"], found["d"], found["o"], found["t"], len(names) + len(found["r"]) + 2)


_known: Final = lru_cache(maxsize=512)(_read)
"""What shapes say, of those that were read last; a long one, which nobody but a foreigner writes, is not kept."""

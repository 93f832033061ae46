"""A record as a few long texts: the fast form of the msgpack codec.

Most of what a record holds is text, and one text is joined, packed, unpacked and split several times faster than fifty.
The fields are `[fetched_at, shape, texts, others, tables]`:

- `texts` has a piece for each value, then the type of each reference, then the type and key of the record;
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
from itertools import chain
from typing import Any, Final, NamedTuple

from ftrack_backends.codecs._values import SCALARS, UnsoundError, holds_references
from ftrack_core.values import EntityIdentity, EntityRecord

__all__ = ["LEAST_DEPTH", "columns_of", "record_of_columns"]

LEAST_DEPTH: Final = 3
"""Tables are this deep: a codec with a lower limit can neither write nor read the form."""

_SEPARATOR: Final = "\0"
_LINE_END: Final = "\n"
_DATE: Final = ["__type__", "value"]
_COLUMNS: Final = 3
_TIMES: Final = (float, int)
_LONGEST_KEPT_SHAPE: Final = 8192
_only_text: Final = frozenset({str}).issuperset
_values_of: Final = dict.values
_flat: Final = chain.from_iterable
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
    key = _only_part(record.identity)
    if key is None or record.fetched_at.__class__ not in _TIMES:
        return None
    slots, types, marks, others, tables = values.copy(), [], [""], [], []
    for name, value in values.items():
        kind = value.__class__
        if kind is str:
            continue
        if kind is EntityIdentity:
            slots[name] = part = _only_part(value)
            if part is None:
                return None
            types.append(value[0])
            marks.append("r" + name)
        elif kind is dict and len(value) == 2 and (text := _date_text(value)) is not None:  # noqa: PLR2004 - see _DATE
            slots[name] = text
            marks.append("d" + name)
        elif kind is list and value and (table := _table(value)) is not None:
            slots[name] = ""
            tables.append(table[-1])
            marks += ("t" + name, *table[:-1])
        else:
            if kind not in SCALARS and holds_references(value, max_depth - 1):
                return None
            slots[name] = ""
            others.append(value)
            marks.append("o" + name)
    shape = f"{_SEPARATOR.join(values)}{_LINE_END}{_SEPARATOR.join(marks)}"
    pieces = [*slots.values(), *types, record.identity[0], key]
    texts = _SEPARATOR.join(pieces)
    if shape.count(_SEPARATOR) != len(slots) + len(marks) - 2 or shape.count(_LINE_END) != 1:
        return None
    if texts.count(_SEPARATOR) != len(pieces) - 1:
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
    read = _known if len(shape) <= _LONGEST_KEPT_SHAPE else _read
    names, at_references, at_dates, at_others, at_tables, pieces = read(shape)
    slots: Any = texts.split(_SEPARATOR)
    if len(slots) != pieces:
        raise UnsoundError
    after = len(names)
    for place in at_references:
        slots[place] = _new(EntityIdentity, (slots[after], (slots[place],)))
        after += 1
    for place in at_dates:
        slots[place] = {"__type__": "datetime", "value": slots[place]}
    for place, value in zip(at_others, others, strict=True):
        if value.__class__ not in SCALARS:
            holds_references(value, max_depth - 1)  # for what it refuses
        slots[place] = value
    for (place, *heads), cells in zip(at_tables, tables, strict=True):
        slots[place] = _rows(heads, cells)
    return EntityRecord(_new(EntityIdentity, (slots[-2], (slots[-1],))), fetched_at, dict(zip(names, slots)))


def _only_part(identity: Any) -> str | None:
    """The key of an identity whose key has one part; None for others, and for what is none."""
    if identity.__class__ is not EntityIdentity:
        return None
    entity_type, key = identity
    if entity_type.__class__ is not str or key.__class__ is not tuple or len(key) != 1 or key[0].__class__ is not str:
        return None
    part: str = key[0]
    return part


def _date_text(value: dict[Any, Any]) -> str | None:
    """The text of a mapping that is a date."""
    what, text = value.values()
    if what.__class__ is str and what == "datetime" and text.__class__ is str and [*value] == _DATE:
        found: str = text
        return found
    return None


def _table(value: list[Any]) -> tuple[str, str, str, str] | None:
    """The names of mappings that all have the same three, and their texts; None where they do not, or have others."""
    first = value[0]
    if first.__class__ is not dict or len(first) != _COLUMNS:
        return None
    heads = [*first]
    for each in value:
        if each.__class__ is not dict or [*each] != heads:
            return None
    cells = [*_flat(map(_values_of, value))]
    if not _only_text(map(type, cells)):
        return None
    joined = _SEPARATOR.join(cells)
    return (*heads, joined) if joined.count(_SEPARATOR) == len(cells) - 1 else None


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
        place = places.pop(mark[1:])
        found[mark[0]].append((place, *_heads(marks)) if mark[0] == "t" else place)
    return _Shape(names, found["r"], found["d"], found["o"], found["t"], len(names) + len(found["r"]) + 2)


def _heads(marks: Iterator[str]) -> Iterator[str]:
    return (sys.intern(next(marks)) for _ in range(_COLUMNS))


_known: Final = lru_cache(maxsize=512)(_read)
"""What shapes say, of those that were read last; a long one, which nobody but a foreigner writes, is not kept."""

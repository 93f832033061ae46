"""A record as a list of plain fields, the same for every codec.

The fields are `[type, key, fetched_at, values, references, collections, marked]`. Neither msgpack nor JSON knows
references, and both write one as the list `[type, [key...]]` by themselves, as fast as they write any list. So the
last three fields say where the values have some: the names of values that are a reference, of those that are lists of
references and nothing else, and of the rare ones that hold references anywhere else. In these a reference is
`{"~": [type, key...]}`, and a mapping whose single name is made of tildes has one more of them.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from ftrack_backends.codecs._values import SCALARS, UnsoundError, all_scalars, explained, holds_references, is_identity
from ftrack_core.values import EntityIdentity, EntityRecord

__all__ = ["fields_of", "record_of"]

_MARK: Final = "~"
_new_identity: Final = partial(tuple.__new__, EntityIdentity)


def fields_of(record: EntityRecord, max_depth: int) -> list[Any]:
    """The fields of a record.

    Raises:
        CacheError: It holds what does not come over the wire, or holds it too deep.
    """
    try:
        return _fields(record, max_depth)
    except (TypeError, UnsoundError) as error:
        raise explained(record, max_depth) from error


def record_of(fields: Any, max_depth: int) -> EntityRecord:
    """The record that was read as fields.

    Raises:
        ValueError: They are no record.
        TypeError: As above.
        LookupError: As above.
    """
    entity_type, key, fetched_at, values, references, collections, marked = fields
    if fetched_at.__class__ not in (float, int) or values.__class__ is not dict:
        raise UnsoundError
    rest = {name: value for name, value in values.items() if value.__class__ not in SCALARS}
    for name in references:
        kind, parts = rest.pop(name)
        if kind.__class__ is not str or parts.__class__ is not list:
            raise UnsoundError
        "".join(parts)  # a TypeError for a part that is no text
        values[name] = _new_identity((kind, tuple(parts)))
    for name in collections:
        values[name] = [_identity(*each) for each in rest.pop(name)]
    for name in marked:
        values[name] = rest[name] = _unmarked(rest[name], max_depth)
    if rest:
        holds_references(list(rest.values()), max_depth)  # for what it refuses
    return EntityRecord(_identity(entity_type, key), fetched_at, values)


def _fields(record: EntityRecord, max_depth: int) -> list[Any]:
    values: Any = record.values if record.values.__class__ is dict else dict(record.values)
    "".join(values)  # a TypeError for a name that is no text
    references, collections, marked = _places(values, max_depth - 1)
    if marked:
        values = {name: _marked(value) if name in marked else value for name, value in values.items()}
    if not is_identity(record.identity) or record.fetched_at.__class__ not in (float, int):
        raise UnsoundError
    return [*record.identity, record.fetched_at, values, references, collections, marked]


def _places(values: dict[str, Any], depth: int) -> tuple[list[str], list[str], list[str]]:
    """The names of references, of collections of them, and of what holds some otherwise."""
    references: list[str] = []
    collections: list[str] = []
    marked: list[str] = []
    for name, value in values.items():
        kind = value.__class__
        if kind in SCALARS:
            continue
        if kind is EntityIdentity and is_identity(value):
            references.append(name)
        elif kind is dict and depth > 0 and all_scalars(map(type, value.values())):
            "".join(value)  # the usual case, without a call
        elif kind is list and value and value[0].__class__ is EntityIdentity and all(map(is_identity, value)):
            collections.append(name)
        elif holds_references(value, depth):
            marked.append(name)
    return references, collections, marked


def _identity(entity_type: Any, key: Any) -> EntityIdentity:
    """An identity of what was read, whose text is of no subclass."""
    if entity_type.__class__ is not str or key.__class__ is not list:
        raise UnsoundError
    "".join(key)  # a TypeError for a part that is no text
    identity: EntityIdentity = _new_identity((entity_type, tuple(key)))
    return identity


def _marked(value: Any) -> Any:
    if value.__class__ is EntityIdentity:
        return {_MARK: [value.entity_type, *value.key]}
    if value.__class__ is list:
        return [_marked(each) for each in value]
    if value.__class__ is not dict:
        return value
    if len(value) == 1 and _is_mark(name := next(iter(value))):
        return {name + _MARK: _marked(value[name])}
    return {name: _marked(each) for name, each in value.items()}


def _unmarked(value: Any, depth: int) -> Any:
    if depth < 0:
        raise UnsoundError
    if value.__class__ is list:
        return [_unmarked(each, depth - 1) for each in value]
    if value.__class__ is not dict:
        return value
    if len(value) == 1 and _is_mark(name := next(iter(value))):
        if name == _MARK:
            return _identity(value[name][0], value[name][1:])
        return {name[:-1]: _unmarked(value[name], depth - 1)}
    return {name: _unmarked(each, depth - 1) for name, each in value.items()}


def _is_mark(name: str) -> bool:
    return name != "" and not name.strip(_MARK)

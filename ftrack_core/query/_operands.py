"""What stands on the right of a comparison: Python values, entities, lists and queries, as pieces of a tree."""

from __future__ import annotations

import enum
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import attrs

from ftrack_core import errors
from ftrack_core.values import EntityIdentity

from ._parser import parse
from ._render import literal
from ._tree import And, Comparison, Condition, Membership, Operator, Or, Path, Query, Step, Value

__all__ = ["ID", "Keyed", "Written", "compared", "membership"]

ID = Path((Step("id"),))
"""The key of nearly every type."""
_ONE_OR_SEVERAL = "one value is compared with ==, several are given as a list: .in_([...])"


@runtime_checkable
class Keyed(Protocol):
    """What is compared by its key: an entity, of whichever session.

    Attributes:
        entity_type: Name of its type.
        primary_key_attributes: Names of the attributes that make its key.
    """

    entity_type: str
    primary_key_attributes: Sequence[str]

    def __getitem__(self, name: str, /) -> Any:
        """Return the value of an attribute."""


@runtime_checkable
class Written(Protocol):
    """A query that was built.

    Attributes:
        written: Its tree, as the program wrote it.
    """

    written: Query


def compared(path: Path, value: object) -> tuple[Path, Value]:
    """Return what is compared when *path* is compared with *value*: an entity turns `parent` into `parent.id`.

    A path that names a key already, as `id` and `parent_id`, stays as it is.

    Raises:
        InvalidValueError: The value cannot stand in a query, or is an entity with a key of several parts.
    """
    if value is None or isinstance(value, (str, int, float)):
        return path, literal(value)
    key = _key(value)
    if key is not None:
        name, part = key
        return _at_key(path, name), literal(part)
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        raise errors.InvalidValueError(f"{_short(value)} is not one value; {_ONE_OR_SEVERAL}")
    return path, literal(value)


def membership(path: Path, choices: object, *, negated: bool) -> Condition:
    """Return the condition that *path* is, or is not, among *choices*.

    Args:
        path: What is looked for.
        choices: Values, entities and None in any iterable; or a query that gives them, as text, tree or built.
        negated: Whether it shall not be among them.

    Raises:
        InvalidValueError: They are no iterable, or something in them cannot stand in a query.
        ParseError: The text is no query.
        QueryBuildError: The query selects more than one thing, or entities and plain values are mixed.
    """
    query = _query(choices)
    if query is not None:
        return Membership(path, query, negated)
    if not isinstance(choices, Iterable) or isinstance(choices, (Mapping, bytes)) or _key(choices) is not None:
        raise errors.InvalidValueError(f"{_short(choices)} is no list of values; {_ONE_OR_SEVERAL}")
    items = list(choices)
    pairs = [compared(path, item) for item in items if item is not None]
    told = Membership(_one_path(pairs) or path, tuple(value for _, value in pairs), negated)
    return told if len(pairs) == len(items) else _with_none(path, told)


def _with_none(path: Path, told: Membership) -> Condition:
    """Return the membership with None among its choices: a list on a server holds no nulls, so it is said aside."""
    null = Comparison(path, Operator.NOT_EQUAL if told.negated else Operator.EQUAL, literal(None))
    if not told.choices:
        return null
    return And((told, null)) if told.negated else Or((told, null))


def _one_path(pairs: Sequence[tuple[Path, Value]]) -> Path | None:
    paths = {path for path, _ in pairs}
    if len(paths) > 1:
        raise errors.QueryBuildError(
            "the list mixes entities with plain values, or entities with different keys; "
            "give entities only, or compare their ids: attr('parent.id').in_([...])"
        )
    return paths.pop() if paths else None


def _query(choices: object) -> Query | None:
    """Return the query that gives the choices; None if they are no query."""
    if isinstance(choices, str):
        return _of_one(_read(choices))
    tree = choices.written if isinstance(choices, Written) else choices
    if not isinstance(tree, Query):
        return None
    return _of_one(tree if tree.projections else attrs.evolve(tree, projections=(ID,)))


def _of_one(query: Query) -> Query:
    if len(query.projections) > 1:
        raise errors.QueryBuildError(
            f"a query in in_() or not_in() gives one value a row, and this one selects {len(query.projections)}: "
            f"let it select id, or the one attribute that is looked for; it asks for {query.entity_type}"
        )
    return query


def _read(text: str) -> Query:
    try:
        query = parse(text)
    except errors.ParseError as error:
        message = f"in_() and not_in() read a text as a query; {_ONE_OR_SEVERAL}\n{error}"
        raise errors.ParseError(message, text=text, position=error.position) from error
    if query == Query(query.entity_type):
        message = f"in_() and not_in() read {text!r} as a query, of one word; {_ONE_OR_SEVERAL}"
        raise errors.ParseError(message, text=text, position=0)
    return query


def _key(value: object) -> tuple[str, object] | None:
    """Return name and value of the one attribute that makes the key of an entity; None if it is no entity."""
    if isinstance(value, EntityIdentity):
        names, parts = ("id",) * len(value.key), value.key
    elif isinstance(value, Keyed) and not isinstance(value, type):
        names = tuple(value.primary_key_attributes)
        parts = tuple(value[name] for name in names)
    else:
        return None
    if len(names) != 1:
        raise _composite(value, names)
    return names[0], parts[0]


def _composite(value: EntityIdentity | Keyed, names: Sequence[str]) -> errors.InvalidValueError:
    listed = f" ({', '.join(names)})" if isinstance(value, Keyed) else ""
    return errors.InvalidValueError(
        f"a {value.entity_type} cannot be compared as a whole: its key has {len(names)} parts{listed}; "
        "compare each part with an attr(...) of its own"
    )


def _at_key(path: Path, name: str) -> Path:
    last = path.steps[-1]
    if last.cast is None and (last.name == name or last.name.endswith("_id")):
        return path
    return Path((*path.steps, Step(name)))


def _short(value: object) -> str:
    return f"{reprlib.repr(value)} ({type(value).__name__})"

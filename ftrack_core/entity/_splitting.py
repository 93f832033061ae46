"""A page of nested rows is split into one state for each entity before any of it reaches a session.

Each row, nested ones too, becomes the remote state of its own entity, and is the server's own dict; a reference in it
becomes an identity. No state holds another entity's data. A page that is wrong anywhere raises here, before the first
merge, so the session is as before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import attrs

from ftrack_core.entity._plan import ENTITY_TYPE, TypePlan
from ftrack_core.errors import MalformedReplyError
from ftrack_core.values import EntityIdentity

__all__ = ["SplitPage", "split_rows"]

_Row: TypeAlias = dict[str, Any]
_Seen: TypeAlias = "dict[Any, tuple[EntityIdentity, _Row, tuple[str, ...], bool]]"
_new_identity = tuple.__new__  # a third of the cost of calling the class


@attrs.frozen(eq=False)
class SplitPage:
    """A page after splitting.

    Attributes:
        roots: Identities of the page's own rows, in order.
        states: New remote state for every entity in the page, nested ones included, by identity.
    """

    roots: list[EntityIdentity]
    states: list[tuple[EntityIdentity, dict[str, Any]]]


def split_rows(rows: Iterable[Any], plan_of: Callable[[str], TypePlan]) -> SplitPage:
    """Split rows into the states of the entities in them; the rows are used up.

    Args:
        rows: Entities as they came over the wire, nested to any depth.
        plan_of: Gives the plan of a type by name.

    Raises:
        MalformedReplyError: A row is no entity, or lacks its primary key.
        UnrecognisedEntityTypeError: A row is of a type that the schemas do not have.
    """
    splitter = _Splitter(plan_of)
    roots = [splitter.take(row) for row in rows]
    return SplitPage(roots, splitter.states)


class _Splitter:
    """The state of one split. Its road is hot: a page of a query passes thousands of dicts through it.

    Of an entity that comes again with the same keys and no relations, as a status does under every task, only the
    identity is looked up; that is done in place in `_split_relations`, for a call costs more than the look-up.
    """

    __slots__ = ("_plan_of", "_types", "states")

    def __init__(self, plan_of: Callable[[str], TypePlan]) -> None:
        self._plan_of = plan_of
        self._types: dict[str, tuple[TypePlan, str, _Seen]] = {}
        self.states: list[tuple[EntityIdentity, _Row]] = []

    def take(self, row: Any) -> EntityIdentity:
        """Split one entity; gives its identity."""
        try:
            plan, single_key, seen = self._types[row[ENTITY_TYPE]]
        except (KeyError, TypeError):
            plan, single_key, seen = self._type_of(row)
        key: Any = row.get(single_key)
        if key.__class__ is not str:
            key = plan.key_of(row)
        known = seen.get(key)
        shape = tuple(row)
        relations, strays = plan.shapes.get(shape) or plan.relations_of(shape)
        if known is None:
            identity = _new_identity(EntityIdentity, (plan.name, (key,) if key.__class__ is str else key))
            seen[key] = (identity, row, shape, not relations)
            self.states.append((identity, row))
        else:
            identity = known[0]
        if relations:
            self._split_relations(row, relations, plan)
        for name in strays:
            del row[name]
        if known is not None:
            known[1].update(row)
        return identity

    def _split_relations(self, row: _Row, relations: tuple[tuple[str, bool], ...], plan: TypePlan) -> None:
        types = self._types
        for name, many in relations:
            value = row[name]
            if many:
                if value.__class__ is not list and value is not None:
                    raise _wrong_relation(plan, name, value)
                row[name] = [self.take(item) for item in value] if value else []
            elif value is not None:
                try:
                    _, single_key, seen = types[value[ENTITY_TYPE]]
                    identity, _, shape, flat = seen[value[single_key]]
                except (KeyError, TypeError):
                    row[name] = self.take(value)
                else:
                    row[name] = identity if flat and tuple(value) == shape else self.take(value)

    def _type_of(self, row: Any) -> tuple[TypePlan, str, _Seen]:
        if not isinstance(row, dict) or not isinstance(row.get(ENTITY_TYPE), str):
            raise MalformedReplyError(f"The server sent {_shown(row)} where an entity was expected.")
        plan = self._plan_of(row[ENTITY_TYPE])
        known = self._types[row[ENTITY_TYPE]] = (plan, plan.single_key or "", {})
        return known


def _wrong_relation(plan: TypePlan, name: str, value: object) -> MalformedReplyError:
    return MalformedReplyError(f"The server sent {_shown(value)} for the collection {plan.name}.{name}.")


def _shown(value: object) -> str:
    text = repr(value)
    return f"{text[:80]}..." if len(text) > 80 else text

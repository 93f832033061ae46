"""How entities read while there may be scopes of fresh reading.

A session whose program never opens one has none of this: its entities read as `Entity` says. When the first scope is
opened, the class that all of the session's entity types derive from gets these methods, for good: taking them away
again after each scope would change the class thousands of times, and Python gives up caching look-ups of such a class.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ftrack_core.entity import Entity
from ftrack_core.schema import AttributeKind
from ftrack_core.session.freshness._scope import FreshScope, FreshScopes
from ftrack_core.values import NOT_SET, EntityIdentity, State

__all__ = ["read_in_scopes"]

_RELATED = frozenset({AttributeKind.COLLECTION, AttributeKind.MAPPED})


def read_in_scopes(base: type[Entity], scopes: FreshScopes) -> None:
    """Have the entities of a session look for the scope of the running thread whenever they are read.

    Args:
        base: The class that all entity types of the session derive from.
        scopes: Its scopes.
    """
    current, read, listed, load_whole = scopes.current, Entity.__getitem__, Entity._listed, Entity._load_whole
    load_scalars = Entity._load_scalars

    def getitem(self: Entity, name: str) -> Any:
        scope = current()
        if scope is None or scope.knows(self, name) or _is_view(self, name) or scope.freshened(self, name):
            return read(self, name)
        return NOT_SET

    def items_of(self: Entity, name: str) -> Sequence[EntityIdentity]:
        scope = current()
        return listed(self, name) if scope is None or scope.freshened(self, name) else ()

    def whole(self: Entity, name: str) -> None:
        scope = current()
        if scope is None or scope.is_fresh(self, name):
            load_whole(self, name)
        else:
            self._context.load([self], (name,))

    def scalars(self: Entity) -> None:
        scope = current()
        if scope is not None and self._context.auto_populate:
            _load_old_scalars(self, scope)
        load_scalars(self)

    methods = {"__getitem__": getitem, "_listed": items_of, "_load_whole": whole, "_load_scalars": scalars}
    for name, method in methods.items():
        setattr(base, name, method)


def _load_old_scalars(entity: Entity, scope: FreshScope) -> None:
    """Load all scalars at once that were loaded before a scope, with those that were never loaded."""
    old = [name for name in _scalars(entity) if not (entity._has(name) and scope.is_fresh(entity, name))]
    if old and entity._state is not State.CREATED:
        entity._context.load([entity], old)


def _is_view(entity: Entity, name: str) -> bool:
    """Whether an attribute is seen through a view, which asks when it is read itself."""
    attribute = entity.attributes.get(name)
    return attribute is not None and attribute.kind in _RELATED


def _scalars(entity: Entity) -> list[str]:
    return [name for name, attribute in entity.attributes.items() if attribute.kind is AttributeKind.SCALAR]

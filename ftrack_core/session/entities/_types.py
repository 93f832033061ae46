"""The entity types of a session; each class is built when it is first used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping

from ftrack_core.entity import Entity, TypePlan, build_type
from ftrack_core.interfaces import IEntityContext
from ftrack_core.schema import Schemas

__all__ = ["EntityTypes"]


class EntityTypes(Mapping[str, type[Entity]]):
    """Entity classes by name. Names are known without building a class.

    Args:
        schemas: The server's schemas.
        context: The session, as its entities see it.
        bases_of: Gives the classes that studio code wants mixed into a type; called once for each type, without a
            lock held.

    Attributes:
        base: The class that all of them derive from; other sessions have their own.
    """

    def __init__(self, schemas: Schemas, context: IEntityContext, bases_of: Callable[[str], tuple[type, ...]]) -> None:
        self.schemas = schemas
        self.base: type[Entity] = type("SessionEntity", (Entity,), {"__slots__": (), "__module__": Entity.__module__})
        self._context = context
        self._bases_of = bases_of
        self._plans: dict[str, TypePlan] = {}
        self._classes: dict[str, type[Entity]] = {}
        self._lock = threading.RLock()

    def plan(self, name: str) -> TypePlan:
        """The plan of a type.

        Raises:
            UnrecognisedEntityTypeError: There is no such type.
        """
        found = self._plans.get(name) if isinstance(name, str) else None
        if found is None:
            with self._lock:
                found = TypePlan(self.schemas[name], self.schemas)
                found = self._plans.setdefault(name, found)
        return found

    def __getitem__(self, name: str) -> type[Entity]:
        found = self._classes.get(name) if isinstance(name, str) else None
        if found is None:
            built = build_type(self.plan(name), self._context, self._bases_of(name), self.base)
            found = self._classes.setdefault(name, built)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self.schemas

    def __iter__(self) -> Iterator[str]:
        return iter(self.schemas)

    def __len__(self) -> int:
        return len(self.schemas)

    def __repr__(self) -> str:
        return f"<{len(self)} entity types, {len(self._classes)} built>"

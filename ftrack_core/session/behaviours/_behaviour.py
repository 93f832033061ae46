"""What behaviours see of the entity that they are mixed into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ftrack_core.entity import Entity
from ftrack_core.values import EntityIdentity

__all__ = ["Behaviour", "load_missing"]

if TYPE_CHECKING:
    Behaviour = Entity
else:

    class Behaviour:
        """Base of behaviours: at run time an empty class, for type checkers the entity that it will be a part of."""

        __slots__ = ()


def load_missing(entity: Entity, *paths: str) -> None:
    """Give an entity values for paths, all in one call, and in none where it has them.

    What the session has is taken as it is, in threads too that load nothing by themselves.
    """
    wanted = list(dict.fromkeys(step for path in paths for step in _to_select(entity, path.split("."))))
    if not all(_has(entity, path.split(".")) for path in paths):
        entity.session.populate(entity, wanted)


def _to_select(entity: Entity, names: Sequence[str]) -> list[str]:
    """The paths to select for a path: of a relation at its end, the target's plain scalars."""
    plan, types, before = entity._plan, entity.session.types, ""
    for name in names[:-1]:
        plan = types.plan(plan.attributes[name].target)
        before = f"{before}{name}."
    return [f"{before}{path}" for path in plan.load_paths(names[-1])]


def _has(entity: Entity, names: Sequence[str]) -> bool:
    name, following = names[0], names[1:]
    if not entity._has(name):
        return False
    stored = entity._stored(name)
    related = [stored] if isinstance(stored, EntityIdentity) else (stored or ())
    return not following or all(_has(entity._context.entity(identity), following) for identity in related)

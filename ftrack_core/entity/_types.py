"""Classes for entity types, built when a type is first used."""

from __future__ import annotations

from collections.abc import Sequence

from ftrack_core.entity._entity import Entity
from ftrack_core.entity._plan import TypePlan
from ftrack_core.errors import EntityTypeError
from ftrack_core.interfaces import IEntityContext

__all__ = ["build_type", "mixin"]


def build_type(
    plan: TypePlan, context: IEntityContext, bases: Sequence[type] = (), base: type[Entity] = Entity
) -> type[Entity]:
    """The class of an entity type in one session.

    Args:
        plan: The plan of the type.
        context: The session, as its entities see it.
        bases: Plain classes to mix in, before `Entity`; methods of an earlier one win.
        base: `Entity`, or the session's own class of all its entities.

    Raises:
        EntityTypeError: The classes cannot be combined.
    """
    namespace = {
        "__slots__": (),
        "__module__": Entity.__module__,
        "__doc__": f"Entity type {plan.name}, as the server's schema describes it.",
        "entity_type": plan.name,
        "attributes": plan.attributes,
        "primary_key_attributes": plan.primary_key,
        "default_projections": plan.schema.default_projections,
        "_plan": plan,
        "_context": context,
    }
    try:
        return type(plan.name, (*bases, base), namespace)
    except TypeError as error:
        named = ", ".join(f"{base.__module__}.{base.__qualname__}" for base in bases)
        raise EntityTypeError(f"{plan.name} cannot be made with the classes {named}: {error}.") from error


def mixin(instance: Entity, mixin_class: type, name: str | None = None) -> None:
    """Mix a class into one entity: methods of the class win over the entity's own.

    Args:
        instance: The entity.
        mixin_class: A plain class; nothing happens when the entity is of it already.
        name: Name of the combined class; default both names joined.
    """
    if isinstance(instance, mixin_class):
        return
    combined = name or f"{mixin_class.__name__}{type(instance).__name__}"
    instance.__class__ = type(combined, (mixin_class, type(instance)), {"__slots__": (), "_mixed": True})

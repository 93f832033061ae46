"""New entities: defaults, keys, and the operations that make them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ftrack_core.assembly import Deferred
from ftrack_core.entity import ENTITY_TYPE, Entity, MappedCollection, TypePlan
from ftrack_core.errors import InvalidValueError, NotUniqueError
from ftrack_core.schema import AttributeKind, AttributeSchema
from ftrack_core.session.commits._changes import Changes
from ftrack_core.session.entities._types import EntityTypes
from ftrack_core.session.loading._live import LiveEntities
from ftrack_core.values import NOT_SET, EntityIdentity, State

if TYPE_CHECKING:
    from ftrack_core.session.entities._custom_attributes import CustomAttributes

__all__ = ["Creator"]


class Creator:
    """Makes entities that the server does not know yet.

    Args:
        types: The session's entity types.
        live: Where they live.
        changes: Where they are recorded.
        custom_attributes: Knows which ones there are.
        uuid: Makes ids.
    """

    def __init__(
        self,
        types: EntityTypes,
        live: LiveEntities,
        changes: Changes,
        custom_attributes: Deferred[CustomAttributes],
        uuid: Callable[[], str],
    ) -> None:
        self._types = types
        self._custom_attributes = custom_attributes
        self._live = live
        self._changes = changes
        self._uuid = uuid
        self._filled_in: dict[str, tuple[AttributeSchema, ...]] = {}

    def create(self, entity_type: str, data: Mapping[str, Any]) -> Entity:
        """Make an entity. Everything is checked before anything is recorded.

        Its scalars become one create operation; its relations become updates after it, so that entities created for
        a relation come in between. A commit folds them together where it can.

        Raises:
            UnrecognisedEntityTypeError: There is no such type.
            UnknownAttributeError: The type has no such attribute.
            InvalidValueError: A value cannot stand there, or the primary key is incomplete.
            NotUniqueError: The session holds such an entity already.
            UnitOfWorkError: The running unit of work is over.
        """
        self._changes.check_recording()
        entity_class = self._types[entity_type]
        entity_class.check_creation(data)
        plan = entity_class._plan
        entity = entity_class(EntityIdentity(entity_type, ("",) * len(plan.primary_key)), {}, 0.0)
        scalars, relations, mappings = self._sorted(entity, data)
        self._complete(plan, scalars, relations)
        entity._identity = plan.identity_of(scalars)
        entity._remote = plan.key_values(entity._identity)
        with self._live.lock:  # no commit or rollback of another thread sees half of it
            self._take_in(entity, scalars, relations)
            for name, value in mappings.items():
                entity[name] = value
        return entity

    def known(self, entity_type: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """An entity that the server has already, as it would tell it.

        Raises:
            UnrecognisedEntityTypeError: There is no such type.
            InvalidValueError: The primary key is incomplete.
        """
        plan = self._types.plan(entity_type)
        missing = [name for name in plan.primary_key if data.get(name) in (None, "")]
        if missing:
            raise InvalidValueError(f"A known {entity_type} needs {' and '.join(missing)}: it is part of its key.")
        return {**data, ENTITY_TYPE: entity_type}

    def _sorted(self, draft: Entity, data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        scalars: dict[str, Any] = {}
        relations: dict[str, Any] = {}
        mappings: dict[str, Any] = {}
        attributes = draft.attributes
        for name, value in data.items():
            attribute = attributes.get(name) or draft._attribute(name)  # which tells of the nearest name
            if attribute.kind is AttributeKind.MAPPED:
                if value is None or value is NOT_SET:
                    continue
                self._check_mapping(draft, attribute, value)
                mappings[name] = value
            elif value is not NOT_SET:
                kept = scalars if attribute.kind is AttributeKind.SCALAR else relations
                kept[name] = draft._local_form(attribute, value)
        return scalars, relations, mappings

    def _check_mapping(self, draft: Entity, attribute: AttributeSchema, value: Any) -> None:
        MappedCollection.check(attribute, value)
        if value and attribute.target != "Metadata":
            self._custom_attributes.get().demand(type(draft), value)

    def _complete(self, plan: TypePlan, scalars: dict[str, Any], relations: Mapping[str, Any]) -> None:
        for attribute in self._defaults(plan):
            if attribute.name not in scalars:
                scalars[attribute.name] = self._uuid() if attribute.generated else attribute.default
        for name in plan.primary_key:
            related = relations.get(name.removesuffix("_id"))
            if scalars.get(name) is None and isinstance(related, EntityIdentity):
                scalars[name] = related.key[0]
        missing = [
            name for name in plan.primary_key if scalars.get(name) in (None, "")
        ]  # a tuple: a value may be unhashable
        if missing:
            raise InvalidValueError(f"A new {plan.name} needs {' and '.join(missing)}: it is part of its key.")

    def _defaults(self, plan: TypePlan) -> tuple[AttributeSchema, ...]:
        """The attributes of a type that have a value without being given one."""
        found = self._filled_in.get(plan.name)
        if found is None:
            scalars = (each for each in plan.attributes.values() if each.kind is AttributeKind.SCALAR)
            found = tuple(each for each in scalars if each.generated or each.default is not NOT_SET)
            self._filled_in[plan.name] = found
        return found

    def _take_in(self, entity: Entity, scalars: Mapping[str, Any], relations: Mapping[str, Any]) -> None:
        """Make an entity part of the session; called under the lock of the live entities."""
        recording = self._changes.recording.get()
        found = self._live.find(entity._identity)
        if found is not None and found._state is not State.DELETED:
            raise NotUniqueError(f"{entity} is in the session already; get it instead of creating it.")
        local = {name: value for name, value in scalars.items() if name not in entity._remote}
        if recording:
            entity._state = State.CREATED
            local |= relations
        entity._local = local or None
        self._live.add(entity)
        self._changes.created(entity, scalars, relations)
        if not recording:
            for name, value in relations.items():
                entity._assign(name, value)

"""Custom attributes of entities that the server does not know yet.

An entity has a value for each configuration that applies to it, and the server gives them with the entity. One that
was just created gets the same values here, worked out from the configurations, so that they can be set at once. They
count as values that the server has: setting one is an update, and none is ever created.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from ftrack_core.entity import Entity, SplitPage
from ftrack_core.errors import UnknownCustomAttributeError
from ftrack_core.schema import configuration_applies, configured_kind
from ftrack_core.session._pages import Pages
from ftrack_core.values import NOT_SET, EntityIdentity

__all__ = ["CustomAttributes"]

_QUERY: Final = (
    "select id, key, entity_type, object_type_id, project_id, is_hierarchical, default "
    "from CustomAttributeConfiguration"
)
_TOWARDS_PROJECT: Final = ("project", "parent", "asset", "context")


@attrs.frozen
class _Configuration:
    """What the server says about one custom attribute."""

    id: str
    key: str
    entity_type: str | None
    object_type_id: str | None
    project_id: str | None
    is_hierarchical: bool
    default: Any

    def may_apply(self, kind: str, object_type_id: object) -> bool:
        """Whether it is for such entities, in whatever project."""
        return configuration_applies(
            kind,
            object_type_id,
            entity_type=self.entity_type,
            for_object_type_id=self.object_type_id,
            is_hierarchical=bool(self.is_hierarchical),
        )


_FIELDS: Final = tuple(one.name for one in attrs.fields(_Configuration))


@attrs.define(eq=False)
class CustomAttributes:
    """Gives new entities their values. Configurations are asked for once, and again when a key is not among them.

    Thread safety: called by every thread that touches an entity; two may ask the server at the same time.

    Args:
        pages: Sends the query, and knows the live entities.
    """

    _pages: Pages
    _known: tuple[_Configuration, ...] | None = attrs.field(default=None, init=False)

    def expect(self, entity: Entity, name: str, key: object) -> None:
        """Let a new entity have the values that it will have once it is committed.

        Args:
            entity: Entity that was created and not committed.
            name: The attribute that holds them, `custom_attributes`.
            key: The key that is about to be set.

        Raises:
            UnknownCustomAttributeError: It will have none of that key; the known ones are told.
        """
        found = self._applicable(entity)
        if key not in found:
            self._known = None
            found = self._applicable(entity)
        if key not in found:
            raise _unknown(key, str(entity), found)
        self._reconstruct(entity, name, found)

    def demand(self, entity_type: type[Entity], keys: Iterable[object]) -> None:
        """Refuse keys that entities of a type have in no project: asked before one is made with them.

        Raises:
            UnknownCustomAttributeError: One of the keys is of that sort; the known ones are told.
        """
        wanted = set(keys)
        if not wanted <= self._keys(entity_type):
            self._known = None
        known = self._keys(entity_type)
        for key in sorted(wanted - known, key=str):
            raise _unknown(key, f"a {entity_type.entity_type}", known)

    def _keys(self, entity_type: type[Entity]) -> set[str]:
        return {one.key for one in self._candidates(entity_type, _default_object_type(entity_type))}

    def _reconstruct(self, entity: Entity, name: str, found: Mapping[str, _Configuration]) -> None:
        target, own_id = entity.attributes[name].target, entity._identity.key[0]
        states: dict[EntityIdentity, dict[str, Any]] = {}
        for one in found.values():
            value = None if one.is_hierarchical else one.default
            state = {"configuration_id": one.id, "entity_id": own_id, "key": one.key, "value": value}
            states[EntityIdentity(target, (one.id, own_id))] = state
        identities = list(states)
        self._pages.merge(SplitPage(identities, {target: states}))
        entity._remote[name] = identities

    def _applicable(self, entity: Entity) -> dict[str, _Configuration]:
        """Configurations by key; one of the entity's project wins over a global one."""
        kind = type(entity)
        candidates = list(self._candidates(kind, entity["object_type_id"] if _has_object_type(kind) else None))
        project = _project_of(entity) if any(one.project_id for one in candidates) else None
        there = [one for one in candidates if one.project_id in {None, "", project}]
        return {one.key: one for one in sorted(there, key=lambda one: (not one.is_hierarchical, bool(one.project_id)))}

    def _candidates(self, entity_type: type[Entity], object_type_id: object) -> Iterator[_Configuration]:
        kind = configured_kind(entity_type.entity_type, entity_type.attributes)
        return (one for one in self._configurations() if one.may_apply(kind, object_type_id))

    def _configurations(self) -> tuple[_Configuration, ...]:
        known = self._known
        if known is None:
            rows: list[list[Any]] = [
                [one._remote.get(name) for name in _FIELDS] for one in self._pages.fetch_all(_QUERY)
            ]
            known = self._known = tuple(_Configuration(*row) for row in rows)
        return known


def _unknown(key: object, whose: str, known: Iterable[str]) -> UnknownCustomAttributeError:
    told = sorted(known)
    near = difflib.get_close_matches(str(key), told, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    message = f"No custom attribute {key!r} is configured for {whose}; {hint}it has: {', '.join(told) or 'none'}."
    return UnknownCustomAttributeError(message, {"key": key, "known": told})


def _has_object_type(entity_type: type[Entity]) -> bool:
    return "object_type_id" in entity_type.attributes


def _default_object_type(entity_type: type[Entity]) -> object:
    return entity_type.attributes["object_type_id"].default if _has_object_type(entity_type) else None


def _project_of(entity: Entity) -> str | None:
    """Find the project of an entity, along what it was created in."""
    if entity.entity_type == "Project":
        return entity._identity.key[0]
    if "project_id" in entity.attributes and (own := entity["project_id"]):
        return str(own)
    for name in _TOWARDS_PROJECT:
        above = entity[name] if name in entity.attributes else None
        if above and above is not NOT_SET:
            return _project_of(above)
    return None

"""Custom attributes of entities that the server does not know yet.

An entity has a value for each configuration that applies to it, and the server gives them with the entity. One that
was just created gets the same values here, worked out from the configurations, so that they can be set at once. They
count as values that the server has: setting one is an update, and none is ever created.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from ftrack_core.entity import Entity, SplitPage, fit_scalar
from ftrack_core.errors import UnknownCustomAttributeError
from ftrack_core.protocol import is_date
from ftrack_core.schema import configuration_applies, configured_kind
from ftrack_core.session.loading._pages import Pages
from ftrack_core.values import NOT_SET, ConfiguredAttribute, EntityIdentity

__all__ = ["CustomAttributes", "presented"]

_QUERY: Final = (
    "select id, key, entity_type, object_type_id, project_id, is_hierarchical, default, type.name "
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
    type_name: str

    def may_apply(self, kind: str, object_type_id: object) -> bool:
        """Whether it is for such entities, in whatever project."""
        return configuration_applies(
            kind,
            object_type_id,
            entity_type=self.entity_type,
            for_object_type_id=self.object_type_id,
            is_hierarchical=bool(self.is_hierarchical),
        )


_FIELDS: Final = tuple(one.name for one in attrs.fields(_Configuration) if one.name != "type_name")
_DATA_TYPES: Final[Mapping[str, str]] = {
    "boolean": "boolean",
    "date": "datetime",
    "dynamic enumerator": "options",
    "enumerator": "options",
    "number": "float",
    "text": "string",
    "url": "string",
}
"""What values of a type of custom attribute are; of types that stand not here the server is the judge."""


@attrs.define(eq=False)
class CustomAttributes:
    """Gives new entities their values. Configurations are asked for once, and again when a key is not among them.

    Thread safety: called by every thread that touches an entity; two may ask the server at the same time.

    Args:
        pages: Sends the query, and knows the live entities.
    """

    _pages: Pages
    _known: tuple[_Configuration, ...] | None = attrs.field(default=None, init=False)
    _types: Mapping[str, _Configuration] = attrs.field(factory=dict, init=False)

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

    def configured(
        self, entity: Entity, to_date: Callable[[str], Any], *, anew: bool = False
    ) -> dict[str, ConfiguredAttribute]:
        """The attributes of an entity, by key.

        Args:
            entity: The entity, committed or not.
            to_date: Makes what a program sees of a date's text.
            anew: Whether to ask the server though it was asked before.
        """
        if anew:
            self._known = None
        found = self._applicable(entity)
        return {key: ConfiguredAttribute(one.id, presented(one.default, to_date)) for key, one in found.items()}

    def forget(self) -> None:
        """Ask again when configurations are needed next: somebody has changed them."""
        self._known = None

    def fit(self, configuration_id: str, value: Any) -> Any:
        """A value as the type of its attribute wants it.

        Nobody is asked for that type: where this session has not had to do with configurations yet, the server is
        left to judge.

        Raises:
            InvalidTypeError: It surely is of another type.
            InvalidValueError: It is of the right type, and no such value.
        """
        one = self._types.get(configuration_id)
        if one is None or one.type_name not in _DATA_TYPES:
            return value
        return fit_scalar(f"The custom attribute {one.key!r}", _DATA_TYPES[one.type_name], value)

    def demand(self, entity_type: type[Entity], values: Mapping[Any, Any]) -> None:
        """Refuse what entities of a type can have in no project: asked before one is made with these values.

        Raises:
            UnknownCustomAttributeError: One of the keys is of that sort; the known ones are told.
            InvalidTypeError: One of the values is of a type that its attribute has in no project.
            InvalidValueError: It is of the right type, and no such value.
        """
        self._demand_keys(entity_type, set(values))
        if entity_type._context.check_values:
            for one in self._candidates(entity_type, _default_object_type(entity_type)):
                if one.key in values and self._only(one, entity_type):
                    self.fit(one.id, values[one.key])

    def _only(self, one: _Configuration, entity_type: type[Entity]) -> bool:
        """Whether a key means attributes of one type, whatever the project."""
        alike = self._candidates(entity_type, _default_object_type(entity_type))
        return {each.type_name for each in alike if each.key == one.key} == {one.type_name}

    def _demand_keys(self, entity_type: type[Entity], wanted: set[Any]) -> None:
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
        self._pages.live.merge(SplitPage(identities, {target: states}), self._pages.moment())
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
            found = self._pages.fetch_all(_QUERY)
            known = self._known = tuple(_configuration(one) for one in found)
            self._types = {one.id: one for one in known}
        return known


def _configuration(entity: Entity) -> _Configuration:
    told: dict[str, Any] = entity._remote
    kind = entity["type"] if told.get("type") else None
    name = str(kind._remote.get("name")) if isinstance(kind, Entity) else ""
    values: list[Any] = [*(told.get(field) for field in _FIELDS), name]
    return _Configuration(*values)


def presented(value: Any, to_date: Callable[[str], Any]) -> Any:
    """A value of an attribute, or its default, as a program sees it."""
    if isinstance(value, Mapping) and is_date(value):
        return to_date(value["value"])
    return list(value) if isinstance(value, list) else value


def _unknown(key: object, whose: str, known: Iterable[str]) -> UnknownCustomAttributeError:
    told = sorted(known)
    import difflib  # for errors only

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

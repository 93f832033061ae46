"""Between what a program holds and what the wire carries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from ftrack_core.entity import ENTITY_TYPE, Collection, Entity, MappedCollection, TypePlan
from ftrack_core.errors import InvalidTypeError, InvalidValueError
from ftrack_core.protocol import encode_date
from ftrack_core.schema import AttributeKind
from ftrack_core.values import NOT_SET, EntityIdentity

__all__ = ["STRATEGIES", "wire_form", "wire_operations"]

STRATEGIES: Final = ("all", "set_only", "modified_only", "persisted_only")
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


def wire_form(value: Any, plan_of: Callable[[str], TypePlan], strategy: str = "set_only") -> Any:
    """A value as plain JSON has it.

    Args:
        value: Anything made of plain values, dates, entities, identities, collections, lists and mappings.
        plan_of: Gives the plan of a type by name.
        strategy: Which attributes of an entity go along: `all` (missing ones are loaded), `set_only` (what is there
            without loading), `modified_only` (local values), `persisted_only` (remote values that the server did not
            compute).

    Raises:
        InvalidValueError: There is no such strategy, or something in it cannot go over the wire.
    """
    if strategy not in STRATEGIES:
        raise InvalidValueError(f"There is no strategy {strategy!r}; there are: {', '.join(STRATEGIES)}.")
    with _finite():
        return _Writer(plan_of, strategy).form(value)


def wire_operations(operations: list[dict[str, Any]], plan_of: Callable[[str], TypePlan]) -> list[dict[str, Any]]:
    """Operations as plain JSON has them: those given, in which only their data can hold anything else.

    Args:
        operations: The payloads of a plan.
        plan_of: Gives the plan of a type by name.

    Raises:
        InvalidValueError: Something in them cannot go over the wire.
    """
    form = _Writer(plan_of, "set_only").form
    with _finite():
        for operation in operations:
            if "entity_data" in operation:
                operation["entity_data"] = form(operation["entity_data"])
    return operations


@contextmanager
def _finite() -> Iterator[None]:
    """Refuse what cannot be written to its end."""
    try:
        yield
    except RecursionError:
        raise InvalidValueError("The value cannot be sent to the server: it holds itself.") from None


class _Writer:
    """Writes one value; an entity at the top of it is written with attributes, one within it as a reference."""

    __slots__ = ("_plan_of", "_strategy")

    def __init__(self, plan_of: Callable[[str], TypePlan], strategy: str) -> None:
        self._plan_of = plan_of
        self._strategy = strategy

    def form(self, value: Any) -> Any:
        if value.__class__ in _PLAIN:
            return value
        if value.__class__ is dict:
            form = self.reference if ENTITY_TYPE in value else self.form  # as in `_within`
            return {str(name): item if item.__class__ in _PLAIN else form(item) for name, item in value.items()}
        if value.__class__ is list:
            form = self.form
            return [item if item.__class__ in _PLAIN else form(item) for item in value]
        if isinstance(value, Entity):
            return self._whole(value)
        if isinstance(value, Mapping) and not isinstance(value, MappedCollection):
            return {str(name): self._within(value, item) for name, item in value.items()}
        return self._other(value, self.form)

    def _within(self, owner: Mapping[Any, Any], item: Any) -> Any:
        """An item of a mapping: what belongs to an entity's own data is a reference, as in an operation's."""
        return self.reference(item) if ENTITY_TYPE in owner else self.form(item)

    def reference(self, value: Any) -> Any:
        if value.__class__ in _PLAIN:
            return value
        if value.__class__ is EntityIdentity:
            return {ENTITY_TYPE: value.entity_type, **self._plan_of(value.entity_type).key_values(value)}
        if isinstance(value, Entity):
            return self.reference(value._identity)
        if isinstance(value, Mapping) and not isinstance(value, MappedCollection):
            return {str(name): self.reference(item) for name, item in value.items()}
        return self._other(value, self.reference)

    def _other(self, value: Any, form: Callable[[Any], Any]) -> Any:
        if isinstance(value, EntityIdentity):
            return {ENTITY_TYPE: value.entity_type, **self._plan_of(value.entity_type).key_values(value)}
        if isinstance(value, MappedCollection):
            value = value.collection
        if isinstance(value, Collection):
            return self._references(value._items())
        if isinstance(value, (Sequence, set, frozenset)) and not isinstance(value, (str, bytes)):
            return [form(item) for item in value]
        if hasattr(value, "isoformat") and hasattr(value, "year"):  # dates of any library, and no bare time of day
            return encode_date(value)
        if isinstance(value, (str, int, float)):
            return value
        raise InvalidTypeError(f"A value of type {type(value).__name__} cannot be sent to the server: {value!r}.")

    def _references(self, identities: Iterable[EntityIdentity]) -> list[Any]:
        return [self.reference(identity) for identity in identities]

    def _whole(self, entity: Entity) -> dict[str, Any]:
        form: dict[str, Any] = self.reference(entity._identity)
        for name in self._names(entity):
            stored = self._stored(entity, name)
            if stored is not NOT_SET:
                form[name] = self.reference(stored)
        return form

    def _names(self, entity: Entity) -> Iterable[str]:
        if self._strategy == "all":
            missing = [name for name in entity if not entity._has(name)]
            if missing:
                entity._context.load([entity], missing)
        if self._strategy == "modified_only":
            return list(entity._local or ())
        return entity

    def _stored(self, entity: Entity, name: str) -> Any:
        if self._strategy != "persisted_only":
            return entity._stored(name)
        attribute = entity.attributes[name]
        computed = attribute.computed and attribute.kind is AttributeKind.SCALAR
        return NOT_SET if computed else entity._remote.get(name, NOT_SET)

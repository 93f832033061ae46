"""Entities: slim mappings over the server's own dict."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, MutableMapping, Sequence, ValuesView
from math import isfinite
from typing import Any, ClassVar, Final

from ftrack_core.entity._cohort import Cohort
from ftrack_core.entity._collections import Collection
from ftrack_core.entity._mapped import MappedCollection
from ftrack_core.entity._plan import TypePlan
from ftrack_core.entity._scalar_values import AT_HOME, checked_scalar
from ftrack_core.entity._sparse import mapped_view
from ftrack_core.errors import ImmutableAttributeError, InvalidTypeError, UnknownAttributeError
from ftrack_core.interfaces import IEntityContext
from ftrack_core.protocol import is_date
from ftrack_core.schema import AttributeKind, AttributeSchema
from ftrack_core.values import NOT_SET, EntityIdentity, State

__all__ = ["Entity"]

_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


class Entity(MutableMapping[str, Any]):
    """One entity of the tracker: a mapping from attribute names to values.

    Reading gives the local value, else the remote one, else loads it, where this thread loads by itself. Writing sets
    a local value and records an operation; nothing is sent before the session commits. Two entities are equal when
    they are of one type and have one key.

    It is thread-safe as far as a dict is: reads and single writes from several threads do no harm.
    """

    __slots__ = ("__dict__", "__weakref__", "_cohort", "_fetched_at", "_identity", "_local", "_remote", "_state")

    entity_type: ClassVar[str]
    """Name of its type, as `Shot`."""
    attributes: ClassVar[Mapping[str, AttributeSchema]]
    """Its attributes by name."""
    primary_key_attributes: ClassVar[tuple[str, ...]]
    """Names of the attributes that make its key."""
    default_projections: ClassVar[tuple[str, ...]]
    """What a query selects where it selects nothing."""
    _plan: ClassVar[TypePlan]
    _context: ClassVar[IEntityContext]

    def __init__(
        self, identity: EntityIdentity, remote: dict[str, Any], fetched_at: float, cohort: Cohort | None = None
    ) -> None:
        self._identity = identity
        self._remote = remote
        self._fetched_at = fetched_at
        self._cohort = cohort
        self._local: dict[str, Any] | None = None
        self._state: State | None = None

    @classmethod
    def check_creation(cls, values: Mapping[str, Any]) -> None:
        """Refuse values that a new entity must not have, before anything is recorded; a behaviour may override it.

        Args:
            values: What a program gave, without defaults.

        Raises:
            InvalidValueError: They are refused. Entity types as such refuse none.
        """

    @property
    def session(self) -> Any:
        """The session it belongs to."""
        return self._context.session

    # Identity and looks.

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entity) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __repr__(self) -> str:
        return str(self._identity)

    __str__ = __repr__

    def __reduce__(self) -> Any:
        message = (
            f"{self} cannot be pickled or copied: there is one of it in its session. Send its type and key to another "
            "process and `get` it there, or the text of `session.encode`."
        )
        raise TypeError(message)

    # Reading.

    def __getitem__(self, name: str) -> Any:
        if self._local is not None:
            return self._changed(name)
        try:
            value = self._remote[name]
        except KeyError:
            return self._absent(name)
        kind = type(value)
        if kind is str:  # the kinds of values that are read most come first
            return value
        if kind is EntityIdentity:
            return self._context.entity(value)
        return value if kind in _PLAIN else self._presented(name, value)

    def _changed(self, name: str) -> Any:
        """The value of an attribute of an entity that has local values, of this attribute or another one."""
        local: dict[str, Any] = self._local or {}
        if name in local:
            return self._presented(name, local[name])
        twin = self._plan.twins.get(name)
        if twin in local:
            return self._implied(name, local[twin])
        return self._presented(name, self._remote[name]) if name in self._remote else self._absent(name)

    def _absent(self, name: str) -> Any:
        attribute = self._attribute(name)
        if attribute.kind in {AttributeKind.COLLECTION, AttributeKind.MAPPED}:
            return self._presented(name, ())
        self._load(name)
        return self._presented(name, self._remote.get(name, NOT_SET))

    def _implied(self, name: str, twin: Any) -> Any:
        """The value of a reference whose key was set, or of the key whose reference was set; `twin` is that value."""
        if twin is None or isinstance(twin, EntityIdentity):
            return twin.key[0] if twin else None
        target = self._plan.only_target(name)
        if target is not None:
            return self._context.entity(EntityIdentity(target, (str(twin),)))
        return (
            self._context.session.get(self.attributes[name].target, twin) if self._context.auto_populate else NOT_SET
        )

    def _load(self, name: str) -> None:
        if self._state is not State.CREATED and self._context.auto_populate:
            self._context.load([self], (name,))

    def _listed(self, name: str) -> Sequence[EntityIdentity]:
        """The items of a collection; they are loaded where this thread loads by itself."""
        stored = self._stored(name)
        if stored is NOT_SET:
            self._load(name)
            stored = self._stored(name)
        return stored or ()

    def _load_whole(self, name: str) -> None:
        """Have a collection's items before one of them changes, also where this thread loads nothing by itself.

        An update carries the whole list, so that a change of a list which is not known would remove the rest of it.
        """
        if self._state is not State.CREATED and self._stored(name) is NOT_SET:
            self._context.load([self], (name,))

    def _presented(self, name: str, value: Any) -> Any:
        """A value in the form that a program sees; `value` is in wire or local form."""
        attribute = self.attributes[name]
        kind = attribute.kind
        if kind is AttributeKind.COLLECTION:
            return Collection(self, attribute)
        if kind is AttributeKind.MAPPED:
            return mapped_view(self, attribute)
        if value.__class__ is EntityIdentity:
            return self._context.entity(value)
        if value.__class__ is dict and is_date(value):
            return self._context.to_date(value["value"])
        return _copied(value)

    def _attribute(self, name: str) -> AttributeSchema:
        try:
            return self.attributes[name]
        except (KeyError, TypeError):
            raise self._unknown(name) from None

    def _unknown(self, name: object) -> UnknownAttributeError:
        near = self._context.nearest_attribute(self.entity_type, name)
        hint = f"; did you mean {near!r}?" if near else f"; it has: {', '.join(sorted(self.attributes))}."
        return UnknownAttributeError(
            f"{self.entity_type} has no attribute {name!r}{hint}", {"attribute": name, "nearest": near}
        )

    # Writing.

    def __setitem__(self, name: str, value: Any) -> None:
        attribute = self._attribute(name)
        if value is NOT_SET:
            self._withdraw(name)
            return
        if not attribute.mutable and self._has(name):
            raise ImmutableAttributeError(f"{self.entity_type}.{name} cannot be changed once it is set.")
        if attribute.kind is AttributeKind.MAPPED:
            mapped_view(self, attribute).replace(value)
        else:
            self._assign(name, self._local_form(attribute, value))

    def __delitem__(self, name: str) -> None:
        """Drop the local value of an attribute, so that the remote one shows again."""
        self._attribute(name)
        self._withdraw(name)

    def clear(self) -> None:
        """Drop all local values."""
        for name in list(self._local or ()):
            self._withdraw(name)

    def _assign(self, name: str, new: Any) -> None:
        """Set a local value, given in local form, and record it."""
        old = self._stored(name)
        twin = self._plan.twins.get(name)
        if twin is not None and self._state is not State.CREATED:
            self._withdraw(twin)
        if self._local is None:
            self._local = {}
        self._local[name] = new
        self._context.record_update(self, name, old, new)

    def _withdraw(self, name: str) -> None:
        """Drop a local value and record that, so that a commit does not send what was recorded for it before."""
        if self._local is not None and name in self._local:
            old = self._local[name]
            self._drop_local(name)
            self._context.record_update(self, name, old, NOT_SET)

    def _drop_local(self, name: str) -> None:
        if self._local is not None:
            self._local.pop(name, None)
            if not self._local:
                self._local = None

    def _local_form(self, attribute: AttributeSchema, value: Any) -> Any:
        """A value that is assigned, as local state keeps it: relations as identities, a scalar as it is."""
        if attribute.kind is AttributeKind.REFERENCE:
            return None if value is None else self._context.adopt(value, attribute.target)
        if attribute.kind is AttributeKind.COLLECTION:
            return Collection.identities(self._context, attribute, value)
        made, holds = value.__class__, attribute.data_type
        if made in AT_HOME[holds] or (made is float and holds == "float" and isfinite(value)):
            return value
        if isinstance(value, (Entity, Collection, MappedCollection)):
            message = f"{self.entity_type}.{attribute.name} holds a {attribute.data_type}, and was given {value!r}."
            raise InvalidTypeError(message)
        return _copied(checked_scalar(self.entity_type, attribute, value) if self._context.check_values else value)

    def _stored(self, name: str) -> Any:
        """The value in local or wire form, without loading; `NOT_SET` when there is none."""
        if self._local is not None and name in self._local:
            return self._local[name]
        return self._remote.get(name, NOT_SET)

    def _has(self, name: str) -> bool:
        return self._stored(name) is not NOT_SET

    def _is_pinned(self) -> bool:
        """Whether the session must hold it though nobody else may."""
        return bool(self._local or self._state is not None or self.__dict__ or "_mixed" in type(self).__dict__)

    # A mapping of all attributes, loaded or not.

    def __iter__(self) -> Iterator[str]:
        return iter(self.attributes)

    def __len__(self) -> int:
        return len(self.attributes)

    def __contains__(self, name: object) -> bool:
        return name in self.attributes

    def values(self) -> ValuesView[Any]:
        """All values; scalars that are not loaded are loaded at once, where this thread loads by itself."""
        self._load_scalars()
        return super().values()

    def items(self) -> ItemsView[str, Any]:
        """All names with their values; scalars that are not loaded are loaded at once, as by `values`."""
        self._load_scalars()
        return super().items()

    def _load_scalars(self) -> None:
        missing = [
            name
            for name, attribute in self.attributes.items()
            if attribute.kind is AttributeKind.SCALAR and not self._has(name)
        ]
        if missing and self._state is not State.CREATED and self._context.auto_populate:
            self._context.load([self], missing)


def _copied(value: Any) -> Any:
    """A value of plain JSON that a program may change without changing the entity."""
    if value.__class__ is dict:
        return {name: _copied(item) for name, item in value.items()}
    return [_copied(item) for item in value] if value.__class__ is list else value

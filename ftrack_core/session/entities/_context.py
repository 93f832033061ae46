"""The session as its entities see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Collection as AnyCollection
from typing import TYPE_CHECKING, Any

from zope.interface import implementer

from ftrack_core.entity import Entity
from ftrack_core.errors import ForeignEntityError, InvalidTypeError
from ftrack_core.interfaces import IEntityContext
from ftrack_core.session.entities._lazy_loads import tell_of_load
from ftrack_core.values import EntityIdentity

if TYPE_CHECKING:
    from ftrack_core.assembly import Deferred
    from ftrack_core.schema import Schemas
    from ftrack_core.session._flags import ContextSwitch
    from ftrack_core.session.commits._changes import Changes
    from ftrack_core.session.entities._custom_attributes import CustomAttributes
    from ftrack_core.session.loading._loading import Loader
    from ftrack_core.values import ConfiguredAttribute

__all__ = ["SessionContext"]


@implementer(IEntityContext)
class SessionContext:
    """Passes on what entities ask; the parts are set once, while the session starts."""

    entity: Callable[[EntityIdentity], Entity]
    """The entity of an identity: the method of the live entities itself, for it is called at every reference read."""
    loader: Loader
    custom_attributes: Deferred[CustomAttributes]

    def __init__(
        self,
        session: Any,
        schemas: Schemas,
        changes: Changes,
        populating: ContextSwitch[bool | str],
        *,
        check_values: bool = True,
    ) -> None:
        self.session = session
        self.check_values = check_values
        self._schemas = schemas
        self._changes = changes
        self._populating = populating

    @property
    def auto_populate(self) -> bool:
        """Whether the running thread loads missing values by itself."""
        return bool(self._populating.get())

    @property
    def recording(self) -> bool:
        """Whether the running thread records operations."""
        return self._changes.recording.get()

    def adopt(self, value: Any, expected: str) -> EntityIdentity:
        """Identity of an entity that is assigned to an attribute."""
        if isinstance(value, EntityIdentity):
            identity = value
        elif not isinstance(value, Entity):
            raise InvalidTypeError(f"An entity of type {expected} is needed here, and {value!r} was given.")
        else:
            identity = value._identity
            owner: object = value._context
            if owner is not self:
                raise _foreign(value)
        if identity.entity_type != expected and not self._schemas.may_stand(identity.entity_type, expected):
            raise InvalidTypeError(f"An entity of type {expected} is needed here, and {identity} was given.")
        return identity

    def own(self, value: Any, what: str) -> Entity:
        """An entity of this session, where any type of it will do.

        Args:
            value: What a program gave.
            what: What is done with entities there, for the message.

        Raises:
            InvalidTypeError: It is no entity.
            ForeignEntityError: It belongs to another session.
        """
        if not isinstance(value, Entity):
            raise InvalidTypeError(f"Only entities can be {what}, not {value!r}.")
        owner: object = value._context
        if owner is not self:
            raise _foreign(value)
        return value

    def group(self, value: Any, what: str) -> list[Entity]:
        """One entity or many of this session, as a list; `own` says what is refused."""
        if isinstance(value, Entity):
            return [self.own(value, what)]
        if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
            raise InvalidTypeError(f"Only entities can be {what}, one or many, not {value!r}.")
        return [self.own(each, what) for each in value]

    def load(self, entities: Sequence[Any], names: AnyCollection[str]) -> None:
        """Load attributes of entities of one type."""
        if self._populating.get() == "warn":
            tell_of_load(entities, names)
        self.loader.load(entities, names)

    def to_date(self, text: str) -> Any:
        """What a program sees of a date's text, as the session makes it."""
        return self.session.to_date(text)

    def record_update(self, entity: Any, name: str, old: Any, new: Any) -> None:
        """Record that an attribute was changed."""
        self.session._check_open()
        self._changes.updated(entity, name, old, new)

    def create(self, entity_type: str, values: Mapping[str, Any]) -> Any:
        """Create an entity, as the session does."""
        return self.session.create(entity_type, values)

    def delete(self, entity: Any) -> None:
        """Delete an entity, as the session does."""
        self.session.delete(entity)

    def expect_custom_attributes(self, entity: Any, name: str, key: object) -> None:
        """Let an entity that is not committed have the custom attributes that it will have."""
        self.custom_attributes.get().expect(entity, name, key)

    def configured_attributes(self, entity: Any, anew: bool = False) -> Mapping[str, ConfiguredAttribute]:
        """The custom attributes that are configured for an entity, by key."""
        return self.custom_attributes.get().configured(entity, self.to_date, anew=anew)

    def fit_custom_attribute(self, configuration_id: str, value: Any) -> Any:
        """A value for a custom attribute, as its configuration wants it where that is known."""
        return self.custom_attributes.get().fit(configuration_id, value) if self.check_values else value

    def nearest_attribute(self, entity_type: str, name: object) -> str | None:
        """The attribute that a wrong name comes closest to."""
        return self._schemas.nearest_attribute(entity_type, name)


def _foreign(entity: Entity) -> ForeignEntityError:
    return ForeignEntityError(f"{entity} belongs to another session; get it from this one, by its type and key.")

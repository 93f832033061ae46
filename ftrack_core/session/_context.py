"""The session as its entities see it."""

from __future__ import annotations

from collections.abc import Collection as AnyCollection
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zope.interface import implementer

from ftrack_core.entity import Entity
from ftrack_core.errors import ForeignEntityError, InvalidValueError
from ftrack_core.interfaces import IEntityContext
from ftrack_core.session._lazy_loads import tell_of_load
from ftrack_core.values import EntityIdentity

if TYPE_CHECKING:
    from ftrack_core.schema import Schemas
    from ftrack_core.session._changes import Changes
    from ftrack_core.session._custom_attributes import CustomAttributes
    from ftrack_core.session._deferred import Deferred
    from ftrack_core.session._flags import ContextSwitch
    from ftrack_core.session._live import LiveEntities
    from ftrack_core.session._loading import Loader

__all__ = ["SessionContext"]


@implementer(IEntityContext)
class SessionContext:
    """Passes on what entities ask; the parts are set once, while the session starts."""

    live: LiveEntities
    loader: Loader
    custom_attributes: Deferred[CustomAttributes]

    def __init__(
        self, session: Any, schemas: Schemas, changes: Changes, populating: ContextSwitch[bool | str]
    ) -> None:
        self.session = session
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

    def entity(self, identity: EntityIdentity) -> Entity:
        """The entity of an identity."""
        return self.live.entity(identity)

    def adopt(self, value: Any, expected: str) -> EntityIdentity:
        """Identity of an entity that is assigned to an attribute."""
        if isinstance(value, EntityIdentity):
            return value
        if not isinstance(value, Entity):
            raise InvalidValueError(f"An entity of type {expected} is needed here, and {value!r} was given.")
        owner: object = value._context
        if owner is not self:
            message = f"{value} belongs to another session; get it from this one, by its type and key."
            raise ForeignEntityError(message)
        return value._identity

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

    def nearest_attribute(self, entity_type: str, name: object) -> str | None:
        """The attribute that a wrong name comes closest to."""
        return self._schemas.nearest_attribute(entity_type, name)

"""What entities see of their session."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zope.interface import Attribute, Interface

from ftrack_core.values import EntityIdentity

if TYPE_CHECKING:
    from ftrack_core.values import ConfiguredAttribute

__all__ = ["IEntityContext"]


class IEntityContext(Interface):
    """The narrow view through which an entity reaches its session: find, load, record.

    Thread safety: called by every thread that touches an entity.
    Lifetime: that of the session.

    Guarantees:

    - C1: `entity` gives the same object for the same identity as long as the program holds it.
    - C2: `load` loads what it was asked for or raises; what the server does not give stays `NOT_SET`.
    - C3: `record_update` records exactly one operation, or none where this thread records nothing.
    """

    session: Any = Attribute("The session itself, for behaviours that need all of it")
    auto_populate: bool = Attribute("Whether this thread loads missing values by itself")
    recording: bool = Attribute("Whether this thread records operations")
    check_values: bool = Attribute("Whether a value of a wrong type is refused when it is assigned")

    def entity(identity: EntityIdentity) -> Any:
        """The entity of an identity: the live one, or a new one with nothing but its key."""

    def adopt(value: Any, expected: str) -> EntityIdentity:
        """Identity of an entity that is assigned to an attribute.

        Args:
            value: An entity of this session, or the identity of one.
            expected: Name of the type that the attribute leads to, or of a base type.

        Raises:
            ForeignEntityError: It belongs to another session.
            InvalidTypeError: It is no entity, or of a type that cannot stand there.
        """

    def load(entities: Sequence[Any], names: Collection[str]) -> None:
        """Load attributes of entities of one type from caches and server.

        Raises:
            ServerError: The server refuses.
            TransportError: The server cannot be reached.
            ConnectionClosedError: The session is closed.
        """

    def to_date(text: str) -> Any:
        """What a program sees of a date's text."""

    def record_update(entity: Any, name: str, old: Any, new: Any) -> None:
        """Record that an attribute of an entity was changed; values are in local form."""

    def create(entity_type: str, values: Mapping[str, Any]) -> Any:
        """Create an entity, as `Session.create` does."""

    def delete(entity: Any) -> None:
        """Delete an entity, as `Session.delete` does."""

    def expect_custom_attributes(entity: Any, name: str, key: object) -> None:
        """Let an entity that is not committed have the custom attributes that it will have.

        Args:
            entity: The entity.
            name: The attribute that holds them.
            key: The one that is about to be set.

        Raises:
            UnknownCustomAttributeError: It will have none of that key.
        """

    def configured_attributes(entity: Any, anew: bool = False) -> Mapping[str, ConfiguredAttribute]:
        """The custom attributes that are configured for an entity in its project, by key.

        Args:
            entity: The entity.
            anew: Whether to ask the server though it was asked before.
        """

    def fit_custom_attribute(configuration_id: str, value: Any) -> Any:
        """A value for a custom attribute, as its configuration wants it where that is known.

        Raises:
            InvalidTypeError: It surely is of another type.
            InvalidValueError: It is of the right type, and no such value.
        """

    def nearest_attribute(entity_type: str, name: object) -> str | None:
        """The attribute of a type that a wrong name comes closest to, or None when none is close."""

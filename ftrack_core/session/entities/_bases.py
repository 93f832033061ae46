"""What is mixed into an entity type: by subscribers of an event, by installed packages, and by us."""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_core.errors import BrokenBackendError, EntityTypeError
from ftrack_core.plugins import MIXIN_GROUP, Found, Registry
from ftrack_core.schema import Schemas
from ftrack_core.session.behaviours import behaviours_of
from ftrack_core.values import Event

if TYPE_CHECKING:
    from ftrack_core.assembly import Deferred
    from ftrack_core.interfaces import IEventHub

__all__ = ["Bases"]

_log = logging.getLogger(__name__)
_CONSTRUCT_TOPIC = "ftrack.api.session.construct-entity-type"


@attrs.frozen(eq=False, repr=False)
class Bases:
    """Gathers the classes of an entity type that is about to be built; methods of an earlier one win.

    A studio's own come before ours, so that they may override and extend what we have: first what a subscriber of
    `ftrack.api.session.construct-entity-type` gives, then entry points of the type, then those of its base types, such
    as `TypedContext`.
    """

    _hub: Deferred[IEventHub]
    _schemas: Schemas
    _registry: Registry = attrs.field(factory=Registry)

    def __call__(self, name: str) -> tuple[type, ...]:
        """The classes for a type, each once.

        Raises:
            EntityTypeError: Several subscribers want to make the type, or one of them gave something else.
        """
        found = (*self._by_event(name), *self._by_entry_point(name), *behaviours_of(self._schemas[name]))
        return tuple(dict.fromkeys(found))

    def _by_event(self, name: str) -> tuple[type, ...]:
        if self._hub.made is None:
            return ()  # nobody can have subscribed
        data = {"schema": self._schemas[name].raw, "schemas": self._schemas.raw}
        event = Event(_CONSTRUCT_TOPIC, uuid.uuid4().hex, data)
        answers = [answer for answer in self._hub.made.publish(event, synchronous=True) if answer is not None]
        if len(answers) > 1:
            raise EntityTypeError(f"{len(answers)} subscribers of {_CONSTRUCT_TOPIC} want to make {name}: {answers}.")
        if not all(isinstance(answer, type) for answer in answers):
            raise EntityTypeError(f"A subscriber of {_CONSTRUCT_TOPIC} gave {answers[0]!r} for {name}, not a class.")
        return tuple(answers)

    def _by_entry_point(self, name: str) -> list[type]:
        loaded = self._registry.load_all(MIXIN_GROUP, self._schemas.supertypes(name))
        return [given for found, given in loaded if _is_class(found, given)]


def _is_class(found: Found, given: Any) -> bool:
    """Whether an entry point has a class to mix in; a package that has none is told of, and keeps nobody from work."""
    if isinstance(given, type):
        return True
    if isinstance(given, BrokenBackendError):
        _log.error("%s; entities of type %s go without it.", given.message, found.name, exc_info=given)
    else:
        _log.error("%s of %s %r is no class: %r.", found.target, MIXIN_GROUP, found.name, given)
    return False

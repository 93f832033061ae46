"""The part of the session that speaks to the server as it is: batches, and JSON both ways."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_core.entity import Entity
from ftrack_core.errors import InvalidTypeError, InvalidValueError
from ftrack_core.protocol import parse_date
from ftrack_core.session._arguments import operations_of, shortened
from ftrack_core.session.facade._part import SessionPart
from ftrack_core.session.line._coding import wire_form
from ftrack_core.session.line._decoding import decoded

if TYPE_CHECKING:
    pass

__all__ = ["Wire"]


class Wire(SessionPart):
    """Mixed into the session."""

    def call(self, data: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Send a batch of operations as they are, and give their results; entities in them are live.

        Raises:
            InvalidValueError: It is no list, or holds what cannot be sent.
            ServerError: The server refuses.
            TransportError: The server cannot be reached.
            ConnectionClosedError: The session is closed.
        """
        self._check_open()
        operations = wire_form(operations_of(data), self._parts.types.plan, "modified_only")
        asked_at = self._parts.pages.moment()
        results = self._parts.server.call(operations)
        return self._decoded(results, asked_at)  # type: ignore[no-any-return]

    def encode(self, data: Any, entity_attribute_strategy: str = "set_only") -> str:
        """Anything made of plain values, dates, entities and collections, as JSON with sorted keys.

        Args:
            data: What to encode.
            entity_attribute_strategy: Which attributes of an entity go along: `all`, `set_only`, `modified_only` or
                `persisted_only`.

        Raises:
            InvalidValueError: There is no such strategy, or something in it cannot be encoded.
        """
        form = wire_form(data, self._parts.types.plan, entity_attribute_strategy)
        try:
            return json.dumps(form, sort_keys=True, allow_nan=False)
        except ValueError as error:
            raise InvalidValueError(f"This cannot be said in JSON: {error}.") from error

    def entity_reference(self, entity: Entity) -> dict[str, str]:
        """What names an entity on the wire: its type and key, as plain values; nothing is loaded.

        Raises:
            InvalidTypeError: It is no entity.
        """
        if not isinstance(entity, Entity):
            raise InvalidTypeError(f"Only entities have a reference, not {entity!r}.")
        return wire_form(entity._identity, self._parts.types.plan)  # type: ignore[no-any-return]

    def decode(self, string: str | bytes) -> Any:
        """What a JSON text holds; entities in it are live, and it fills in what they lack.

        Raises:
            InvalidValueError: It is no JSON.
            UnrecognisedEntityTypeError: It holds an entity of a type that there is not.
            MalformedReplyError: An entity in it lacks its key, or a date in it is none.
        """
        try:
            value = self._parts.backends.decode(string if isinstance(string, bytes) else string.encode())
        except (AttributeError, RecursionError, ValueError) as error:
            raise InvalidValueError(f"This is no JSON text: {shortened(string)} ({error}).") from error
        return self._decoded(value)

    def to_date(self, text: str) -> Any:
        """What programs see of a date that the server sent: an aware `datetime`, unless a subclass makes another.

        Every date passes through here: attributes, results of `call`, `decode`. What it gives must have `isoformat`,
        so that it can be written again.

        Args:
            text: ISO 8601, as `2022-10-10T10:12:09`; without an offset it means UTC.

        Raises:
            MalformedReplyError: The text names no moment.
        """
        return parse_date(text)

    def _decoded(self, value: Any, asked_at: float | None = None) -> Any:
        """A value with live entities; without a moment at which the server was asked it fills in what they lack."""
        moment = self._parts.pages.moment() if asked_at is None else asked_at
        return decoded(value, self._parts.live, self.to_date, moment, fresh=asked_at is not None)

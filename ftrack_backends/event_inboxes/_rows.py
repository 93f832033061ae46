"""Events as text, and rows as deliveries."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from ftrack_backends.event_inboxes._layout import ASIDE, CLAIMED, DONE
from ftrack_core.errors import EventInboxError
from ftrack_core.values import Delivery, DeliveryState, Event

__all__ = ["COLUMNS", "Unreadable", "delivery_of", "event_key", "event_text", "known_of"]

COLUMNS = (
    "SELECT d.key, d.handler, d.ordering, d.attempt, d.stored_at, d.due_at, d.stage, d.worker, d.error, d.claims, "
    "e.id, e.content FROM delivery d LEFT JOIN event e ON e.key = d.event"
)
"""What `delivery_of` makes a delivery of, in this order."""
_ENDS: Mapping[int, DeliveryState] = {DONE: "done", ASIDE: "set aside"}


class Unreadable(Exception):
    """A row that no event can be made of."""


def event_key(event: Event) -> str:
    """What tells whether an event came before; one without an id is another one each time."""
    return event.id or f"without id {uuid.uuid4().hex}"


def event_text(event: Event) -> str:
    """An event as JSON.

    Raises:
        EventInboxError: It holds something that JSON cannot say.
    """
    fields = {name: value for name in _FIELDS if (value := getattr(event, name))}
    try:
        return json.dumps(fields, default=_plain, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise EventInboxError(f"event {event.id!r} of topic {event.topic!r} is no plain JSON: {error}") from error


def delivery_of(row: Sequence[Any], now: float) -> Delivery:
    """The delivery of a row.

    Raises:
        Unreadable: What is kept of its event is damaged.
    """
    return attrs.evolve(known_of(row, now), event=_event(row[10], row[11]))


def known_of(row: Sequence[Any], now: float, fault: str = "") -> Delivery:
    """What is known of a delivery without its event, of which only the id is told."""
    key, handler, ordering, attempt, stored_at, due_at, stage, worker, error, claims, event_id, _ = row
    claimed = stage == CLAIMED and due_at > now
    return Delivery(
        id=str(key),
        event=Event(topic="", id=str(event_id or "")),
        handler=str(handler),
        order=str(ordering),
        attempt=attempt,
        stored_at=stored_at,
        due_at=due_at,
        state=_ENDS.get(stage) or ("claimed" if claimed else "waiting"),
        worker=str(worker),
        error=fault or str(error),
        claim=str(claims) if claimed else "",
    )


_FIELDS = tuple(field.name for field in attrs.fields(Event))


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} {value!r}"[:200])


def _event(event_id: object, content: object) -> Event:
    try:
        fields = json.loads(content)  # type: ignore[arg-type]  # what a damaged row holds is anybody's guess
        event = Event(**fields)
    except (TypeError, ValueError, RecursionError) as error:
        raise Unreadable(f"the stored event {event_id!r} is damaged: {error}") from error
    if not isinstance(event.topic, str) or not isinstance(event.data, dict) or not isinstance(event.source, dict):
        raise Unreadable(f"the stored event {event_id!r} is damaged: it has no topic, data or source of an event")
    return event

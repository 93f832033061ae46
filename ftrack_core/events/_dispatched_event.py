"""The event as callbacks see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from ftrack_core.values import EVENT_KEYS, Event

__all__ = ["DispatchedEvent"]


class DispatchedEvent(MutableMapping[str, Any]):
    """A mutable mapping of exactly the official keys, and `stop()`.

    What a callback changes, the callbacks after it see. Thread safety: used by the one thread that dispatches it.
    """

    __slots__ = ("_stopped", "_values")

    def __init__(self, event: Event, source: Mapping[str, Any] | None = None, event_id: str = "") -> None:
        """Take an event's values; `source` and `event_id` stand for its own, as a hub signs it."""
        self._values: dict[str, Any] = {
            "topic": event.topic,
            "id": event_id or event.id,
            "data": event.data,
            "source": event.source if source is None else source,
            "target": event.target,
            "in_reply_to_event": event.in_reply_to_event,
            "sent": event.sent,
        }
        self._stopped = False

    def stop(self) -> None:
        """Keep the event from the callbacks that are still to come."""
        self._stopped = True

    def is_stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped

    def as_event(self) -> Event:
        """The event as a frozen value, with the changes made to it."""
        return Event(**self._values)

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: object) -> None:
        if key not in self._values:
            message = (
                f"an event has no {key!r}; its keys are {', '.join(EVENT_KEYS)}; put what you want to tell into data"
            )
            raise KeyError(message)
        self._values[key] = value

    def __delitem__(self, key: str) -> None:
        message = f"{key!r} was to be deleted from an event; an event always has the keys {', '.join(EVENT_KEYS)}"
        raise TypeError(message)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<Event {self._values}>"

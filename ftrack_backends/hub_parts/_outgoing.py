"""What is on its way to the other end."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any, Final

import attrs

from ftrack_core.errors import InvalidTypeError
from ftrack_core.protocol import event_to_wire
from ftrack_core.values import Event

__all__ = ["Letter", "Outgoing", "written"]

_MOST_UNACKNOWLEDGED: Final = 10_000


def written(event: Event) -> str:
    """The JSON of an event; a copy of it, which changes with nothing.

    Raises:
        InvalidTypeError: It holds something that JSON does not know.
    """
    try:
        return json.dumps(event_to_wire(event), separators=(",", ":"), default=_plain, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidTypeError(
            f"the event {event.id} ({event.topic}) cannot be sent: {error}; its data and source are plain JSON "
            "values: texts, numbers, lists and mappings with texts as keys"
        ) from error


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")


@attrs.define(eq=False)
class Letter:
    """One event that goes out.

    Attributes:
        topic: Its topic.
        text: Its JSON.
        own: Whether it is the hub's own and only for one connection, as what tells of a subscription.
        state: `waiting`, `sent`, `acknowledged`, `refused`, `lost` (sent, and nobody knows) or `unsent`.
        refusal: Why the other end refused it.
        event_id: Id of the event, where somebody may want to hear of a refusal.
    """

    topic: str
    text: str = attrs.field(repr=False)
    own: bool = False
    state: str = "waiting"
    refusal: str = ""
    event_id: str = ""

    @property
    def settled(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in {"waiting", "sent"}


@attrs.define(eq=False, repr=False)
class Outgoing:
    """Letters in the order in which they go, and those that nobody has acknowledged yet.

    Thread safety: none; the hub's lock is held.

    Attributes:
        waiting: How many events that were published wait to be sent.
    """

    waiting: int = attrs.field(default=0, init=False)
    _line: deque[Letter] = attrs.field(factory=deque, init=False)
    _unacknowledged: dict[int, Letter] = attrs.field(factory=dict, init=False)
    _numbers: count[int] = attrs.field(factory=lambda: count(1), init=False)

    @property
    def empty(self) -> bool:
        """Whether nothing is on its way."""
        return not self._line and not self._unacknowledged

    def __bool__(self) -> bool:
        return bool(self._line)

    def append(self, letter: Letter) -> None:
        """Put a letter at the end."""
        self._line.append(letter)
        self.waiting += not letter.own

    def begin(self, letters: Iterable[Letter]) -> None:
        """Begin a connection: what it has to be told first goes before everything else."""
        self._line.extendleft(reversed(list(letters)))

    def take(self) -> tuple[int, Letter]:
        """The next letter, and its number."""
        letter, number = self._line.popleft(), next(self._numbers)
        self.waiting -= not letter.own
        letter.state = "sent"
        self._unacknowledged[number] = letter
        if len(self._unacknowledged) > _MOST_UNACKNOWLEDGED:  # the other end acknowledges nothing
            self._unacknowledged.pop(next(iter(self._unacknowledged))).state = "lost"
        return number, letter

    def put_back(self, number: int) -> None:
        """Put a letter back to the front, of which the other end has not got all."""
        letter = self._unacknowledged.pop(number, None)
        if letter is not None and not letter.own:
            letter.state = "waiting"
            self._line.appendleft(letter)
            self.waiting += 1

    def acknowledged(self, number: int, refusal: str) -> Letter | None:
        """Take note of an acknowledgement; None for one that nobody waits for, as the second of two."""
        letter = self._unacknowledged.pop(number, None)
        if letter is not None:
            letter.state, letter.refusal = ("refused", refusal) if refusal else ("acknowledged", "")
        return letter

    def lost(self) -> int:
        """Take note that the connection is over.

        Returns:
            How many events were sent, and nobody knows whether they came.
        """
        unknown = [letter for letter in self._unacknowledged.values() if not letter.own]
        for letter in self._unacknowledged.values():
            letter.state = "lost"
        self._unacknowledged.clear()
        self._line = deque(letter for letter in self._line if not letter.own)
        return len(unknown)

    def abandon(self) -> int:
        """Give up what waits; gives how many there were."""
        abandoned = self.waiting
        for letter in self._line:
            letter.state = "unsent"
        self._line.clear()
        self.waiting = 0
        return abandoned

"""The outbox: what a real server would have sent by mail.

A workspace sends nothing. It keeps each message, so that a test can read what a person would have got.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Message", "Outbox"]

_KEPT = 10_000


@attrs.frozen
class Message:
    """One message that was not sent.

    Attributes:
        at: When, in seconds since the epoch.
        kind: `user_invite` or `review_session_invite`.
        address: E-mail address of the recipient.
        name: How the recipient is called.
        entity_type: Type of what the recipient is.
        entity_id: Id of it.
        subject: What it is about, for people.
        sender: Name of the user who asked for it.
    """

    at: float
    kind: str
    address: str
    name: str
    entity_type: str
    entity_id: str
    subject: str
    sender: str


@attrs.define(eq=False, repr=False)
class Outbox:
    """The last ten thousand messages, oldest first; in memory only.

    Thread safety: every method may be called by many threads.
    """

    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)
    _messages: deque[Message] = attrs.field(factory=lambda: deque(maxlen=_KEPT), init=False)

    def __repr__(self) -> str:
        return f"<Outbox: {len(self)} messages>"

    def add(self, message: Message) -> None:
        """Keep a message."""
        with self._lock:
            self._messages.append(message)

    def clear(self) -> None:
        """Forget all messages."""
        with self._lock:
            self._messages.clear()

    def __len__(self) -> int:
        with self._lock:
            return len(self._messages)

    def __iter__(self) -> Iterator[Message]:
        with self._lock:
            return iter(tuple(self._messages))

    def __getitem__(self, place: int) -> Message:
        with self._lock:
            return self._messages[place]

"""What may be sent again after a failure, and how long to wait before that."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from typing import Final

import attrs

from ftrack_core.errors import (
    AuthenticationError,
    ConnectionClosedError,
    InvalidValueError,
    Phase,
    ServerError,
    TransportError,
)

__all__ = ["Loss", "Patience", "Waiting", "is_gateway_status", "is_read_only", "loss_of", "may_repeat"]

_READ_ONLY: Final = frozenset({"query", "query_server_information", "query_schemas", "search"})
_WRITES: Final = frozenset({"create", "update", "delete"})
_GATEWAY_STATUSES: Final = frozenset({502, 503, 504})
_FIRST_DELAY_SECONDS: Final = 0.1
_LONGEST_DELAY_SECONDS: Final = 5.0


def is_read_only(actions: Iterable[object]) -> bool:
    """Whether a batch of these actions changes nothing, so that it may be sent as often as it takes."""
    return _READ_ONLY.issuperset(actions)


def may_repeat(actions: Iterable[object], phase: Phase) -> bool:
    """Whether a batch of these actions may be sent again after its transport failed.

    Reads may at any time; creates, updates and deletes only when surely nothing was sent. Other actions of the server
    are never repeated.

    Args:
        actions: Names of the actions of the batch.
        phase: How far the request came.
    """
    actions = tuple(actions)
    if is_read_only(actions):
        return True
    return phase is Phase.BEFORE_SENDING and (_READ_ONLY | _WRITES).issuperset(actions)


def is_gateway_status(status: int | None) -> bool:
    """Whether an HTTP status is what something between here and the server says when it did not get its answer."""
    return status in _GATEWAY_STATUSES


class Loss(enum.Enum):
    """What a failure says about a batch of writes."""

    NONE = "none"
    """It was not carried out."""
    REPLY = "reply"
    """The line broke, and nobody knows."""
    MEANING = "meaning"
    """Something came back that does not say it: it may have been carried out."""


def loss_of(error: BaseException) -> Loss:
    """What a failure of a commit says about its batch.

    A refusal in the words of the protocol undoes the whole batch, and an HTTP status of 3xx or 4xx comes from before
    the server's own work. Whatever else happened once sending began leaves the batch in doubt.
    """
    if isinstance(error, ServerError):
        return _loss_of_reply(error)
    if isinstance(error, TransportError):
        return Loss.NONE if error.phase is Phase.BEFORE_SENDING else Loss.REPLY
    before = isinstance(error, (AuthenticationError, ConnectionClosedError, InvalidValueError))
    return Loss.NONE if before else Loss.MEANING


def _loss_of_reply(error: ServerError) -> Loss:
    if error.exception or (error.status is not None and 300 <= error.status < 500):
        return Loss.NONE
    return Loss.REPLY if is_gateway_status(error.status) else Loss.MEANING


@attrs.frozen(eq=False, repr=False)
class Waiting:
    """Time, as far as waiting needs it: handed in, so that tests need not sleep.

    Attributes:
        monotonic: Seconds that never go back.
        sleep: Waits so many seconds.
        random: A number from 0 to 1, without 1.
    """

    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    random: Callable[[], float]

    def patience(self, seconds: float, began: float | None = None) -> Patience:
        """Waits that take so many seconds altogether.

        Args:
            seconds: How many.
            began: Since when, on this clock; None for now.
        """
        return Patience(self, seconds, self.monotonic() if began is None else began)


@attrs.define(eq=False, repr=False)
class Patience:
    """Waits that grow, with some chance in each so that a thousand farm jobs do not come back all at once.

    The last one ends with the budget, so that something is tried once more at the very end.

    Thread safety: used by one thread.
    """

    _waiting: Waiting
    _seconds: float
    _began: float
    _delay: float = _FIRST_DELAY_SECONDS
    _slept: float = 0.0

    def wait(self) -> bool:
        """Wait, or give False at once when the budget is spent."""
        spent = max(self._waiting.monotonic() - self._began, self._slept)
        left = self._seconds - spent
        if left <= 0:
            return False
        pause = min(left, self._delay * (0.5 + self._waiting.random() / 2))
        self._delay = min(self._delay * 2, _LONGEST_DELAY_SECONDS)
        self._slept += pause
        self._waiting.sleep(pause)
        return True

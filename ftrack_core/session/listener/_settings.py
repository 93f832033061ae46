"""The numbers of a listener, checked."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from ftrack_core.config import did_you_mean
from ftrack_core.errors import InvalidTypeError, InvalidValueError

__all__ = ["ListenerSettings", "settings_of"]

_OTHERS: Final = ("dispatch", "inbox", "name")
"""Options of a listener that are no numbers."""
_GROWTH: Final = 4.0
_LONGEST_DELAY_SECONDS: Final = 3600.0


def _number(_instance: Any, field: attrs.Attribute[Any], value: Any) -> None:
    whole = field.metadata.get("whole", False)
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        kind = "a whole number" if whole else "a number"
        raise InvalidTypeError(f"{field.name} of a listener is {kind}, not {value!r}")
    if not value >= field.metadata["least"]:
        raise InvalidValueError(f"{field.name} of a listener is at least {field.metadata['least']}, not {value!r}")


def _at_least(least: float, default: float, whole: bool = False) -> Any:
    return attrs.field(default=default, validator=_number, metadata={"least": least, "whole": whole})


@attrs.frozen(kw_only=True)
class ListenerSettings:
    """The numbers of a listener.

    Attributes:
        workers: How many handlers run at once.
        attempts: How often a handler is called with an event, at most.
        timeout_seconds: For how long a handler may run before it counts as hung.
        lease_seconds: For how long a claim outlives the process that holds it.
        retry_seconds: The pause before the second attempt, about; each later one is four times as long, up to an hour.
        close_seconds: For how long handlers may go on after the listener was told to end.
        poll_seconds: How often a worker without work looks for what other processes stored.
        mark_seconds: How often it is noted that the connection stands.
    """

    workers: int = _at_least(1, 4, whole=True)
    attempts: int = _at_least(1, 5, whole=True)
    timeout_seconds: float = _at_least(0.01, 600.0)
    lease_seconds: float = _at_least(0.1, 60.0)
    retry_seconds: float = _at_least(0.0, 10.0)
    close_seconds: float = _at_least(0.0, 30.0)
    poll_seconds: float = _at_least(0.01, 1.0)
    mark_seconds: float = _at_least(0.01, 2.0)

    @property
    def grace_seconds(self) -> float:
        """For how long another process may show that it was connected, before a gap is told."""
        return 2.5 * self.mark_seconds

    @property
    def tick_seconds(self) -> float:
        """How often the listener looks after its workers."""
        return min(0.5, self.mark_seconds, self.lease_seconds / 4, self.timeout_seconds)

    def delay_seconds(self, attempt: int, chance: Callable[[], float] = random.random) -> float:
        """How long to wait after an attempt that failed: longer each time, and never twice the same."""
        growing = min(self.retry_seconds * _GROWTH ** min(attempt - 1, 20), _LONGEST_DELAY_SECONDS)
        return growing * (0.75 + 0.5 * chance())


def settings_of(numbers: Mapping[str, Any]) -> ListenerSettings:
    """The settings of options as a program gave them.

    Raises:
        InvalidTypeError: There is no such option, or its value is no number.
        InvalidValueError: A number makes no sense.
    """
    known = attrs.fields_dict(ListenerSettings)
    options = sorted([*known, *_OTHERS])
    unknown = [name for name in numbers if name not in known]
    if unknown:
        near = [f"{name!r}{did_you_mean(name, options).rstrip('?')}" for name in unknown]
        raise InvalidTypeError(f"a listener has no option {', and none '.join(near)}. It has: {', '.join(options)}")
    return ListenerSettings(**numbers)

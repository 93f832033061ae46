"""What went wrong, in our own words: how far it came, and no secret in it."""

from __future__ import annotations

from collections.abc import Iterator

import urllib3.exceptions as faults

from ftrack_backends.transports._watch import Stage
from ftrack_core.errors import (
    ConnectionLostError,
    ConnectTimeoutError,
    NotSentError,
    Phase,
    ReadTimeoutError,
    TransportError,
)

__all__ = ["body_failure", "failure", "unsendable"]

_BEFORE_CONNECTING = (
    faults.EmptyPoolError,
    faults.ClosedPoolError,
    faults.LocationValueError,
    faults.NewConnectionError,
)


def failure(
    error: BaseException, stage: Stage, asked: str, connect_seconds: float, read_seconds: float
) -> TransportError:
    """Our error for one of the HTTP libraries.

    Args:
        error: What was raised.
        stage: How far the exchange had come.
        asked: What was asked, fit to be shown.
        connect_seconds: The time-out that held for connecting.
        read_seconds: The time-out that held for reading.

    Returns:
        The error, with the innermost cause attached: the outer ones may quote addresses.
    """
    chain = list(_chain(error))
    late = any(map(_is_timeout, chain))
    unsent = stage is Stage.CONNECTING or (
        stage is Stage.UNKNOWN and any(isinstance(each, _BEFORE_CONNECTING) for each in chain)
    )
    if unsent:
        translated: TransportError = _unsent(chain[-1], asked, connect_seconds if late else None)
    else:
        phase = Phase.WHILE_READING if stage is Stage.READING else Phase.AFTER_SENDING
        translated = _lost(chain[-1], asked, read_seconds if late else None, phase)
    translated.__cause__ = chain[-1]
    return translated


def body_failure(error: BaseException, asked: str, read_seconds: float) -> TransportError:
    """Our error for a body that broke off, came too slowly or cannot be decompressed."""
    return failure(error, Stage.READING, asked, 0.0, read_seconds)


def unsendable(asked: str, kind: str) -> NotSentError:
    """The error for a request that HTTP has no form for; its cause is left out, since it may quote a secret."""
    message = (
        f"{asked} was not sent: {kind} cannot be put into an HTTP request; look for line breaks, blanks at the "
        "ends or control characters in the server's URL and in header values"
    )
    return NotSentError(message, {"asked": asked})


def _unsent(cause: BaseException, asked: str, seconds: float | None) -> NotSentError:
    advice = "check the server's URL, the network, the proxy and, for https, the certificates"
    if seconds is not None:
        message = f"{asked} was not sent: no connection within {seconds:g} s; {advice}, or raise connect_seconds"
        return ConnectTimeoutError(message, {"asked": asked, "seconds": seconds})
    message = f"{asked} was not sent: no connection ({_words(cause)}); {advice}"
    return NotSentError(message, {"asked": asked})


def _lost(cause: BaseException, asked: str, seconds: float | None, phase: Phase) -> ConnectionLostError:
    place = "the reply broke off" if phase is Phase.WHILE_READING else "no reply came"
    known = "the server has received it" if phase is Phase.WHILE_READING else "the server may have acted on it"
    if seconds is not None:
        message = (
            f"{asked} was sent and {place}: nothing came for {seconds:g} s; {known}; raise read_seconds if it is slow"
        )
        return ReadTimeoutError(message, {"asked": asked, "seconds": seconds}, phase)
    message = f"{asked} was sent and {place} ({_words(cause)}); {known}"
    return ConnectionLostError(message, {"asked": asked}, phase)


def _words(cause: BaseException) -> str:
    return f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__


def _is_timeout(error: BaseException) -> bool:
    if isinstance(error, faults.NewConnectionError):  # in urllib3 1.26 a refusal counts as a kind of time-out
        return False
    return isinstance(error, (TimeoutError, faults.TimeoutError))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it wraps, from outside to inside."""
    seen: set[int] = set()
    inner: BaseException | None = error
    while inner is not None and id(inner) not in seen:
        seen.add(id(inner))
        yield inner
        inner = _wrapped(inner)


def _wrapped(error: BaseException) -> BaseException | None:
    held = [getattr(error, "reason", None), *error.args, error.__cause__, error.__context__]
    return next((each for each in held if isinstance(each, BaseException)), None)

"""Failures on order: a workspace that breaks where a test wants it to, so that tools can show how they recover.

A failure is asked for before it happens. It strikes the next requests that it fits, as often as was asked, in process
and over HTTP alike: the connection is cut, or an error comes as the reply, before the workspace did anything, after it
did everything, or in the middle, with everything undone.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, get_args

import attrs

from ftrack_backends.workspace._faults import Fault
from ftrack_backends.workspace._file_actions import FILE_ACTIONS, path_of
from ftrack_backends.workspace.files import Streamed
from ftrack_core.errors import ConfigurationError, ConnectionLostError, Phase, ReadTimeoutError
from ftrack_core.values import Request, Response

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Failure", "Failures", "When", "actions_of"]

When: TypeAlias = Literal["before", "after", "during"]
_WRITES = frozenset({"create", "update", "delete"})
_Answer: TypeAlias = "Callable[[Request], Response]"
_AnyResponse = TypeVar("_AnyResponse")
_Given = TypeVar("_Given")


@attrs.define(eq=False)
class Failure:
    """A failure that was asked for. As a context manager it holds until the end of the block.

    Thread safety: every method may be called by many threads.

    Attributes:
        action: What it strikes: the name of an action, `commit` for any batch that writes, `*` for everything.
        when: Where it strikes; None for one that only delays.
        times: How often; None for until `undo`.
        delay_seconds: How long the request is held before.
        error: What the client gets: the name of an exception, an HTTP status, or None for a cut connection.
        struck: How often it has struck so far.
    """

    action: str
    when: When | None
    times: int | None
    delay_seconds: float
    error: str | int | None
    _owner: Failures
    struck: int = attrs.field(default=0, init=False)

    def undo(self) -> None:
        """Strike no more; a second call does nothing."""
        self._owner.forget(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.undo()

    def fits(self, actions: tuple[str, ...]) -> bool:
        """Whether it strikes a request with these actions."""
        if self.action == "commit":
            return not _WRITES.isdisjoint(actions)
        return self.action == "*" or self.action in actions

    def spent(self) -> bool:
        """Whether it has struck as often as it should."""
        return self.times is not None and self.struck >= self.times


@attrs.define(eq=False)
class Failures:
    """The failures of one workspace. Thread safety: every method may be called by many threads.

    Attributes:
        holding: How many requests are being delayed at this moment.
    """

    _waiting: list[Failure] = attrs.field(factory=list, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)
    _mine: threading.local = attrs.field(factory=threading.local, init=False)
    _closing: threading.Event = attrs.field(factory=threading.Event, init=False)
    holding: int = attrs.field(default=0, init=False)

    def add(
        self,
        action: str,
        when: When | None = "before",
        times: int | None = 1,
        delay_seconds: float = 0.0,
        error: str | int | None = None,
    ) -> Failure:
        """Ask for a failure; of several that fit a request, the one that was asked for first strikes.

        Args:
            action: Name of an action, `commit` for any batch that creates, updates or deletes, `*` for every request.
            when: `before` anything is done, `after` everything is, or `during` a batch, which is undone then; None
                for no failure, only the delay.
            times: How many requests; None for all until it is undone.
            delay_seconds: How long a request is held, before or after the work, or in the middle of it.
            error: Name of the exception that the reply says, as `PermissionError`; an HTTP status, as 502, for what a
                proxy says; None to cut the connection.

        Raises:
            ConfigurationError: There is no such `when`, or a number is out of range.
        """
        _demand(action, when, times, delay_seconds, error)
        failure = Failure(action, when, times, delay_seconds, error, self)
        with self._lock:
            self._waiting.append(failure)
        return failure

    def forget(self, failure: Failure) -> None:
        """Drop a failure; one that is not there is fine."""
        with self._lock:
            if failure in self._waiting:
                self._waiting.remove(failure)

    def clear(self) -> None:
        """Drop all."""
        with self._lock:
            self._waiting.clear()

    def close(self) -> None:
        """Drop all, and hold no request any longer."""
        self.clear()
        self._closing.set()

    def exchange(
        self, request: Request, answer: Callable[[Request], _AnyResponse], unanswered: _Answer
    ) -> _AnyResponse | Response:
        """Have a request answered, unless a failure fits it.

        Args:
            request: What is asked.
            answer: Does it.
            unanswered: Told of a request that never reaches `answer`; what it gives nobody sees.

        Raises:
            ConnectionLostError: A failure cut the connection, or held it longer than the client waits.
        """
        failure = self._next(request) if self._waiting else None
        if failure is None:
            return answer(request)
        if failure.when is None:
            self._hold(failure, request)
            return _in_time(failure, request, answer(request))
        response: _AnyResponse | Response
        if failure.when == "during":
            response = self._interrupted(failure, request, answer)
        else:
            response = answer(request) if failure.when == "after" else unanswered(request)
            self._hold(failure, request)
        _in_time(failure, request, response)
        if isinstance(response, Streamed):
            if failure.when == "during" and failure.error is None:
                response.halved(lambda: _lost(failure, Phase.WHILE_READING))
                return response
            response.close()
        return _broken(failure, request)

    def interrupt(self) -> None:
        """Strike in the middle of the batch that this thread works on, if that is what was asked for.

        Raises:
            Fault: The batch is to be undone.
        """
        failed: tuple[Failure, Request] | None = getattr(self._mine, "failed", None)
        if failed is None:
            return
        self._hold(*failed)
        raise Fault(_name(failed[0].error), _content(failed[0]))

    def _interrupted(
        self, failure: Failure, request: Request, answer: Callable[[Request], _AnyResponse]
    ) -> _AnyResponse:
        self._mine.failed = (failure, request)
        try:
            return answer(request)
        finally:
            self._mine.failed = None

    def _next(self, request: Request) -> Failure | None:
        actions = actions_of(request)
        with self._lock:
            failure = next((one for one in self._waiting if one.fits(actions)), None)
            if failure is not None:
                failure.struck += 1
                if failure.spent():
                    self._waiting.remove(failure)
            return failure

    def _hold(self, failure: Failure, request: Request) -> None:
        """Wait as a slow server would, in process no longer than the client does."""
        self._count(1)
        try:
            self._closing.wait(min(failure.delay_seconds, _patience(request)))
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._lock:
            self.holding += more


def actions_of(request: Request) -> tuple[str, ...]:
    """Give the names of the actions that a request asks for; of one for a file, what that is called."""
    file_action = FILE_ACTIONS.get((request.method.upper(), path_of(request.url)))
    if file_action:
        return (file_action,)
    try:
        batch = json.loads(request.body)
    except (ValueError, RecursionError):
        return ()
    operations: list[Any] = batch if isinstance(batch, list) else []
    return tuple(str(one.get("action")) for one in operations if isinstance(one, dict))


def _patience(request: Request) -> float:
    """How long a client in process waits; over HTTP the client knows by itself, and the request does not say."""
    return math.inf if request.timeout_seconds is None else request.timeout_seconds


def _in_time(failure: Failure, request: Request, response: _Given) -> _Given:
    if failure.delay_seconds <= _patience(request):
        return response
    raise ReadTimeoutError(
        f"the request was sent and no reply came for {request.timeout_seconds:g} s; the server may have acted on it",
        {"seconds": request.timeout_seconds},
        Phase.AFTER_SENDING,
    )


def _broken(failure: Failure, request: Request) -> Response:
    """What the client gets instead of its response."""
    if failure.error is None:
        raise _lost(failure, Phase.AFTER_SENDING)
    if isinstance(failure.error, int):
        page = f"<html><body><h1>{failure.error}</h1>{_content(failure)}</body></html>"
        return Response(failure.error, {"content-type": "text/html"}, page.encode())
    fault = Fault(failure.error, _content(failure))
    headers = {name.lower(): value for name, value in request.headers.items()}
    strict = headers.get("ftrack-strict-api", "").lower() == "true"
    status = fault.status if strict or fault.always else 200
    return Response(status, {"content-type": "application/json"}, json.dumps(fault.reply()).encode())


def _lost(failure: Failure, phase: Phase) -> ConnectionLostError:
    found = "the reply broke off" if phase is Phase.WHILE_READING else "no reply came"
    return ConnectionLostError(f"the request was sent and {found}: {_content(failure)}", {"when": failure.when}, phase)


def _name(error: str | int | None) -> str:
    return error if isinstance(error, str) else "InternalError"


def _content(failure: Failure) -> str:
    return f"a test asked for a failure {failure.when} {failure.action!r}"


def _demand(action: object, when: object, times: object, delay_seconds: object, error: object) -> None:
    faults = []
    if not isinstance(action, str) or not action:
        faults.append(f"action must be the name of one, 'commit' or '*', not {action!r}")
    if when is not None and when not in get_args(When):
        faults.append(f"when must be one of {', '.join(get_args(When))}, not {when!r}")
    if times is not None and (not isinstance(times, int) or isinstance(times, bool) or times < 1):
        faults.append(f"times must be 1 or more, or None for always, not {times!r}")
    if not isinstance(delay_seconds, (int, float)) or isinstance(delay_seconds, bool) or not delay_seconds >= 0:
        faults.append(f"delay_seconds must be 0 or more, not {delay_seconds!r}")
    if isinstance(error, bool) or not isinstance(error, (str, int, type(None))):
        faults.append(f"error must be an exception's name, an HTTP status or None, not {error!r}")
    if isinstance(error, int) and not 400 <= error <= 599:
        faults.append(f"an HTTP status of an error is from 400 to 599, not {error!r}")
    if faults:
        raise ConfigurationError("; ".join(faults), faults=faults)

"""Fakes: time that stands still, work that waits, a transport that remembers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import attrs
from zope.interface import implementer

from ftrack_core.errors import ConnectionClosedError
from ftrack_core.interfaces import IBackendContext, IClock, IIdentifierFactory, ITransport, IWorker
from ftrack_core.values import EntityIdentity, EntityRecord, Request, Response, WireValue

__all__ = ["FakeBackendContext", "FakeClock", "FakeIdentifiers", "ManualWorker", "RecordingTransport", "record"]

_T = TypeVar("_T")


def record(key: str = "a", fetched_at: float = 1.0, entity_type: str = "Shot", **values: WireValue) -> EntityRecord:
    """A record to put into caches; without values it has a name.

    Args:
        key: Primary key of the entity.
        fetched_at: When it came from the server.
        entity_type: Type of the entity.
        **values: Its attribute values.

    Returns:
        The record.
    """
    return EntityRecord(EntityIdentity(entity_type, (key,)), fetched_at, values or {"id": key, "name": f"sh{key}"})


@implementer(IClock)
@attrs.define(eq=False)
class FakeClock:
    """Time that passes when `advance` is called."""

    seconds: float = 1_000_000.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.seconds

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return self.seconds

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds


@implementer(IIdentifierFactory)
@attrs.define(eq=False)
class FakeIdentifiers:
    """Ids that count: `00000000-0000-4000-8000-000000000001` and so on."""

    made: int = 0

    def uuid(self) -> str:
        """The next id."""
        self.made += 1
        return f"00000000-0000-4000-8000-{self.made:012x}"


@implementer(IWorker)
@attrs.define(eq=False)
class ManualWorker:
    """Work that waits until `run_all` is called; `started` holds the names of everything that was started."""

    started: list[str] = attrs.field(factory=list)
    _waiting: list[Callable[[], None]] = attrs.field(factory=list, init=False)

    def start(self, work: Callable[[], None], name: str) -> None:
        """Keep work for later."""
        self.started.append(name)
        self._waiting.append(work)

    def run_all(self) -> None:
        """Do what waits, and what that starts, in order, in this thread."""
        while self._waiting:
            self._waiting.pop(0)()


@implementer(ITransport)
@attrs.define(eq=False)
class RecordingTransport:
    """Answers from a script and remembers what it was asked.

    Attributes:
        answers: The responses in order, an exception among them to be raised; or a function from request to response.
        requests: What was asked, in order.
        closed: Whether it was closed.
    """

    answers: Sequence[Response | Exception] | Callable[[Request], Response] = ()
    requests: list[Request] = attrs.field(factory=list)
    closed: bool = False

    def exchange(self, request: Request) -> Response:
        """The next answer."""
        if self.closed:
            message = "the recording transport is closed"
            raise ConnectionClosedError(message)
        self.requests.append(request)
        if callable(self.answers):
            return self.answers(request)
        if len(self.requests) > len(self.answers):
            message = f"request {len(self.requests)} came, and there are {len(self.answers)} answers: {request}"
            raise AssertionError(message)
        answer = self.answers[len(self.requests) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """Answer nothing more."""
        self.closed = True


@implementer(IBackendContext)
@attrs.define(eq=False, kw_only=True)
class FakeBackendContext:
    """The context of an assembly that has at most a transport.

    Attributes:
        server_url: URL of the server.
        user: Name of the user; requests are "authorised" with it.
        scope: Text that scopes shared stores.
        clock: Time.
        transport: What exchanges.
    """

    server_url: str = "https://ftrack.invalid"
    user: str = "ann"
    scope: str = "test"
    clock: IClock = attrs.field(factory=FakeClock)
    transport: ITransport = attrs.field(factory=RecordingTransport)
    _shared: dict[str, Any] = attrs.field(factory=dict, init=False)

    def exchange(self, request: Request) -> Response:
        """Exchange a request over the transport."""
        return self.transport.exchange(self.authorised(request))

    def authorised(self, request: Request) -> Request:
        """The request with a user and no secret."""
        return request.with_headers({"ftrack-user": self.user})

    def shared(self, key: str, make: Callable[[], _T]) -> _T:
        """One thing for all who ask for the key."""
        if key not in self._shared:
            self._shared[key] = make()
        made: _T = self._shared[key]
        return made

    def close(self) -> None:
        """Close what is shared."""
        for made in self._shared.values():
            getattr(made, "close", lambda: None)()

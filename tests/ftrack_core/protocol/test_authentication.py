"""Driving an authenticator's flow."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import attrs
import pytest

from ftrack_core.errors import NotSentError, WrongBackendError
from ftrack_core.protocol._authentication import authorise, drive, drive_streamed
from ftrack_core.values import Request, Response

_REQUEST = Request("POST", "/api")
_TOKEN = Request("POST", "/token")


@attrs.define
class _Flow:
    """Fetches a token, sends the request, and repeats it after a refusal."""

    closed: bool = False
    seen: list[int] = attrs.field(factory=list)

    def run(self) -> Generator[Request, Response, None]:
        """The flow."""
        try:
            token = yield _TOKEN
            response = yield _REQUEST.with_headers({"token": token.body.decode()})
            self.seen.append(response.status)
            if response.status == 401:
                yield _REQUEST.with_headers({"token": "new"})
        finally:
            self.closed = True


def test_the_last_response_is_the_answer() -> None:
    """A caller would get the token's reply, or the refusal."""
    flow, asked = _Flow(), []

    def exchange(request: Request) -> Response:
        asked.append(request)
        return Response(401 if len(asked) == 2 else 200, body=f"{len(asked)}".encode())

    assert drive(flow.run(), exchange).body == b"3"
    assert [request.headers.get("token") for request in asked] == [None, "1", "new"]
    assert flow.closed


def test_a_flow_is_closed_when_the_exchange_fails() -> None:
    """An authenticator that holds a lock while it refreshes would hold it for ever."""
    flow = _Flow()

    def exchange(request: Request) -> Response:
        raise NotSentError("no route")

    with pytest.raises(NotSentError):
        drive(flow.run(), exchange)
    assert flow.closed


def test_a_flow_that_yields_nothing_is_wrong() -> None:
    """The error would be a StopIteration, which ends somebody's loop in silence."""

    def nothing() -> Generator[Request, Response, None]:
        return
        yield _REQUEST

    with pytest.raises(WrongBackendError, match="no request"):
        drive(nothing(), lambda _: Response(200))
    with pytest.raises(WrongBackendError, match="no request"):
        authorise(nothing(), _REQUEST, lambda _: Response(200))


def test_a_flow_that_does_not_end_is_stopped() -> None:
    """A refused key would hammer the server for ever."""
    asked = []

    def endless() -> Generator[Request, Response, None]:
        while True:
            yield _REQUEST

    def exchange(request: Request) -> Response:
        asked.append(request)
        return Response(401)

    with pytest.raises(WrongBackendError, match="does not end"):
        drive(endless(), exchange)
    assert len(asked) < 20


@attrs.define
class _Body:
    """A streamed response."""

    status: int
    headers: dict[str, str] = attrs.field(factory=dict)
    closed: bool = False

    def close(self) -> None:
        """Close it."""
        self.closed = True


def test_a_streamed_answer_is_open_and_refused_ones_are_closed() -> None:
    """Each refused download would leave a connection open."""
    bodies = [_Body(401), _Body(200)]
    left = list(bodies)
    flow = _Flow()
    answer = drive_streamed(flow.run(), _REQUEST, lambda _: Response(200, body=b"t"), lambda _: left.pop(0))
    assert answer is bodies[1]
    assert [body.closed for body in bodies] == [True, False]
    assert flow.seen == [401]


def test_a_streamed_answer_is_closed_when_the_flow_fails() -> None:
    """A failing authenticator would leave a connection open."""
    body = _Body(200)

    def failing() -> Generator[Request, Response, None]:
        yield _REQUEST
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        drive_streamed(failing(), _REQUEST, lambda _: Response(200), lambda _: body)
    assert body.closed


def test_an_authorised_request_is_not_sent() -> None:
    """A backend that speaks for itself would have its request sent twice."""
    asked: list[Any] = []

    def exchange(request: Request) -> Response:
        asked.append(request.url)
        return Response(200, body=b"t")

    flow = _Flow()
    assert authorise(flow.run(), _REQUEST, exchange).headers == {"token": "t"}
    assert asked == ["/token"]
    assert flow.closed

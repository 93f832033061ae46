"""The one place that drives an authenticator's flow of requests and responses; the exchange itself is handed in."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from ftrack_core.errors import WrongBackendError
from ftrack_core.values import Request, Response

__all__ = ["authorise", "drive", "drive_streamed"]

_MOST_EXCHANGES = 8
"""More than any honest flow takes: a token, the request, a new token, the request again, and some to spare."""

Flow = Generator[Request, Response, None]


def drive(flow: Flow, exchange: Callable[[Request], Response]) -> Response:
    """Exchange what a flow yields until it ends.

    Args:
        flow: An authenticator's flow; it is closed in any case.
        exchange: Exchanges one request.

    Returns:
        The last response, which is the answer.

    Raises:
        WrongBackendError: The flow yields nothing, or does not end.
    """
    try:
        request = _first(flow)
        for _ in range(_MOST_EXCHANGES):
            response = exchange(request)
            try:
                request = flow.send(response)
            except StopIteration:
                return response
        raise WrongBackendError(f"the authenticator's flow does not end: it made {_MOST_EXCHANGES} requests")
    finally:
        flow.close()


def drive_streamed(
    flow: Flow, request: Request, exchange: Callable[[Request], Response], open_body: Callable[[Request], Any]
) -> Any:
    """Drive a flow whose answer is streamed; requests of the authenticator's own are exchanged whole.

    Args:
        flow: An authenticator's flow for `request`; it is closed in any case.
        request: What shall be asked. The flow is shown status and headers of its response, and an empty body.
        exchange: Exchanges one request.
        open_body: Sends one request and gives its streamed response.

    Returns:
        The streamed response of the last exchange of `request`.

    Raises:
        WrongBackendError: The flow yields nothing, does not end, or does not end with `request`.
    """
    opened: list[Any] = []

    def step(asked: Request) -> Response:
        while opened:
            opened.pop().close()
        if asked.url != request.url:
            return exchange(asked)
        opened.append(open_body(asked))
        return Response(opened[-1].status, opened[-1].headers)

    try:
        drive(flow, step)
    except BaseException:
        for each in opened:
            each.close()
        raise
    if not opened:
        raise WrongBackendError("the authenticator's flow did not end with the request that it was made for")
    return opened[-1]


def authorise(flow: Flow, request: Request, exchange: Callable[[Request], Response]) -> Request:
    """The request with credentials, as a flow would send it; it is not sent.

    Args:
        flow: An authenticator's flow for `request`; it is closed in any case.
        request: What shall carry credentials.
        exchange: Exchanges requests of the authenticator's own, such as one for a token.

    Raises:
        WrongBackendError: The flow never yields the request.
    """
    try:
        asked = _first(flow)
        for _ in range(_MOST_EXCHANGES):
            if asked.url == request.url:
                return asked
            asked = flow.send(exchange(asked))
    except StopIteration:
        pass
    finally:
        flow.close()
    raise WrongBackendError("the authenticator's flow never yields the request that it was made for")


def _first(flow: Flow) -> Request:
    try:
        return next(flow)
    except StopIteration:
        raise WrongBackendError("the authenticator's flow yields no request") from None

"""The JSON batch protocol: operations out, one result for each back, or one error for all (server contract 1 to 4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ftrack_core.errors import (
    DuplicateRefusedError,
    IntegrityRefusedError,
    InvalidCredentialsError,
    MalformedReplyError,
    PermissionRefusedError,
    QueryRefusedError,
    ServerCompatibilityError,
    ServerError,
    ValidationRefusedError,
)
from ftrack_core.values import Request, Response

__all__ = ["api_request", "read_reply", "server_error"]

_BY_EXCEPTION: Final[Mapping[str, type[ServerError]]] = {
    "InvalidCredentialsError": InvalidCredentialsError,
    "FTAuthenticationError": InvalidCredentialsError,
    "PermissionError": PermissionRefusedError,
    "ValidationError": ValidationRefusedError,
    "ParseError": QueryRefusedError,
    "IntegrityError": IntegrityRefusedError,
    "DuplicateEntryError": DuplicateRefusedError,
}
_INVALID_ACTION: Final = re.compile(r"Invalid action u?'([^']*)'")
_SHOWN_CHARACTERS: Final = 200


def api_request(body: bytes, headers: Mapping[str, str], timeout_seconds: float | None = None) -> Request:
    """The request that carries one batch.

    Args:
        body: The batch as JSON.
        headers: The session's own headers: client token, strictness, and what the user gave.
        timeout_seconds: How long to wait for the reply; None leaves it to the transport.
    """
    content = {"accept": "application/json", "content-type": "application/json", "accept-encoding": "gzip, deflate"}
    return Request("POST", "/api", {**content, **headers}, body, timeout_seconds)


def read_reply(response: Response, decode: Callable[[bytes], Any], expected: int) -> list[Any]:
    """The results that a response carries.

    Args:
        response: What came back for the batch.
        decode: Reads JSON.
        expected: How many operations the batch had.

    Returns:
        One result for each operation, in order.

    Raises:
        ServerError: The server refused the batch, as the most specific class of its kind.
        MalformedReplyError: The response is not the protocol.
    """
    try:
        reply = decode(response.body)
    except ValueError as error:
        raise _not_json(response) from error
    if isinstance(reply, dict) and "exception" in reply:
        raise server_error(reply, response.status)
    if response.status >= 400:
        raise ServerError(f"The server answered with HTTP status {response.status}.", status=response.status)
    if not isinstance(reply, list) or len(reply) != expected:
        found = f"a list of {len(reply)}" if isinstance(reply, list) else f"a JSON {type(reply).__name__}"
        message = f"The server's reply is {found} where a list of {expected} was expected."
        raise MalformedReplyError(message, status=response.status)
    return reply


def server_error(reply: Mapping[str, Any], status: int | None = None) -> ServerError:
    """The error that an error reply means.

    Args:
        reply: The object with `exception`, `content` and perhaps `error_code`.
        status: HTTP status of the response.
    """
    exception, content = str(reply.get("exception") or ""), str(reply.get("content") or "")
    made = _BY_EXCEPTION.get(exception, ServerError)
    if _INVALID_ACTION.search(content):
        made = ServerCompatibilityError
    elif made is ServerError and "DuplicateEntryError" in content:
        made = DuplicateRefusedError
    code = reply.get("error_code")
    return made(
        f"Server reported error: {exception}({content})",
        exception=exception,
        error_code=None if code is None else str(code),
        status=status,
    )


def _not_json(response: Response) -> ServerError:
    shown = response.body[:_SHOWN_CHARACTERS].decode("utf-8", "replace").strip()
    what = "an empty body" if not shown else f"something that is not JSON: {shown!r}"
    return MalformedReplyError(
        f"The server answered with HTTP status {response.status} and {what}. Is the URL that of an ftrack server?",
        status=response.status,
    )

"""One log line and one id for each request."""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import TYPE_CHECKING
from urllib.parse import quote

import attrs

from ftrack_backends.workspace.front import ACCESS_LOGGER

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["AccessLog", "raw_path", "request_id"]

_LOGGER = logging.getLogger(ACCESS_LOGGER)
_HEADER = b"x-request-id"
_ACCEPTABLE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


@attrs.frozen(eq=False)
class AccessLog:
    """Gives each request an id, sends it back as `X-Request-Id` and writes one line a request.

    An id that the client sends is kept, so that its log and this one can be read side by side. The line is written
    when the reply begins, so it is there by the time that the client has the reply. It holds neither headers nor the
    query part of the URL, because keys travel in both.
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        identifier = _identifier(scope)
        scope.setdefault("state", {})["request_id"] = identifier
        started = time.perf_counter()

        async def send_and_log(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (_HEADER, identifier.encode("ascii"))]
                _write_line(scope, message, identifier, time.perf_counter() - started)
            await send(message)

        await self.app(scope, receive, send_and_log)


def request_id(scope: Scope) -> str:
    """The id that `AccessLog` gave the request."""
    return str(scope.get("state", {}).get("request_id", "-"))


def raw_path(scope: Scope) -> str:
    """The path as it was sent, still percent-encoded: ASCII without a line break."""
    path = scope.get("raw_path") or quote(scope["path"]).encode("ascii")
    return str(path.decode("latin-1")).partition("?")[0]


def _identifier(scope: Scope) -> str:
    sent = next((value for name, value in scope["headers"] if name.lower() == _HEADER), b"")
    return sent.decode("ascii") if _ACCEPTABLE_ID.fullmatch(sent) else uuid.uuid4().hex


def _write_line(scope: Scope, start: Message, identifier: str, seconds: float) -> None:
    size = next((int(value) for name, value in start["headers"] if name == b"content-length"), 0)
    _LOGGER.info(
        "%s %s %s %s %s bytes %.1f ms",
        identifier,
        scope["method"],
        raw_path(scope),
        start["status"],
        size,
        seconds * 1000,
    )

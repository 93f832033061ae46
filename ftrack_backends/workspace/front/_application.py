"""The ASGI application: reads a request, hands it to the workspace in a thread, sends what comes back."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.responses import Response as HttpResponse

from ftrack_backends.workspace.front._access_log import AccessLog, raw_path, request_id
from ftrack_backends.workspace.front._cut import cut
from ftrack_backends.workspace.front._files import FileResponse, FileWorkspace, received
from ftrack_backends.workspace.front._sockets import serve_socket
from ftrack_core.errors import ConnectionClosedError, ConnectionLostError
from ftrack_core.values import Request, Response

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from ftrack_backends.workspace.front import Exchange

__all__ = ["build"]

_LOGGER = logging.getLogger(__name__)

_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT")
_ALLOWED_HEADERS = (
    "content-disposition",
    "content-md5",
    "content-type",
    "ftrack-api-key",
    "ftrack-api-options",
    "ftrack-clienttoken",
    "ftrack-pushtoken",
    "ftrack-strict-api",
    "ftrack-user",
    "if-range",
    "range",
)
_EXPOSED_HEADERS = ("Accept-Ranges", "Content-Disposition", "Content-Range", "ETag", "X-Request-Id")
_BODYS_OWN = frozenset({"content-length", "content-type"})
_OURS_TO_SEND = frozenset({"connection", "content-length", "date", "transfer-encoding"})


def build(workspace: Exchange, body_limit_bytes: int) -> Starlette:
    """The application for a workspace. Every path is the workspace's own business."""
    app = Starlette(middleware=[Middleware(AccessLog), _cross_origin()])
    app.router.default = _Passage(workspace, body_limit_bytes)  # a route would leave out what does not begin with "/"
    return app


def _cross_origin() -> Middleware:
    """Browsers of any origin may ask, since no cookie gives anybody a right here: each request carries its key.

    A pattern and not `*`, because a browser that sends credentials takes an explicit origin only.
    """
    return Middleware(
        _CrossOrigin,
        allow_origin_regex=".*",
        allow_credentials=True,
        allow_methods=_METHODS,
        allow_headers=_ALLOWED_HEADERS,
        expose_headers=_EXPOSED_HEADERS,
    )


class _CrossOrigin(CORSMiddleware):
    """Answers what browsers ask before they send a request; a refusal says in JSON what is refused."""

    def preflight_response(self, request_headers: Headers) -> HttpResponse:
        """Allow or refuse a request that a browser is about to send."""
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        refused = bytes(answer.body).decode()
        refusal = _refusal(answer.status_code, "CrossOriginError", f"A browser may not send this request. {refused}.")
        kept = ((name, value) for name, value in answer.headers.items() if name not in _BODYS_OWN)
        refusal.headers.update(dict(kept))
        return refusal


@attrs.frozen(eq=False)
class _Passage:
    """Passes every request through the workspace's `exchange`, in a thread, so that none waits for another."""

    workspace: Exchange
    body_limit_bytes: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await serve_socket(getattr(self.workspace, "sockets", None), scope, receive, send)
            return
        try:
            answer = await self._answer(scope, receive)
            await answer(scope, receive, send)
        except ClientDisconnect:
            return  # nobody waits for a reply, and half a body is nothing to act on

    async def _answer(self, scope: Scope, receive: Receive) -> HttpResponse:
        if scope["method"] not in _METHODS:
            return _refusal(405, "MethodNotAllowed", f"{scope['method']} is none of {', '.join(_METHODS)}.")
        if scope["method"] == "OPTIONS":
            return HttpResponse(status_code=204, headers={"allow": ", ".join(_METHODS)})
        request = Request(scope["method"], _target(scope), _headers(scope))
        request = request.with_headers({"x-request-id": request_id(scope)})
        try:
            return await self._exchanged(request, receive)
        except ClientDisconnect:
            raise
        except ConnectionLostError:
            cut(scope)  # as a test asked
            return HttpResponse(status_code=500)
        except ConnectionClosedError:  # it came in while the workspace was being closed; nobody is to blame
            return _refusal(503, "ClosedError", "The workspace is closed; nothing of this request was done.")
        except Exception:
            # The last line of defence: whatever it was, clients get JSON and the log gets the traceback.
            _LOGGER.exception("request %s failed inside the workspace", request_id(scope))
            return _refusal(
                500, "InternalServerError", f"Request {request_id(scope)} failed; the server's log says why."
            )

    async def _exchanged(self, request: Request, receive: Receive) -> HttpResponse:
        workspace = self.workspace
        if isinstance(workspace, FileWorkspace) and request.method == "PUT":
            response, read = await received(workspace, request, receive)
            answer = _sendable(response)
            if not read:
                answer.headers["connection"] = "close"
            return answer
        body = await _body(receive, self.body_limit_bytes)
        if body is None:
            return _refusal(413, "RequestTooLarge", f"A request may have {self.body_limit_bytes} bytes at most.")
        if isinstance(workspace, FileWorkspace) and request.method in {"GET", "HEAD"}:
            return FileResponse(await run_in_threadpool(workspace.fetch, request))
        asked = attrs.evolve(request, body=body)
        return _sendable(await run_in_threadpool(workspace.exchange, asked))


async def _body(receive: Receive, limit_bytes: int) -> bytes | None:
    """The request's body; None when it is longer than the limit.

    What is beyond the limit is read and dropped, because a client that is still sending would see a broken connection
    instead of the refusal.

    Raises:
        ClientDisconnect: The client went away before all of it was here.
    """
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part: bytes = message.get("body", b"")
        size += len(part)
        if size <= limit_bytes:
            parts.append(part)
        else:
            parts.clear()
        more = message.get("more_body", False)
    return b"".join(parts) if size <= limit_bytes else None


def _target(scope: Scope) -> str:
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{raw_path(scope)}?{query}" if query else raw_path(scope)


def _headers(scope: Scope) -> Mapping[str, str]:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _sendable(response: Response) -> HttpResponse:
    headers = {name: value for name, value in response.headers.items() if name.lower() not in _OURS_TO_SEND}
    return HttpResponse(response.body, response.status, headers)


def _refusal(status: int, exception: str, content: str) -> HttpResponse:
    """An error in the form that ftrack clients read."""
    return JSONResponse({"exception": exception, "content": content, "error_code": None}, status)

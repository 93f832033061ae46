"""The application: a request in, a response out, whatever brought it here.

The in-process transport and the HTTP front both call `Application.exchange`; there is no other way in. It always
answers, and always in JSON.
"""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import SplitResult, parse_qsl, urlsplit

import attrs

from ftrack_backends.workspace._accounts import Caller
from ftrack_backends.workspace._arrival import Arrival
from ftrack_backends.workspace._faults import (
    ClosedFault,
    CredentialsFault,
    Fault,
    FileFault,
    InternalFault,
    MethodFault,
    RequestFault,
    RouteFault,
    ValidationFault,
)
from ftrack_backends.workspace._file_actions import FILE_ACTIONS, UPLOAD_PATH, path_of
from ftrack_backends.workspace._file_routes import (
    caller_of,
    component_file,
    disk_fault,
    opened,
    removed,
    served,
    upload_order,
)
from ftrack_backends.workspace._requests import ServedRequest
from ftrack_backends.workspace._thumbnails import Thumbnails, picture_response, wanted_size
from ftrack_backends.workspace._widgets import WIDGET_PATH, widget_page
from ftrack_backends.workspace.actions import Services, run_batch
from ftrack_backends.workspace.files import Reception, Streamed
from ftrack_backends.workspace.files._pictures import fitted, placeholder
from ftrack_core.values import Request, Response

if TYPE_CHECKING:
    from ftrack_backends.workspace.files._pictures import Picture

__all__ = ["Application"]

_Answer = TypeVar("_Answer")

_log = logging.getLogger(__name__)
_JSON = {"content-type": "application/json"}
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}")
_STRICT_OPTION = re.compile(r"(?i)(?:^|[;,\s])strict(?:\s*[=:]\s*(?:1|true))?\s*(?:$|[;,])")
_SURROGATE = "\\ud"
"""How the escape of half a character begins; text with one that has no other half cannot be stored."""


@attrs.define
class _Call:
    """One request while it is worked on, with what is found out about it on the way."""

    request: Request
    url: SplitResult
    headers: Mapping[str, str]
    caller: Caller | None = None
    actions: tuple[str, ...] = ()
    faulty: bool = False

    @property
    def strict(self) -> bool:
        """Whether the client wants an error's HTTP status."""
        return self.headers.get("ftrack-strict-api", "").lower() == "true"

    @property
    def strict_data(self) -> bool:
        """Whether the client wants just what it asks for: `strict`, `strict=1` or `strict:1` among its options."""
        return _STRICT_OPTION.search(self.headers.get("ftrack-api-options", "")) is not None

    @property
    def address(self) -> str:
        """Where the client reached the workspace, as `http://host:port`; empty in process."""
        host = self.headers.get("host", "")
        if not _HOST.fullmatch(host):
            return ""
        secure = self.headers.get("x-forwarded-proto", "").lower() == "https"
        return f"{'https' if secure else 'http'}://{host}"


@attrs.define(eq=False, repr=False)
class Application:
    """Answers requests on behalf of one workspace.

    Thread safety: every method is called by many threads at once.
    """

    _services: Services
    _thumbnails: Thumbnails = attrs.field(factory=Thumbnails, init=False)

    def exchange(self, request: Request) -> Response:
        """Answer a request. Never raises: what goes wrong becomes an error reply.

        Args:
            request: `url` may be absolute or begin with `/`; only its path and its query count.

        Returns:
            The response; the body of every error is JSON.
        """
        if _is_upload(request):
            arrival = self.receive(request)
            arrival.write(request.body)
            return arrival.finish()
        response = self.fetch(request)
        return response.collected() if isinstance(response, Streamed) else response

    def fetch(self, request: Request) -> Response | Streamed:
        """Answer a request, with a file's bytes still to be read. Never raises.

        Args:
            request: As for `exchange`, without a body that is a file.
        """
        call = _opened(request)
        at = self._services.clock.now()
        response = self.guarded(call, lambda: self._answer(call))
        self.note(call, at)
        return response

    def receive(self, request: Request) -> Arrival:
        """Begin to take a request whose body is a file, and comes piece by piece. Never raises.

        Args:
            request: Its head.
        """
        call = _opened(request)
        arrival = Arrival(self, call, self._services.clock.now())
        refusal = self.guarded(call, lambda: arrival.begin(self._received(call)))
        if isinstance(refusal, Response):
            arrival.refuse(refusal)
        return arrival

    def guarded(self, call: _Call, act: Callable[[], _Answer]) -> _Answer | Response:
        """Do something on behalf of a request; what goes wrong becomes an error reply."""
        try:
            return act()
        except Fault as fault:
            return _refusal(fault, call)
        except RecursionError:
            return _refusal(RequestFault("The request is nested too deeply."), call)
        except Exception as error:  # noqa: BLE001 - the client gets an error reply, the log gets everything
            full = disk_fault(error) if isinstance(error, OSError) else None
            closing = self._services.closing.is_set()
            return _refusal(full or (ClosedFault() if closing else _logged_failure(call, error)), call)

    def note(self, call: _Call, at: float) -> None:
        """Count a request that was answered."""
        username = call.caller.username if call.caller else ""
        self._services.requests.add(ServedRequest(at, username, call.actions, call.faulty))

    def _received(self, call: _Call) -> Reception:
        if call.url.path != UPLOAD_PATH:
            raise RouteFault(f"No file can be sent to {call.url.path!r:.200}; get_upload_metadata tells where to.")
        parameters = self._services.signer.verified("PUT", UPLOAD_PATH, call.url.query)
        order = upload_order(parameters, call.headers.get("content-length", ""))
        return self._services.files.receive(order)

    def _answer(self, call: _Call) -> Response | Streamed:
        path = call.url.path.rstrip("/") or "/"
        methods = _ROUTES.get(path)
        if methods is None:
            raise RouteFault(f"There is nothing at {path!r}; the API is at '/api', events are at '/socket.io/1/'.")
        route = methods.get(call.request.method.upper())
        if route is None:
            raise MethodFault(f"{call.request.method!r} does not go with {path!r}; use {' or '.join(methods)}.")
        return route(self, call)

    def _api(self, call: _Call) -> Response:
        call.caller = self._caller(call)
        batch = _batch(call.request.body)
        call.actions = tuple(str(operation.get("action")) for operation in batch)
        return _reply(run_batch(self._services, call.caller, batch, call.address))

    def _handshake(self, call: _Call) -> Response:
        """Let an event client open its socket; a refusal has its status in any case, since clients read any 200."""
        try:
            call.caller = self._caller(call)
        except CredentialsFault as fault:
            call.faulty = True
            return _reply(fault.reply(), fault.status)
        told = self._services.sockets.handshake(call.caller)
        return Response(200, {"content-type": "text/plain; charset=utf-8"}, told.text().encode())

    def _widget(self, call: _Call) -> Response:
        return widget_page(self._services.signer.verified("GET", WIDGET_PATH, call.url.query))

    def _file(self, call: _Call) -> Streamed:
        component_id = self._allowed(call)["id"]
        file = component_file(self._services, component_id)
        with_body = call.request.method.upper() != "HEAD"
        try:
            return served(self._services, file, call.headers, with_body=with_body)
        except FileFault:
            newer = component_file(self._services, component_id)
            if newer == file:
                raise
            return served(self._services, newer, call.headers, with_body=with_body)  # it was replaced meanwhile

    def _thumbnail(self, call: _Call) -> Streamed:
        parameters = self._allowed(call)
        size = wanted_size(parameters)
        file = component_file(self._services, parameters["id"])

        def make() -> Picture:
            with opened(self._services, file) as content:
                return fitted(content, size)

        picture = self._thumbnails.of(file.etag, size, make)
        return _shown(picture_response(picture, etag=f"{file.etag}-{size}"), call)

    def _default_thumbnail(self, call: _Call) -> Streamed:
        return _shown(picture_response(placeholder(wanted_size(dict(parse_qsl(call.url.query))))), call)

    def _remove_file(self, call: _Call) -> Response:
        call.caller = caller_of(self._services, call.headers, call.url.query)
        return removed(self._services, call.caller, _component_id(dict(parse_qsl(call.url.query))))

    def _allowed(self, call: _Call) -> dict[str, str]:
        """The parameters of a request that may see a file: by a signed URL, or by credentials."""
        parameters = dict(parse_qsl(call.url.query))
        if "signature" in parameters:
            signed = self._services.signer.verified("GET", call.url.path, call.url.query)
            return {**signed, "id": _component_id(signed)}
        call.caller = caller_of(self._services, call.headers, call.url.query)
        return {**parameters, "id": _component_id(parameters)}

    def _caller(self, call: _Call) -> Caller:
        parameters = dict(parse_qsl(call.url.query))
        username = call.headers.get("ftrack-user") or parameters.get("api_user") or ""
        api_key = call.headers.get("ftrack-api-key") or parameters.get("api_key") or ""
        if not username or not api_key:
            raise CredentialsFault("Credentials are missing: send the headers 'ftrack-user' and 'ftrack-api-key'.")
        return attrs.evolve(
            self._services.accounts.caller(username, api_key),
            client_token=call.headers.get("ftrack-clienttoken", ""),
            push_token=call.headers.get("ftrack-pushtoken", ""),
            strict=call.strict or call.strict_data,
        )


_ROUTES: dict[str, dict[str, Callable[[Application, _Call], Response | Streamed]]] = {
    "/api": {"POST": Application._api},
    "/socket.io/1": {"GET": Application._handshake, "POST": Application._handshake},
    WIDGET_PATH: {"GET": Application._widget},
    "/component/get": {"GET": Application._file, "HEAD": Application._file},
    "/component/thumbnail": {"GET": Application._thumbnail, "HEAD": Application._thumbnail},
    "/component/remove": {"GET": Application._remove_file},
    "/img/thumbnail2.png": {"GET": Application._default_thumbnail, "HEAD": Application._default_thumbnail},
}


def _opened(request: Request) -> _Call:
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        url = urlsplit(request.url)
    except ValueError:  # as for "http://[": it names no route
        url = urlsplit("/")
    call = _Call(request, url, headers)
    action = FILE_ACTIONS.get((request.method.upper(), url.path))
    if action:
        call.actions = (action,)
    return call


def _is_upload(request: Request) -> bool:
    return request.method.upper() == "PUT" and path_of(request.url) == UPLOAD_PATH


def _component_id(parameters: Mapping[str, str]) -> str:
    component_id = parameters.get("id", "")
    if not component_id:
        raise FileFault("The parameter 'id' must say which component is meant.", "malformed_request")
    return component_id


def _shown(response: Response, call: _Call) -> Streamed:
    body = b"" if call.request.method.upper() == "HEAD" else response.body
    return Streamed.of(attrs.evolve(response, body=body))


def _batch(body: bytes) -> list[dict[str, Any]]:
    try:
        text = body.decode("utf-8-sig")
        batch = json.loads(text, parse_constant=_no_number)
        if _SURROGATE in text.lower():
            json.dumps(batch, ensure_ascii=False).encode()
    except ValueError as error:
        raise RequestFault(f"The body is not JSON: {error}.") from error
    if not isinstance(batch, list):
        raise ValidationFault(f"The body must be a JSON list of operations, not {_kind(batch)}.")
    for place, operation in enumerate(batch):
        if not isinstance(operation, dict):
            raise ValidationFault(f"Operation {place} must be a JSON object, not {_kind(operation)}.")
    return batch


def _no_number(name: str) -> None:
    """Refuse what Python reads and JSON does not know: NaN and the infinities."""
    raise ValueError(f"there is no number {name}")


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")


def _reply(value: object, status: int = 200) -> Response:
    return Response(status, _JSON, json.dumps(value, separators=(",", ":")).encode())


def _refusal(fault: Fault, call: _Call) -> Response:
    call.faulty = True
    plain = call.url.path.rstrip("/") != "/api"  # who asks for a file reads nothing but the status
    reply = _reply(fault.reply(), fault.status if plain or fault.always or call.strict else 200)
    more = fault.headers if isinstance(fault, FileFault) else {}
    return attrs.evolve(reply, headers={**reply.headers, **more})


def _logged_failure(call: _Call, error: Exception) -> InternalFault:
    request_id = call.headers.get("x-request-id") or uuid.uuid4().hex
    _log.error("request %s failed; actions: %s", request_id, ", ".join(call.actions) or "none", exc_info=error)
    return InternalFault(request_id, str(error) if isinstance(error, sqlite3.OperationalError) else "")

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
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

import attrs

from ftrack_backends.workspace._accounts import Caller
from ftrack_backends.workspace._faults import (
    ClosedFault,
    CredentialsFault,
    Fault,
    InternalFault,
    MethodFault,
    RequestFault,
    RouteFault,
    ValidationFault,
)
from ftrack_backends.workspace._requests import ServedRequest
from ftrack_backends.workspace._widgets import WIDGET_PATH, widget_page
from ftrack_backends.workspace.actions import Services, run_batch
from ftrack_core.values import Request, Response

__all__ = ["Application"]

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

    Thread safety: `exchange` is called by many threads at once.
    """

    _services: Services

    def exchange(self, request: Request) -> Response:
        """Answer a request. Never raises: what goes wrong becomes an error reply.

        Args:
            request: `url` may be absolute or begin with `/`; only its path and its query count.

        Returns:
            The response; the body of every error is JSON.
        """
        call = _opened(request)
        at = self._services.clock.now()
        try:
            response = self._answer(call)
        except Fault as fault:
            response = _refusal(fault, call)
        except RecursionError:
            response = _refusal(RequestFault("The request is nested too deeply."), call)
        except Exception as error:  # noqa: BLE001 - the client gets an error reply, the log gets everything
            closing = self._services.closing.is_set()
            response = _refusal(ClosedFault() if closing else _logged_failure(call, error), call)
        username = call.caller.username if call.caller else ""
        self._services.requests.add(ServedRequest(at, username, call.actions, call.faulty))
        return response

    def _answer(self, call: _Call) -> Response:
        path = call.url.path.rstrip("/") or "/"
        methods = _ROUTES.get(path)
        if methods is None:
            raise RouteFault(f"There is nothing at {path!r}; the API is at '/api'.")
        route = methods.get(call.request.method.upper())
        if route is None:
            raise MethodFault(f"{call.request.method!r} does not go with {path!r}; use {' or '.join(methods)}.")
        return route(self, call)

    def _api(self, call: _Call) -> Response:
        call.caller = self._caller(call)
        batch = _batch(call.request.body)
        call.actions = tuple(str(operation.get("action")) for operation in batch)
        return _reply(run_batch(self._services, call.caller, batch, call.address))

    def _widget(self, call: _Call) -> Response:
        return widget_page(self._services.signer.verified("GET", WIDGET_PATH, call.url.query))

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


_ROUTES: dict[str, dict[str, Callable[[Application, _Call], Response]]] = {
    "/api": {"POST": Application._api},
    WIDGET_PATH: {"GET": Application._widget},
}


def _opened(request: Request) -> _Call:
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        url = urlsplit(request.url)
    except ValueError:  # as for "http://[": it names no route
        url = urlsplit("/")
    return _Call(request, url, headers)


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
    return _reply(fault.reply(), fault.status if fault.always or call.strict else 200)


def _logged_failure(call: _Call, error: Exception) -> InternalFault:
    request_id = call.headers.get("x-request-id") or uuid.uuid4().hex
    _log.error("request %s failed; actions: %s", request_id, ", ".join(call.actions) or "none", exc_info=error)
    return InternalFault(request_id, str(error) if isinstance(error, sqlite3.OperationalError) else "")

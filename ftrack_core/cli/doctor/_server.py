"""The way to the server, what the server is, and whether it accepts who is asking."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ftrack_core.assembly import Backends
from ftrack_core.cli.doctor._limits import of_error
from ftrack_core.config import is_embedded
from ftrack_core.errors import (
    AuthenticationError,
    ConnectionLostError,
    Error,
    InvalidCredentialsError,
    MalformedReplyError,
    NotSentError,
    Phase,
    ServerCompatibilityError,
    ServerError,
)
from ftrack_core.interfaces import IDiagnosed
from ftrack_core.protocol import api_request, read_reply
from ftrack_core.values import Finding, Response

if TYPE_CHECKING:
    from ftrack_core.cli.doctor._examination import Examination

__all__ = ["check", "check_credentials", "skipped"]

_SKEW_SECONDS = 300.0
_PHASES = {
    Phase.BEFORE_SENDING: "it was never reached",
    Phase.AFTER_SENDING: "it was reached, and no reply came",
    Phase.WHILE_READING: "its reply broke off",
}
_NO_FTRACK = (
    "check the URL: something answers there, and it is no ftrack server's API (a login page, a proxy, another site)"
)


def skipped(examination: Examination, check_name: str) -> Finding | None:
    """Why nothing can be asked of the server, or None where it can."""
    if examination.backends is None:
        return Finding(check_name, "skipped", "there are no backends to ask it with; see above")
    if examination.offline and not is_embedded(examination.backends.server_url):
        return Finding(check_name, "skipped", "--offline was given")
    return None


def check(examination: Examination) -> Iterator[Finding]:
    """The way to the server step by step, then what it tells of itself."""
    why = skipped(examination, "server")
    backends = examination.backends
    if why is not None or backends is None:
        yield why or Finding("server", "skipped", "there are no backends")
        return
    if IDiagnosed.providedBy(backends.transport):
        yield from backends.transport.diagnose(examination.timeout_seconds)
    began = time.monotonic()
    try:
        response = _ask(examination, backends, {"action": "query_server_information"})
        seconds = time.monotonic() - began
        told = read_reply(response, backends.decode, 1)[0]
    except InvalidCredentialsError as error:
        took = time.monotonic() - began
        yield Finding("http", "ok", f"{backends.server_url} answered in the protocol", seconds=took)
        yield _refused(error, backends)
        return
    except AuthenticationError as error:
        yield of_error("credentials", error, "the authenticator has none to send; see its options")
        return
    except Error as error:
        yield _unreached(error, backends, time.monotonic() - began)
        return
    text = f"{backends.server_url} answered in the protocol"
    yield Finding("http", "ok", text, seconds=seconds, facts={"status": response.status})
    yield from _clock(response)
    yield _server_itself(told, examination)


def check_credentials(examination: Examination) -> Iterator[Finding]:
    """As whom the server knows us."""
    backends = examination.backends
    if backends is None or examination.information is None:
        unknown = Finding("user", "skipped", "the server did not tell what it is; see above")
        yield skipped(examination, "user") or unknown
        return
    user = backends.authenticator.user
    began = time.monotonic()
    names = "username, first_name, last_name, is_active, user_security_roles.security_role.name"
    try:
        rows = _query(examination, backends, f"select {names} from User where username is {_quoted(user)}")  # noqa: S608
    except Error as error:
        yield of_error("user", error, "the key was accepted; the user may not read users")
        return
    yield _known_as(user, rows, time.monotonic() - began)


def _known_as(user: str, rows: list[Any], seconds: float) -> Finding:
    if not rows:
        text = f"the key was accepted, and the server shows no user {user!r}"
        return Finding("user", "warning", text, "is the key another user's, or a global one?", seconds, {"user": user})
    row = rows[0]
    links = row.get("user_security_roles") or []
    roles = sorted({str((link.get("security_role") or {}).get("name")) for link in links if isinstance(link, Mapping)})
    name = " ".join(str(row[part]) for part in ("first_name", "last_name") if row.get(part))
    facts = {"user": user, "name": name, "roles": roles, "active": row.get("is_active")}
    text = f"accepted as {user}{f' ({name})' if name else ''}, with {_roles_in_words(roles)}"
    return Finding("user", "ok", text, seconds=seconds, facts=facts)


def _roles_in_words(roles: list[str]) -> str:
    if not roles:
        return "no security role that it may see"
    return f"the security role{'s' if len(roles) > 1 else ''} {', '.join(roles)}"


def _refused(error: InvalidCredentialsError, backends: Backends) -> Finding:
    advice = (
        "check FTRACK_API_USER and FTRACK_API_KEY (or the profile): the key belongs to one server and may have been "
        "disabled; see where each came from above"
    )
    facts = {"user": backends.authenticator.user, "code": error.code, "error_code": error.error_code}
    text = f"the server refuses user {backends.authenticator.user!r} with this key: {error}"
    return Finding("credentials", "failed", text, advice, facts=facts)


def _unreached(error: Error, backends: Backends, seconds: float) -> Finding:
    found = of_error("http", error, seconds=seconds)
    phase = getattr(error, "phase", None)
    facts = {**found.facts, **({"phase": phase.name.lower()} if isinstance(phase, Phase) else {})}
    text = f"{backends.server_url}: {_PHASES[phase]}: {error}" if isinstance(phase, Phase) else str(error)
    return Finding("http", "failed", text, _advice(error), seconds, facts)


def _advice(error: Error) -> str:
    if isinstance(error, NotSentError):
        return "check that the URL is right and the server runs; the steps above tell how far one gets"
    if isinstance(error, ConnectionLostError):
        return "the server or something before it is overloaded, restarting or cutting connections; try again"
    if isinstance(error, MalformedReplyError):
        return _NO_FTRACK
    if isinstance(error, ServerError) and error.status is not None:
        return "the server has trouble; ask those who run it" if error.status >= 500 else _NO_FTRACK
    return ""


def _server_itself(told: Any, examination: Examination) -> Finding:
    from ftrack_core.session.line._server import check_compatibility

    if not isinstance(told, Mapping):
        text = "the server's information about itself is not a JSON object"
        return Finding("version", "failed", text, _NO_FTRACK)
    try:
        check_compatibility(told)
    except ServerCompatibilityError as error:
        return of_error("version", error, "ask for the server to be updated")
    examination.information = told
    known = {name: told.get(name) for name in ("version", "schema_hash", "is_timezone_support_enabled")}
    scenario = (told.get("storage_scenario") or {}).get("scenario")
    text = f"the server's version is {told.get('version')}, which is compatible"
    return Finding("version", "ok", text, facts={**known, "storage_scenario": scenario})


def _clock(response: Response) -> Iterator[Finding]:
    """A clock that is wrong breaks tokens, and makes caches serve what is old."""
    date = response.headers.get("date")
    try:
        told = email.utils.parsedate_to_datetime(date).timestamp() if date else None
    except ValueError:
        return
    skew = time.time() - told if told is not None else 0.0
    if abs(skew) > _SKEW_SECONDS:
        text = f"this machine's clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the server's"
        yield Finding("clock", "warning", text, "set this machine's clock", facts={"skew_seconds": round(skew)})


def _query(examination: Examination, backends: Backends, expression: str) -> list[Any]:
    response = _ask(examination, backends, {"action": "query", "expression": expression})
    result = read_reply(response, backends.decode, 1)[0]
    rows = result.get("data") if isinstance(result, Mapping) else None
    if not isinstance(rows, list):
        raise MalformedReplyError("The server's result for a query is not a list of rows.")
    return [row for row in rows if isinstance(row, Mapping)]


def _ask(examination: Examination, backends: Backends, operation: Mapping[str, Any]) -> Response:
    headers = examination.settings["headers"] if examination.settings is not None else {}
    return backends.exchange(api_request(backends.encode([operation]), headers, examination.timeout_seconds))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

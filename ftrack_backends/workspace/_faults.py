"""Faults: what the workspace refuses, in the three fields that an error reply of the protocol has.

A fault is raised anywhere below the application, undoes the whole batch and becomes the reply
`{"exception": ..., "content": ..., "error_code": ...}`. Clients know some of the exception names, so these are part of
the protocol. A `ValidationError` that one operation of the batch is to blame for has a fourth field,
`"detail": [{"loc": [place in the batch, field], "msg": ..., "type": ...}]`.

Statuses of HTTP. Clients that send `ftrack-strict-api: true` get the status of the table; the others get 200 where it
says so, since they read an error from the body alone and would fail on any other status.

| exception | strict | else | when |
|---|---|---|---|
| ParseError | 400 | 200 | the body is no JSON, or a query is none |
| InvalidActionError | 400 | 200 | there is no such action |
| InvalidCredentialsError | 401 | 200 | user and key do not go together, or the user is not active |
| PermissionError | 403 | 200 | the key may only read |
| ValidationError | 422 | 200 | an operation or a value is not what it may be, or an entity is not there |
| IntegrityError | 409 | 200 | the result would break a rule that holds between rows |
| DuplicateEntryError | 409 | 200 | a second row where there may be only one |
| FileError | 400 | 400 | what a file brings, or is asked for, may not be; also 409, 413, 416, 422, 507 |
| SignatureError | 403 | 403 | the signature of a URL is wrong, or its time is over |
| NotFoundError | 404 | 404 | nothing is at that address |
| NotFoundError | 405 | 405 | something is, and not for that method |
| InternalError | 500 | 500 | the workspace itself failed; its log tells more |
| ClosedError | 503 | 503 | the workspace is being closed |

The HTTP front has three more of its own, before a workspace is asked: `MethodNotAllowed` 405 for a method that HTTP
hardly knows, `RequestTooLarge` 413, and `InternalServerError` 500 should a workspace raise.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "ClosedFault",
    "CredentialsFault",
    "DuplicateFault",
    "Fault",
    "FileFault",
    "IntegrityFault",
    "InternalFault",
    "InvalidActionFault",
    "MethodFault",
    "NotFoundFault",
    "PermissionFault",
    "QueryFault",
    "RequestFault",
    "RouteFault",
    "SignatureFault",
    "ValidationFault",
]

_BRACES = str.maketrans("{}", "()")
_STATUSES = {
    "ClosedError": 503,
    "DuplicateEntryError": 409,
    "IntegrityError": 409,
    "InternalError": 500,
    "InvalidCredentialsError": 401,
    "PermissionError": 403,
    "SignatureError": 403,
    "ValidationError": 422,
}


class Fault(Exception):
    """A request cannot be done; its reply is an error object and the whole batch is undone.

    Attributes:
        exception: Name that clients know the sort of fault by: `ParseError`, `ValidationError`, `IntegrityError`,
            `DuplicateEntryError`, `PermissionError`, `InvalidCredentialsError`.
        content: Sentence for people. It holds no braces: clients format the text, and would fail on them.
        error_code: Code for programs, or None.
    """

    def __init__(self, exception: str, content: str, error_code: str | None = None) -> None:
        self.exception = exception
        self.content = content.translate(_BRACES)
        self.error_code = error_code
        super().__init__(f"{exception}: {self.content}")

    @property
    def status(self) -> int:
        """HTTP status of the reply to a client that asked for such (`ftrack-strict-api: true`)."""
        return _STATUSES.get(self.exception, 400)

    @property
    def always(self) -> bool:
        """Whether every client gets the status: the fault lies in HTTP, or in the workspace itself."""
        return False

    def reply(self) -> dict[str, object]:
        """The fault as an object of the protocol."""
        return {"exception": self.exception, "content": self.content, "error_code": self.error_code}


class QueryFault(Fault):
    """A query cannot be understood: its syntax, a name in it, or a value its attribute cannot be compared with."""


class RequestFault(Fault):
    """The body of a request cannot be understood."""

    def __init__(self, content: str) -> None:
        super().__init__("ParseError", content, "malformed_request")


class ValidationFault(Fault):
    """A value, an attribute or an operation is not what it may be.

    Attributes:
        field: Name of the operation's field that is to blame; empty where it is none alone.
        place: Place of the operation in the batch; None where no single one is to blame.
    """

    def __init__(self, content: str, error_code: str | None = None, field: str = "") -> None:
        super().__init__("ValidationError", content, error_code)
        self.field = field
        self.place: int | None = None

    def reply(self) -> dict[str, object]:
        """The fault as an object of the protocol, with the operation and the field that are to blame."""
        if self.place is None:
            return super().reply()
        loc = [self.place, *([self.field.translate(_BRACES)] if self.field else [])]
        return super().reply() | {"detail": [{"loc": loc, "msg": self.content, "type": "value_error"}]}


class NotFoundFault(ValidationFault):
    """An entity that should be changed or deleted is not there."""

    def __init__(self, content: str) -> None:
        super().__init__(content, "entity_not_found")


class IntegrityFault(Fault):
    """A write would break the rules that hold between rows: a duplicate id or name, a reference to nothing."""

    def __init__(self, content: str) -> None:
        super().__init__("IntegrityError", content)


class DuplicateFault(Fault):
    """A second row where there may be only one."""

    def __init__(self, content: str) -> None:
        super().__init__("DuplicateEntryError", content)


class CredentialsFault(Fault):
    """The user or the key is not known."""

    def __init__(self, content: str) -> None:
        super().__init__("InvalidCredentialsError", content, "api_credentials_invalid")


class PermissionFault(Fault):
    """The caller is known and may not do this."""

    def __init__(self, content: str) -> None:
        super().__init__("PermissionError", content, "permission_denied")


class SignatureFault(Fault):
    """A URL that authenticates itself does not: its signature is wrong, or its time is over."""

    def __init__(self, content: str) -> None:
        super().__init__("SignatureError", content, "signature_invalid")

    @property
    def always(self) -> bool:
        """The fault lies in HTTP."""
        return True


class FileFault(Fault):
    """What was sent as a file cannot be kept, or what is asked of one cannot be given.

    Attributes:
        status: HTTP status, to every client: who sends or fetches a file reads nothing else.
        headers: Headers of the reply that go with the status.
    """

    def __init__(
        self, content: str, error_code: str, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        self.headers = dict(headers or {})
        super().__init__("NotFoundError" if status == 404 else "FileError", content, error_code)
        self._status = status

    @property
    def status(self) -> int:
        """HTTP status of the reply."""
        return self._status

    @property
    def always(self) -> bool:
        """The fault lies in HTTP."""
        return True


class InvalidActionFault(Fault):
    """There is no such action; the wording is what the official client looks for."""

    def __init__(self, name: object, known: str) -> None:
        super().__init__(
            "InvalidActionError", f"Invalid action u'{name}'; this workspace knows {known}.", "invalid_action"
        )


class RouteFault(Fault):
    """There is nothing at that address."""

    def __init__(self, content: str) -> None:
        super().__init__("NotFoundError", content, "no_such_address")

    @property
    def status(self) -> int:
        """404, to every client."""
        return 404

    @property
    def always(self) -> bool:
        """The fault lies in HTTP."""
        return True


class MethodFault(RouteFault):
    """The address is right and the HTTP method is wrong."""

    @property
    def status(self) -> int:
        """405, to every client."""
        return 405


class InternalFault(Fault):
    """Something is wrong with the workspace itself; the log has the details under the id that the reply names.

    Args:
        request_id: What to look for in the log.
        reason: What may be told of it, as "database or disk is full"; empty for nothing.
    """

    def __init__(self, request_id: str, reason: str = "") -> None:
        because = f" ({reason})" if reason else ""
        content = f"The workspace failed on this request{because}. Its log tells more; look for {request_id}."
        super().__init__("InternalError", content, "internal_error")

    @property
    def always(self) -> bool:
        """The fault lies in the workspace."""
        return True


class ClosedFault(Fault):
    """The workspace was closed while a request was on its way."""

    def __init__(self) -> None:
        super().__init__("ClosedError", "The workspace is being closed; nothing of this request was done.", "closed")

    @property
    def always(self) -> bool:
        """The fault lies in the workspace."""
        return True

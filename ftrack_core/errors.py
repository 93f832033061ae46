"""Every error this project raises, in one tree.

Each class has a stable code, `FT-nnn`, that documentation and log searches can rely on, and also derives from the
builtin that the official client raises in the same place, so that existing `except` clauses keep working.

    Error                                   FT-000
    |- ConfigurationError (ValueError)      FT-100  faults in settings, all reported at once
    |   `- SettingTypeError (TypeError)     FT-101  at least one of them is a value of the wrong type
    |- BackendError                         FT-110
    |   |- BackendNotFoundError             FT-111  no such backend is installed
    |   |- BrokenBackendError               FT-112  it is installed and does not import or start
    |   `- WrongBackendError (TypeError)    FT-113  it does not keep its seam's contract
    |- PluginError                          FT-120
    |- AuthenticationError                  FT-200
    |   |- MissingCredentialsError (TypeError)          FT-201
    |   `- InvalidCredentialsError (ServerError)        FT-202
    |- TransportError (ConnectionError)     FT-300  `phase` tells how far the request came
    |   |- NotSentError                     FT-301  surely nothing reached the server
    |   |   `- ConnectTimeoutError (TimeoutError)       FT-302
    |   `- ConnectionLostError              FT-303  the server may have acted on the request
    |       `- ReadTimeoutError (TimeoutError)          FT-304
    |- ServerError                          FT-400  the server answered, and the answer is a refusal
    |   |- ServerCompatibilityError         FT-401
    |   |- MalformedReplyError              FT-402  the answer is not the protocol
    |   |- QueryRefusedError                FT-403
    |   |- ValidationRefusedError           FT-404
    |   |- PermissionRefusedError (PermissionDeniedError)   FT-405
    |   |- IntegrityRefusedError            FT-406
    |   `- DuplicateRefusedError (NotUniqueError)       FT-407
    |- PermissionDeniedError                FT-410
    |- NotFoundError                        FT-500
    |- NotUniqueError                       FT-501
    |- IncorrectResultError                 FT-510
    |   |- NoResultFoundError               FT-511
    |   `- MultipleResultsFoundError        FT-512
    |- EntityTypeError                      FT-520
    |   `- UnrecognisedEntityTypeError (KeyError)       FT-521
    |- OperationError                       FT-530
    |   |- CommitUncertain (ConnectionError)            FT-531  nobody can tell whether a commit was carried out
    |   |- NothingRecordedError (IndexError)            FT-532  there is no operation to take away
    |   |- UnitOfWorkError                  FT-533  a unit of work is over, or needs what another one has not committed
    |   `- PlanError (ValueError)           FT-534  a text is no plan, or a plan does not fit the server
    |- InvalidStateError                    FT-540
    |   `- InvalidStateTransitionError      FT-541
    |- ForeignEntityError (ValueError)      FT-542  an entity of another session
    |- EntityAttributeError                 FT-550
    |   |- UnknownAttributeError (KeyError) FT-551
    |   |   `- UnknownCustomAttributeError  FT-554
    |   |- ImmutableAttributeError          FT-552
    |   `- InvalidValueError (ValueError)   FT-553
    |       `- InvalidTypeError (TypeError) FT-555  it is of a wrong type altogether
    |- CollectionError                      FT-560
    |   |- ImmutableCollectionError         FT-561
    |   `- DuplicateItemInCollectionError   FT-562
    |- ParseError (ValueError)              FT-570
    |   |- UnknownNameError (KeyError)      FT-571  a name in a query that no possible type has
    |   `- QueryBuildError (TypeError)      FT-572  a query built of pieces that do not make one
    |- EventHubError                        FT-600
    |   |- EventHubConnectionError          FT-601
    |   |- EventHubPacketError              FT-602
    |   `- EventInboxError                  FT-603  stored events cannot be kept or read
    |- CacheError                           FT-610
    |   `- UnkeyableItemError (TypeError)   FT-611  no cache key can be made of an item
    |- ActionError                          FT-620  what an action tells whoever launched it
    |   `- ActionDefinitionError (ValueError)           FT-621  an action, or its answer, is declared wrongly
    `- ConnectionClosedError                FT-700  the session is closed

This module imports nothing of ours, so that every other one may import it.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "ActionDefinitionError",
    "ActionError",
    "AuthenticationError",
    "BackendError",
    "BackendNotFoundError",
    "BrokenBackendError",
    "CacheError",
    "CollectionError",
    "CommitUncertain",
    "ConfigurationError",
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "ConnectionLostError",
    "DuplicateItemInCollectionError",
    "DuplicateRefusedError",
    "EntityAttributeError",
    "EntityTypeError",
    "Error",
    "EventHubConnectionError",
    "EventHubError",
    "EventHubPacketError",
    "EventInboxError",
    "ForeignEntityError",
    "ImmutableAttributeError",
    "ImmutableCollectionError",
    "IncorrectResultError",
    "IntegrityRefusedError",
    "InvalidCredentialsError",
    "InvalidStateError",
    "InvalidStateTransitionError",
    "InvalidTypeError",
    "InvalidValueError",
    "MalformedReplyError",
    "MissingCredentialsError",
    "MultipleResultsFoundError",
    "NoResultFoundError",
    "NotFoundError",
    "NotSentError",
    "NotUniqueError",
    "NothingRecordedError",
    "OperationError",
    "ParseError",
    "PermissionDeniedError",
    "PermissionRefusedError",
    "Phase",
    "PlanError",
    "PluginError",
    "QueryBuildError",
    "QueryRefusedError",
    "ReadTimeoutError",
    "ServerCompatibilityError",
    "ServerError",
    "SettingTypeError",
    "TransportError",
    "UnitOfWorkError",
    "UnkeyableItemError",
    "UnknownAttributeError",
    "UnknownCustomAttributeError",
    "UnknownNameError",
    "UnrecognisedEntityTypeError",
    "ValidationRefusedError",
    "WrongBackendError",
]


class Error(Exception):
    """Base of all errors of this project.

    Attributes:
        code: Stable code of the class, `FT-nnn`.
        message: What `str(error)` gives, verbatim: braces in it mean nothing.
        details: Facts for programs, by name; empty when there are none.
    """

    code: ClassVar[str] = "FT-000"

    def __init__(self, message: str = "", details: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, object] = dict(details or {})

    def __str__(self) -> str:
        return self.message or type(self).__name__


class ConfigurationError(Error, ValueError):
    """One or more settings are wrong; `faults` holds every one of them, each a line of text."""

    code = "FT-100"

    def __init__(
        self, message: str = "", details: Mapping[str, object] | None = None, faults: Sequence[str] = ()
    ) -> None:
        super().__init__(message, details)
        self.faults = tuple(faults)


class SettingTypeError(ConfigurationError, TypeError):
    """At least one setting is of a wrong type; `faults` holds every fault, of other kinds too."""

    code = "FT-101"


class BackendError(Error):
    """A backend could not be had."""

    code = "FT-110"


class BackendNotFoundError(BackendError):
    """No backend of that name is installed."""

    code = "FT-111"


class BrokenBackendError(BackendError):
    """The backend is installed, and importing or creating it failed; the cause is attached."""

    code = "FT-112"


class WrongBackendError(BackendError, TypeError):
    """What was given does not keep the contract of its seam."""

    code = "FT-113"


class PluginError(Error):
    """A plug-in could not be loaded or registered; `failures` holds all that could not, each with its own error."""

    code = "FT-120"

    def __init__(
        self, message: str = "", details: Mapping[str, object] | None = None, failures: Sequence[Any] = ()
    ) -> None:
        super().__init__(message, details)
        self.failures = tuple(failures)


class Phase(enum.Enum):
    """How far a request came before the transport failed."""

    BEFORE_SENDING = "before sending"
    """Surely no byte of it reached the server: it may be sent again."""
    AFTER_SENDING = "after sending"
    """Some or all of it was sent and no reply came: the server may have acted on it."""
    WHILE_READING = "while reading"
    """A reply began and broke off: the server has acted on it."""


class PermissionDeniedError(Error):
    """The user may not do this."""

    code = "FT-410"


class NotFoundError(Error):
    """Something that was asked for is not there."""

    code = "FT-500"


class NotUniqueError(Error):
    """Something exists already."""

    code = "FT-501"


class ServerError(Error):
    """The server answered with an error.

    Attributes:
        exception: The name the server gave it, as `IntegrityError`; empty when it gave none.
        error_code: The server's own code, as `api_credentials_invalid`; None when it gave none.
        status: The HTTP status of the reply; None when it is not known.
    """

    code = "FT-400"

    def __init__(
        self,
        message: str = "",
        details: Mapping[str, object] | None = None,
        *,
        exception: str = "",
        error_code: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message, details)
        self.exception = exception
        self.error_code = error_code
        self.status = status


class ServerCompatibilityError(ServerError):
    """The server is too old for what was asked, or does not say what it is."""

    code = "FT-401"


class MalformedReplyError(ServerError):
    """The server's answer is not the protocol: HTML, half a reply, a list of the wrong length."""

    code = "FT-402"


class QueryRefusedError(ServerError):
    """The server could not understand a query."""

    code = "FT-403"


class ValidationRefusedError(ServerError):
    """The server refused a value."""

    code = "FT-404"


class PermissionRefusedError(ServerError, PermissionDeniedError):
    """The server refused: the user may not do this."""

    code = "FT-405"


class IntegrityRefusedError(ServerError):
    """The server refused a write that would break its rules: a duplicate id or name, a missing reference."""

    code = "FT-406"


class DuplicateRefusedError(ServerError, NotUniqueError):
    """The server refused a second row where there may be only one."""

    code = "FT-407"


class AuthenticationError(Error):
    """Who is asking could not be established."""

    code = "FT-200"


class MissingCredentialsError(AuthenticationError, TypeError):
    """Credentials are missing; `missing` names them all."""

    code = "FT-201"

    def __init__(
        self, message: str = "", details: Mapping[str, object] | None = None, missing: Sequence[str] = ()
    ) -> None:
        super().__init__(message, details)
        self.missing = tuple(missing)


class InvalidCredentialsError(AuthenticationError, ServerError):
    """The server does not accept the user or the key."""

    code = "FT-202"


class TransportError(Error, ConnectionError):
    """A request could not be exchanged for a response.

    Attributes:
        phase: How far the request came, a `Phase`.
    """

    code = "FT-300"
    phase: Phase = Phase.AFTER_SENDING

    def __init__(
        self, message: str = "", details: Mapping[str, object] | None = None, phase: Phase | None = None
    ) -> None:
        super().__init__(message, details)
        if phase is not None:
            self.phase = phase


class NotSentError(TransportError):
    """The server could not be reached: surely nothing was sent."""

    code = "FT-301"
    phase = Phase.BEFORE_SENDING


class ConnectTimeoutError(NotSentError, TimeoutError):
    """No connection within the connect time-out: surely nothing was sent."""

    code = "FT-302"


class ConnectionLostError(TransportError):
    """The connection broke after sending began: the server may have acted on the request."""

    code = "FT-303"


class ReadTimeoutError(ConnectionLostError, TimeoutError):
    """No reply within the read time-out: the server may have acted on the request."""

    code = "FT-304"


class IncorrectResultError(Error):
    """A query gave another number of rows than was asked for."""

    code = "FT-510"


class NoResultFoundError(IncorrectResultError):
    """A query that should give one row gave none."""

    code = "FT-511"


class MultipleResultsFoundError(IncorrectResultError):
    """A query that should give one row gave several."""

    code = "FT-512"


class EntityTypeError(Error):
    """Something is wrong with an entity type."""

    code = "FT-520"


class UnrecognisedEntityTypeError(EntityTypeError, KeyError):
    """The server's schema has no such entity type."""

    code = "FT-521"


class OperationError(Error):
    """Something is wrong with a recorded operation."""

    code = "FT-530"


class CommitUncertain(OperationError, ConnectionError):
    """Nobody can tell whether a commit was carried out; its operations are kept."""

    code = "FT-531"


class NothingRecordedError(OperationError, IndexError):
    """There is no recorded operation to take away."""

    code = "FT-532"


class UnitOfWorkError(OperationError):
    """A unit of work is over or not begun, or it needs what another one has not committed."""

    code = "FT-533"


class PlanError(OperationError, ValueError):
    """A text is no plan, or a plan does not fit the server that it is committed to."""

    code = "FT-534"

    def __init__(
        self, message: str = "", details: Mapping[str, object] | None = None, faults: Sequence[str] = ()
    ) -> None:
        super().__init__(message, details)
        self.faults = tuple(faults)


class InvalidStateError(Error):
    """An entity is in a state that does not allow this."""

    code = "FT-540"


class InvalidStateTransitionError(InvalidStateError):
    """An entity cannot go from one state to the other."""

    code = "FT-541"


class ForeignEntityError(Error, ValueError):
    """An entity of another session was given."""

    code = "FT-542"


class EntityAttributeError(Error):
    """Something is wrong with an attribute of an entity."""

    code = "FT-550"


class UnknownAttributeError(EntityAttributeError, KeyError):
    """The entity's type has no such attribute."""

    code = "FT-551"


class ImmutableAttributeError(EntityAttributeError):
    """The attribute cannot be changed."""

    code = "FT-552"


class InvalidValueError(EntityAttributeError, ValueError):
    """The attribute cannot hold such a value."""

    code = "FT-553"


class InvalidTypeError(InvalidValueError, TypeError):
    """What was given is of a type that cannot stand there."""

    code = "FT-555"


class UnknownCustomAttributeError(UnknownAttributeError, InvalidValueError):
    """A new entity has no such custom attribute."""

    code = "FT-554"


class CollectionError(Error):
    """Something is wrong with a collection."""

    code = "FT-560"


class ImmutableCollectionError(CollectionError):
    """The collection cannot be changed."""

    code = "FT-561"


class DuplicateItemInCollectionError(CollectionError):
    """A collection holds each entity once."""

    code = "FT-562"


class ParseError(Error, ValueError):
    """A text is not of its language.

    Attributes:
        text: The whole text, as it was given.
        position: Where it went wrong, as an offset in characters; None when it is the text as a whole.
    """

    code = "FT-570"

    def __init__(
        self,
        message: str = "",
        details: Mapping[str, object] | None = None,
        *,
        text: str = "",
        position: int | None = None,
    ) -> None:
        super().__init__(message, details)
        self.text = text
        self.position = position


class UnknownNameError(ParseError, KeyError):
    """A query uses a name that no type it can mean has."""

    code = "FT-571"


class QueryBuildError(ParseError, TypeError):
    """A query is built of something that cannot be a piece of one, or a piece of one is used as something else."""

    code = "FT-572"


class EventHubError(Error):
    """Something is wrong with the event hub."""

    code = "FT-600"


class EventHubConnectionError(EventHubError):
    """The event hub is not connected."""

    code = "FT-601"


class EventHubPacketError(EventHubError):
    """A packet on the event connection is not of its protocol."""

    code = "FT-602"


class EventInboxError(EventHubError):
    """Stored events cannot be kept or read."""

    code = "FT-603"


class CacheError(Error):
    """A cache could not do what was asked."""

    code = "FT-610"


class UnkeyableItemError(CacheError, TypeError):
    """No cache key can be made of what was given: none can be told reliably from that of another."""

    code = "FT-611"


class ActionError(Error):
    """An action cannot do what it was launched for. Its message is shown to the user; raise it to say why."""

    code = "FT-620"


class ActionDefinitionError(ActionError, ValueError):
    """An action is declared wrongly, or answers with what ftrack's web client does not understand."""

    code = "FT-621"


class ConnectionClosedError(Error):
    """The session is closed."""

    code = "FT-700"

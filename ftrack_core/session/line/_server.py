"""The session's line to its server: batches out, results back."""

from __future__ import annotations

import logging
import os
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from ftrack_core.assembly import Backends
from ftrack_core.errors import (
    ConnectionClosedError,
    MalformedReplyError,
    Phase,
    ServerCompatibilityError,
    TransportError,
)
from ftrack_core.protocol import api_request, read_reply
from ftrack_core.session.line._retrying import Patience, Waiting, is_gateway_status, is_read_only, may_repeat
from ftrack_core.session.line._statistics import Watch
from ftrack_core.values import Request, Response

__all__ = ["Prepared", "Rows", "Server", "check_compatibility"]

_log = logging.getLogger(__name__)

_OLDEST_VERSION: Final = (3, 3, 11)
_VERSION: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)")


@attrs.frozen(eq=False, repr=False)
class Rows:
    """The result of one query.

    Attributes:
        rows: Its rows in wire form.
        following: The offset of the next page; None after the last one.
        asked_at: When the query went out, where that is known.
    """

    rows: list[Any]
    following: int | None
    asked_at: float = 0.0


@attrs.frozen(eq=False, repr=False)
class Prepared:
    """A batch as it goes out, so that it can go out again exactly like that.

    Attributes:
        request: The request that carries it.
        actions: Names of its actions, in order.
    """

    request: Request
    actions: tuple[Any, ...]


class Server:
    """Sends batches with the session's headers and reads what comes back.

    What may be repeated after a failure is repeated here, with growing pauses: see `may_repeat`. A server that was
    never reached is not waited for: its URL is wrong more often than it is away, and somebody sits there.

    Thread safety: used by every thread of the session at once.

    Args:
        backends: What carries the batches.
        headers: Headers that the user wants on every request.
        strict: Whether the server shall refuse what it would forgive.
        timeout_seconds: How long to wait for a reply; None leaves it to the transport.
        waiting: Time.
        retry_seconds: For how long, from the first attempt, requests are repeated.
        client_token: What the server echoes in events about what is changed here; empty for a new one.
        watch: Counts what happens, and tells observers; None for a new one.
    """

    def __init__(
        self,
        backends: Backends,
        headers: Mapping[str, str],
        strict: bool,
        timeout_seconds: float | None,
        waiting: Waiting,
        retry_seconds: float,
        client_token: str = "",
        watch: Watch | None = None,
    ) -> None:
        self.client_token = client_token or f"ftrack-core--{uuid.uuid4().hex}"
        self.closed = False
        self._reached = False
        self._understood = False
        self._process = os.getpid()
        self._backends = backends
        self._timeout_seconds = timeout_seconds
        self._waiting = waiting
        self._retry_seconds = retry_seconds
        self.watch = watch or Watch()
        own = {"ftrack-clienttoken": self.client_token, "ftrack-strict-api": "true" if strict else "false"}
        kept = {name: value for name, value in headers.items() if name.lower() not in own}
        self._headers = {**kept, **own}

    def call(self, operations: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Send one batch of plain JSON.

        Args:
            operations: The operations, in wire form.

        Returns:
            One result for each, in order, in wire form.

        Raises:
            ConnectionClosedError: The session is closed.
            TransportError: The server cannot be reached.
            ServerError: The server refuses, or answers with something that is not the protocol.
        """
        return self.send(self.prepare(operations))

    def prepare(self, operations: Sequence[Mapping[str, Any]], *, strict: bool = False) -> Prepared:
        """A batch of plain JSON, made ready to be sent.

        Args:
            operations: The operations, in wire form.
            strict: Whether the server shall refuse what it would forgive, whatever the session says.

        Raises:
            InvalidValueError: JSON cannot say it.
        """
        body = self._backends.encode(list(operations))
        headers = {**self._headers, "ftrack-strict-api": "true"} if strict else self._headers
        request = api_request(body, headers, self._timeout_seconds)
        return Prepared(request, tuple(operation.get("action") for operation in operations))

    def operations(self, batch: Prepared) -> list[Any]:
        """The operations of a batch, as they go out; read again, for few that are sent are asked for them."""
        return list(self._backends.decode(batch.request.body))

    def send(self, batch: Prepared) -> list[Any]:
        """Send a batch that was made ready; results and errors are those of `call`."""
        return self._read(self._exchange(batch), len(batch.actions))

    def _exchange(self, batch: Prepared) -> Response:
        """Send a batch, and again as long as that may be and its failure looks passing."""
        patience = self._waiting.patience(self._retry_seconds)
        while True:
            self.check_usable()
            try:
                response = self._watched(batch)
            except TransportError as error:
                if not self._may_repeat(batch, error) or not self._waited(patience, error):
                    raise
            else:
                lost = self._is_cut_short(response) or self._is_gateways(response)
                passing = lost and is_read_only(batch.actions)
                if not passing or not self._waited(patience, f"HTTP status {response.status}"):
                    return response

    def _may_repeat(self, batch: Prepared, error: TransportError) -> bool:
        never_there = error.phase is Phase.BEFORE_SENDING and not self._reached
        return not never_there and may_repeat(batch.actions, error.phase)

    def _watched(self, batch: Prepared) -> Response:
        began = self._waiting.monotonic()
        self.watch.requested(batch.actions, len(batch.request.body))
        response = self._backends.exchange(batch.request)
        self._reached = True
        self.watch.responded(batch.actions, len(response.body), self._waiting.monotonic() - began)
        return response

    def _waited(self, patience: Patience, failure: object) -> bool:
        """Wait before the next attempt; gives False when it is time to give up."""
        if not patience.wait():
            return False
        self.watch.retried(str(failure))
        _log.info("A request is sent again after a failure: %s", failure)
        return True

    def _is_cut_short(self, response: Response) -> bool:
        """Whether a response ended in its head: to HTTP that is a whole one, with nothing in it.

        What has never answered in the protocol is not taken for a server whose line broke.
        """
        return self._understood and not response.body

    def _is_gateways(self, response: Response) -> bool:
        """Whether a response is not the server's own, but of something before it that did not reach it."""
        if not is_gateway_status(response.status):
            return False
        try:
            reply = self._backends.decode(response.body)
        except (RecursionError, ValueError):
            return True
        return not (isinstance(reply, dict) and "exception" in reply)

    def _read(self, response: Response, expected: int) -> list[Any]:
        try:
            results = read_reply(response, self._backends.decode, expected)
        except RecursionError:
            raise MalformedReplyError("The server's reply is nested too deeply.", status=response.status) from None
        self._understood = True
        return results

    @property
    def inherited(self) -> bool:
        """Whether a fork brought it here, so that its connections are another process's."""
        return self._process != os.getpid()

    def check_usable(self) -> None:
        """Refuse to go on after the end, and in a forked child.

        Raises:
            ConnectionClosedError: The session is closed, or is another process's.
        """
        if self.closed:
            raise ConnectionClosedError("The session is closed; make a new one to go on.")
        self.check_process()

    def check_process(self) -> None:
        """Refuse to go on in a forked child.

        Raises:
            ConnectionClosedError: The session is another process's.
        """
        if self._process != os.getpid():
            message = (
                f"The session was made in process {self._process} and came here by a fork; make one in each process."
            )
            raise ConnectionClosedError(message)

    def ask(self, *expressions: str, strict: bool = False) -> Response:
        """Send queries in one batch; `rows` reads what comes back.

        Args:
            *expressions: Whole query texts.
            strict: Whether the server shall refuse what it would forgive, whatever the session says: aggregates are
                for strict calls only.

        Raises:
            ConnectionClosedError: The session is closed.
            TransportError: The server cannot be reached.
        """
        operations = [{"action": "query", "expression": expression} for expression in expressions]
        return self._exchange(self.prepare(operations, strict=strict))

    def rows(self, response: Response, expected: int = 1) -> list[Rows]:
        """What the response to queries holds, in their order.

        Raises:
            ServerError: The server refuses.
            MalformedReplyError: A result has no rows.
        """
        found = [self._rows(result) for result in self._read(response, expected)]
        self.watch.fetched(sum(len(each.rows) for each in found))
        return found

    def _rows(self, result: Any) -> Rows:
        try:
            rows, following = result["data"], (result.get("metadata") or {}).get("next") or {}
            offset = following.get("offset")
        except (AttributeError, KeyError, TypeError):
            raise MalformedReplyError("The server's result for a query has no rows.") from None
        if not isinstance(rows, list) or not isinstance(offset, (int, type(None))):
            raise MalformedReplyError("The server's result for a query is not a list of rows with an offset.")
        return Rows(rows, offset)

    def information(self) -> dict[str, Any]:
        """What the server tells of itself; checks the credentials on the way.

        Raises:
            MalformedReplyError: It tells something else.
        """
        told = self.call([{"action": "query_server_information"}])[0]
        if not isinstance(told, dict):
            raise MalformedReplyError("The server's information about itself is not a JSON object.")
        return told

    def schemas(self) -> list[Any]:
        """The server's schemas.

        Raises:
            MalformedReplyError: They are not a list.
        """
        told = self.call([{"action": "query_schemas"}])[0]
        if not isinstance(told, list):
            raise MalformedReplyError("The server's schemas are not a list.")
        return told


def check_compatibility(information: Mapping[str, Any]) -> None:
    """Refuse a server that is too old, or does not say what it is.

    Raises:
        ServerCompatibilityError: The server's version is missing or below 3.3.11.
    """
    version = information.get("version")
    if not version:
        raise ServerCompatibilityError("The server does not tell its version. Is the URL that of an ftrack server?")
    found = _VERSION.match(str(version))
    if found and tuple(map(int, found.groups())) < _OLDEST_VERSION:
        oldest = ".".join(map(str, _OLDEST_VERSION))
        raise ServerCompatibilityError(f"The server's version is {version}; it must be {oldest} or newer.")

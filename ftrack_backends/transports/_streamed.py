"""A response that is still arriving."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any

import attrs
import urllib3.exceptions
from zope.interface import implementer

from ftrack_backends.transports._failures import body_failure
from ftrack_core.errors import ConnectionClosedError
from ftrack_core.interfaces import IStreamedResponse

__all__ = ["RequestsStreamedResponse"]

_FAULTS = (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError)


@implementer(IStreamedResponse)
@attrs.define(eq=False, kw_only=True, repr=False)
class RequestsStreamedResponse:
    """The body of a response in pieces; used by one thread at a time.

    Attributes:
        status: HTTP status code.
        headers: Header values by lower-case name.
        asked: What was asked, for messages.
        read_seconds: How long to wait for the next bytes, for messages.
    """

    status: int
    headers: dict[str, str]
    asked: str
    read_seconds: float
    _raw: Any = attrs.field(repr=False)
    _closed: bool = attrs.field(default=False, init=False)

    def chunks(self, chunk_bytes: int) -> Iterator[bytes]:
        """The body in pieces of at most `chunk_bytes` bytes, decompressed, none of them empty."""
        pieces = self._pieces(chunk_bytes)
        for piece in pieces:
            for start in range(0, len(piece), chunk_bytes):
                yield piece[start : start + chunk_bytes]

    def close(self) -> None:
        """Let go of the connection, which is kept for the next request if the body was read to its end."""
        self._closed = True
        self._raw.close()
        self._raw.release_conn()

    def _pieces(self, chunk_bytes: int) -> Iterator[bytes]:
        stream = self._raw.stream(chunk_bytes, decode_content=True)
        while True:
            if self._closed:
                message = f"the response to {self.asked} was closed before it was read to its end; ask again"
                raise ConnectionClosedError(message)
            failed: Exception | None = None
            try:
                piece: bytes | None = next(stream, None)
            except _FAULTS as error:
                failed = error
            if failed is not None:
                raise body_failure(failed, self.asked, self.read_seconds)
            if piece is None:
                return
            yield piece

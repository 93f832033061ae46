"""A response whose body is read piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

import attrs
from zope.interface import implementer

from ftrack_core.errors import ConnectionClosedError, ConnectionLostError, Phase
from ftrack_core.interfaces import IStreamedResponse
from ftrack_core.values import Response

__all__ = ["Streamed"]

_CHUNK_BYTES = 1024 * 1024


@implementer(IStreamedResponse)
@attrs.define(eq=False)
class Streamed:
    """A response that is still to be read; close it, read or not. Used by one thread at a time.

    Attributes:
        status: HTTP status code.
        headers: Header values by lower-case name.
    """

    status: int
    headers: dict[str, str]
    _body: BinaryIO = attrs.field(repr=False)
    _left: int = 0
    _broken: Callable[[], Exception] | None = None
    _closed: bool = attrs.field(default=False, init=False)

    @classmethod
    def of(cls, response: Response) -> Streamed:
        """One that gives the body of a response that is there already."""
        import io

        headers: Mapping[str, str] = {"content-length": str(len(response.body)), **response.headers}
        return cls(response.status, dict(headers), io.BytesIO(response.body), len(response.body))

    def chunks(self, chunk_bytes: int) -> Iterator[bytes]:
        """The body in pieces of at most `chunk_bytes` bytes, none of them empty.

        Raises:
            ConnectionClosedError: It is closed.
            ConnectionLostError: The file ended early, or a test asked for that.
        """
        while self._left:
            if self._closed:
                raise ConnectionClosedError("the response was closed before it was read to its end; ask again")
            piece = self._body.read(min(chunk_bytes, self._left))
            if not piece:
                raise ConnectionLostError("the file ended early", {"left": self._left}, Phase.WHILE_READING)
            self._left -= len(piece)
            yield piece
        if self._broken is not None:
            raise self._broken()

    def collected(self) -> Response:
        """Read it to its end, and close it."""
        try:
            body = b"".join(self.chunks(_CHUNK_BYTES))
        finally:
            self.close()
        return Response(self.status, self.headers, body)

    def halved(self, broken: Callable[[], Exception]) -> None:
        """Break off in the middle of the body, by what the function gives."""
        self._left //= 2
        self._broken = broken

    def close(self) -> None:
        """Let go of the file; a second call does nothing."""
        self._closed = True
        self._body.close()

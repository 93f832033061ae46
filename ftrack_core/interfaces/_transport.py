"""The seam to the server: bytes out, bytes back."""

from __future__ import annotations

from collections.abc import Iterator

from zope.interface import Attribute, Interface

from ftrack_core.values import Request, Response

__all__ = ["IStreamedResponse", "IStreamingTransport", "ITransport"]


class ITransport(Interface):
    """Exchanges one request for one response with the server it was made for.

    It moves bytes: it adds no credentials, reads no reply and repeats nothing, since only the session knows what may
    be repeated.

    Thread safety: `exchange` is called by many threads at once; `close` by any, at any time.
    Lifetime: made once for a session or shared by several; whoever made it closes it.

    Guarantees:

    - C1: a response comes back whole, whatever its status: a refusal by the server is a response, not an error.
    - C2: a request that fails raises a `TransportError` whose `phase` is true: `NotSentError` only if surely no byte
      of it reached the server. A response head that ends early is `WHILE_READING`; an answer that is no HTTP is
      `AFTER_SENDING`.
    - C3: header names of a response are lower-case; header values of a request are sent as they are.
    - C4: after `close`, `exchange` raises `ConnectionClosedError`; closing twice is fine.
    - C5: credentials in headers or addresses appear in no representation, log line or error.
    - C6: a request is exchanged exactly once: no repetition after a failure, no redirect that drops the body.
    """

    def exchange(request: Request) -> Response:
        """Send a request and read its response to the end.

        Args:
            request: What to send. A `url` beginning with `/` is relative to the server's URL. A time-out of None
                takes the transport's own.

        Returns:
            The response; an empty body is `b""`.

        Raises:
            NotSentError: The server could not be reached.
            ConnectionLostError: The connection broke, or no reply came in time, after sending began.
            ConnectionClosedError: The transport is closed.
        """

    def close() -> None:
        """Give up all connections. Never raises."""


class IStreamedResponse(Interface):
    """A response whose body is read piece by piece; close it, read or not.

    Thread safety: used by one thread at a time.
    """

    status: int = Attribute("HTTP status code")
    headers: dict[str, str] = Attribute("Header values by lower-case name")

    def chunks(chunk_bytes: int) -> Iterator[bytes]:
        """The body in pieces of at most `chunk_bytes` bytes, none of them empty.

        Raises:
            ConnectionLostError: The connection broke in the middle, with phase `WHILE_READING`.
        """

    def close() -> None:
        """Let go of the connection. Never raises."""


class IStreamingTransport(ITransport):
    """A transport that can hand out a response's body while it arrives, so that a large file never lies in memory.

    Guarantees, beyond those of `ITransport`:

    - C7: `open` reads no more of the body than it is asked for.
    """

    def open(request: Request) -> IStreamedResponse:
        """Send a request and return once the response's head has arrived.

        Args:
            request: What to send, as for `exchange`.

        Returns:
            The response, whose body is still to be read.

        Raises:
            NotSentError: The server could not be reached.
            ConnectionLostError: The connection broke, or no reply came in time, after sending began.
            ConnectionClosedError: The transport is closed.
        """

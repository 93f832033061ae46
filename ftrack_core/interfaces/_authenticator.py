"""The seam that says who is asking."""

from __future__ import annotations

from collections.abc import Generator, Mapping

from zope.interface import Attribute, Interface

from ftrack_core.values import Request, Response

__all__ = ["IAuthenticator"]


class IAuthenticator(Interface):
    """Puts credentials on requests, and renews them where their kind allows it.

    Thread safety: each request has a flow of its own; several run at once in several threads.
    Lifetime: that of the session; holds no connection.

    Guarantees:

    - C1: a flow does no IO itself: it yields requests and is sent the responses, so it works over every transport.
    - C2: it yields the given request, with credentials, at least once, and that exchange's response is the last one it
      is sent when it ends. It may put requests of its own before it (to fetch a token) and may repeat it once after
      the server refused the credentials.
    - C3: secrets appear in no representation, log line or error.
    - C4: the given request is left as it is.
    """

    user: str = Attribute("Name of the user in whose name requests are made; never empty")

    def flow(request: Request) -> Generator[Request, Response, None]:
        """The requests that it takes to have one request answered.

        Args:
            request: What shall be asked, without credentials.

        Returns:
            A generator: it yields a request, is sent its response, and so on; the last response is the answer.

        Raises:
            AuthenticationError: Credentials cannot be had; raised while the flow runs.

        Example:
            The core drives it: `response = transport.exchange(next(flow))`, then `flow.send(response)` until it ends.
        """

    def url_parameters() -> Mapping[str, str]:
        """Credentials as parameters for the query string of the server's file addresses (`/component/get`).

        Returns:
            Values by parameter name, not yet percent-encoded; empty when file addresses need none.
        """

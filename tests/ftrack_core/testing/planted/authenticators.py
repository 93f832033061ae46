"""Suites of wrong authenticators: run by `test_planted.py`, collected by nobody else."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any

from ftrack_backends.authenticators._api_key import ApiKeyAuthenticator
from ftrack_core.testing.suites import AuthenticatorContract
from ftrack_core.values import Request

SECRET = "c0ffee-c0ffee"


class NoGenerator(ApiKeyAuthenticator):
    """Does all at once."""

    def flow(self, request: Request) -> Any:
        """A list's iterator."""
        return iter(list(super().flow(request)))


class AsksFirst(ApiKeyAuthenticator):
    """Goes to the network itself, before anybody drives it."""

    def flow(self, request: Request) -> Any:
        """A generator that has begun."""
        flow = super().flow(request)
        next(flow)
        return flow


class WithoutCredentials(ApiKeyAuthenticator):
    """Forgets them."""

    def flow(self, request: Request) -> Iterator[Request]:  # type: ignore[override]
        """The request as it came."""
        yield request


class LosesTheBody(ApiKeyAuthenticator):
    """Makes a new request."""

    def flow(self, request: Request) -> Iterator[Request]:  # type: ignore[override]
        """Another request."""
        yield from super().flow(Request(request.method, request.url, request.headers))


class SomethingAfterIt(ApiKeyAuthenticator):
    """Says farewell."""

    def flow(self, request: Request) -> Iterator[Request]:  # type: ignore[override]
        """The request, and another."""
        yield from super().flow(request)
        yield Request("POST", "/farewell", {"ftrack-user": self.user})


class OneForAll(ApiKeyAuthenticator):
    """Keeps the request in itself."""

    latest: Any = None

    def flow(self, request: Request) -> Iterator[Request]:  # type: ignore[override]
        """The latest one."""
        type(self).latest = request if type(self).latest is None else type(self).latest
        yield from super().flow(type(self).latest)


class ShowsItself(ApiKeyAuthenticator):
    """Has a helpful representation."""

    def __repr__(self) -> str:
        return f"ApiKeyAuthenticator({self.user!r}, {self.api_key!r})"


class LogsItself(ApiKeyAuthenticator):
    """Logs helpfully."""

    def flow(self, request: Request) -> Any:
        """As always."""
        logging.getLogger(__name__).debug("as %s with %s", self.user, self.api_key)
        return super().flow(request)


class ChangesIt(ApiKeyAuthenticator):
    """Saves a copy."""

    def flow(self, request: Request) -> Iterator[Request]:  # type: ignore[override]
        """The same request, changed."""
        object.__setattr__(request, "headers", {**request.headers, "ftrack-api-key": self.api_key, "at": time.time()})
        yield from super().flow(request)


class Suite(AuthenticatorContract):
    """Suite of all of them."""

    kind: Any = ApiKeyAuthenticator

    def make(self) -> Any:
        """The authenticator."""
        return self.kind(user="ann", api_key=SECRET)

    def secrets(self) -> list[str]:
        """Her key."""
        return [SECRET]


class TestRight(Suite):
    """Nothing is wrong with it."""


for _name, _kind in list(globals().items()):
    if isinstance(_kind, type) and issubclass(_kind, ApiKeyAuthenticator) and _kind is not ApiKeyAuthenticator:
        globals()[f"Test{_name}"] = type(f"Test{_name}", (Suite,), {"kind": _kind})

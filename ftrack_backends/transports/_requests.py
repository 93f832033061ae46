"""HTTP with the requests library."""

from __future__ import annotations

import contextlib
import http.client
import http.cookiejar
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs
import requests
import urllib3.exceptions
from requests.cookies import extract_cookies_to_jar, get_cookie_header
from requests.utils import get_environ_proxies
from zope.interface import implementer

from ftrack_backends.transports import RequestsOptions
from ftrack_backends.transports._connections import WatchedAdapter, without_query
from ftrack_backends.transports._failures import failure, unsendable
from ftrack_backends.transports._redirects import origin, redirected
from ftrack_backends.transports._streamed import RequestsStreamedResponse
from ftrack_backends.transports._watch import Watch, watching
from ftrack_core.errors import ConnectionClosedError
from ftrack_core.interfaces import IDiagnosed, IStreamingTransport
from ftrack_core.values import Request, Response

if TYPE_CHECKING:
    from ftrack_core.values import Finding

__all__ = ["RequestsTransport"]

_MOST_REDIRECTS = 10
_WHOLE_BODY_PIECE_BYTES = 256 * 1024
_FAULTS = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)


def _without_slash(url: str) -> str:
    return url.rstrip("/")


@attrs.define(eq=False, repr=False)
class _Pool:
    """What belongs to one process: its connections and the cookies that servers set. Both lock for themselves."""

    adapter: WatchedAdapter
    cookies: http.cookiejar.CookieJar = attrs.field(factory=http.cookiejar.CookieJar)
    process: int = attrs.field(factory=os.getpid)


@implementer(IStreamingTransport, IDiagnosed)
@attrs.define(eq=False)
class RequestsTransport:
    """Exchanges requests over kept connections.

    Thread safety: all calls. Threads share one urllib3 pool, which is made for it; the library's `Session`, which is
    not, is left out. Cookies that servers set are kept, in the standard library's jar, which locks itself.
    Processes: a forked child begins with connections of its own. It lets go of those it inherited without a word on
    them, so that the parent's go on.
    Connections: kept open after use, `pool_connections` of them at most. One that the server closed meanwhile is
    noticed before it is used and replaced. One that dies the very moment it is used is reported as any other loss.
    Phases: `BEFORE_SENDING` for a name that cannot be resolved, a refused or late connection, a failed TLS handshake
    and a proxy that makes no tunnel; `AFTER_SENDING` from the first byte handed to the connection until the reply's
    first line; `WHILE_READING` after that. Behind a SOCKS proxy every failure counts as `AFTER_SENDING`.
    Redirects: followed for GET only, ten at most; another origin gets no credentials.
    Closing: exchanges that run are brought to their end.

    Attributes:
        server_url: URL that addresses beginning with `/` are relative to.
        options: The options it was made with.
    """

    server_url: str = attrs.field(converter=_without_slash, repr=without_query)
    options: RequestsOptions = attrs.field(factory=RequestsOptions)
    _pool: _Pool = attrs.field(init=False, repr=False)
    _proxies: dict[tuple[str, str, int | None], Mapping[str, str]] = attrs.field(factory=dict, init=False, repr=False)
    _closed: bool = attrs.field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        self._pool = self._new_pool()

    def exchange(self, request: Request) -> Response:
        """Send a request and read its response to the end."""
        with contextlib.closing(self.open(request)) as streamed:
            body = b"".join(streamed.chunks(_WHOLE_BODY_PIECE_BYTES))
            return Response(streamed.status, streamed.headers, body)

    def open(self, request: Request) -> RequestsStreamedResponse:
        """Send a request and return once the response's head has arrived."""
        streamed = self._send(request)
        for _ in range(_MOST_REDIRECTS):
            following = redirected(request, self._absolute(request.url), streamed.status, streamed.headers)
            if following is None:
                break
            streamed.close()
            request = following
            streamed = self._send(request)
        return streamed

    def diagnose(self, timeout_seconds: float) -> Iterable[Finding]:
        """Go to the server step by step, on a connection of its own: proxy, name, connection, encryption."""
        from ftrack_backends.transports._way import Way

        way = Way(
            server_url=self.server_url,
            proxies=self._proxies_for(self.server_url),
            from_environment=self.options.proxies is None,
            trusted=self._trusted(),
            certificate=self.options.client_certificate,
        )
        return way.findings(timeout_seconds)

    def close(self) -> None:
        """Give up all connections; those in use when their exchange ends."""
        self._closed = True
        self._pool.adapter.close()

    def _send(self, request: Request) -> RequestsStreamedResponse:
        self._refuse_closed()
        pool = self._own_pool()
        asked = f"{request.method} {without_query(self._absolute(request.url))}"
        prepared = self._prepare(request, pool, asked)
        watch = Watch(request.timeout_seconds if request.timeout_seconds is not None else self.options.read_seconds)
        failed: Exception | None = None
        try:
            with watching(watch):
                response = pool.adapter.send(prepared, stream=True, **self._settings(str(prepared.url), watch))
        except _FAULTS as error:
            failed = error
        if self._closed:
            pool.adapter.close()  # what came into being while it was being closed
        if failed is not None:  # raised here, so that what quotes addresses is not in its context
            self._refuse_closed_pool(failed)
            raise failure(failed, watch.stage, asked, self.options.connect_seconds, watch.read_seconds)
        extract_cookies_to_jar(pool.cookies, prepared, response.raw)  # type: ignore[no-untyped-call]
        response.raw.enforce_content_length = True  # urllib3 1.26 does not, unasked
        return RequestsStreamedResponse(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            asked=asked,
            read_seconds=watch.read_seconds,
            raw=response.raw,
        )

    def _prepare(self, request: Request, pool: _Pool, asked: str) -> requests.PreparedRequest:
        failed = None
        try:
            url = self._absolute(request.url)
            headers = _merged(self._introduction(), request.headers)
            prepared = requests.Request(request.method, url, headers=headers, data=request.body or None).prepare()
            cookies = self._cookies(prepared, pool)
            if cookies and "Cookie" not in prepared.headers:
                prepared.headers["Cookie"] = cookies
        except (requests.RequestException, ValueError, TypeError) as error:
            failed = unsendable(asked, "a header" if isinstance(error, requests.exceptions.InvalidHeader) else "it")
        if failed is not None:
            raise failed
        return prepared

    def _introduction(self) -> Mapping[str, str]:
        return {"User-Agent": self.options.user_agent, "Accept-Encoding": "gzip, deflate"}

    def _cookies(self, prepared: requests.PreparedRequest, pool: _Pool) -> str:
        own = origin(str(prepared.url)) == origin(self.server_url)
        given = [f"{name}={value}" for name, value in self.options.cookies.items()] if own else []
        kept = get_cookie_header(pool.cookies, prepared)  # type: ignore[no-untyped-call]
        return "; ".join([*given, kept] if kept else given)

    def _settings(self, url: str, watch: Watch) -> dict[str, Any]:
        certificate = self.options.client_certificate
        return {
            "timeout": (self.options.connect_seconds, watch.read_seconds),
            "verify": self._trusted(),
            "cert": certificate if certificate is None or isinstance(certificate, str) else tuple(certificate),
            "proxies": self._proxies_for(url),
        }

    def _trusted(self) -> bool | str:
        if not self.options.verify:
            return False
        environment = os.environ if self.options.use_environment else {}
        bundle = self.options.ca_bundle or environment.get("REQUESTS_CA_BUNDLE") or environment.get("CURL_CA_BUNDLE")
        return bundle or True

    def _proxies_for(self, url: str) -> Mapping[str, str]:
        if self.options.proxies is not None:
            return self.options.proxies
        if not self.options.use_environment:
            return {}
        place = origin(url)
        if place not in self._proxies:
            self._proxies[place] = get_environ_proxies(url)
        return self._proxies[place]

    def _absolute(self, url: str) -> str:
        return self.server_url + url if url.startswith("/") else url

    def _own_pool(self) -> _Pool:
        """The pool of this process: after a fork, a new one."""
        if self._pool.process != os.getpid():
            self._pool = self._new_pool()
        return self._pool

    def _new_pool(self) -> _Pool:
        size = self.options.pool_connections
        return _Pool(WatchedAdapter(pool_connections=size, pool_maxsize=size))

    def _refuse_closed(self) -> None:
        if self._closed:
            message = "the requests transport is closed; open a new session"
            raise ConnectionClosedError(message)

    def _refuse_closed_pool(self, error: Exception) -> None:
        if self._closed and isinstance(error, urllib3.exceptions.ClosedPoolError):
            self._refuse_closed()


def _merged(defaults: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str | bytes]:
    """Headers as they go out: what was given wins, whatever the case of its name."""
    names = {name.lower() for name in given}
    merged: dict[str, str | bytes] = {name: value for name, value in defaults.items() if name.lower() not in names}
    merged.update((name, _encoded(value)) for name, value in given.items())
    return merged


def _encoded(value: str) -> str | bytes:
    """A header's value; what HTTP's own character set does not have goes out as UTF-8."""
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()
    return value

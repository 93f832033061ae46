"""Connections of urllib3 that note how far they came."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit, urlunsplit

from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from ftrack_backends.transports._watch import Stage, current_watch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests import PreparedRequest

__all__ = ["WatchedAdapter", "without_query"]

_PIECE_BYTES = 64 * 1024


class _HeadLines:
    """Reads the lines of a response's head, and refuses a head that ends before its time.

    The standard library takes the end of the connection for the end of the head, and makes of half a head a whole
    response with an empty body.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._begun = False

    def readline(self, limit: int = -1) -> bytes:
        line: bytes = self._stream.readline(limit)
        if self._begun and not line.endswith(b"\n") and not 0 < limit <= len(line):
            message = "the connection ended in the middle of the response's head"
            raise ConnectionResetError(message)
        watch = current_watch()
        if watch is not None and line.startswith(b"HTTP/") and line.endswith(b"\n"):
            self._begun = True
            watch.stage = Stage.READING
        return line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _WholeHead(http.client.HTTPResponse):
    """A response whose head is there to its end."""

    def begin(self) -> None:
        stream = self.fp
        lines = _HeadLines(stream)
        self.fp = cast("Any", lines)
        try:
            super().begin()
        finally:
            if cast("Any", self.fp) is lines:
                self.fp = stream


class _Watched(http.client.HTTPConnection):
    """Notes connecting and sending, and sends in pieces, each with the time-out for itself."""

    response_class = _WholeHead
    _connecting = False

    def connect(self) -> None:
        watch = current_watch()
        if watch is not None:
            watch.stage = Stage.CONNECTING
        self._connecting = True
        try:
            super().connect()
        finally:
            self._connecting = False

    def putrequest(self, method: str, url: str, skip_host: bool = False, skip_accept_encoding: bool = False) -> None:
        watch = current_watch()
        target = url if watch is None or watch.target is None else watch.target
        super().putrequest(method, target, skip_host, skip_accept_encoding)

    def send(self, data: Any) -> None:
        if self._connecting:  # what a proxy is told so that it makes a tunnel
            super().send(data)
            return
        if self.sock is None:
            self.connect()
        watch = current_watch()
        if watch is not None:
            watch.stage = Stage.SENDING
            self.sock.settimeout(watch.read_seconds)
        if not isinstance(data, bytes) or len(data) <= _PIECE_BYTES:
            super().send(data)
            return
        for start in range(0, len(data), _PIECE_BYTES):
            super().send(data[start : start + _PIECE_BYTES])


class _WatchedHTTPConnection(_Watched, HTTPConnection):
    pass


class _WatchedHTTPSConnection(_Watched, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPSConnection


_POOLS = {"http": _HTTPPool, "https": _HTTPSPool}


class WatchedAdapter(HTTPAdapter):
    """An adapter over watched connections, which keeps the query string of an address from logs and errors.

    A file address holds the API key in its query string, and urllib3 writes addresses into its log and its errors. So
    it is told the address without the query, and the connection puts the whole one on the request line. SOCKS proxies
    have connections of their own kind: they note nothing, and their failures count as "perhaps sent".
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools, of our connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        """Make the pools behind a proxy, of our connections."""
        manager = super().proxy_manager_for(proxy, **proxy_kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager

    def request_url(self, request: PreparedRequest, proxies: Mapping[str, str] | None) -> str:
        """What libraries are told of the address; the watch gets the whole one."""
        url = super().request_url(request, proxies)
        watch = current_watch()
        proxy = select_proxy(str(request.url), proxies)
        if watch is None or (proxy or "").lower().startswith("socks"):
            return url
        watch.target = url
        return without_query(url)


def without_query(url: str) -> str:
    """An address without user, password, query and fragment: fit to be shown."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that cannot be read"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
